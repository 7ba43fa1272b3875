/** What the rules and magic tokens want at this door, as the answer that it becomes. Pure. */
import type { ConnectionEffect, ProviderReply } from '../../doors/http/provider-request.ts';
import { assertNever } from '../../model/app-error.ts';
import { byCause, type Decision, type FarSideOrders } from '../../rules/decision.ts';
import { errorReply, namedErrorReply } from './reply.ts';

export interface Effects {
  /** In place of a yes; null: it is judged as ever. */
  readonly refusal: { readonly reply: ProviderReply; readonly why: string } | null;
  readonly connection: ConnectionEffect | null;
  readonly lateMs: number;
  readonly bytesPerSecond: number | null;
  /** What of the orders is carried out here. */
  readonly done: readonly Decision[];
}

export const noEffects: Effects = {
  refusal: null,
  connection: null,
  lateMs: 0,
  bytesPerSecond: null,
  done: [],
};

export function effectsOf({ connection, answer }: FarSideOrders): Effects {
  if (connection.length === 0 && answer === null) return noEffects;
  return [...connection, ...(answer === null ? [] : [answer])].reduce(withDecision, noEffects);
}

function withDecision(effects: Effects, decision: Decision): Effects {
  const { action, cause, chance } = decision;
  const done = { ...effects, done: [...effects.done, decision] };
  const why = (what: string): string => `${what}, ${byCause(cause)}`;
  switch (action.do) {
    case 'answer': {
      const reply = namedErrorReply(action.reason, action.status, {
        ...(action.text === undefined ? {} : { message: action.text }),
        ...(action.retryAfterS === undefined ? {} : { retryAfterS: action.retryAfterS }),
      });
      return { ...done, refusal: { reply, why: why(`answered with ${action.reason}`) } };
    }
    case 'goAway': {
      const reply = action.answered ? 'given' : 'withheld';
      return {
        ...done,
        connection: { kind: 'goAway', debug: action.reason, reply },
        refusal: action.answered
          ? effects.refusal
          : { reply: unavailable, why: why('the connection was ended') },
      };
    }
    case 'disconnect':
      return {
        ...done,
        connection: { kind: 'cut' },
        // After the message was taken its client sees the same, and sends it a second time.
        refusal:
          action.keep === true ? effects.refusal : { reply: unavailable, why: why('the connection was cut') },
      };
    case 'refuseConnection':
      return {
        ...done,
        connection: action.how === 'reset' ? { kind: 'cut' } : { kind: 'goAway', debug: '', reply: 'given' },
        refusal: { reply: unavailable, why: why('the connection was refused') },
      };
    case 'slow':
      return { ...done, bytesPerSecond: action.bytesPerSecond };
    case 'delay':
      return { ...done, lateMs: drawn(action.ms, action.msMax, chance) };
    // What is done to the push after the yes, and what only mail has.
    case 'hold':
    case 'blackHole':
    case 'duplicate':
    case 'offline':
    case 'uninstall':
    case 'reject':
    case 'defer':
    case 'breakTls':
    case 'refuseAuth':
    case 'bounceLater':
    case 'complain':
    case 'place':
    case 'autoReply':
    case 'corrupt':
    case 'report':
    case 'reports':
    // And in-app messages.
    case 'empty':
    case 'stale':
    case 'shuffle':
    case 'expire':
      return effects;
    default:
      return assertNever(action);
  }
}

const unavailable = errorReply('UNAVAILABLE');

function drawn(ms: number, msMax: number | undefined, chance: number): number {
  return msMax === undefined || msMax <= ms ? ms : Math.round(ms + (msMax - ms) * chance);
}
