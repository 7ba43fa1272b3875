/**
 * What the rules are told of a push: by the doors of its provider, by the delivery core, by the dry run. Its payload has 5 KB
 * at the most, so that what is asked of its words is answered here and now, and only where a rule asks.
 */
import { hash } from 'node:crypto';
import type { PushContent, PushProvider } from '../model/push.ts';
import {
  noContent,
  pushWordsOf,
  readApnsPayload,
  readFcmMessage,
  readWebPush,
} from '../model/push-content.ts';
import { contentOfSubmission, readSubmission } from '../model/push-submission.ts';
import type { AttachmentFacts, ContentFacts, Decision, Facts, RuleDesk } from './decision.ts';
import { answersTo, type Question } from './questions.ts';

export interface PushAbout {
  /** Key of the route: `apns`, `fcm`, `webpush`; `queue` for an attempt of our own. */
  readonly door: string;
  readonly provider: PushProvider;
  /** Bundle id, project, package or origin; empty where the request names none. */
  readonly app: string;
  /** Token, id of the subscription, or `/topics/…`. */
  readonly recipient: string;
  /** The request's header fields in their order. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** Of the payload. */
  readonly bytes: number;
  readonly content: PushContent;
  readonly tags?: readonly string[];
  /**
   * What a stranger's tries of the same push have in common: the body, or what was inside where it came encrypted. Of our
   * own `tryKey` tells it.
   */
  readonly same?: Uint8Array | string;
  readonly tryKey?: string;
  readonly triesBefore?: number;
  readonly ordered?: readonly Decision[];
  readonly releasedFrom?: readonly string[];
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly exchangeId?: string | null;
}

export function pushFacts(desk: Pick<RuleDesk, 'needs' | 'questions'>, about: PushAbout): Facts {
  const { app, fields: _fields, content: _content, same, ...rest } = about;
  const facts: Facts = { channel: 'push', sender: app, ...rest };
  const needs = desk.needs('farSide', facts);
  const known =
    needs.headers || needs.content
      ? { ...facts, ...read(about, needs.content ? (desk.questions?.('farSide', 'push') ?? []) : null) }
      : facts;
  return same === undefined || about.tryKey !== undefined ? known : withTryKey(known, about, same);
}

/** @param questions null: nothing of its words is asked */
function read(about: PushAbout, questions: readonly Question[] | null): Pick<Facts, 'headers' | 'content'> {
  const headers = pushHeaders(about.content, about.fields);
  return questions === null
    ? { headers }
    : { headers, content: pushWords(about.content, headers, questions) };
}

/** The digest is only made when a rule counts tries. */
function withTryKey(facts: Facts, { provider, recipient }: PushAbout, same: Uint8Array | string): Facts {
  let key: string | null = null;
  return {
    ...facts,
    get tryKey() {
      key ??= `${provider} ${recipient} ${hash('sha256', same, 'base64url')}`;
      return key;
    },
  };
}

/** Fields whose values are nobody's business; that they are there can be asked. */
const secrets: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'crypto-key',
  'sandpost-send',
]);
const masked = '***';

/** As a header block (latin1, UTF-8 as bytes): the title stands as the subject, before the request's own fields. */
export function pushHeaders(
  { title }: PushContent,
  fields: Iterable<readonly [name: string, value: string]>,
): string {
  let block = `subject: ${asLatin1(title ?? '')}\r\n`;
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (lower.startsWith(':') || lower === 'subject') continue;
    block += `${name}: ${secrets.has(lower) ? masked : fieldValue(value)}\r\n`;
  }
  return block;
}

/** Node hands bytes of a field on as latin1; what cannot be such came as text. */
function fieldValue(value: string): string {
  return /[^\0-\xff]/.test(value) ? asLatin1(value) : value.replaceAll(/[\r\n]+/g, ' ');
}

function asLatin1(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  return /[^\0-\x7f]/.test(line) ? Buffer.from(line, 'utf8').toString('latin1') : line;
}

export function pushWords(
  content: PushContent,
  headers: string,
  questions: readonly Question[],
): ContentFacts {
  const text = pushWordsOf(content);
  return {
    text,
    answers: questions.length === 0 ? noAnswers : answersTo(questions, { headers, text }),
    attachments: content.image === null ? [] : [picture(content.image)],
  };
}

const noAnswers: NonNullable<ContentFacts['answers']> = new Map();

/** Only its address is known, for nothing is fetched: the size is 0, and the type goes by the name. */
function picture(address: string): AttachmentFacts {
  const path = /^[^?#]*/.exec(address)?.[0] ?? '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return { name: name === '' ? address : name, type: imageTypes.get(ending) ?? 'image/*', bytes: 0 };
}

const imageTypes: ReadonlyMap<string, string> = new Map([
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['svg', 'image/svg+xml'],
  ['heic', 'image/heic'],
]);

/** What a stored push says. @param plain what was inside where it came encrypted */
export function storedPushContent(
  provider: PushProvider,
  body: Uint8Array,
  plain: string | null,
): PushContent {
  switch (provider) {
    case 'apns':
      return readApnsPayload(body).content;
    case 'fcm':
      return readFcmMessage(messageIn(body), 'android').content;
    case 'webpush':
      return readWebPush(plain ?? '').content;
    default:
      return provider satisfies never;
  }
}

/** What one of our own says, as it was handed in at the send API: the same for every device. */
export function ownPushContent(body: Uint8Array): PushContent {
  const submission = readSubmission(body);
  return submission === null ? noContent : contentOfSubmission(submission);
}

function messageIn(body: Uint8Array): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
