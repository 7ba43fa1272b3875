/**
 * Re-encodes parts that a hop would not take as they are: with lines too long, or with bytes over 127 where 8BITMIME is
 * missing (RFC 6152 §3). Part by part, so that all others stay as they are. A signed part is never touched (RFC 1847
 * §2.1). Pure.
 */
import type { EgressChange, OutcomeClass } from '../../../model/delivery.ts';
import { isIdentity, type MimeNode, readMimeTree } from '../../../model/mime-tree.ts';
import { foldLine, readHeaderLines } from './header-lines.ts';
import { scan } from './lines.ts';
import { decodeQuotedPrintable, encodeBase64, encodeQuotedPrintable } from './transfer-encoding.ts';

export interface RecodeOptions {
  readonly sevenBit: boolean;
  readonly lineBytesMax: number;
}

export interface Recoded {
  readonly bytes: Buffer;
  readonly changes: readonly EgressChange[];
  readonly refusal: {
    readonly code: number;
    readonly enhanced: string;
    readonly text: string;
    readonly class: OutcomeClass;
  } | null;
}

/** @param bytes lines end with CRLF */
export function recode(bytes: Buffer, options: RecodeOptions): Recoded {
  const work: Work = { bytes, options, changes: [], refusal: null };
  const pieces = rewrite(work, readMimeTree(bytes), '', true);
  return { bytes: Buffer.concat(pieces), changes: work.changes, refusal: work.refusal };
}

interface Work {
  readonly bytes: Buffer;
  readonly options: RecodeOptions;
  readonly changes: EgressChange[];
  refusal: Recoded['refusal'];
}

/** The node's header and body, as pieces. */
function rewrite(work: Work, node: MimeNode, path: string, root: boolean): readonly Buffer[] {
  const { bytes, options } = work;
  const whole = bytes.subarray(node.start, node.end);
  const found = scan(whole, options.lineBytesMax);
  if (found.longLines === 0 && !(found.eightBit && options.sevenBit)) return [whole];
  if (node.contentType === 'multipart/signed') return leaveSigned(work, path, whole, found);
  // The top header's own lines are egress's: it folds them, and SMTPUTF8 decides about their bytes.
  const head = root ? bytes.subarray(node.start, node.bodyStart) : foldedHead(work, node, path);
  return node.children.length > 0
    ? rewriteChildren(work, node, path, head)
    : rewriteLeaf(work, node, path, head);
}

function leaveSigned(
  work: Work,
  path: string,
  whole: Buffer,
  found: { readonly eightBit: boolean },
): readonly Buffer[] {
  const what = `part ${path || '1'} is signed (multipart/signed) and must not be changed`;
  if (found.eightBit && work.options.sevenBit) {
    work.refusal = {
      code: 554,
      enhanced: '5.6.3',
      text: `The next hop does not offer 8BITMIME, and ${what} (RFC 1847 §2.1)`,
      class: 'config',
    };
  } else {
    work.changes.push({ code: 'signed_part_left', detail: `${what}; its long lines went as they were` });
  }
  return [whole];
}

function rewriteChildren(work: Work, node: MimeNode, path: string, head: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [work.options.sevenBit ? withEncoding(head, null) : head];
  let at = node.bodyStart;
  node.children.forEach((child, index) => {
    pieces.push(between(work, at, child.start, path));
    const message = node.contentType.startsWith('message/');
    pieces.push(
      ...rewrite(
        work,
        child,
        message ? path : path === '' ? String(index + 1) : `${path}.${index + 1}`,
        false,
      ),
    );
    at = child.end;
  });
  pieces.push(between(work, at, node.end, path));
  return pieces;
}

