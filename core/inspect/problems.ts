/** What is wrong with a message as it came, named (RFC 5322, RFC 2045–2047). It is stored and shown all the same. */
import iconv from 'iconv-lite';
import { headerFields } from '../model/header-block.ts';
import type { Problem } from '../model/message.ts';
import { base64Chars } from './decode.ts';
import type { Part, Structure } from './structure.ts';

/** RFC 5322 §2.1.1: no line longer than 998 characters, CRLF not counted. */
const lineBytesMax = 998;

export function findProblems(raw: Uint8Array, block: string, structure: Structure): Problem[] {
  const parents = new Set(structure.parts.map((part) => part.parent));
  return [
    ...structure.problems,
    ...headerProblems(raw, block),
    ...byteProblems(raw),
    ...structure.parts.flatMap((part) => partProblems(raw, part, parents)),
  ].filter(firstOfItsCode());
}

function firstOfItsCode(): (problem: Problem) => boolean {
  const seen = new Set<string>();
  return ({ code }) => !seen.has(code) && seen.add(code).size > 0;
}

const onlyOnce = [
  'from',
  'date',
  'subject',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'sender',
  'message-id',
  'content-type',
];

function headerProblems(raw: Uint8Array, block: string): Problem[] {
  const names = headerFields(block).map((field) => field.name.toLowerCase());
  const problems: Problem[] = [];
  if (raw.length === 0) return [{ code: 'empty', detail: 'The message has no bytes at all.' }];
  if (names.length === 0)
    return [{ code: 'no_headers', detail: 'No header field was found; all of it is taken for the body.' }];
  if (!names.includes('from'))
    problems.push({ code: 'missing_from', detail: 'There is no From field; RFC 5322 §3.6 requires one.' });
  if (!names.includes('date'))
    problems.push({ code: 'missing_date', detail: 'There is no Date field; RFC 5322 §3.6 requires one.' });
  for (const name of onlyOnce) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      problems.push({
        code: 'duplicate_header',
        detail: `${name} stands more than once; RFC 5322 §3.6 allows one.`,
      });
    }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
  if (/[^\x00-\x7f]/.test(block) && !isUtf8(block)) {
    problems.push({
      code: 'undeclared_8bit_header',
      detail:
        'The header has 8-bit bytes that are not UTF-8, and no encoded word says what they are (RFC 2047).',
    });
  }
  return problems;
}

function isUtf8(latin1: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'));
    return true;
  } catch {
    // TextDecoder tells by throwing.
    return false;
  }
}

function byteProblems(raw: Uint8Array): Problem[] {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const problems: Problem[] = [];
  if (bytes.includes(0))
    problems.push({ code: 'nul_bytes', detail: 'The message has NUL bytes (RFC 5322 §3.5 forbids them).' });
  let longest = 0;
  let bareLf = 0;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, start)) {
    const crlf = at > 0 && bytes[at - 1] === 0x0d;
    if (!crlf) bareLf++;
    longest = Math.max(longest, at - start - (crlf ? 1 : 0));
    start = at + 1;
  }
  longest = Math.max(longest, bytes.length - start);
  if (bareLf > 0)
    problems.push({ code: 'bare_lf', detail: `${bareLf} lines end in LF alone; RFC 5322 §2.3 wants CRLF.` });
  if (hasBareCr(bytes))
    problems.push({ code: 'bare_cr', detail: 'A CR stands without its LF (RFC 5322 §2.3).' });
  if (longest > lineBytesMax) {
    problems.push({
      code: 'long_line',
      detail: `A line has ${longest} bytes; RFC 5322 §2.1.1 allows ${lineBytesMax}.`,
    });
  }
  return problems;
}

function hasBareCr(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] !== 0x0a) return true;
  }
  return false;
}

function partProblems(raw: Uint8Array, part: Part, parents: ReadonlySet<number | null>): Problem[] {
  const where = part.path === '' ? '' : ` (part ${part.path})`;
  const problems: Problem[] = [];
  if (part.contentType.startsWith('multipart/')) {
    const boundary = boundaryOf(raw, part);
    if (boundary === null) {
      problems.push({
        code: 'no_boundary',
        detail: `${part.contentType} names no boundary${where}; it cannot be split.`,
      });
    } else if (!parents.has(part.n)) {
      problems.push({
        code: 'bad_boundary',
        detail: `The boundary that ${part.contentType} names is nowhere in the body${where}.`,
      });
    } else if (!closes(raw, part, boundary)) {
      problems.push({
        code: 'unclosed_multipart',
        detail: `The closing boundary of ${part.contentType} is missing${where}.`,
      });
    }
    return problems;
  }
  if (part.charset !== null && !iconv.encodingExists(part.charset)) {
    problems.push({
      code: 'bad_charset',
      detail: `The charset "${part.charset}" is not known${where}; it is read as UTF-8.`,
    });
  }
  if (part.encoding === 'base64' && base64Chars(raw, part) % 4 === 1) {
    problems.push({
      code: 'truncated_base64',
      detail: `The base64 data stops in the middle of a byte${where}.`,
    });
  } else if (part.encoding === 'base64' && !padded(raw, part)) {
    problems.push({
      code: 'truncated_base64',
      detail: `The base64 data ends without its padding${where}; it may be cut off.`,
    });
  }
  if (part.encoding !== null && !encodings.has(part.encoding)) {
    problems.push({
      code: 'bad_encoding',
      detail: `The transfer encoding "${part.encoding}" is not known${where}.`,
    });
  }
  return problems;
}

const encodings = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);

function padded(raw: Uint8Array, part: Part): boolean {
  const chars = base64Chars(raw, part) % 4;
  if (chars === 0) return true;
  const end = Buffer.from(
    raw.buffer,
    raw.byteOffset + Math.max(part.bodyStart, part.bodyEnd - 16),
    Math.min(16, part.bodyEnd - part.bodyStart),
  );
  return end.includes('='.repeat(4 - chars));
}

function boundaryOf(raw: Uint8Array, part: Part): string | null {
  const header = Buffer.from(
    raw.buffer,
    raw.byteOffset + part.headerStart,
    part.bodyStart - part.headerStart,
  );
  // RFC 2231 §4 and §3: `boundary*=` and `boundary*0=` name one too.
  const found = /boundary(?:\*0?\*?)?\s{0,64}=\s{0,64}(?:"([^"]+)"|([^\s;]+))/i.exec(
    header.toString('latin1'),
  );
  return found?.[1] ?? found?.[2] ?? null;
}

/** Sought from the end, where the outer ones of many that are nested stand. */
function closes(raw: Uint8Array, part: Part, boundary: string): boolean {
  const body = Buffer.from(raw.buffer, raw.byteOffset + part.bodyStart, part.bodyEnd - part.bodyStart);
  return body.lastIndexOf(`--${boundary}--`) >= 0;
}
