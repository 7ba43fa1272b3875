/**
 * What a filter looks at: the text, the HTML, the links and the attachments of a message, read without a stream and
 * within limits, for every message that arrives is read so. Pure.
 */
import { type Document, Element } from 'domhandler';
import { decodedBytes, decodedText } from '../../inspect/decode.ts';
import { decodeValue, parseAddresses } from '../../inspect/headers.ts';
import { elements, findLinks, parseHtml, plainText } from '../../inspect/html.ts';
import type { Part } from '../../inspect/structure.ts';
import { headerBlock, headerBlockEnd, headerFields, unfold } from '../../model/header-block.ts';
import type { Mailbox } from '../../model/message.ts';

export interface MailContent {
  /** All fields of that name, decoded; lower case. */
  header(name: string): readonly string[];
  readonly subject: string;
  readonly from: Mailbox | null;
  readonly replyTo: Mailbox | null;
  readonly text: string | null;
  readonly hasHtml: boolean;
  /** Words of the HTML, without its tags. */
  readonly htmlText: string;
  readonly links: readonly ContentLink[];
  readonly pictures: readonly { readonly url: string; readonly pixel: boolean }[];
  readonly attachments: readonly ContentAttachment[];
}

export interface ContentLink {
  readonly url: string;
  readonly text: string;
}

export interface ContentAttachment {
  readonly filename: string | null;
  readonly contentType: string;
  /** The first bytes, decoded. */
  readonly head: Buffer;
}

const depthMax = 10;
const partsMax = 200;
const textCharsMax = 256 * 1024;
const linksMax = 500;
const picturesMax = 200;
const attachmentHeadBytesMax = 64 * 1024;

