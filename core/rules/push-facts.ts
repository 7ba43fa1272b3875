/**
 * What the rules are told of a push: by the doors of its provider, by the delivery core, by the dry run. Its payload has 5 KB
 * at the most, so that what is asked of its words is answered here and now, and only where a rule asks.
 */
import type { PushContent, PushProvider } from '../model/push.ts';
import {
  noContent,
  pushWordsOf,
  readApnsPayload,
  readFcmMessage,
  readWebPush,
} from '../model/push-content.ts';
import { contentOfSubmission, readSubmission } from '../model/push-submission.ts';
import type { ContentFacts, Decision, Facts, RuleDesk } from './decision.ts';
import { answersTo, type Question } from './questions.ts';
import { pictureAt, requestHeaders, withTryKey } from './request-facts.ts';

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
  return same === undefined || about.tryKey !== undefined
    ? known
    : withTryKey(known, `${about.provider} ${about.recipient}`, same);
}

/** @param questions null: nothing of its words is asked */
function read(about: PushAbout, questions: readonly Question[] | null): Pick<Facts, 'headers' | 'content'> {
  const headers = pushHeaders(about.content, about.fields);
  return questions === null
    ? { headers }
    : { headers, content: pushWords(about.content, headers, questions) };
}

/** As a header block: the title stands as the subject. */
export function pushHeaders(
  { title }: PushContent,
  fields: Iterable<readonly [name: string, value: string]>,
): string {
  return requestHeaders(title ?? '', fields);
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
    attachments: content.image === null ? [] : [pictureAt(content.image)],
  };
}

const noAnswers: NonNullable<ContentFacts['answers']> = new Map();

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
