import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLinks, findRemotes, parseHtml, plainText, viewOf } from '../../../core/inspect/html.ts';

const view = (html: string, remote: Readonly<Record<string, string>> = {}): string =>
  viewOf(parseHtml(html), {
    dark: false,
    inline: (id) => (id === 'known@x' ? 'data:image/png;base64,AAAA' : null),
    remote: (url) => remote[url] ?? null,
  });

describe('the view of a message', () => {
  it.each([
    ['a script', '<p>a<script>alert(1)</script>b</p>', /script|alert/],
    ['a script in SVG', '<svg><script>alert(1)</script></svg>', /script|alert/],
    ['a handler', '<p onclick="alert(1)" ONMOUSEOVER=alert(2)>b</p>', /alert/],
    ['a refresh', '<meta http-equiv=refresh content="0;url=https://evil.example">', /evil|refresh/],
    [
      'a policy of its own',
      '<meta http-equiv=Content-Security-Policy content="default-src *">',
      /default-src/,
    ],
    ['a base', '<base href="https://evil.example/">', /evil|<base/],
    ['an iframe', '<iframe src="https://evil.example" srcdoc="<b>x</b>"></iframe>', /iframe|evil/],
    [
      'an object',
      '<object data="https://evil.example"><embed src="https://evil.example"></object>',
      /object|embed|evil/,
    ],
    ['a frameset', '<frameset><frame src="https://evil.example"></frameset>', /frame|evil/],
    [
      'where a form goes',
      '<form action="https://evil.example"><button formaction="https://evil.example">b</button></form>',
      /evil/,
    ],
    ['who is told of a click', '<a href="https://ok.example" ping="https://evil.example">b</a>', /evil/],
    [
      'a remote picture',
      '<img src="https://evil.example/a.gif"><img src="//evil.example/b"><input type=image src="https://evil.example/c">',
      /evil/,
    ],
    ['a set of pictures', '<img srcset="https://evil.example/a 1x, https://evil.example/b 2x">', /evil/],
    ['a remote background', '<body background="https://evil.example/a">', /evil/],
    ['a remote style sheet', '<link rel=stylesheet href="https://evil.example/a.css">', /evil|<link/],
    [
      'an import',
      '<style>@import "https://evil.example/a.css"; @import url(https://evil.example/b);</style>',
      /evil/,
    ],
    ['an address in a style sheet', '<style>p{background:url( "https://evil.example/a" )}</style>', /evil/],
    ['an address in a style', '<p style="background:URL(https://evil.example/a)">b</p>', /evil/],
    [
      'a film',
      '<video src="https://evil.example/a" poster="https://evil.example/b"><source src="https://evil.example/c"></video>',
      /evil/,
    ],
    [
      'a picture of SVG',
      '<svg><image href="https://evil.example/a"/><use xlink:href="https://evil.example/b"/></svg>',
      /evil/,
    ],
    ['a style that ends early', '<style>p{}</style ><script>alert(1)</script>', /alert/],
  ])('has no more: %s', (_name, html, forbidden) => {
    expect(view(html).replace(/^.*?<\/style>/, '')).not.toMatch(forbidden);
  });

  it('keeps what does no harm', () => {
    const html =
      '<table width="100%"><tr><td style="color:red">Hi <a href="https://ok.example/?a=1&amp;b=2">there</a></td></tr></table>';
    expect(view(html)).toContain(
      '<td style="color:red">Hi <a href="#sandpost-leads-nowhere" title="https://ok.example/?a=1&amp;b=2">there</a></td>',
    );
    expect(view('<a href="#below" title="Down">x</a>')).toContain('<a href="#below" title="Down">x</a>');
    expect(view('<a href="mailto:a@b.example" title="Write">x</a>')).toContain('title="Write">x</a>');
    expect(view('<style>p{color:blue}</style><p>x</p>')).toContain('p{color:blue}');
    expect(view('<style>div > p{color:blue}</style><p>x</p>')).toContain('div > p{color:blue}');
    // In SVG a browser reads markup in it.
    expect(view('<svg><style>&lt;img src=x&gt;</style></svg>')).not.toContain('<img');
    expect(view('<img src="data:image/gif;base64,R0lGODlh">')).toContain('data:image/gif;base64,R0lGODlh');
  });

  it('has the pictures that came along, and the remote ones that were asked for', () => {
    expect(view('<img src="cid:known@x"><img src="CID:known%40x">').match(/data:image\/png/g)).toHaveLength(
      2,
    );
    expect(view('<img src="cid:other@x">')).not.toContain('cid:');
    const remote = { 'https://a.example/x.png': 'data:image/png;base64,BBBB' };
    expect(
      view(
        '<img src="https://a.example/x.png"><p style="background:url(https://a.example/x.png)">',
        remote,
      ).match(/BBBB/g),
    ).toHaveLength(2);
  });

  it('never throws and never keeps a script, whatever the HTML is', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '<script',
      '<style>',
      '</style>',
      '<svg>',
      '<p ',
      'onload=',
      '"',
      "'",
      '<!--',
      '-->',
      'src=',
      'https://evil.example/',
      'url(',
      ')',
      '&lt;',
      '\0',
      '<template>',
      '<textarea>',
      '<title>',
      'x',
      ' ',
      '/>',
      '<img ',
      '<math>',
      'style=',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        (html) => {
          const shown = parseHtml(view(html));
          expect(findRemotes(shown).filter(({ kind }) => kind === 'script' || kind === 'frame')).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('what the HTML would fetch', () => {
  it('is listed once each, with its kind', () => {
    const html = `<img src="https://a.example/1.gif"><img src="https://a.example/1.gif"><img src="//a.example/2.gif">
      <link rel=stylesheet href="https://a.example/3.css"><style>@font-face{src:url(https://a.example/4.woff2)}</style>
      <iframe src="http://a.example/5"></iframe><video src="https://a.example/6"></video><script src="https://a.example/7"></script>
      <img src="cid:x"><img src="data:image/gif;base64,AA"><img src="relative.gif"><a href="https://a.example/no">x</a>`;
    expect(findRemotes(parseHtml(html)).map(({ url, kind }) => `${kind} ${url}`)).toEqual([
      'image https://a.example/1.gif',
      'image https://a.example/2.gif',
      'stylesheet https://a.example/3.css',
      'font https://a.example/4.woff2',
      'frame http://a.example/5',
      'media https://a.example/6',
      'script https://a.example/7',
    ]);
  });
});

describe('the links of the HTML', () => {
  it('have their text, and fragments are none', () => {
    const html =
      '<a href=" https://a.example/x ">  two\n words </a><a href="#top">up</a><a>none</a><area href="https://b.example"><a href="mailto:a@b">mail</a>';
    expect(findLinks(parseHtml(html))).toEqual([
      { url: 'https://a.example/x', text: 'two words' },
      { url: 'https://b.example', text: '' },
      { url: 'mailto:a@b', text: 'mail' },
    ]);
  });
});

it('the text of HTML that nests beyond every measure is all there', () => {
  const html = `${'<div>'.repeat(20_000)}deep${'</div>'.repeat(20_000)}`;
  expect(plainText(parseHtml(html))).toContain('deep');
  expect(view(html)).toContain('deep');
});
