/**
 * HTML from a message, made ready for the sandboxed frame: scripts and what could navigate are taken out (the frame's
 * policy forbids them too), `cid:` pictures become data, and what would be fetched from elsewhere is listed.
 */
import render from 'dom-serializer';
import { type ChildNode, type Document, Element, Text } from 'domhandler';
import { removeElement, textContent } from 'domutils';
import { parseDocument } from 'htmlparser2';

export type RemoteKind = 'image' | 'stylesheet' | 'font' | 'frame' | 'media' | 'script' | 'other';
export interface Remote {
  readonly url: string;
  readonly kind: RemoteKind;
}
export interface HtmlLink {
  readonly url: string;
  readonly text: string;
}

const depthMax = 500;
const remotesMax = 1_000;
const linksMax = 2_000;

export function parseHtml(html: string): Document {
  const document = parseDocument(html, {
    decodeEntities: true,
    lowerCaseTags: true,
    lowerCaseAttributeNames: true,
  });
  flatten(document);
  return document;
}

/** Below what a browser nests (512), elements become their text: what walks the tree may then call itself. */
function flatten(document: Document): void {
  const stack: { readonly node: ChildNode; readonly depth: number }[] = [];
  const enter = (children: readonly ChildNode[], depth: number): void => {
    for (const node of children) stack.push({ node, depth });
  };
  enter(document.children, 1);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, depth } = top;
    if (!('children' in node) || node.children.length === 0) continue;
    if (depth < depthMax) enter(node.children, depth + 1);
    else if (node instanceof Element) node.children = [new Text(textBelow(node))];
  }
}

function textBelow(element: Element): string {
  const words: string[] = [];
  for (const node of nodes(element)) if (node instanceof Text) words.push(node.data);
  return words.join('');
}

/** Every node in document order, without recursion: a message may nest ten thousand deep. */
function* nodes(document: Document | Element): Generator<ChildNode> {
  const stack: ChildNode[] = document.children.toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    if ('children' in node) for (const child of node.children.toReversed()) stack.push(child);
  }
}

export function* elements(document: Document): Generator<Element> {
  for (const node of nodes(document)) if (node instanceof Element) yield node;
}

export function plainText(document: Document): string {
  const words: string[] = [];
  for (const node of nodes(document)) {
    if (!(node instanceof Text)) continue;
    const { parent } = node;
    if (!(parent instanceof Element && (parent.name === 'script' || parent.name === 'style')))
      words.push(node.data);
  }
  return words.join(' ');
}

const urlAttributes: Readonly<Record<string, readonly [attribute: string, kind: RemoteKind][]>> = {
  img: [
    ['src', 'image'],
    ['srcset', 'image'],
  ],
  source: [
    ['src', 'media'],
    ['srcset', 'image'],
  ],
  input: [['src', 'image']],
  image: [
    ['href', 'image'],
    ['xlink:href', 'image'],
  ],
  use: [
    ['href', 'image'],
    ['xlink:href', 'image'],
  ],
  video: [
    ['src', 'media'],
    ['poster', 'image'],
  ],
  audio: [['src', 'media']],
  track: [['src', 'media']],
  iframe: [['src', 'frame']],
  frame: [['src', 'frame']],
  embed: [['src', 'frame']],
  object: [['data', 'frame']],
  script: [['src', 'script']],
  link: [['href', 'stylesheet']],
};

export function findRemotes(document: Document): Remote[] {
  const found = new Map<string, Remote>();
  const add = (url: string, kind: RemoteKind): void => {
    const absolute = remoteUrl(url);
    if (absolute !== null && found.size < remotesMax && !found.has(absolute))
      found.set(absolute, { url: absolute, kind });
  };
  for (const element of elements(document)) {
    for (const [attribute, kind] of urlAttributes[element.name] ?? []) {
      const value = element.attribs[attribute];
      if (value === undefined) continue;
      for (const url of attribute === 'srcset' ? srcsetUrls(value) : [value]) add(url, kind);
    }
    if (element.attribs.background !== undefined) add(element.attribs.background, 'image');
    for (const css of [element.attribs.style, element.name === 'style' ? textContent(element) : undefined]) {
      if (css !== undefined) for (const { url, kind } of cssUrls(css)) add(url, kind);
    }
  }
  return [...found.values()];
}

