/** What the rules are told of a push of the send API: it has no header block, so one is made of what it says. Pure. */
import { contentOfSubmission, type PushSubmission } from '../../model/push-submission.ts';
import type { ContentFacts } from '../../rules/decision.ts';
import { pushHeaders, pushWords } from '../../rules/push-facts.ts';
import type { Question } from '../../rules/questions.ts';

export interface PushRuleFacts {
  /** As latin1. */
  readonly headers: string;
  readonly content: ContentFacts;
}

/** @param questions what the rules in force ask of words; a push is small, so they are answered at once */
export function ruleFacts(submission: PushSubmission, questions: readonly Question[]): PushRuleFacts {
  const { priority, collapseKey } = submission;
  const content = contentOfSubmission(submission);
  const fields: (readonly [string, string])[] = [
    ...(priority === null ? [] : [['priority', priority] as const]),
    ...(collapseKey === null ? [] : [['collapse-key', collapseKey] as const]),
  ];
  const headers = pushHeaders(content, fields);
  return { headers, content: pushWords(content, headers, questions) };
}