export function readMailContent(raw: Uint8Array): MailContent {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const block = headerBlock(raw);
  const fields = new Map<string, string[]>();
  for (const { name, raw: value } of headerFields(block)) {
    const key = name.toLowerCase();
    const known = fields.get(key);
    if (known === undefined) fields.set(key, [value]);
    else known.push(value);
  }
  const leaves: Part[] = [];
  walk(bytes, { from: 0, to: bytes.length, depth: 0 }, leaves);
  const body = (type: string): string | null => {
    const part = leaves.find((one) => one.contentType === type && one.disposition !== 'attachment');
    return part === undefined ? null : decodedText(raw, part).slice(0, textCharsMax);
  };
  const text = body('text/plain');
  const html = body('text/html');
  const document = html === null ? null : parseHtml(html);
  const first = (name: string): string => fields.get(name)?.[0] ?? '';
  return {
    header: (name) => (fields.get(name) ?? []).map(decodeValue),
    subject: decodeValue(first('subject')),
    from: parseAddresses(first('from'))[0] ?? null,
    replyTo: parseAddresses(first('reply-to'))[0] ?? null,
    text,
    hasHtml: document !== null,
    htmlText: document === null ? '' : plainText(document).replace(/\s+/g, ' ').trim(),
    links: linksOf(text, document),
    pictures: document === null ? [] : picturesOf(document),
    attachments: leaves.filter(isAttachment).map((part) => ({
      filename: part.filename,
      contentType: part.contentType,
      head: decodedBytes(raw, headOf(part)).subarray(0, attachmentHeadBytesMax),
    })),
  };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** The leaves of the MIME tree, in order (RFC 2046 §5.1). */
function walk(bytes: Buffer, { from, to, depth }: Stretch, leaves: Part[]): void {
  const stretch = bytes.subarray(from, to);
  const end = headerBlockEnd(stretch);
  const block = stretch.toString('latin1', 0, end ?? stretch.length);
  const bodyStart = end === null ? to : from + end + (stretch[end] === 0x0d ? 2 : 1);
  const fields = headerFields(block);
  const value = (name: string): string => {
    const field = fields.find((one) => one.name.toLowerCase() === name);
    return field === undefined ? '' : unfold(field.raw);
  };
  const type = value('content-type');
  const contentType = (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+/.exec(type)?.[0] ?? 'text/plain').toLowerCase();
  const boundary = contentType.startsWith('multipart/') ? parameter(type, 'boundary') : null;
  if (boundary !== null && depth < depthMax) {
    for (const child of children(bytes, bodyStart, to, boundary)) {
      if (leaves.length >= partsMax) return;
      walk(bytes, { ...child, depth: depth + 1 }, leaves);
    }
    return;
  }
  const disposition = value('content-disposition');
  const filename = parameter(disposition, 'filename') ?? parameter(type, 'name');
  leaves.push({
    n: leaves.length,
    parent: null,
    path: '',
    contentType,
    charset: parameter(type, 'charset'),
    encoding: value('content-transfer-encoding').toLowerCase() || null,
    disposition: /^[\w-]+/.exec(disposition)?.[0].toLowerCase() ?? null,
    filename: filename === null ? null : decodeValue(filename),
    contentId: value('content-id') || null,
    multipart: false,
    headerStart: from,
    bodyStart,
    bodyEnd: Math.max(bodyStart, to),
  });
}

function children(
  bytes: Buffer,
  from: number,
  to: number,
  boundary: string,
): { readonly from: number; readonly to: number }[] {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const found: { from: number; to: number }[] = [];
  let open: number | null = null;
  let at = from;
  while (found.length < partsMax) {
    const hit = bytes.indexOf(delimiter, at);
    if (hit < 0 || hit >= to) break;
    at = hit + delimiter.length;
    // A delimiter stands at the start of a line.
    if (hit > from && bytes[hit - 1] !== 0x0a) continue;
    if (open !== null) found.push({ from: open, to: hit - (bytes[hit - 2] === 0x0d ? 2 : 1) });
    const last = bytes[at] === 0x2d && bytes[at + 1] === 0x2d;
    const lineEnd = bytes.indexOf(0x0a, at);
    open = last || lineEnd < 0 ? null : lineEnd + 1;
    if (open === null) break;
  }
  if (open !== null && open < to) found.push({ from: open, to });
  return found.filter((one) => one.to > one.from);
}

/** One parameter of a structured field; RFC 2231's charset and language are passed over. */
function parameter(field: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}(\\*?)=(?:"((?:[^"\\\\]|\\\\.){0,998})"|([^;\\s]{1,998}))`, 'i').exec(
    field,
  );
  if (match === null) return null;
  const value = match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '';
  return match[1] === '*' ? percentDecoded(value.replace(/^[^']*'[^']*'/, '')) : value;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8: the name as it is written will do for judging it.
    return text;
  }
}

function isAttachment(part: Part): boolean {
  if (part.disposition === 'attachment' || part.filename !== null) return true;
  return !part.contentType.startsWith('text/') && !part.contentType.startsWith('image/');
}

/** base64 is decoded in fours, so the first bytes can be had without the rest. */
function headOf(part: Part): Part {
  return { ...part, bodyEnd: Math.min(part.bodyEnd, part.bodyStart + attachmentHeadBytesMax * 2) };
}

const bareUrl = /\bhttps?:\/\/[^\s<>"')\]]{1,2000}/gi;

function linksOf(text: string | null, document: Document | null): ContentLink[] {
  const html = document === null ? [] : findLinks(document);
  const plain = [...(text ?? '').matchAll(bareUrl)].map(([url]) => ({ url, text: url }));
  return [...html, ...plain].slice(0, linksMax);
}

function picturesOf(document: Document): MailContent['pictures'] {
  const found: { url: string; pixel: boolean }[] = [];
  for (const element of elements(document)) {
    if (!(element instanceof Element) || element.name !== 'img') continue;
    const { src = '', width, height } = element.attribs;
    if (found.length >= picturesMax) break;
    found.push({ url: src, pixel: isOne(width) || isOne(height) });
  }
  return found;
}

function isOne(length: string | undefined): boolean {
  return length !== undefined && /^[01](?:px)?$/.test(length.trim());
}
