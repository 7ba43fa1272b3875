/**
 * The tree of MIME parts by offsets into the raw bytes (RFC 2045, RFC 2046 §5.1), for those who take a message apart to
 * put it together again. Never throws; what is over a limit stays a leaf. Pure.
 */
import { headerFields, unfold } from './header-block.ts';

export interface MimeNode {
  /** Where the header block begins, where the body begins (the empty line is passed), and where it ends. */
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
  /** `type/subtype`, lower case; `text/plain` where nothing is said (RFC 2045 §5.2). */
  readonly contentType: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Lower case; `7bit` where nothing is said (RFC 2045 §6.1). */
  readonly encoding: string;
  /** The parts of a multipart, the one message of message/rfc822. */
  readonly children: readonly MimeNode[];
}

export const mimePartsMax = 2_000;
export const mimeDepthMax = 30;
/** Header block of one part; what is longer is read up to here. */
const partHeadBytesMax = 256 * 1024;
/** RFC 2046 §5.1.1 allows 70; what is in use is a little longer at times. */
const boundaryCharsMax = 256;

export function readMimeTree(bytes: Uint8Array): MimeNode {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readNode({ bytes: buffer, parts: 0 }, 0, buffer.length, 0, 'text/plain');
}

/** Every node, the root first. */
export function everyNode(root: MimeNode): MimeNode[] {
  return [root, ...root.children.flatMap(everyNode)];
}

interface Reading {
  readonly bytes: Buffer;
  parts: number;
}

function readNode(reading: Reading, start: number, end: number, depth: number, byDefault: string): MimeNode {
  reading.parts++;
  const { bytes } = reading;
  const bodyStart = bodyStartOf(bytes, start, end);
  const head = bytes.toString('latin1', start, Math.min(bodyStart, start + partHeadBytesMax));
  const fields = headerFields(head);
  const value = (name: string): string | null => {
    const field = fields.find((one) => one.name.toLowerCase() === name);
    return field === undefined ? null : unfold(field.raw);
  };
  const { type, parameters } = parseContentType(value('content-type') ?? byDefault);
  const encoding = (value('content-transfer-encoding') ?? '7bit')
    .replace(/[;(].*$/s, '')
    .trim()
    .toLowerCase();
  const node = { start, bodyStart, end, contentType: type, parameters, encoding };
  const deeper = depth < mimeDepthMax && reading.parts < mimePartsMax;
  const boundary = parameters.get('boundary') ?? '';
  if (deeper && type.startsWith('multipart/') && boundary !== '' && boundary.length <= boundaryCharsMax) {
    // RFC 2046 §5.1.5: parts of a digest are messages unless they say otherwise.
    const inner = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    const children: MimeNode[] = [];
    for (const [from, to] of partsBetween(bytes, bodyStart, end, boundary)) {
      if (reading.parts >= mimePartsMax) break;
      children.push(readNode(reading, from, to, depth + 1, inner));
    }
    return { ...node, children };
  }
  if (deeper && (type === 'message/rfc822' || type === 'message/global') && isIdentity(encoding)) {
    return { ...node, children: [readNode(reading, bodyStart, end, depth + 1, 'text/plain')] };
  }
  return { ...node, children: [] };
}

/** The encodings that leave the bytes as they are (RFC 2045 §6.2). */
export function isIdentity(encoding: string): boolean {
  return encoding === '7bit' || encoding === '8bit' || encoding === 'binary' || encoding === '';
}

function bodyStartOf(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] === LF) return Math.min(start + 1, end);
  if (bytes[start] === CR && bytes[start + 1] === LF) return Math.min(start + 2, end);
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return Math.min(at + 2, end);
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return Math.min(at + 3, end);
  }
  return end;
}

/** Where the parts of a multipart stand. The line break before a delimiter is the delimiter's (RFC 2046 §5.1.1). */
function partsBetween(bytes: Buffer, from: number, end: number, boundary: string): [number, number][] {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const found: [number, number][] = [];
  let open: number | null = null;
  for (let at = bytes.indexOf(delimiter, from); at >= 0 && at < end; at = bytes.indexOf(delimiter, at + 1)) {
    if (at !== from && bytes[at - 1] !== LF) continue;
    let after = at + delimiter.length;
    const last = bytes[after] === DASH && bytes[after + 1] === DASH;
    if (last) after += 2;
    while (bytes[after] === SPACE || bytes[after] === TAB) after++;
    if (bytes[after] === CR) after++;
    if (after < end && bytes[after] !== LF) continue;
    if (open !== null) found.push([open, Math.max(open, lineBreakBefore(bytes, at))]);
    open = last ? null : Math.min(after + 1, end);
    if (last || found.length >= mimePartsMax) break;
  }
  // The closing delimiter is missing: the last part reaches to the end of what there is.
  if (open !== null) found.push([open, end]);
  return found;
}

function lineBreakBefore(bytes: Buffer, at: number): number {
  if (bytes[at - 1] !== LF) return at;
  return bytes[at - 2] === CR ? at - 2 : at - 1;
}

/** `type/subtype; name=value; name="quoted \" value"`, comments dropped, RFC 2231 continuations joined. */
export function parseContentType(value: string): {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  const [first = '', ...rest] = splitParameters(value.slice(0, contentTypeCharsMax));
  const type = first
    .replace(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase();
  const parameters = new Map<string, string>();
  for (const one of rest) {
    const equals = one.indexOf('=');
    if (equals < 1) continue;
    const [, name = '', continued] =
      /^([^*]*)(?:\*(\d*)\*?)?$/.exec(one.slice(0, equals).trim().toLowerCase()) ?? [];
    const text = unquoted(one.slice(equals + 1).trim());
    if (continued !== undefined && parameters.has(name))
      parameters.set(name, `${parameters.get(name)}${text}`);
    else if (name !== '' && !parameters.has(name)) parameters.set(name, text);
  }
  return { type: /^[^\s/;]+\/[^\s/;]+$/.test(type) ? type : 'text/plain', parameters };
}
const contentTypeCharsMax = 4_000;

function splitParameters(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quoted && char === '\\') {
      piece += char + (text[++at] ?? '');
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (char === ';' && !quoted) {
      pieces.push(piece);
      piece = '';
    } else {
      piece += char;
    }
  }
  return [...pieces, piece];
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text.replace(/\([^()]*\)/g, '').trim();
  const end = text.lastIndexOf('"');
  return text.slice(1, end > 0 ? end : undefined).replace(/\\(.)/gs, '$1');
}

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
