/** What every mail's HTML has: a language and a direction, that it may be shown dark, and its hidden preheader. Pure. */

const metas = [
  ['charset', '<meta charset="utf-8">', /<meta\s[^>]*charset/i],
  [
    'viewport',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    /<meta\s[^>]*name="?viewport/i,
  ],
  // Apple Mail and others adapt colours only where the mail says that it is made for both.
  [
    'color-scheme',
    '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">',
    /<meta\s[^>]*name="?color-scheme/i,
  ],
] as const;

/** A whole document, of a document or of a piece of one. */
export function asDocument(html: string, lang: string | null, dir: 'ltr' | 'rtl'): string {
  const whole = /<html[\s>]/i.test(html)
    ? html
    : `<!doctype html>\n<html>\n<head>\n</head>\n${/<body[\s>]/i.test(html) ? html : `<body>\n${html}\n</body>`}\n</html>`;
  return withMetas(withLanguage(whole, lang, dir));
}

/** MJML says `und` and `auto` where it does not know, of the document and of its outermost block. */
function withLanguage(html: string, lang: string | null, dir: 'ltr' | 'rtl'): string {
  const start = /<html\b[^>]*>/i.exec(html);
  if (start === null) return html;
  const known = start[0].replace(/\s+lang="und"/i, '').replace(/\s+dir="auto"/i, '');
  const said = [
    lang !== null && !/\slang\s*=/i.test(known) ? ` lang="${attribute(lang)}"` : '',
    /\sdir\s*=/i.test(known) ? '' : ` dir="${dir}"`,
  ].join('');
  const begun = `${known.slice(0, '<html'.length)}${said}${known.slice('<html'.length)}`;
  return `${html.slice(0, start.index)}${begun}${html
    .slice(start.index + start[0].length)
    .replace('lang="und" dir="auto"', `${lang === null ? '' : `lang="${attribute(lang)}" `}dir="${dir}"`)}`;
}

function withMetas(html: string): string {
  const missing = metas.filter(([, , known]) => !known.test(html)).map(([, meta]) => meta);
  if (missing.length === 0) return html;
  const head = /<head\b[^>]*>/i.exec(html);
  if (head !== null) return inserted(html, head.index + head[0].length, `\n${missing.join('\n')}`);
  const start = /<html\b[^>]*>/i.exec(html);
  if (start === null) return html;
  return inserted(html, start.index + start[0].length, `\n<head>\n${missing.join('\n')}\n</head>`);
}

/**
 * The line that a mailbox shows beside the subject. What comes after it in the mail would follow it there: characters that
 * take no room keep it away.
 */
export function withPreheader(html: string, preheader: string): string {
  const hidden = `<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:transparent">${escaped(preheader)}${'&#847;&zwnj;&nbsp;'.repeat(fillers)}</div>`;
  const body = /<body\b[^>]*>/i.exec(html);
  return body === null ? `${hidden}${html}` : inserted(html, body.index + body[0].length, `\n${hidden}`);
}
const fillers = 60;

function inserted(html: string, at: number, text: string): string {
  return `${html.slice(0, at)}${text}${html.slice(at)}`;
}

function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
