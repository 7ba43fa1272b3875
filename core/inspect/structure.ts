/**
 * The MIME tree of a message, with the place of every part in the raw bytes. mailsplit walks the message; every byte
 * it is given comes out again in order, so that a running sum gives the offsets.
 */
import { Duplex } from 'node:stream';
import { Splitter } from '@zone-eu/mailsplit';
import type { Problem } from '../model/message.ts';

export interface Part {
  readonly n: number;
  readonly parent: number | null;
  readonly path: string;
  readonly contentType: string;
  readonly charset: string | null;
  readonly encoding: string | null;
  readonly disposition: string | null;
  readonly filename: string | null;
  readonly contentId: string | null;
  readonly multipart: boolean;
  readonly headerStart: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface Structure {
  readonly parts: readonly Part[];
  readonly problems: readonly Problem[];
}

/** Parts of one message that are read. */
export const partsMax = 10_000;
export const headBytesMax = 4 * 1024 * 1024;
const sliceBytes = 256 * 1024;
/** How far behind the last part inside a container its end is looked for. */
const epilogueBytesMax = 64 * 1024;

type Node = import('@zone-eu/mailsplit').MimeNode;
type Chunk = { readonly type: string; readonly node?: Node; readonly value?: Buffer };

interface Draft {
  readonly node: Node;
  readonly headerStart: number;
  readonly bodyStart: number;
  bodyEnd: number;
}

export async function readStructure(raw: Uint8Array): Promise<Structure> {
  const drafts = new Map<Node, Draft>();
  const problems: Problem[] = [];
  let offset = 0;
  const splitter = splitterOf({
    maxHeadSize: headBytesMax,
    maxChildNodes: partsMax,
    defaultInlineEmbedded: true,
  });
  splitter.on('data', (chunk: Chunk) => {
    if (chunk.type === 'node') {
      const node = chunk as unknown as Node;
      const headerBytes = headerBytesOf(node);
      drafts.set(node, {
        node,
        headerStart: offset,
        bodyStart: offset + headerBytes,
        bodyEnd: offset + headerBytes,
      });
      offset += headerBytes;
      return;
    }
    const length = chunk.value?.length ?? 0;
    const draft = chunk.type === 'body' && chunk.node !== undefined ? drafts.get(chunk.node) : undefined;
    offset += length;
    if (draft !== undefined) draft.bodyEnd = offset;
  });
  try {
    await pour(splitter, raw);
  } catch (error) {
    problems.push(splitProblem(error));
  }
  return { parts: numbered([...drafts.values()], raw), problems };
}

/** As the stream it is: its published types name the `data` event only. */
function splitterOf(config: ConstructorParameters<typeof Splitter>[0]): Duplex {
  const splitter: unknown = new Splitter(config);
  if (splitter instanceof Duplex) return splitter;
  throw new Error('mailsplit gave no stream');
}

function pour(splitter: Duplex, raw: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    splitter.once('error', reject);
    splitter.once('end', resolve);
    const write = (from: number): void => {
      if (from >= raw.length) {
        splitter.end();
        return;
      }
      const slice = Buffer.from(raw.buffer, raw.byteOffset + from, Math.min(sliceBytes, raw.length - from));
      if (splitter.write(slice)) write(from + slice.length);
      else splitter.once('drain', () => write(from + slice.length));
    };
    write(0);
  });
}

function headerBytesOf(node: Node): number {
  // Not in the published types: the bytes of the header block as it came, its empty line included.
  const { _headerlen: length } = node as Node & { readonly _headerlen?: number };
  return length ?? 0;
}

function splitProblem(error: unknown): Problem {
  const text = error instanceof Error ? error.message : String(error);
  return /child nodes/i.test(text)
    ? {
        code: 'too_many_parts',
        detail: `The message has more than ${partsMax} parts; those behind are not shown.`,
      }
    : { code: 'header_too_large', detail: `A header block is larger than ${headBytesMax} bytes: ${text}.` };
}

function numbered(drafts: readonly Draft[], raw: Uint8Array): Part[] {
  const numbers = new Map<Node, number>(drafts.map((draft, n) => [draft.node, n]));
  const paths = new Map<Node, string>();
  const children = new Map<Node, number>();
  const ends = endsOfContainers(drafts, raw);
  return drafts.map((draft, n): Part => {
    const { node } = draft;
    const parent = node.parentNode || null;
    const place = parent === null ? 0 : (children.get(parent) ?? 0) + 1;
    if (parent !== null) children.set(parent, place);
    const above = parent === null ? '' : (paths.get(parent) ?? '');
    const path = parent === null ? '' : above === '' ? String(place) : `${above}.${place}`;
    paths.set(node, path);
    const container = Boolean(node.multipart) || node.messageNode === true;
    return {
      n,
      parent: parent === null ? null : (numbers.get(parent) ?? null),
      path: parent === null && !container ? '1' : path,
      contentType: node.contentType || 'text/plain',
      charset: node.charset || null,
      encoding: node.encoding || null,
      disposition: node.disposition || null,
      filename: node.filename || null,
      contentId: contentIdOf(node),
      multipart: container,
      headerStart: draft.headerStart,
      bodyStart: draft.bodyStart,
      bodyEnd: container ? (ends[n] ?? raw.length) : draft.bodyEnd,
    };
  });
}

/**
 * A container reaches to the delimiter of the multipart it stands in, whose line break is the delimiter's
 * (RFC 2046 §5.1.1). It is looked for behind the last part inside.
 */
function endsOfContainers(drafts: readonly Draft[], raw: Uint8Array): number[] {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const ends = new Array<number>(drafts.length).fill(raw.length);
  const open: { readonly n: number; readonly node: Node }[] = [];
  let last = 0;
  const close = (limit: number): void => {
    const top = open.pop();
    if (top === undefined) return;
    last = Math.min(delimiterBehind(bytes, last, top.node) ?? limit, limit);
    ends[top.n] = last;
  };
  drafts.forEach((draft, n) => {
    while (open.length > 0 && open.at(-1)?.node !== (draft.node.parentNode || null)) close(draft.headerStart);
    open.push({ n, node: draft.node });
    last = draft.bodyEnd;
  });
  while (open.length > 0) close(raw.length);
  return ends;
}

/** @returns where the content of a part ends by the boundary of the multipart around it; null when there is none */
function delimiterBehind(bytes: Buffer, from: number, node: Node): number | null {
  let around = node.parentNode || null;
  while (around !== null && !around._boundary) around = around.parentNode || null;
  if (around === null || !around._boundary) return null;
  const delimiter = Buffer.concat([Buffer.from('\n--'), around._boundary]);
  // The line break in front may be the very end of the last part inside.
  const start = Math.max(0, from - 1);
  const found = bytes.subarray(start, start + epilogueBytesMax).indexOf(delimiter);
  if (found < 0) return null;
  const at = start + found;
  return bytes[at - 1] === 0x0d ? at - 1 : at;
}

function contentIdOf(node: Node): string | null {
  const value = node.headers ? node.headers.getFirst('content-id') : '';
  const id = value.trim().replace(/^<|>$/g, '');
  return id === '' ? null : id;
}
