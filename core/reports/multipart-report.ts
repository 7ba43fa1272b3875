/** multipart/report (RFC 6522): what DSNs and complaints have in common, written and read. Pure. */
import { createHash } from 'node:crypto';
import { headerFields, unfold } from '../model/header-block.ts';
import { everyNode, isIdentity, type MimeNode, readMimeTree } from '../model/mime-tree.ts';

/** A field of a header or of a report: name and value. */
export type Field = readonly [name: string, value: string];

export interface ReportDraft {
  /** Fields of the message, without MIME-Version and Content-Type. */
  readonly header: readonly Field[];
  /** `delivery-status` or `feedback-report`. */
  readonly reportType: string;
  readonly text: string;
  /** Groups of fields of the machine-readable part, an empty line between them. ASCII. */
  readonly groups: readonly (readonly Field[])[];
  readonly original: Uint8Array;
  readonly return: 'full' | 'headers';
  readonly messageId: string;
}

/** Report messages that are read; what is longer is cut, for the machine-readable part stands at the front. */
export const reportBytesMax = 64 * 1024 * 1024;
/** The machine-readable part, of which a DSN for a thousand recipients fills half. */
const statusBytesMax = 1024 * 1024;
const textCharsMax = 64 * 1024;
const groupsMax = 2_000;
const fieldsMax = 200;
const valueCharsMax = 8_000;
const foldAt = 76;
/** RFC 5322 §2.1.1, without the line end. */
const lineCharsMax = 998;

