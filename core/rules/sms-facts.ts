/** What the rules are told of an SMS: by the doors of its provider, by the delivery core, by the dry run. Its words are short, and are read here and now, only where a rule asks. */
import { hash } from 'node:crypto';
import { noContent } from '../model/push-content.ts';
import type { SmsMedia, SmsProvider } from '../model/sms.ts';
import type { ContentFacts, Decision, Facts, RuleDesk } from './decision.ts';
import { pushHeaders } from './push-facts.ts';
import { answersTo } from './questions.ts';

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
  const known: Facts = {
    ...facts,
    ...(needs.headers ? { headers: smsHeaders(fields) } : {}),
    ...(needs.content ? { content: contentOf(text, media, fields, desk) } : {}),
  };
  if (same === undefined || about.tryKey !== undefined) return known;
  // The digest is only made when a rule counts tries.
  let key: string | null = null;
  return {
    ...known,
    get tryKey() {
      key ??= `${about.provider} ${about.sender} ${about.recipient} ${hash('sha256', same, 'base64url')}`;
      return key;
    },
  };
}

function contentOf(
  text: string,
  media: readonly SmsMedia[],
  fields: SmsAbout['fields'],
  desk: Pick<RuleDesk, 'questions'>,
): ContentFacts {
  return {
    text,
    answers: answersTo(desk.questions?.('farSide', 'sms') ?? [], { headers: smsHeaders(fields), text }),
    attachments: media.map(({ url, contentType }) => ({
      name: url.split('/').at(-1) ?? url,
      type: contentType ?? 'application/octet-stream',
      bytes: 0,
    })),
  };
}

function smsHeaders(fields: SmsAbout['fields']): string {
  return pushHeaders(noContent, fields);
}
