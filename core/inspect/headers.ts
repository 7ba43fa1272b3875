/** Header fields, decoded: encoded words (RFC 2047), raw UTF-8 (RFC 6532), and addresses (RFC 5322 §3.4). Pure. */
import addressparser from 'nodemailer/lib/addressparser';
import { decodeWords } from '../model/encoded-words.ts';
import { headerFields, unfold } from '../model/header-block.ts';
import type { Mailbox, MessageSummary } from '../model/message.ts';

export interface DecodedHeader {
  readonly name: string;
  readonly value: string;
  readonly raw: string;
}

/** Addresses of one field that are read at the most. */
const addressesMax = 2_000;
const valueCharsMax = 64 * 1024;
const dateCharsMax = 200;

/** @param block the header block as latin1, one character a byte */
export function decodeHeaders(block: string): DecodedHeader[] {
  return headerFields(block).map(({ name, raw }) => ({
    name,
    value: decodeValue(raw),
    raw: fromLatin1(raw),
  }));
}

/** One field's text: unfolded, 8-bit bytes as UTF-8 where they are that, encoded words decoded. */
export function decodeValue(raw: string): string {
  const text = fromLatin1(unfold(raw).slice(0, valueCharsMax));
  try {
    return decodeWords(text);
  } catch {
    // A charset that nobody knows: better the words as they came than none.
    return text;
  }
}

/** The bytes behind a latin1 string as UTF-8 when they are valid UTF-8, else as they are. */
export function fromLatin1(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
  if (!/[^\x00-\x7f]/.test(text)) return text;
  try {
    return strictUtf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    // Not UTF-8: each byte as the character that latin1 gives it.
    return text;
  }
}
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Every address of a field, groups flattened. */
export function parseAddresses(raw: string): Mailbox[] {
  const parsed = addressparser(fromLatin1(unfold(raw).slice(0, valueCharsMax)), { flatten: true });
  return parsed.slice(0, addressesMax).map((one) => ({
    name: decodeValue(Buffer.from(one.name, 'utf8').toString('latin1')),
    address: decodeAddress(one.address),
  }));
}

/** A domain in punycode stays: what was sent is what is shown. */
function decodeAddress(address: string | undefined): string {
  return (address ?? '').trim();
}

export type Addressing = Omit<MessageSummary, 'snippet' | 'attachments' | 'problems' | 'body'>;

/** What a list shows of a message, from its header block alone. */
export function readAddressing(block: string): Addressing {
  const byName = new Map<string, string[]>();
  for (const { name, raw } of headerFields(block)) {
    const key = name.toLowerCase();
    const values = byName.get(key);
    if (values === undefined) byName.set(key, [raw]);
    else values.push(raw);
  }
  const first = (name: string): string | null => byName.get(name)?.[0] ?? null;
  const addresses = (name: string): Mailbox[] =>
    (byName.get(name) ?? []).flatMap(parseAddresses).slice(0, addressesMax);
  const subject = first('subject');
  const messageId = first('message-id');
  return {
    subject: subject === null ? '' : decodeValue(subject),
    from: addresses('from')[0] ?? null,
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    replyTo: addresses('reply-to'),
    messageId: messageId === null ? null : unfold(messageId),
    dateMs: dateOf(first('date')),
  };
}

function dateOf(raw: string | null): number | null {
  if (raw === null) return null;
  // A comment may stand at the end (RFC 5322 §3.3); no date is longer than the limit.
  const atMs = Date.parse(
    unfold(raw)
      .slice(0, dateCharsMax)
      .replace(/\([^()]*\)\s*$/, ''),
  );
  return Number.isNaN(atMs) ? null : atMs;
}
