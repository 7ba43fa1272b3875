/** Decisions of the rules, in the terms of SMTP: what is said, how late, and in whose name. Pure. */
import { type Reply, reply } from '../../doors/smtp/reply.ts';
import type { Cause, Decision, DecisionOf } from '../../rules/decision.ts';
import { replyWords, type WordFacts } from '../../rules/reply-text.ts';
import { type ActionKind, waitMsMax } from '../../rules/schema.ts';

/** Whose doing it is: `by the rule “…”`. */
export function byWhom({ ruleId, label }: Cause): string {
  return ruleId === null ? `by the magic address ${label}` : `by the rule “${label === '' ? ruleId : label}”`;
}

type Speaking = DecisionOf<'reject' | 'defer' | 'refuseConnection' | 'refuseAuth'>;

export function isOf<K extends ActionKind>(
  decision: Decision,
  ...kinds: readonly K[]
): decision is DecisionOf<K> {
  return kinds.some((kind) => kind === decision.action.do);
}

/** What is said; closing where the rule says so, and behind 421 always (RFC 5321 §3.8). */
export function spokenReply({ action, cause, point }: Speaking, facts: WordFacts): Reply {
  const { code, enhanced, lines } = replyWords(action, facts);
  const closes =
    code === 421 ||
    // RFC 5321 §3.1: after a greeting that refuses, a client can only quit.
    point === 'connect' ||
    (action.do === 'reject' && action.close === true);
  return {
    ...reply(code, enhanced, ...lines),
    ...(closes ? { close: true } : {}),
    why: byWhom(cause),
  };
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
    if (lateMs > (longest?.lateMs ?? 0)) longest = { lateMs, why: byWhom(one.cause) };
  }
  return longest;
}
