/** What an SMTP server says where a rule answers in its place; the same at our door and at the far side. Pure. */
import { type Reply, reply } from '../doors/smtp/reply.ts';
import { replyWords, type WordFacts } from '../rules/reply-text.ts';
import type { Action } from '../rules/schema.ts';

type Speaking = Extract<Action, { do: 'reject' | 'defer' | 'refuseConnection' | 'refuseAuth' }>;

/** RFC 5321 §3.8, §3.1: whoever says 421 closes, and so does who refuses in the place of a greeting. */
export function replyTo(action: Speaking, words: WordFacts, closes = false): Reply {
  const { code, enhanced, lines } = replyWords(action, words);
  const said = reply(code, enhanced, ...lines);
  const asked = action.do === 'reject' && action.close === true;
  return closes || asked || code === 421 ? { ...said, close: true } : said;
}
