/**
 * Which notifications our own MTA owes the sender of a message (RFC 3461 §5.2, RFC 5321 §6.1), from what its envelope
 * asked for and what became of its deliveries. Pure.
 */
import type { EnvelopeParameters } from '../model/message.ts';
import type { DsnAction, DsnDraft, DsnRecipient } from '../reports/dsn.ts';

export interface DsnMessage {
  /** Reverse path; empty for what must never be answered. */
  readonly envelopeFrom: string;
  readonly envelopeParameters: EnvelopeParameters | null;
  /** Size of what would be returned. */
  readonly bytes: number;
}

export type DsnEvent =
  | { readonly kind: 'failed' }
  | { readonly kind: 'delayed'; readonly willRetryUntilMs: number | null }
  | { readonly kind: 'sent'; readonly dsnOffered: boolean };

export interface DsnOutcome {
  readonly recipient: string;
  /** Of RCPT TO. */
  readonly parameters: Readonly<Record<string, string | true>> | null;
  /**
   * `failed`: for good; `delayed`: it still waits, for long; `sent`: the next hop took it, and with `dsnOffered` it will
   * see to notifications itself.
   */
  readonly event: DsnEvent;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string | null;
  readonly remoteMta: string | null;
  readonly lastAttemptAtMs: number | null;
}

export type DsnToMake = Pick<
  DsnDraft,
  'kind' | 'to' | 'originalEnvelopeId' | 'recipients' | 'return' | 'explanation'
>;

/** A message larger than this comes back by its header alone, whatever RET says. */
export const returnedBytesMax = 1024 * 1024;

/** At most one of each kind, for all recipients that it concerns. */
export function dsnsFor(
  message: DsnMessage,
  outcomes: readonly DsnOutcome[],
  settings: {
    /** A delay is told to who asked for nothing (RFC 3461 §4.1: the default is FAILURE, DELAY at the MTA's choice). */
    readonly delayByDefault: boolean;
  },
): readonly DsnToMake[] {
  // RFC 5321 §4.5.5: what comes from nobody is answered to nobody.
  if (message.envelopeFrom === '') return [];
  const wanted = outcomes.flatMap((outcome) => {
    const kind = kindFor(outcome, settings.delayByDefault);
    return kind === null ? [] : [{ kind, recipient: recipientOf(outcome) }];
  });
  return (['failure', 'delay', 'success'] as const).flatMap((kind) => {
    const recipients = wanted.filter((one) => one.kind === kind).map(({ recipient }) => recipient);
    if (recipients.length === 0) return [];
    return [
      {
        kind,
        to: message.envelopeFrom,
        originalEnvelopeId: xtext(message.envelopeParameters?.mail.ENVID),
        recipients,
        return: returnOf(message, kind),
        explanation: explanations[kind],
      },
    ];
  });
}

/** @returns what is owed for one recipient, or null */
export function kindFor(
  { event, parameters }: Pick<DsnOutcome, 'event' | 'parameters'>,
  delayByDefault: boolean,
): DsnDraft['kind'] | null {
  const notify = typeof parameters?.NOTIFY === 'string' ? parameters.NOTIFY.toUpperCase().split(',') : null;
  switch (event.kind) {
    case 'failed':
      return notify === null || notify.includes('FAILURE') ? 'failure' : null;
    case 'delayed':
      return (notify === null ? delayByDefault : notify.includes('DELAY')) ? 'delay' : null;
    case 'sent':
      // RFC 3461 §5.2.2: a hop that knows DSN answers by itself; for one that does not we say that it was relayed.
      return notify?.includes('SUCCESS') === true && !event.dsnOffered ? 'success' : null;
  }
}

function recipientOf(outcome: DsnOutcome): DsnRecipient {
  const { event } = outcome;
  return {
    finalRecipient: outcome.recipient,
    originalRecipient: originalOf(outcome.parameters?.ORCPT),
    action: actions[event.kind],
    status: outcome.enhanced ?? fallbackStatus[event.kind],
    remoteMta: outcome.remoteMta,
    diagnostic: outcome.text,
    lastAttemptAtMs: outcome.lastAttemptAtMs,
    willRetryUntilMs: event.kind === 'delayed' ? event.willRetryUntilMs : null,
  };
}

const actions: Readonly<Record<DsnEvent['kind'], DsnAction>> = {
  failed: 'failed',
  delayed: 'delayed',
  sent: 'relayed',
};

/** RFC 3463 §3.1: other or undefined status. */
const fallbackStatus: Readonly<Record<DsnEvent['kind'], string>> = {
  failed: '5.0.0',
  delayed: '4.0.0',
  sent: '2.0.0',
};

/** RFC 3461 §4.3: RET is about failures; with the others the header is enough. */
function returnOf({ envelopeParameters, bytes }: DsnMessage, kind: DsnDraft['kind']): 'full' | 'headers' {
  const ret = envelopeParameters?.mail.RET;
  const full = kind === 'failure' && !(typeof ret === 'string' && ret.toUpperCase() === 'HDRS');
  return full && bytes <= returnedBytesMax ? 'full' : 'headers';
}

const explanations: Readonly<Record<DsnDraft['kind'], string>> = {
  failure:
    'This is the mail system of Sandpost.\n\nYour message could not be delivered to the following recipients. It will not be tried again.',
  delay:
    'This is the mail system of Sandpost.\n\nTHIS IS A WARNING ONLY. YOU DO NOT NEED TO SEND YOUR MESSAGE AGAIN.\n\nYour message could not be delivered to the following recipients yet. It will be tried again until it is too old.',
  success:
    'This is the mail system of Sandpost.\n\nYour message was handed on for the following recipients, to a server that sends no notices of its own.',
};

/** `rfc822;` and an address in xtext (RFC 3461 §4.2), decoded. */
function originalOf(value: string | true | undefined): string | null {
  if (typeof value !== 'string') return null;
  const semicolon = value.indexOf(';');
  if (semicolon < 1) return null;
  return `${value.slice(0, semicolon)};${xtext(value.slice(semicolon + 1)) ?? ''}`;
}

/** RFC 3461 §4: `+2B` stands for a plus sign. */
export function xtext(value: string | true | undefined): string | null {
  if (typeof value !== 'string') return null;
  return value.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