/** Delimiters, and the text before and behind the parts, which nobody reads (RFC 2046 §5.1.1). */
function between(work: Work, from: number, to: number, path: string): Buffer {
  const slice = work.bytes.subarray(from, to);
  const found = scan(slice, work.options.lineBytesMax);
  if (found.longLines === 0 && !(found.eightBit && work.options.sevenBit)) return slice;
  work.changes.push({
    code: 'preamble_repaired',
    detail: `text between the parts of ${path || 'the message'}, which no reader shows, was made to fit`,
  });
  const text = slice.toString('latin1');
  const fit = work.options.sevenBit ? text.replace(/[\x80-\xff]/g, '?') : text;
  const { lineBytesMax } = work.options;
  return Buffer.from(
    fit
      .split('\r\n')
      .flatMap((line) => line.match(new RegExp(`.{1,${lineBytesMax}}`, 'gs')) ?? [''])
      .join('\r\n'),
    'latin1',
  );
}

function rewriteLeaf(work: Work, node: MimeNode, path: string, head: Buffer): readonly Buffer[] {
  const { bytes, options } = work;
  const body = bytes.subarray(node.bodyStart, node.end);
  const found = scan(body, options.lineBytesMax);
  const unfit = found.longLines > 0 || (found.eightBit && options.sevenBit);
  if (!unfit) return [head, body];
  const why =
    found.longLines > 0
      ? `${found.longLines} lines over ${options.lineBytesMax} bytes`
      : 'bytes over 127, and no 8BITMIME there';
  if (!isIdentity(node.encoding) && node.encoding !== 'quoted-printable' && node.encoding !== 'base64') {
    work.changes.push({
      code: 'part_left',
      detail: `part ${path || '1'} (${node.contentType}) has ${why}, in an encoding that is not known: ${node.encoding}`,
    });
    return [head, body];
  }
  const content = decoded(node.encoding, body);
  const text = node.contentType.startsWith('text/') || node.contentType.startsWith('message/');
  const encoding = node.encoding === 'base64' || !text ? 'base64' : 'quoted-printable';
  work.changes.push({
    code: 'part_recoded',
    detail: `part ${path || '1'} (${node.contentType}) had ${why}: re-encoded as ${encoding}`,
  });
  return [
    withEncoding(head, encoding),
    encoding === 'base64' ? encodeBase64(content) : encodeQuotedPrintable(content),
  ];
}

function decoded(encoding: string, body: Buffer): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(body) : body;
}

function foldedHead(work: Work, node: MimeNode, path: string): Buffer {
  const head = work.bytes.subarray(node.start, node.bodyStart);
  const found = scan(head, work.options.lineBytesMax);
  if (found.eightBit && work.options.sevenBit)
    work.changes.push({
      code: 'part_header_left',
      detail: `the header of part ${path || '1'} has bytes over 127, and no 8BITMIME there; they went as they were`,
    });
  if (found.longLines === 0) return head;
  const { lines, bodyStart } = readHeaderLines(head);
  work.changes.push({
    code: 'header_folded',
    detail: `the header of part ${path || '1'} had lines over the limit`,
  });
  const text = lines.map((line) => foldLine(line.text, work.options.lineBytesMax).text).join('');
  return Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head.subarray(bodyStart)]);
}

/** The header with this Content-Transfer-Encoding in place of its own; null: `7bit`, where it said otherwise. */
function withEncoding(head: Buffer, encoding: string | null): Buffer {
  const { lines, bodyStart } = readHeaderLines(head);
  const at = lines.findIndex((line) => line.key === 'content-transfer-encoding');
  if (encoding === null && (at < 0 || !/8bit|binary/i.test(lines[at]?.text ?? ''))) return head;
  const field = `Content-Transfer-Encoding: ${encoding ?? '7bit'}\r\n`;
  const texts = lines.map((line, index) => (index === at ? field : line.text));
  if (at < 0) texts.push(field);
  if (
    at < 0 &&
    !lines.some((line) => line.key === 'mime-version') &&
    lines.some((line) => line.key === 'from')
  )
    texts.push('MIME-Version: 1.0\r\n');
  return Buffer.concat([Buffer.from(`${texts.join('')}\r\n`, 'latin1'), head.subarray(bodyStart)]);
}
