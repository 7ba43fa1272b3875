/** What the rules are told of an SMS of the send API: it has no request yet, so its fields are made of what it says. Pure. */
import type { SmsSubmission } from '../../model/sms-submission.ts';
import type { ContentFacts } from '../../rules/decision.ts';
import type { Question } from '../../rules/questions.ts';
import { smsHeaders, smsWords } from '../../rules/sms-facts.ts';

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
  const headers = smsHeaders(reference === null ? [] : [['reference', reference]]);
  const about = { text: body, media: media.map((url) => ({ url, contentType: null })) };
  return { headers, content: smsWords(about, headers, questions) };
}
