/**
 * What goes out of what came in: one pure function from the raw bytes, and what the next hop can do, to the bytes to
 * send and the list of what was changed (design §6). What need not change does not: the body then is a slice of the raw
 * bytes.
 */
import { domainToASCII } from 'node:url';
import type { EgressChange, OutcomeClass } from '../../model/delivery.ts';
import { mailDate } from '../../model/mail-date.ts';
import {
  foldLine,
  type HeaderLine,
  type HeaderLines,
  hasField,
  readHeaderLines,
} from './egress/header-lines.ts';
import { repairLineEnds, scan } from './egress/lines.ts';
import { recode } from './egress/recode.ts';

export interface HopAbilities {
  readonly eightBitMime: boolean;
  readonly smtputf8: boolean;
  /** 0 or null: it names no limit. */
  readonly sizeMax: number | null;
}

export interface EgressContext {
  /** `by …; date`: what a hop adds on top (RFC 5321 §4.4); null adds nothing. */
  readonly received: string | null;
  /** For a message without one (RFC 6409 §8.3). */
  readonly dateMs: number;
  /** In brackets, for a message without one (RFC 6409 §8.3). */
  readonly messageId: string;
  /** An address of the envelope that has no form in ASCII. */
  readonly envelopeNeedsUtf8: boolean;
}

export type Egress =
  | {
      readonly ok: true;
      /** The header block with the empty line behind it. */
      readonly head: Buffer;
      readonly body: Buffer;
      readonly changes: readonly EgressChange[];
      readonly eightBit: boolean;
      readonly needsSmtputf8: boolean;
    }
  | {
      readonly ok: false;
      readonly code: number;
      readonly enhanced: string;
      readonly text: string;
      readonly class: OutcomeClass;
    };

/** RFC 5322 §2.1.1, without the line end. */
export const lineBytesMax = 998;

/** Fields that tell what only the envelope may (RFC 5322 §3.6.3), or that a hop writes by itself. */
const dropped: Readonly<Record<string, string>> = {
  bcc: 'names blind recipients',
  'resent-bcc': 'names blind recipients',
  'return-path': 'is written by the last hop (RFC 5321 §4.4)',
  'content-length': 'is no field of mail on its way',
};

export function egress(raw: Uint8Array, hop: HopAbilities, context: EgressContext): Egress {
  const changes: EgressChange[] = [];
  const change = (code: string, detail: string): void => {
    changes.push({ code, detail });
  };
  let bytes: Buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let found = scan(bytes, lineBytesMax);
  if (found.bareLineEnds > 0) {
    bytes = repairLineEnds(bytes);
    change('line_ends', `${found.bareLineEnds} bare CR or LF became CRLF (RFC 5321 §2.3.8)`);
    found = scan(bytes, lineBytesMax);
  }
  const asItCame = readHeaderLines(bytes);
  if (asItCame.mailboxLine) change('mbox_line_dropped', 'the first line was a mailbox file’s "From " line');
  if (!asItCame.separated) change('separator_added', 'no empty line stood between header and body');
  if (asItCame.mailboxLine || !asItCame.separated) bytes = separated(bytes, asItCame);
  const recoded =
    found.longLines > 0 || (found.eightBit && !hop.eightBitMime)
      ? recode(bytes, { sevenBit: !hop.eightBitMime, lineBytesMax })
      : null;
  if (recoded !== null) {
    changes.push(...recoded.changes);
    if (recoded.refusal !== null) return { ok: false, ...recoded.refusal };
    bytes = recoded.bytes;
    found = scan(bytes, lineBytesMax);
  }
  const { lines, bodyStart } = readHeaderLines(bytes);
  const kept = lines.filter((line) => {
    const why = dropped[line.key];
    if (why !== undefined) change('field_dropped', `${line.name} ${why}`);
    return why === undefined;
  });
  const head = Buffer.from(headOf(kept, context, change), 'latin1');
  const utf8Header = isUtf8Header(kept, change);
  const needsSmtputf8 = utf8Header || context.envelopeNeedsUtf8;
  if (needsSmtputf8 && !hop.smtputf8) return needsUtf8(utf8Header);
  const body = bytes.subarray(bodyStart);
  if (hop.sizeMax !== null && hop.sizeMax > 0 && head.length + body.length > hop.sizeMax)
    return tooLarge(head.length + body.length, hop.sizeMax);
  return { ok: true, head, body, changes, eightBit: found.eightBit, needsSmtputf8 };
}

function separated(bytes: Buffer, { lines, bodyStart }: HeaderLines): Buffer {
  const head = lines.map(({ text }) => text).join('');
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), bytes.subarray(bodyStart)]);
}

function headOf(
  kept: readonly HeaderLine[],
  context: EgressContext,
  change: (code: string, detail: string) => void,
): string {
  let text = '';
  if (context.received !== null) {
    text += `Received: ${context.received}\r\n`;
    change('received_added', 'a Received field was put on top (RFC 5321 §4.4)');
  }
  for (const line of kept) {
    if (line.longest <= lineBytesMax) {
      text += line.text;
      continue;
    }
    const folded = foldLine(line.text, lineBytesMax);
    text += folded.text;
    change(
      'header_folded',
      `${line.name} had a line of ${line.longest} bytes${folded.cut ? '; it had no space to fold at, and was cut' : ''}`,
    );
  }
  if (!hasField(kept, 'date')) {
    text += `Date: ${mailDate(context.dateMs)}\r\n`;
    change('date_added', 'it had no Date (RFC 6409 §8.3)');
  }
  if (!hasField(kept, 'message-id')) {
    text += `Message-ID: ${context.messageId}\r\n`;
    change('message_id_added', `it had no Message-ID (RFC 6409 §8.3): ${context.messageId}`);
  }
  return `${text}\r\n`;
}

function isUtf8Header(kept: readonly HeaderLine[], change: (code: string, detail: string) => void): boolean {
  let utf8 = false;
  for (const { name, text } of kept) {
    if (!eightBitText.test(text)) continue;
    if (isUtf8(Buffer.from(text, 'latin1'))) utf8 = true;
    else
      change('header_not_utf8', `${name} has bytes that are neither ASCII nor UTF-8; they went as they were`);
  }
  return utf8;
}

const eightBitText = /[\x80-\xff]/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}

function needsUtf8(header: boolean): Egress {
  const what = header ? 'has a header in UTF-8' : 'is to an address outside ASCII';
  return {
    ok: false,
    code: 550,
    enhanced: '5.6.7',
    text: `The message ${what}, and the next hop does not offer SMTPUTF8 (RFC 6531 §3.6)`,
    class: 'config',
  };
}

function tooLarge(bytes: number, bytesMax: number): Egress {
  return {
    ok: false,
    code: 552,
    enhanced: '5.3.4',
    text: `The message has ${bytes} bytes, and the next hop takes ${bytesMax} at the most, as its SIZE says (RFC 1870)`,
    class: 'too_large',
  };
}

/**
 * An address as it goes into the envelope: a domain outside ASCII by its A-labels (RFC 5891 §4.4), so that only a local
 * part outside ASCII needs SMTPUTF8.
 */
export function envelopeAddress(address: string): { readonly address: string; readonly needsUtf8: boolean } {
  const at = address.lastIndexOf('@');
  if (at < 0 || isAscii(address)) return { address, needsUtf8: !isAscii(address) };
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const ascii = isAscii(domain) ? domain : domainToASCII(domain);
  return { address: `${local}@${ascii === '' ? domain : ascii}`, needsUtf8: !isAscii(local) || ascii === '' };
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
  return !/[^\x00-\x7f]/.test(text);
}
