/**
 * Reading an SMS: what it says, its summary for lists and the index, and what one message's screen shows. What a provider's
 * door took says it in its details; what the send API took is stored as it was said. A text has a few kilobytes, so that it
 * may be read where it is asked for. Pure.
 */
import { emptySummary } from '../model/empty-summary.ts';
import type { Channel, Mailbox, MessageDetails, MessageSummary } from '../model/message.ts';
import { linksIn } from '../model/sms-links.ts';
import { readSmsSubmission } from '../model/sms-submission.ts';
import { findCodes } from './codes.ts';
import type { Detail, FoundLink } from './read-message.ts';

export interface SmsMessageAbout {
  readonly channel: Channel;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly details: MessageDetails | null;
}

export interface ReadSms {
  /** Null: what is stored cannot be read. */
  readonly text: string | null;
  readonly media: readonly string[];
  /** What the provider calls it; null before one took it. */
  readonly providerId: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

const snippetChars = 160;
const indexedCharsMax = 64 * 1024;
const recipientsShownMax = 2_000;
const linksMax = 200;

export function readSms({ details }: Pick<SmsMessageAbout, 'details'>, raw: Uint8Array): ReadSms {
  const sms = details?.sms;
  if (sms !== undefined)
    return {
      text: sms.text,
      media: sms.media.map(({ url }) => url),
      providerId: sms.providerId === '' ? null : sms.providerId,
      headers: sms.headers,
    };
  const submission = readSmsSubmission(raw);
  return submission === null
    ? { text: null, media: [], providerId: null, headers: [] }
    : { text: submission.body, media: submission.media, providerId: null, headers: [] };
}

/** It has no subject: lists show its words in that place. */
export function summarizeSms(about: SmsMessageAbout, raw: Uint8Array): MessageSummary {
  const { text, media, providerId } = readSms(about, raw);
  const words = text ?? '';
  return {
    ...emptySummary,
    from: about.envelopeFrom === '' ? null : named(about.envelopeFrom),
    to: about.envelopeTo.slice(0, recipientsShownMax).map(named),
    messageId: providerId,
    snippet: (words === '' ? media.join(' ') : words).replace(/\s+/g, ' ').trim().slice(0, snippetChars),
    problems:
      text === null
        ? [{ code: 'unreadable', detail: 'What is stored of it is no SMS of the send API.' }]
        : [],
    body: [words, ...media].join('\n').slice(0, indexedCharsMax),
  };
}

export function detailOfSms(about: SmsMessageAbout, raw: Uint8Array): Detail {
  const { text, media, headers } = readSms(about, raw);
  const words = text ?? '';
  return {
    text,
    textFromHtml: false,
    textTruncated: false,
    hasHtml: false,
    headers: headers.map(([name, value]) => ({ name, value, raw: value })),
    parts: [],
    calendar: [],
    remoteContent: [],
    links: linksOf(words, media),
    codes: findCodes(words),
  };
}

function linksOf(text: string, media: readonly string[]): readonly FoundLink[] {
  const found = linksIn(text);
  return [...new Set([...found, ...media])]
    .slice(0, linksMax)
    .map((url) => ({ url, text: url, source: 'text' }));
}

function named(address: string): Mailbox {
  return { name: '', address };
}
