import { describe, expect, it } from 'vitest';
import type { TemplateContent } from '../../../core/model/template.ts';
import { sharedRoom, templateWorld } from './world.ts';

const room = sharedRoom();

const mjml = (inside: string, head = ''): string =>
  `<mjml>\n<mj-head>${head}</mj-head>\n<mj-body>\n<mj-section>\n<mj-column>\n${inside}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>`;

async function rendered(
  email: Partial<NonNullable<TemplateContent['email']>> & { readonly body: string },
  variables: Record<string, unknown> = {},
  locale: string | null = null,
) {
  const { content } = await room().render({
    id: null,
    version: null,
    content: { email: { subject: 'x', format: 'mjml', ...email } },
    locale,
    variables,
    channels: ['email'],
  });
  return { html: content.email?.html ?? '', text: content.email?.text ?? '' };
}

describe('MJML', () => {
  it('keeps Liquid wherever it stands: text, attributes, styles, loops', async () => {
    const { html, text } = await rendered(
      {
        body: mjml(
          `<mj-raw>{% for item in items %}</mj-raw>
<mj-text color="{{ color }}" css-class="a">{{ item.name }}{% if item.n < 2 %} (one){% endif %}</mj-text>
<mj-button href="{{ url }}?q={{ item.name | url_encode }}&amp;r=1">{{ "go" | append: " there" }}</mj-button>
<mj-raw>{% endfor %}</mj-raw>`,
          '<mj-style inline="inline">.a { letter-spacing: {{ space }}; }</mj-style><mj-style>.b { color: {{ color }} }</mj-style>',
        ),
      },
      {
        items: [
          { name: 'Tea & "Pot"', n: 1 },
          { name: 'B', n: 2 },
        ],
        color: '#123456',
        url: 'https://app.example/',
        space: '3px',
      },
    );
    expect(html).toContain('color:#123456');
    expect(html).toContain('.b { color: #123456 }');
    expect(html).toContain('letter-spacing: 3px');
    expect(html).toContain('Tea &amp; &#34;Pot&#34; (one)');
    expect(html).toContain('href="https://app.example/?q=Tea+%26+%22Pot%22&');
    expect(html.match(/go there/g)).toHaveLength(2);
    expect(html).not.toMatch(/liquidpiece|\{\{|\{%/);
    expect(text).toBe(
      'Tea & "Pot" (one)\ngo there (https://app.example/?q=Tea+%26+%22Pot%22&r=1)\nB\ngo there (https://app.example/?q=B&r=1)\n',
    );
  });

  it('loads nothing from elsewhere that the template does not name', async () => {
    const { html } = await rendered({ body: mjml('<mj-text font-family="Ubuntu">x</mj-text>') });
    expect(html).not.toContain('fonts.googleapis.com');
  });

  it.each([
    ['an element that nobody knows', mjml('<mj-nonsense></mj-nonsense>'), 6, /mj-nonsense/],
    ['an attribute that nobody knows', mjml('<mj-text colour="red">x</mj-text>'), 6, /colour/],
    ['a colour that is none', mjml('<mj-text color="redd">x</mj-text>'), 6, /redd/],
    [
      'an element in the wrong place',
      '<mjml><mj-body>\n<mj-text>x</mj-text></mj-body></mjml>',
      2,
      /only inside/,
    ],
    [
      'an element that is not closed',
      '<mjml><mj-body>\n<mj-section>\n</mj-body></mjml>',
      2,
      /<mj-section> is not closed/,
    ],
    [
      'text where MJML keeps none',
      mjml('{% for i in items %}\n<mj-text>x</mj-text>\n{% endfor %}'),
      6,
      /is lost.*<mj-raw>/,
    ],
    ['an include', mjml('<mj-include path="/etc/passwd" />'), 6, /no other files/],
    [
      'an include in disguise',
      mjml('<mj-include type="css" path="./package.json"></mj-include>'),
      6,
      /no other files/,
    ],
    ['nothing', '', null, /Parsing failed|Malformed/],
    ['plain text', 'Hello', null, /Parsing failed|Malformed/],
    ['no body', '<mjml><mj-head></mj-head></mjml>', null, /Malformed/],
  ])('says where it has %s', async (_what, body, line, words) => {
    const { errors, html } = await room().renderer.compile({ format: 'mjml', body }, null);
    expect(errors[0]).toMatchObject({ line, detail: expect.stringMatching(words) });
    expect(html).toBe('');
  });

  it('counts lines of the source, over Liquid of several lines', async () => {
    const body = mjml(
      '<mj-text>{{ a\n | upcase }}{% comment %}\n\n{% endcomment %}</mj-text>\n<mj-nonsense></mj-nonsense>',
    );
    expect((await room().renderer.compile({ format: 'mjml', body }, null)).errors).toMatchObject([
      { line: 10 },
    ]);
  });

  it('warns of a width that it cannot reckon with', async () => {
    const body = mjml('<mj-text padding="{{ pad }}">x</mj-text>');
    const { errors, warnings } = await room().renderer.compile({ format: 'mjml', body }, null);
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ line: 6, detail: expect.stringContaining('{{ pad }}') }]);
  });

  it('compiles each body once, also for those who ask at the same time', async () => {
    const made = room().renderer;
    const email = { format: 'mjml', body: mjml('<mj-text>{{ x }}</mj-text>') } as const;
    const both = await Promise.all([made.compile(email, null), made.compile(email, null)]);
    expect(both[0]).toBe(both[1]);
    expect(await made.compile(email, null)).toBe(both[0]);
    expect(await made.compile(email, 'ar')).not.toBe(both[0]);
  });

  it('ends what becomes too large, or takes too long', async () => {
    const made = room().renderer;
    const many = '<mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section>';
    // Two megabytes of source, past what the API takes.
    const body = `<mjml><mj-body>${many.repeat(Math.ceil(2_000_000 / many.length))}</mj-body></mjml>`;
    const outcome = await made.compile({ format: 'mjml', body }, null).catch((error: unknown) => error);
    expect(outcome).toSatisfy(
      (it: unknown) =>
        JSON.stringify(it).includes('4000000 are the limit') ||
        String(it).includes('cannot be made into HTML'),
    );
    expect((await made.compile({ format: 'mjml', body: mjml('<mj-text>x</mj-text>') }, null)).errors).toEqual(
      [],
    );
  }, 60_000);
});