/** http, https and protocol-relative addresses; everything else is not fetched from anywhere. */
export function remoteUrl(url: string): string | null {
  const trimmed = url.trim();
  if (/^\/\//.test(trimmed)) return `https:${trimmed}`;
  return /^https?:\/\//i.test(trimmed) ? trimmed : null;
}

export function srcsetUrls(value: string): string[] {
  return value.split(',').flatMap((candidate) => {
    const [url] = candidate.trim().split(/\s+/);
    return url === undefined || url === '' ? [] : [url];
  });
}

/** Every run has a limit: without, a stylesheet of white space keeps it busy for minutes. */
const cssUrl =
  /(@import\s{1,64})?url\(\s{0,64}(?:"([^"]*)"|'([^']*)'|([^)\s"']{0,2048}))\s{0,64}\)|@import\s{1,64}(?:"([^"]*)"|'([^']*)')/gi;

export function cssUrls(css: string): Remote[] {
  return [...css.matchAll(cssUrl)].flatMap((match): Remote[] => {
    const url = match[2] ?? match[3] ?? match[4] ?? match[5] ?? match[6] ?? '';
    if (remoteUrl(url) === null) return [];
    const imported = match[1] !== undefined || match[5] !== undefined || match[6] !== undefined;
    return [
      {
        url,
        kind: imported ? 'stylesheet' : /\.(?:woff2?|ttf|otf|eot)(?:[?#]|$)/i.test(url) ? 'font' : 'image',
      },
    ];
  });
}

export function findLinks(document: Document): HtmlLink[] {
  const links: HtmlLink[] = [];
  for (const element of elements(document)) {
    if (element.name !== 'a' && element.name !== 'area') continue;
    const url = element.attribs.href?.trim();
    if (url === undefined || url === '' || url.startsWith('#')) continue;
    links.push({ url, text: textContent(element).replace(/\s+/g, ' ').trim().slice(0, 200) });
    if (links.length >= linksMax) break;
  }
  return links;
}

export interface ViewOptions {
  /** Data URL for a content id, or null. */
  readonly inline: (contentId: string) => string | null;
  /** Data URL for a remote address that was asked for and fetched, or null to leave it out. */
  readonly remote: (url: string) => string | null;
  readonly dark: boolean;
}

const removed = new Set([
  'script',
  'base',
  'iframe',
  'frame',
  'frameset',
  'object',
  'embed',
  'applet',
  'portal',
  'noscript',
]);

/** The document for the frame. */
export function viewOf(document: Document, options: ViewOptions): string {
  for (const element of [...elements(document)]) {
    if (removed.has(element.name) || isRefresh(element) || element.name === 'link') {
      removeElement(element);
      continue;
    }
    for (const name of Object.keys(element.attribs)) {
      if (name.startsWith('on') || name === 'ping' || name === 'srcdoc' || name === 'formaction')
        delete element.attribs[name];
    }
    if (element.name === 'form') delete element.attribs.action;
    replaceUrls(element, options);
  }
  const scheme = options.dark ? 'dark' : 'light';
  const look = `<meta charset="utf-8"><meta name="color-scheme" content="${scheme}"><style>:root{color-scheme:${scheme}}body{margin:8px;font-family:system-ui,sans-serif}</style>`;
  return `<!doctype html>${look}${render(document, { encodeEntities: 'utf8' })}`;
}

function isRefresh(element: Element): boolean {
  return element.name === 'meta' && element.attribs['http-equiv'] !== undefined;
}

function replaceUrls(element: Element, options: ViewOptions): void {
  const { attribs } = element;
  for (const name of ['src', 'background', 'poster', 'href', 'xlink:href', 'data']) {
    const value = attribs[name];
    if (value === undefined) continue;
    if (name === 'href' && (element.name === 'a' || element.name === 'area')) {
      leadNowhere(element, value.trim());
      continue;
    }
    const replaced = replacement(value, options);
    if (replaced === null) delete attribs[name];
    else attribs[name] = replaced;
  }
  if (attribs.srcset !== undefined) delete attribs.srcset;
  if (attribs.style !== undefined) attribs.style = replaceCss(attribs.style, options);
  if (element.name === 'style') {
    const css = replaceCss(textContent(element), options);
    const text = new Text(css.replace(/<\/style/gi, '<\\/style'));
    // Whose it is tells the serializer that it is CSS, in which `>` stands as it is.
    text.parent = element;
    element.children = [text];
  }
}

/**
 * The frame goes nowhere, but Chromium connects to where a link leads when the pointer is pressed on it, before it asks
 * whether it may go there. So the address is only shown; a link within the message stays one.
 */
function leadNowhere({ attribs }: Element, url: string): void {
  if (url.startsWith('#')) return;
  attribs.title ??= url;
  attribs.href = nowhere;
}

/** Nothing has this id, so that nothing is scrolled to. */
const nowhere = '#sandpost-leads-nowhere';

/** @returns null when the address has to go */
function replacement(value: string, options: ViewOptions): string | null {
  const trimmed = value.trim();
  if (/^cid:/i.test(trimmed)) return options.inline(decodeCid(trimmed.slice(4)));
  if (/^data:image\//i.test(trimmed)) return trimmed;
  const url = remoteUrl(trimmed);
  return url === null ? null : options.remote(url);
}

function decodeCid(cid: string): string {
  try {
    return decodeURIComponent(cid);
  } catch {
    // Not percent-encoded after all.
    return cid;
  }
}

function replaceCss(css: string, options: ViewOptions): string {
  return css.replace(cssUrl, (whole, imported, ...groups: (string | undefined)[]) => {
    const url = groups[0] ?? groups[1] ?? groups[2];
    if (imported !== undefined || url === undefined) return '';
    const replaced = replacement(url, options);
    return replaced === null ? 'none' : whole.startsWith('@') ? '' : `url("${replaced}")`;
  });
}
