/** The text that goes beside HTML: what a reader would see, with the addresses of its links. Pure. */
import { type ChildNode, Element, Text } from 'domhandler';
import { textContent } from 'domutils';
import { parseHtml } from '../../inspect/html.ts';

/** RFC 5322 §2.1.1 wants no more than 78 characters in a line; mail clients break longer ones themselves. */
const charsMax = 1_000_000;

export function textOfHtml(html: string): string {
  const writer = new TextWriter();
  for (const node of parseHtml(html).children) write(node, writer);
  return writer.finish();
}

const silent = new Set(['head', 'script', 'style', 'template', 'noscript', 'svg', 'object', 'title']);
const blocks = new Set(
  'address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form header html main nav ol section table tbody thead tfoot tr ul'.split(
    ' ',
  ),
);
const paragraphs = new Set('p h1 h2 h3 h4 h5 h6 pre table ul ol blockquote'.split(' '));

/** The depth is that of parseHtml, which flattens what a browser would not nest. */
function write(node: ChildNode, writer: TextWriter): void {
  if (node instanceof Text) return writer.words(node.data);
  if (!(node instanceof Element) || silent.has(node.name) || isHidden(node)) return;
  switch (node.name) {
    case 'br':
      return writer.newLine();
    case 'hr':
      writer.paragraph();
      writer.words('----------');
      return writer.paragraph();
    case 'img':
      return writer.words(node.attribs.alt ?? '');
    case 'a':
      return writeLink(node, writer);
    case 'li':
      writer.newLine();
      writer.words(`${markOf(node)} `);
      return writeAll(node.children, writer);
    case 'td':
    case 'th':
      writer.cell();
      return writeAll(node.children, writer);
    default:
  }
  const paragraph = paragraphs.has(node.name) && !isLayout(node);
  const around = (): void => {
    if (paragraph) writer.paragraph();
    else if (blocks.has(node.name) || paragraphs.has(node.name)) writer.newLine();
  };
  around();
  writeAll(node.children, writer);
  around();
}

function writeAll(nodes: readonly ChildNode[], writer: TextWriter): void {
  for (const node of nodes) write(node, writer);
}

function writeLink(link: Element, writer: TextWriter): void {
  writeAll(link.children, writer);
  const href = (link.attribs.href ?? '').trim();
  const shown = textContent(link).trim();
  if (href === '' || href.startsWith('#') || href === shown || href === `mailto:${shown}`) return;
  writer.words(` (${href})`);
}

function markOf(item: Element): string {
  const list = item.parent;
  if (!(list instanceof Element) || list.name !== 'ol') return '*';
  const items = list.children.filter((child) => child instanceof Element && child.name === 'li');
  return `${items.indexOf(item) + 1}.`;
}

function isHidden({ attribs }: Element): boolean {
  return (
    'hidden' in attribs || /(?:^|;)\s*(?:display\s*:\s*none|mso-hide\s*:\s*all)/i.test(attribs.style ?? '')
  );
}

/** Mail is laid out by tables, which are no paragraphs. */
function isLayout({ name, attribs }: Element): boolean {
  return name === 'table' && attribs.role === 'presentation';
}

/** Puts words together as a browser does: white space is one blank, blocks begin a line. */
class TextWriter {
  #text = '';
  #pendingBreaks = 0;
  #pendingBlank = false;
  #inLine = false;

  words(text: string): void {
    if (text === '') return;
    const plain = text.replace(/[ \t\r\n\f]+/g, ' ').replace(/[\u200b\u00ad\ufeff]/g, '');
    if (plain.trim() === '') {
      this.#pendingBlank ||= this.#inLine && plain !== '';
      return;
    }
    if (this.#text.length > charsMax) return;
    if (this.#pendingBreaks > 0 && this.#text !== '') this.#text += '\n'.repeat(this.#pendingBreaks);
    else if (this.#inLine && (this.#pendingBlank || plain.startsWith(' '))) this.#text += ' ';
    this.#text += plain.trim();
    this.#pendingBreaks = 0;
    this.#pendingBlank = plain.endsWith(' ');
    this.#inLine = true;
  }

  newLine(): void {
    this.#pendingBreaks = Math.max(this.#pendingBreaks, 1);
    this.#inLine = false;
  }

  paragraph(): void {
    this.#pendingBreaks = Math.max(this.#pendingBreaks, 2);
    this.#inLine = false;
  }

  /** Cells of one row stand beside each other. */
  cell(): void {
    this.#pendingBlank = this.#inLine;
  }

  finish(): string {
    return this.#text === '' ? '' : `${this.#text}\n`;
  }
}
