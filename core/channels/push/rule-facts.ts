/** What the rules are told of a push of the send API: it has no header block, so one is made of what it says. Pure. */
import type { PushSubmission } from '../../model/push-submission.ts';
import type { ContentFacts, Facts } from '../../rules/decision.ts';
import { answersTo, type Question } from '../../rules/questions.ts';

export interface PushRuleFacts extends Pick<Facts, 'headers'> {
  readonly headers: string;
  readonly content: ContentFacts;
}

/** @param questions what the rules in force ask of words; a push is small, so they are answered at once */
export function ruleFacts(submission: PushSubmission, questions: readonly Question[]): PushRuleFacts {
  const { title, subtitle, body, data, image, link, priority, collapseKey } = submission;
  const lines = [
    ['subject', title],
    ['priority', priority],
    ['collapse-key', collapseKey],
  ].flatMap(([name, value]) => (value == null ? [] : [`${name}: ${value.replace(/[\r\n]+/g, ' ')}`]));
  // As the header block of a mail: UTF-8, one character a byte.
  const headers = Buffer.from(lines.map((line) => `${line}\r\n`).join('')).toString('latin1');
  const words = [title, subtitle, body, link, ...Object.values(data)].filter((one) => one !== null);
  const text = words.join('\n');
  return {
    headers,
    content: {
      text,
      answers: answersTo(questions, { headers, text }),
      attachments: image === null ? [] : [{ name: image, type: 'image/*', bytes: 0 }],
    },
  };
}
