/** “Make this fail here next time”: the rule that does it, from the stage of a journey it is asked at. Pure. */

import type { InAppMoment } from '../../../core/rules/schema.ts';
import type { RuleBody } from '../api/rules.ts';
import type { StageKind } from '../journey/stage.ts';
import { shortToken } from '../status/recipient-name.ts';
import { minuteMs, newAction } from './draft.ts';
import {
  type Action,
  actionWords,
  isProviderKey,
  isPushProvider,
  isSmsProvider,
  type PushProviderKey,
  providerWords,
  type SmsProviderKey,
  type Stage,
} from './rule-words.ts';

/** Whose message it was, as far as it is known. */
export interface Subject {
  readonly recipient: string;
  readonly domain: string;
  readonly sender: string | null;
  readonly provider: string | null;
  /** Left out, its provider tells. */
  readonly channel?: string | null;
}

export interface Scope {
  readonly key: 'recipient' | 'domain' | 'sender' | 'provider' | 'channel';
  readonly label: string;
  readonly name: string;
  readonly when: RuleBody['when'];
}

export type HowOften = 'once' | 'always';

/** Who it is to fail for: the narrowest first. */
export function scopesOf({ recipient, domain, sender, provider, channel }: Subject): readonly Scope[] {
  const inApp = channel === 'inapp';
  const push = isPushProvider(provider);
  const sms = isSmsProvider(provider);
  return [
    {
      key: 'recipient',
      label: push ? 'this device' : sms ? 'this number' : inApp ? 'this user' : 'this recipient',
      name: push ? shortToken(recipient) : recipient,
      when: { recipient },
    },
    // A push, an SMS and an in-app message have no domain.
    ...(push || sms || inApp
      ? []
      : [{ key: 'domain', label: `all of ${domain}`, name: domain, when: { domain } } as const]),
    ...(inApp
      ? [{ key: 'channel', label: 'all users', name: 'in-app', when: { channel: 'inapp' } } as const]
      : []),
    // An in-app message goes by its user: who handed it in is not who pulls it.
    ...(sender === null || sender === '' || inApp
      ? []
      : [
          {
            key: 'sender',
            label: push ? 'this app' : 'this sender',
            name: sender,
            when: { sender },
          } as const,
        ]),
    ...(provider === null || !isProviderKey(provider)
      ? []
      : [
          {
            key: 'provider',
            label: `all at ${providerWords[provider]}`,
            name: providerWords[provider],
            when: { provider },
          } as const,
        ]),
  ];
}

export interface Failure {
  readonly stage: Stage;
  readonly then: Action;
  /** Beside whom it is for. */
  readonly when?: RuleBody['when'];
}

/** What fails at a stage, as it would in the world. @param provider whose it was, as far as it is known */
export function failureAt(
  kind: StageKind,
  provider: string | null = null,
  channel: string | null = null,
): Failure {
  if (channel === 'inapp') return inAppFailureAt(kind);
  if (isPushProvider(provider)) return farSide(pushFailureAt(kind, provider));
  if (isSmsProvider(provider)) return farSide(smsFailureAt(kind, provider));
  switch (kind) {
    case 'submitted':
      return {
        stage: 'door',
        then: { do: 'reject', code: 550, enhanced: '5.7.1', text: 'Message refused' },
      };
    case 'queued':
    case 'held':
    case 'released':
    case 'waiting':
    case 'stored':
      return farSide({ do: 'hold' });
    case 'signed':
    case 'rendered':
    case 'authenticated':
      return farSide({ do: 'corrupt' });
    case 'routed':
      return farSide(newAction('refuseConnection', 'farSide', null));
    case 'interrupted':
      return farSide({ do: 'disconnect', at: 'data' });
    case 'attempt':
    case 'ended':
      return farSide({ do: 'defer', code: 451, enhanced: '4.7.1', text: 'Try again later' });
    case 'filtered':
      return farSide({ do: 'place', in: 'spam' });
    case 'placed':
    case 'delivered':
    case 'permission':
    case 'shown':
    case 'lost':
      return farSide(newAction('bounceLater', 'farSide', null));
    case 'suppressed':
    case 'answered':
    case 'tapped':
      return farSide({ do: 'complain', afterMs: 10 * minuteMs });
  }
}

function pushFailureAt(kind: StageKind, provider: PushProviderKey): Action {
  const reasons = pushReasons[provider];
  const answer = (reason: string): Action => ({ do: 'answer', reason });
  switch (kind) {
    case 'queued':
    case 'released':
    case 'held':
      return { do: 'hold' };
    case 'submitted':
    case 'signed':
    case 'authenticated':
      return answer(reasons.sender);
    case 'attempt':
    case 'rendered':
    case 'filtered':
      return answer(reasons.down);
    case 'routed':
    case 'interrupted':
      return newAction('goAway', 'farSide', null);
    case 'stored':
    case 'delivered':
    case 'waiting':
      return newAction('offline', 'farSide', null);
    case 'permission':
    case 'shown':
    case 'placed':
    case 'lost':
      return { do: 'blackHole' };
    case 'tapped':
    case 'answered':
      return { do: 'uninstall', tellAfterSends: 1 };
    case 'ended':
    case 'suppressed':
      return answer(reasons.gone);
  }
}

