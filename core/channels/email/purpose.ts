/** Decisions of the rules, in the terms of SMTP: what is said, how late, and in whose name. Pure. */
import { replyTo } from '../../delivery/spoken-reply.ts';
import type { Reply } from '../../doors/smtp/reply.ts';
import { byCause, type Decision, type DecisionOf } from '../../rules/decision.ts';
import type { WordFacts } from '../../rules/reply-text.ts';
import { type ActionKind, waitMsMax } from '../../rules/schema.ts';

type Speaking = DecisionOf<'reject' | 'defer' | 'refuseConnection' | 'refuseAuth'>;

export function isOf<K extends ActionKind>(
  decision: Decision,
  ...kinds: readonly K[]
): decision is DecisionOf<K> {
  return kinds.some((kind) => kind === decision.action.do);
}

/** What is said, and by whom. RFC 5321 §3.1: after a greeting that refuses, a client can only quit. */
export function spokenReply({ action, cause, point }: Speaking, facts: WordFacts): Reply {
  return { ...replyTo(action, facts, point === 'connect'), why: byCause(cause) };
}

/** How late the answer comes, of real time; a range is drawn from by the decision's own chance. */
export function lateMsOf({ action, chance }: DecisionOf<'delay'>): number {
  const span = Math.max(0, (action.msMax ?? action.ms) - action.ms);
  return Math.min(waitMsMax, action.ms + Math.floor(chance * (span + 1)));
}

/** The longest of the delays among them, and who wants it. */
export function delayAmong(
  decisions: readonly Decision[],
): { readonly lateMs: number; readonly why: string } | null {
  let longest: { lateMs: number; why: string } | null = null;
  for (const one of decisions) {
    if (!isOf(one, 'delay')) continue;
    const lateMs = lateMsOf(one);
    if (lateMs > (longest?.lateMs ?? 0)) longest = { lateMs, why: byCause(one.cause) };
  }
  return longest;
}
