/** Why a way led to no message, in the words of statuses. */
import { AppError, DeferredError, type FieldError, messageOf } from '../model/app-error.ts';
import type { OutcomeClass, undeliverableReasons } from '../model/delivery.ts';
import type { ChannelRefusal } from '../model/user.ts';

type Reason = (typeof undeliverableReasons)[number];

/** `step`: this way is over; `send`: there is none for this user; `later`: it is tried again then. */
export type Refused =
  | { readonly over: 'step' | 'send'; readonly class: OutcomeClass | null; readonly reason: string }
  | { readonly over: 'later'; readonly afterS: number; readonly reason: string };

const classes: Readonly<Partial<Record<Reason, OutcomeClass>>> = {
  filtered: 'opted_out',
  unsubscribed: 'opted_out',
  suppressed: 'opted_out',
  no_channel: 'inactive',
  no_provider: 'config',
  provider_error: 'config',
  unpublished: 'config',
};

const laterS = 60;

export function refused(reason: Reason, detail: string, outcomeClass?: OutcomeClass): Refused {
  return { over: 'step', class: outcomeClass ?? classes[reason] ?? null, reason: `${reason}: ${detail}` };
}

export function refusedBy({ reason, detail }: ChannelRefusal): Refused {
  return refused(reason, detail);
}

/**
 * What was thrown while a message was made or handed over.
 *
 * @returns null: the store cannot take it now, and the same is done again later
 */
export function refusalOf(error: unknown): Refused | null {
  if (error instanceof DeferredError)
    return { over: 'later', afterS: error.retryAfterS ?? laterS, reason: error.message };
  if (!(error instanceof AppError)) return refused('provider_error', messageOf(error));
  const { code, message } = error;
  switch (code) {
    case 'disk_full':
    case 'store_failed':
    case 'store_busy':
    case 'store_closed':
      return null;
    case 'rejected_by_rule':
      return refused('filtered', message, 'policy');
    case 'sender_domain_unknown':
      return refused('no_provider', message);
    case 'too_large':
      return refused('provider_error', message, 'too_large');
    case 'unpublished':
    case 'not_found':
      return { over: 'send', class: 'config', reason: `unpublished: ${message}` };
    case 'invalid_submission':
      if (error.errors.length > 0 && error.errors.every(isOfVariable)) return withoutVariables(error.errors);
      return error.errors.some((one) => one.code === 'suppressed')
        ? refused('suppressed', message)
        : refused('provider_error', message, 'content');
    default:
      return refused('provider_error', message);
  }
}

function isOfVariable({ field }: FieldError): boolean {
  return field.startsWith('variables.');
}

/** What the template wants to know of this user nobody told. It wants the same on every channel: no way is left. */
function withoutVariables(errors: readonly FieldError[]): Refused {
  const names = errors.map(({ field }) => field.slice('variables.'.length)).join(', ');
  const details = errors.map(({ detail }) => detail).join(' ');
  return {
    over: 'send',
    class: 'content',
    reason: `filtered: variables are missing or of another type: ${names}. ${details}`,
  };
}
