/** “Make this fail here next time”: the rule that does it, from the stage of a journey it is asked at. Pure. */
import type { RuleBody } from '../api/rules.ts';
import type { StageKind } from '../journey/stage.ts';
import { shortToken } from '../status/recipient-name.ts';
import { minuteMs, newAction } from './draft.ts';
import {
  type Action,
  actionWords,
  isProviderKey,
  isPushProvider,
  type PushProviderKey,
  providerWords,
  type Stage,
} from './rule-words.ts';

/** Whose message it was, as far as it is known. */
export interface Subject {
  readonly recipient: string;
  readonly domain: string;
  readonly sender: string | null;
  readonly provider: string | null;
}

export interface Scope {
  readonly key: 'recipient' | 'domain' | 'sender' | 'provider';
  readonly label: string;
  readonly name: string;
  readonly when: RuleBody['when'];
}

export type HowOften = 'once' | 'always';

/** Who it is to fail for: the narrowest first. */
export function scopesOf({ recipient, domain, sender, provider }: Subject): readonly Scope[] {
  const push = isPushProvider(provider);
  return [
    {
      key: 'recipient',
      label: push ? 'this device' : 'this recipient',
      name: push ? shortToken(recipient) : recipient,
      when: { recipient },
    },
    // A push has no domain.
    ...(push ? [] : [{ key: 'domain', label: `all of ${domain}`, name: domain, when: { domain } } as const]),
    ...(sender === null || sender === ''
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

/** What fails at a stage, as it would in the world. @param provider whose it was, as far as it is known */
export function failureAt(
  kind: StageKind,
  provider: string | null = null,
): { readonly stage: Stage; readonly then: Action } {
  if (isPushProvider(provider)) return farSide(pushFailureAt(kind, provider));
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

function farSide(then: Action): { readonly stage: Stage; readonly then: Action } {
  return { stage: 'farSide', then };
}

export function failingRule(stage: Stage, then: Action, scope: Scope, often: HowOften): RuleBody {
  return {
    name: `${actionWords[then.do].label} (${scope.name})`,
    enabled: true,
    stage,
    when: { ...scope.when, ...(often === 'once' ? { atMost: 1 } : {}) },
    then,
  };
}
