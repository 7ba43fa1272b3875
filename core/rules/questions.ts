/**
 * What rules ask of the words of a message that is not answered beside the doors: expressions of users, and all that is
 * looked for in bodies. It is answered where the message is read, in a thread that has a time limit: even an expression
 * that is linear in time takes a second for a large body, and there may be hundreds. Pure.
 */
import { knownOf, type Text } from './known.ts';
import { type TextMatcher, textMatcher } from './patterns.ts';
import { RecentMap } from './recent-map.ts';
import type { TextPattern } from './schema.ts';

export type Question =
  | { readonly of: 'subject' | 'body'; readonly pattern: TextPattern }
  /** @property name lower case */
  | { readonly of: 'header'; readonly name: string; readonly pattern: TextPattern };

/** Answers by `questionKey`. */
export type Answers = ReadonlyMap<string, boolean>;

/** Expressions that are kept compiled from one message to the next. */
const compiledMax = 2_000;
const compiled = new RecentMap<TextMatcher>(compiledMax);

export function questionKey(question: Question): string {
  const { of, pattern } = question;
  return JSON.stringify([of === 'header' ? `header ${question.name}` : of, pattern]);
}

/** @param message its header block as latin1, and the words of its body */
export function answersTo(
  questions: readonly Question[],
  message: { readonly headers: string; readonly text: string },
): Answers {
  const { headers } = knownOf({ channel: 'email', door: '', headers: message.headers });
  const body = [{ text: message.text, lower: message.text.toLowerCase() }];
  const textsOf = (question: Question): readonly Text[] => {
    if (question.of === 'body') return body;
    return headers?.values(question.of === 'header' ? question.name : 'subject') ?? [];
  };
  return new Map(
    questions.map((question) => {
      const matcher = matcherOf(question.pattern);
      const texts = question.of === 'subject' ? textsOf(question).slice(0, 1) : textsOf(question);
      // A message without a subject has an empty one.
      const asked = question.of === 'subject' && texts.length === 0 ? [{ text: '', lower: '' }] : texts;
      return [questionKey(question), asked.some(({ text, lower }) => matcher.matches(text, lower))];
    }),
  );
}

function matcherOf(pattern: TextPattern): TextMatcher {
  const key = JSON.stringify(pattern);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const matcher = textMatcher(pattern);
  compiled.set(key, matcher);
  return matcher;
}