export function writeReport(draft: ReportDraft): Uint8Array {
  const original = returnedPart(draft);
  const text = withLineEnds(draft.text);
  const boundary = boundaryFor(draft.messageId, [original.bytes, Buffer.from(text)]);
  const eightBit = original.eightBit || !isAscii(text);
  const header: readonly Field[] = [
    ...draft.header,
    ['MIME-Version', '1.0'],
    ['Content-Type', `multipart/report; report-type=${draft.reportType}; boundary="${boundary}"`],
    ...(eightBit ? [['Content-Transfer-Encoding', '8bit'] as const] : []),
  ];
  const head = [
    formatFields(header),
    '\r\n',
    'This is a report in MIME format (RFC 6522).\r\n\r\n',
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n`,
    `Content-Transfer-Encoding: ${isAscii(text) ? '7bit' : '8bit'}\r\n\r\n${text}`,
    `\r\n--${boundary}\r\nContent-Type: message/${draft.reportType}\r\n\r\n`,
    draft.groups.map(formatFields).join('\r\n'),
    `\r\n--${boundary}\r\nContent-Type: ${original.type}\r\n`,
    original.eightBit ? 'Content-Transfer-Encoding: 8bit\r\n\r\n' : '\r\n',
  ].join('');
  return Buffer.concat([Buffer.from(head), original.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/** `Name: value`, folded at spaces where a line grows long (RFC 5322 §2.2.3); line ends in a value become spaces. */
export function formatFields(fields: readonly Field[]): string {
  return fields.map(formatField).join('');
}

function formatField([name, value]: Field): string {
  const words = value
    .replace(/[\r\n\0]+/g, ' ')
    .trim()
    .split(/ +/);
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of words) {
    if (lines.length + line.length > name.length + 1 && line.length + 1 + word.length > foldAt) {
      lines.push(line);
      line = '';
    }
    // A word that fits no line is cut: what is too long on the wire is worse than a space too many.
    for (let rest = word; ; rest = rest.slice(lineCharsMax - foldAt)) {
      line += ` ${rest.slice(0, lineCharsMax - foldAt)}`;
      if (rest.length <= lineCharsMax - foldAt) break;
      lines.push(line);
      line = '';
    }
  }
  return `${[...lines, line].join('\r\n')}\r\n`;
}

function returnedPart(draft: ReportDraft): {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly eightBit: boolean;
} {
  const { bodyStart } = readHead(draft.original);
  const head = draft.original.subarray(0, bodyStart);
  const bytes = draft.return === 'full' ? draft.original : head;
  // RFC 6533 §4: a header in UTF-8 makes the part message/global or message/global-headers.
  const global = !isAscii(Buffer.from(head).toString('latin1'));
  const type =
    draft.return === 'full'
      ? `message/${global ? 'global' : 'rfc822'}`
      : global
        ? 'message/global-headers'
        : 'text/rfc822-headers';
  return { type, bytes, eightBit: hasEightBit(bytes) };
}

function readHead(bytes: Uint8Array): { readonly bodyStart: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(0x0a); at >= 0; at = buffer.indexOf(0x0a, at + 1)) {
    if (at === 0 || buffer[at + 1] === 0x0a) return { bodyStart: at + (at === 0 ? 1 : 2) };
    if (buffer[at + 1] === 0x0d && buffer[at + 2] === 0x0a) return { bodyStart: at + 3 };
  }
  return { bodyStart: buffer.length };
}

/** A boundary that none of the parts contains, the same for the same message. */
function boundaryFor(seed: string, parts: readonly Uint8Array[]): string {
  const buffers = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  for (let round = 0; ; round++) {
    const boundary = `=_report_${createHash('sha256').update(`${round} ${seed}`).digest('hex').slice(0, 24)}`;
    if (!buffers.some((part) => part.includes(boundary))) return boundary;
  }
}

function withLineEnds(text: string): string {
  const lines = text
    .slice(0, textCharsMax)
    .trimEnd()
    .split(/\r\n|\r|\n/);
  // Characters may take four bytes, and the limit is in bytes.
  return `${lines.flatMap((line) => line.match(/.{1,240}/gu) ?? ['']).join('\r\n')}\r\n`;
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
  return !/[^\x00-\x7f]/.test(text);
}

function hasEightBit(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte > 0x7f);
}

export interface ReadReport {
  /** Groups of the machine-readable part: lower-case name → values in order. */
  readonly groups: readonly ReadonlyMap<string, readonly string[]>[];
  /** The first part in plain text. */
  readonly text: string;
  /** What came back of the message, or null. */
  readonly original: Uint8Array | null;
  readonly originalIsHeadersOnly: boolean;
}

/**
 * Finds the machine-readable part wherever it stands: not every MTA says multipart/report outside, and gateways wrap.
 *
 * @param types of the machine-readable part, lower case
 * @returns null when there is none
 */
export function readReport(bytes: Uint8Array, types: readonly string[]): ReadReport | null {
  const cut = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, reportBytesMax));
  const nodes = outsideOf(readMimeTree(cut));
  const status = nodes.find((node) => types.includes(node.contentType));
  if (status === undefined) return null;
  const text = nodes.find((node) => node.contentType === 'text/plain' && node.children.length === 0);
  const behind = nodes.slice(nodes.indexOf(status) + 1);
  const original = behind.find((node) => originalTypes.includes(node.contentType)) ?? null;
  return {
    groups: readGroups(decoded(cut, status, statusBytesMax).toString('utf8')),
    text: text === undefined ? '' : decoded(cut, text, textCharsMax).toString('utf8').slice(0, textCharsMax),
    original: original === null ? null : decoded(cut, original, reportBytesMax),
    originalIsHeadersOnly: original?.contentType.endsWith('-headers') ?? false,
  };
}

/** Messages that somebody attached to another: a report that was forwarded, say. */
export function attachedMessages(bytes: Uint8Array, countMax: number): readonly Uint8Array[] {
  const cut = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, reportBytesMax));
  const root = readMimeTree(cut);
  return outsideOf(root)
    .filter((node) => node !== root && wholeTypes.includes(node.contentType))
    .slice(0, countMax)
    .map((node) => decoded(cut, node, reportBytesMax));
}

const wholeTypes = ['message/rfc822', 'message/global'];

const originalTypes = [
  'message/rfc822',
  'message/global',
  'message/global-headers',
  'text/rfc822-headers',
  'message/rfc822-headers',
];

/** All nodes but those inside a returned message: a bounce of a bounce has two, and the outer one counts. */
function outsideOf(root: MimeNode): MimeNode[] {
  const inside = new Set<MimeNode>();
  const nodes = everyNode(root);
  for (const node of nodes) {
    if (node !== root && node.contentType.startsWith('message/'))
      for (const child of node.children) for (const one of everyNode(child)) inside.add(one);
  }
  return nodes.filter((node) => !inside.has(node));
}

function decoded(bytes: Buffer, node: MimeNode, bytesMax: number): Buffer {
  const body = bytes.subarray(node.bodyStart, Math.min(node.end, node.bodyStart + bytesMax));
  if (isIdentity(node.encoding)) return body;
  const text = body.toString('latin1');
  if (node.encoding === 'base64') return Buffer.from(text, 'base64');
  if (node.encoding === 'quoted-printable') return fromQuotedPrintable(text);
  return body;
}

function fromQuotedPrintable(text: string): Buffer {
  const joined = text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/=\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function readGroups(text: string): ReadonlyMap<string, readonly string[]>[] {
  const groups: Map<string, string[]>[] = [];
  for (const block of text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n+/)
    .slice(0, groupsMax)) {
    const group = new Map<string, string[]>();
    for (const { name, raw } of headerFields(block).slice(0, fieldsMax)) {
      const key = name.toLowerCase();
      const values = group.get(key);
      const value = unfold(raw).slice(0, valueCharsMax);
      if (values === undefined) group.set(key, [value]);
      else values.push(value);
    }
    if (group.size > 0) groups.push(group);
  }
  return groups;
}
