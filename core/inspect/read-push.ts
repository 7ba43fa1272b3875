/**
 * Reading a push: what a device makes of it, its summary for lists and the index, and what one message's screen shows. A
 * payload has a few kilobytes, so that it may be read where it is asked for. Pure.
 */

import { emptySummary } from '../model/empty-summary.ts';
import type { Channel, Mailbox, MessageDetails, MessageSummary, Problem } from '../model/message.ts';
import type { Platform } from '../model/phone.ts';
import type { PayloadProblem, PushContent } from '../model/push.ts';
import {
  noContent,
  pushWordsOf,
  type ReadPayload,
  readApnsPayload,
  readFcmMessage,
  readWebPush,
} from '../model/push-content.ts';
import { contentOfSubmission, readSubmission } from '../model/push-submission.ts';
import { findCodes } from './codes.ts';
import type { Detail, FoundLink } from './read-message.ts';

/** What is known of a message beside its bytes. */
export interface MessageAbout {
  readonly channel: Channel;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly details: MessageDetails | null;
}

const snippetChars = 160;
const indexedCharsMax = 64 * 1024;
const recipientsShownMax = 2_000;
const linksMax = 200;

export function readPush(about: Pick<MessageAbout, 'details'>, raw: Uint8Array): ReadPayload {
  const push = about.details?.push;
  if (push === undefined) {
    const submission = readSubmission(raw);
    return submission === null
      ? unreadable('what is stored is no push')
      : { content: contentOfSubmission(submission), problems: [] };
  }
  switch (push.provider) {
    case 'apns':
      return readApnsPayload(raw);
    case 'fcm': {
      const message = messageIn(raw);
      return message === null
        ? unreadable('the body has no message')
        : readFcmMessage(message, platformOf(message));
    }
    case 'webpush':
      return push.plain === null && raw.length > 0
        ? unreadable('the payload is encrypted and could not be read')
        : readWebPush(push.plain ?? '');
    default:
      return push.provider satisfies never;
  }
}

export function summarizePush(about: MessageAbout, raw: Uint8Array): MessageSummary {
  const { content, problems } = readPush(about, raw);
  const words = pushWordsOf(content);
  return {
    ...emptySummary,
    subject: content.title ?? content.body?.split('\n')[0]?.slice(0, snippetChars) ?? '',
    from: about.envelopeFrom === '' ? null : named(about.envelopeFrom),
    to: about.envelopeTo.slice(0, recipientsShownMax).map(named),
    messageId: about.details?.push?.providerId || null,
    snippet: snippetOf(content),
    problems: problems.map(inWords),
    body: words.slice(0, indexedCharsMax),
  };
}

export function detailOfPush(about: MessageAbout, raw: Uint8Array): Detail {
  const { content } = readPush(about, raw);
  const text = pushWordsOf(content);
  return {
    text,
    textFromHtml: false,
    textTruncated: false,
    hasHtml: false,
    headers: (about.details?.push?.headers ?? []).map(([name, value]) => ({ name, value, raw: value })),
    parts: [],
    calendar: [],
    remoteContent: [],
    links: linksOf(content, text),
    codes: findCodes([content.title ?? '', content.body ?? ''].join('\n\n')),
  };
}

function linksOf({ link }: PushContent, text: string): readonly FoundLink[] {
  const found = [...text.matchAll(/\bhttps?:\/\/[^\s<>"']+/gi)].map(([url]) => url);
  const urls = new Set([...(link === null ? [] : [link]), ...found]);
  return [...urls].slice(0, linksMax).map((url) => ({ url, text: url, source: 'text' }));
}

function snippetOf({ title, body, data, silent }: PushContent): string {
  const said = title === null ? (body ?? '').split('\n').slice(1).join(' ') : (body ?? '');
  const shown = said === '' && silent ? JSON.stringify(data) : said;
  return (shown === '{}' ? '' : shown).replace(/\s+/g, ' ').trim().slice(0, snippetChars);
}

function inWords({ field, code, detail }: PayloadProblem): Problem {
  return { code, detail: field === '' ? detail : `${field}: ${detail}` };
}

function named(address: string): Mailbox {
  return { name: '', address };
}

/** Which devices a message of FCM is written for, where it says so by the blocks that it has. */
function platformOf(message: object): Platform {
  if ('android' in message) return 'android';
  if ('apns' in message) return 'ios';
  return 'webpush' in message ? 'browser' : 'android';
}

function messageIn(raw: Uint8Array): object | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(raw).toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return null;
    const { message } = parsed;
    return typeof message === 'object' && message !== null ? message : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function unreadable(detail: string): ReadPayload {
  return { content: noContent, problems: [{ field: '', code: 'unreadable', detail, refused: false }] };
}
