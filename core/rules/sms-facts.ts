/**
 * What the rules are told of an SMS: by the doors of its provider, by the delivery core, by the dry run. Its words are short,
 * and are read here and now, only where a rule asks.
 */
import type { SmsMedia, SmsProvider } from '../model/sms.ts';
import type { ContentFacts, Decision, Facts, RuleDesk } from './decision.ts';
import { answersTo, type Question } from './questions.ts';
import { pictureAt, requestHeaders, withTryKey } from './request-facts.ts';

export interface SmsAbout {
  /** The provider of the door; `queue` for an attempt of our own. */
  readonly door: string;
  readonly provider: SmsProvider;
  readonly sender: string;
  /** E.164. */
  readonly recipient: string;
  readonly text: string;
  readonly media: readonly SmsMedia[];
  /** The request's header fields in their order. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** Of the request's body. */
  readonly bytes: number;
  readonly tags?: readonly string[];
  /** What a stranger's tries of the same message have in common. Of our own `tryKey` tells it. */
  readonly same?: Uint8Array | string;
  readonly tryKey?: string;
  readonly triesBefore?: number;
  readonly ordered?: readonly Decision[];
  readonly releasedFrom?: readonly string[];
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly exchangeId?: string | null;
}

export function smsFacts(desk: Pick<RuleDesk, 'needs' | 'questions'>, about: SmsAbout): Facts {
  const { text, media, fields, same, ...rest } = about;
  const facts: Facts = { channel: 'sms', ...rest };
  const needs = desk.needs('farSide', facts);
  const headers = needs.headers || needs.content ? smsHeaders(fields) : null;
  const known: Facts =
    headers === null
      ? facts
      : {
          ...facts,
          headers,
          ...(needs.content
            ? { content: smsWords({ text, media }, headers, desk.questions?.('farSide', 'sms') ?? []) }
            : {}),
        };
  return same === undefined || about.tryKey !== undefined
    ? known
    : withTryKey(known, `${about.provider} ${about.sender} ${about.recipient}`, same);
}

/** The request's own fields, without its secrets; an SMS has no subject. */
export function smsHeaders(fields: SmsAbout['fields']): string {
  return requestHeaders(null, fields);
}

export function smsWords(
  { text, media }: Pick<SmsAbout, 'text' | 'media'>,
  headers: string,
  questions: readonly Question[],
): ContentFacts {
  return {
    text,
    answers: questions.length === 0 ? noAnswers : answersTo(questions, { headers, text }),
    attachments: media.map(({ url, contentType }) => pictureAt(url, contentType)),
  };
}

const noAnswers: NonNullable<ContentFacts['answers']> = new Map();
