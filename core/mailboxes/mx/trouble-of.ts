/** What the rules decided for one moment of a session at an MX, as the session carries it out. Pure. */
import { replyTo } from '../../delivery/spoken-reply.ts';
import { replies } from '../../doors/smtp/reply.ts';
import { noTrouble, type Trouble, type TroublePoint } from '../../doors/smtp/trouble.ts';
import { assertNever } from '../../model/app-error.ts';
import { byCause, type Decision } from '../../rules/decision.ts';
import type { WordFacts } from '../../rules/reply-text.ts';

/** @returns null where nothing of it belongs to this moment */
export function troubleOf(
  point: TroublePoint,
  decisions: readonly Decision[],
  words: () => WordFacts,
): { readonly trouble: Trouble; readonly done: readonly Decision[] } | null {
  let trouble = noTrouble;
  const done: Decision[] = [];
  for (const decision of decisions) {
    const part = partOf(point, decision, words);
    // One answer is given at a time: the first one's.
    if (part === null || (part.answer !== undefined && trouble.answer !== null)) continue;
    trouble = {
      ...trouble,
      ...part,
      why: trouble.why === '' ? byCause(decision.cause) : trouble.why,
    };
    done.push(decision);
  }
  return done.length === 0 ? null : { trouble, done };
}

function partOf(point: TroublePoint, { action }: Decision, words: () => WordFacts): Partial<Trouble> | null {
  switch (action.do) {
    case 'reject':
    case 'defer':
      return { answer: replyTo(action, words(), point === 'connect') };
    case 'disconnect':
      return action.at === 'midData' && point === 'midData'
        ? { cutAfterBytes: action.afterBytes ?? 0 }
        : { answer: replies.hangUp };
    case 'refuseConnection':
      if (action.how === 'reply') return { answer: replyTo(action, words(), true) };
      return point === 'connect' ? { reset: true } : { answer: replies.hangUp };
    case 'slow':
      return { bytesPerSecond: action.bytesPerSecond };
    case 'breakTls':
      return { tls: action.how };
    case 'hold':
    case 'delay':
    case 'refuseAuth':
    case 'blackHole':
    case 'duplicate':
    case 'bounceLater':
    case 'complain':
    case 'place':
    case 'autoReply':
    case 'corrupt':
    case 'answer':
    case 'goAway':
    case 'offline':
    case 'uninstall':
    case 'report':
    case 'reports':
    case 'empty':
    case 'stale':
    case 'shuffle':
    case 'expire':
      return null;
    default:
      return assertNever(action);
  }
}