describe('the document of a mail', () => {
  it.each([
    ['<p>Hi</p>', 'de', /^<!doctype html>\n<html lang="de" dir="ltr">[\s\S]*<body>\n<p>Hi<\/p>\n<\/body>/],
    ['<p>Hi</p>', 'ar', /<html lang="ar" dir="rtl">/],
    ['<p>Hi</p>', 'he-IL', /<html lang="he-IL" dir="rtl">/],
    ['<html dir="ltr" lang="en"><body>Hi</body></html>', 'ar', /<html dir="ltr" lang="en">/],
    [
      '<HTML><HEAD><TITLE>x</TITLE></HEAD><BODY>Hi</BODY></HTML>',
      'de',
      /<HTML lang="de" dir="ltr"><HEAD>\n<meta charset="utf-8">/,
    ],
    ['<p>Hi</p>', null, /<html dir="ltr">/],
  ])('%s in %s', async (body, locale, wanted) => {
    const { html } = await rendered({ format: 'html', body }, {}, locale);
    expect(html).toMatch(wanted);
    expect(html.match(/name="color-scheme"/g)).toHaveLength(1);
    expect(html.match(/charset=/g)).toHaveLength(1);
  });

  it('has the preheader hidden at the top of its body, escaped, and not in its text', async () => {
    const { html, text } = await rendered(
      { format: 'html', body: '<p>Hi</p>', preheader: 'For {{ who }}\nonly' },
      { who: '<Ada>' },
    );
    expect(html).toMatch(/<body>\n<div style="display:none[^"]*">For &lt;Ada&gt; only&#847;/);
    expect(text).toBe('Hi\n');
  });

  it('has its direction in what MJML makes', async () => {
    const { html } = await rendered({ body: mjml('<mj-text>x</mj-text>') }, {}, 'fa');
    expect(html).toContain('<html lang="fa" dir="rtl"');
    expect(html).not.toMatch(/lang="und"|dir="auto"/);
  });
});

describe('the text beside HTML', () => {
  it.each([
    ['<h1>Hi</h1><p>One <b>two</b>\n three</p><p>Four</p>', 'Hi\n\nOne two three\n\nFour\n'],
    [
      '<a href="https://a.example/">Go</a> <a href="https://b.example/">https://b.example/</a> <a href="#x">up</a>',
      'Go (https://a.example/) https://b.example/ up\n',
    ],
    ['<a href="mailto:a@b.example">a@b.example</a>', 'a@b.example\n'],
    ['<ul><li>One</li><li>Two</li></ul><ol><li>A</li><li>B</li></ol>', '* One\n* Two\n\n1. A\n2. B\n'],
    [
      '<table><tr><td>Tea</td><td>2.00</td></tr><tr><td>Pot</td><td>3.00</td></tr></table>',
      'Tea 2.00\nPot 3.00\n',
    ],
    ['<img src="x" alt="A picture"><br>Below', 'A picture\nBelow\n'],
    [
      '<style>p{}</style><script>x()</script><div style="display:none">no</div><p hidden>no</p><p>yes</p>',
      'yes\n',
    ],
    ['<p>a&nbsp;&lt;b&gt; &amp; c</p>', 'a\u00a0<b> & c\n'],
    ['<p>می‌خواهم 👩‍💻</p>', 'می‌خواهم 👩‍💻\n'],
    ['', ''],
  ])('%s', async (body, text) => {
    expect((await rendered({ format: 'html', body })).text).toBe(text);
  });

  it('is the template’s own where it has one, and that of the language where only the body is replaced', async () => {
    const { room, publish } = await templateWorld();
    const id = await publish({
      content: { email: { subject: 'S', format: 'html', body: '<p>Hi</p>', text: 'Own text' } },
      locales: { de: { email: { body: '<p>Hallo</p>' } }, fr: { email: { subject: 'F' } } },
    });
    const textIn = async (locale: string | null) =>
      (await room.render({ id, version: null, locale, variables: {}, channels: ['email'] })).content.email
        ?.text;
    expect(await textIn(null)).toBe('Own text');
    expect(await textIn('de-AT')).toBe('Hallo\n');
    expect(await textIn('fr')).toBe('Own text');
  });
});
