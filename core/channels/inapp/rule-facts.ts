/** What the rules are told of an in-app message: its title stands as the subject. Pure. */
import { type InAppSubmission, inAppWords } from '../../model/inapp-submission.ts';
import type { ContentFacts } from '../../rules/decision.ts';
import type { Question } from '../../rules/questions.ts';
import { requestHeaders } from '../../rules/request-facts.ts';
import { smsWords } from '../../rules/sms-facts.ts';

export interface InAppRuleFacts {
  /** As latin1. */
  readonly headers: string;
  readonly content: ContentFacts;
}

/** @param questions what the rules in force ask of words; a message is small, so they are answered at once */
export function inAppRuleFacts(
  { content, display, priority }: Pick<InAppSubmission, 'content' | 'display' | 'priority'>,
  questions: readonly Question[],
): InAppRuleFacts {
  const headers = requestHeaders(content.title ?? '', [
    ['kind', display.kind],
    ['frequency', display.frequency],
    ['priority', String(priority)],
    ...(display.slot === null ? [] : [['slot', display.slot] as const]),
    ...(display.trigger === null ? [] : [['trigger', display.trigger] as const]),
  ]);
  return { headers, content: smsWords({ text: inAppWords(content), media: [] }, headers, questions) };
}