/** Out of order for now; refused for a fault of the sender's own; gone for good. */
const pushReasons: Readonly<
  Record<PushProviderKey, { readonly down: string; readonly sender: string; readonly gone: string }>
> = {
  apns: { down: 'ServiceUnavailable', sender: 'ExpiredProviderToken', gone: 'Unregistered' },
  fcm: { down: 'UNAVAILABLE', sender: 'SENDER_ID_MISMATCH', gone: 'UNREGISTERED' },
  webpush: { down: 'ServiceUnavailable', sender: 'Unauthorized', gone: 'Gone' },
};

function inAppFailureAt(kind: StageKind): Failure {
  const at = (moment: InAppMoment, then: Action): Failure => ({ stage: 'farSide', then, when: { moment } });
  switch (kind) {
    case 'submitted':
    case 'rendered':
    case 'suppressed':
      return at('send', { do: 'answer', reason: 'unavailable' });
    case 'queued':
    case 'held':
    case 'released':
    case 'signed':
    case 'routed':
      return at('send', { do: 'hold' });
    case 'waiting':
    case 'stored':
      return at('pull', { do: 'empty' });
    case 'authenticated':
      return at('pull', { do: 'answer', reason: 'token_expired' });
    // It is pulled.
    case 'attempt':
    case 'placed':
    case 'interrupted':
      return at('pull', { do: 'disconnect', at: 'midData' });
    // Eligible, or passed over.
    case 'filtered':
    case 'permission':
      return at('display', { do: 'empty' });
    case 'shown':
    case 'delivered':
    case 'tapped':
    case 'answered':
      return at('track', { do: 'blackHole' });
    case 'ended':
      return at('send', { do: 'expire', afterMs: minuteMs });
    case 'lost':
      return at('send', { do: 'blackHole' });
  }
}

function smsFailureAt(kind: StageKind, provider: SmsProviderKey): Action {
  const words = smsFailures[provider];
  const answer = (reason: string): Action => ({ do: 'answer', reason });
  const report = ([status, code]: readonly [string, string?]): Action => ({
    do: 'report',
    status,
    ...(code === undefined ? {} : { code }),
    afterMs: 0,
  });
  switch (kind) {
    case 'queued':
    case 'released':
    case 'held':
      return { do: 'hold' };
    case 'submitted':
    case 'signed':
    case 'authenticated':
      return answer(words.refused);
    case 'attempt':
    case 'rendered':
      return answer(words.down);
    case 'routed':
    case 'interrupted':
      return { do: 'disconnect', at: 'endOfData' };
    case 'stored':
    case 'waiting':
      return newAction('offline', 'farSide', null);
    case 'filtered':
      return report(words.filtered);
    case 'delivered':
    case 'placed':
    case 'shown':
    case 'permission':
    case 'ended':
      return report(words.undelivered);
    case 'lost':
      return { do: 'blackHole' };
    case 'suppressed':
      return words.stopped === null ? report(words.undelivered) : answer(words.stopped);
    case 'answered':
    case 'tapped':
      return newAction('reports', 'farSide', null);
  }
}

/** The number refused; the provider out of order; its owner wrote STOP, where that is refused; and what is reported. */
const smsFailures: Readonly<
  Record<
    SmsProviderKey,
    {
      readonly refused: string;
      readonly down: string;
      readonly stopped: string | null;
      readonly undelivered: readonly [status: string, code?: string];
      readonly filtered: readonly [status: string, code?: string];
    }
  >
> = {
  twilio: {
    refused: '21211',
    down: '20503',
    stopped: '21610',
    undelivered: ['undelivered', '30003'],
    filtered: ['undelivered', '30007'],
  },
  vonage: {
    refused: '3',
    down: '5',
    stopped: '7',
    undelivered: ['failed', '2'],
    filtered: ['rejected', '6'],
  },
  messagebird: {
    refused: '9',
    down: '99',
    stopped: null,
    undelivered: ['delivery_failed', '27'],
    filtered: ['delivery_failed', '105'],
  },
  sinch: {
    refused: 'syntax_invalid_parameter_format',
    down: 'service_unavailable',
    stopped: null,
    undelivered: ['Failed', '29'],
    filtered: ['Rejected', '991'],
  },
  infobip: {
    refused: 'BAD_REQUEST',
    down: 'GENERAL_ERROR',
    stopped: null,
    undelivered: ['UNDELIVERABLE_NOT_DELIVERED', '27'],
    filtered: ['UNDELIVERABLE_REJECTED_OPERATOR'],
  },
  telnyx: {
    refused: '10002',
    down: '10007',
    stopped: '40300',
    undelivered: ['delivery_failed', '40006'],
    filtered: ['delivery_failed', '40002'],
  },
  smpp: {
    refused: 'ESME_RINVDSTADR',
    down: 'ESME_RSYSERR',
    stopped: null,
    undelivered: ['UNDELIV', '006'],
    filtered: ['REJECTD'],
  },
};

function farSide(then: Action): Failure {
  return { stage: 'farSide', then };
}

export function failingRule({ stage, then, when = {} }: Failure, scope: Scope, often: HowOften): RuleBody {
  return {
    name: `${actionWords[then.do].label} (${scope.name})`,
    enabled: true,
    stage,
    when: { ...scope.when, ...when, ...(often === 'once' ? { atMost: 1 } : {}) },
    then,
  };
}
