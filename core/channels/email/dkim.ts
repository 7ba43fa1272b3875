/**
 * Signs messages (RFC 6376), by RSA and by Ed25519 (RFC 8463), relaxed in header and body. The parsed keys are kept: a
 * PEM parsed for each signature halves the throughput. Signing goes to Node's thread pool: it costs a few percent more
 * of the processors than on the calling thread, and two signatures are made at a time.
 */
import { createHash, createPrivateKey, type Hash, type KeyObject, sign } from 'node:crypto';
import type { SignatureEvidence } from '../../model/delivery.ts';
import { type HeaderLine, readHeaderLines } from './egress/header-lines.ts';

export interface SigningKey {
  /** What goes into `d=`: lower case, A-labels. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** The same for the same key, e.g. its public half. */
  readonly id: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

export interface Signed {
  /** Fields to be put before the header, in the order of the keys, line ends included. */
  readonly text: string;
  readonly evidence: readonly SignatureEvidence[];
}

/**
 * What is signed when it is there (RFC 6376 §5.4.1). RFC 8058 §4 wants List-Unsubscribe and List-Unsubscribe-Post among
 * them, and Gmail Feedback-ID.
 */
const signedFields = [
  'from',
  'sender',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'to',
  'cc',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'in-reply-to',
  'references',
  'auto-submitted',
  'list-id',
  'list-help',
  'list-post',
  'list-owner',
  'list-archive',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
] as const;

/** Named once more than they occur, so that nobody adds another (RFC 6376 §8.15). */
const oversigned: ReadonlySet<string> = new Set(['from']);

/** Occurrences of one field that are signed; a message with more is none that anyone sends. */
const occurrencesMax = 50;

/** @param wallSeconds for `t=`: verifiers compare it with their own clock, so never virtual time */
export function signMessage(
  head: Buffer,
  body: Buffer,
  keys: readonly SigningKey[],
  wallSeconds: number,
): Signed {
  if (keys.length === 0) return { text: '', evidence: [] };
  const { lines } = readHeaderLines(head);
  const chosen = chosenFields(lines);
  const canonical = chosen.map(({ line }) => (line === null ? '' : relaxedField(line.text))).join('');
  const names = chosen.map(({ key }) => key);
  const bodyHash = relaxedBodyHash(body);
  const evidence = keys.map((key): SignatureEvidence => {
    const unsigned = signatureField(key, names, bodyHash, wallSeconds);
    // RFC 6376 §3.7: the signature's own field comes last, with an empty b= and no line end.
    const signed = Buffer.from(canonical + relaxedField(unsigned).slice(0, -2), 'latin1');
    const header = `${unsigned.slice(0, -2)}${folded(signatureOf(key, signed))}\r\n`;
    const { domain, selector, algorithm } = key;
    return { domain, selector, algorithm, header: header.trimEnd(), headersSigned: names, bodyHash };
  });
  return { text: evidence.map(({ header }) => `${header}\r\n`).join(''), evidence };
}

/** In this thread, which is one for that: in the pool of libuv four at a time would crowd out those that answer. */
function signatureOf(key: SigningKey, signed: Buffer): string {
  const privateKey = keyObjectOf(key);
  // RFC 8463 §3: Ed25519 signs the SHA-256 of what RSA signs.
  const [algorithm, data] =
    key.algorithm === 'ed25519-sha256'
      ? [null, createHash('sha256').update(signed).digest()]
      : ['sha256', signed];
  return sign(algorithm, data, privateKey).toString('base64');
}

/** Parsed keys that are kept. */
const keysMax = 500;
const parsed = new Map<string, KeyObject>();

function keyObjectOf({ id, privateKey }: SigningKey): KeyObject {
  const known = parsed.get(id);
  if (known !== undefined) return known;
  if (parsed.size >= keysMax) parsed.clear();
  const key = createPrivateKey(privateKey);
  parsed.set(id, key);
  return key;
}

/** The bottommost first, as a verifier takes them (RFC 6376 §5.4.2); null stands for the one that must not come. */
function chosenFields(
  lines: readonly HeaderLine[],
): readonly { readonly key: string; readonly line: HeaderLine | null }[] {
  const byKey = new Map<string, HeaderLine[]>();
  for (const line of lines) {
    const same = byKey.get(line.key);
    if (same === undefined) byKey.set(line.key, [line]);
    else same.push(line);
  }
  return signedFields.flatMap((key) => {
    const found = (byKey.get(key) ?? []).slice(-occurrencesMax).reverse();
    const signed: { key: string; line: HeaderLine | null }[] = found.map((line) => ({ key, line }));
    return oversigned.has(key) ? [...signed, { key, line: null }] : signed;
  });
}

function signatureField(
  { domain, selector, algorithm }: SigningKey,
  names: readonly string[],
  bodyHash: string,
  wallSeconds: number,
): string {
  return [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain};`,
    `\ts=${selector}; t=${Math.floor(wallSeconds)};`,
    `\th=${foldedNames(names)};`,
    `\tbh=${bodyHash};`,
    '\tb=\r\n',
  ].join('\r\n');
}

const lineCharsMax = 76;

function foldedNames(names: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line !== '' && line.length + name.length + 4 > lineCharsMax) {
      lines.push(`${line}:`);
      line = '';
    }
    line += line === '' ? name : `:${name}`;
  }
  return [...lines, line].join('\r\n\t ');
}

function folded(base64: string): string {
  return base64.match(/.{1,72}/g)?.join('\r\n\t ') ?? '';
}

/** RFC 6376 §3.4.2. */
export function relaxedField(text: string): string {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon).trimEnd().toLowerCase();
  const value = text
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ');
  return `${name}:${withoutBlanks(value)}\r\n`;
}

function withoutBlanks(value: string): string {
  const start = value.startsWith(' ') ? 1 : 0;
  return value.slice(start, value.endsWith(' ') && value.length > start ? -1 : undefined);
}

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
/** Canonical bytes are gathered up to here before they are hashed. */
const blockBytes = 64 * 1024;

/**
 * The hash of the body, relaxed (RFC 6376 §3.4.4): runs of blanks are one space, blanks at the end of a line and empty
 * lines at the end of the body are gone, and what is not empty ends with CRLF.
 */
export function relaxedBodyHash(body: Buffer): string {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(Math.min(blockBytes, body.length * 2 + 64));
  let to = 0;
  let blank = false;
  let lineEnds = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0;
    if (byte === SPACE || byte === TAB) {
      blank = true;
      continue;
    }
    if (byte === CR && body[at + 1] === LF) {
      // Blanks before a line end are dropped; the line end is written when something follows.
      blank = false;
      lineEnds++;
      at++;
      continue;
    }
    while (lineEnds > 0) {
      if (to + 2 > block.length) to = flush(hash, block, to);
      block[to++] = CR;
      block[to++] = LF;
      lineEnds--;
    }
    if (to + 2 > block.length) to = flush(hash, block, to);
    if (blank) block[to++] = SPACE;
    blank = false;
    block[to++] = byte;
  }
  flush(hash, block, to);
  // Something is in the block whenever anything was written; an empty body is hashed as nothing at all.
  if (to > 0) hash.update('\r\n');
  return hash.digest('base64');
}

function flush(hash: Hash, block: Buffer, bytes: number): 0 {
  hash.update(block.subarray(0, bytes));
  return 0;
}
