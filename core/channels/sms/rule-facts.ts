/** What the rules are told of an SMS of the send API: it has no header block, so one is made of what it says. Pure. */
import { noContent } from '../../model/push-content.ts';
import type { SmsSubmission } from '../../model/sms-submission.ts';
import type { ContentFacts } from '../../rules/decision.ts';
import { pushHeaders } from '../../rules/push-facts.ts';
import { answersTo, type Question } from '../../rules/questions.ts';

export interface SmsRuleFacts {
  /** As latin1. */
  readonly headers: string;
  readonly content: ContentFacts;
}

/** @param questions what the rules in force ask of words; an SMS is small, so they are answered at once */
export function smsRuleFacts(
  { body, media, reference }: Pick<SmsSubmission, 'body' | 'media' | 'reference'>,
  questions: readonly Question[],
): SmsRuleFacts {
  const headers = pushHeaders(noContent, reference === null ? [] : [['reference', reference]]);
  return {
    headers,
    content: {
      text: body,
      answers: answersTo(questions, { headers, text: body }),
      attachments: media.map((url) => ({
        name: url.split('/').at(-1) ?? url,
        type: 'application/octet-stream',
        bytes: 0,
      })),
    },
  };
}
