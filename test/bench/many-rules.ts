/** Ten thousand rules as a careful team might have them: 9,000 by recipient or domain, 900 by sender, 100 by words of the subject. */
import type { RuleInput, Stage } from '../../core/rules/schema.ts';

const recipients = 6_000;
const domains = 3_000;
const senders = 900;
const subjects = 100;
/** One message in so many is met. */
const metEvery = 100;

/** None of them is met by what the bench sends. */
export function unmetRules(stage: Stage): readonly RuleInput[] {
  return [
    ...many(recipients, (at) => rule(stage, { recipient: `nobody${at}@customer${at % 50}.example` }, at)),
    ...many(domains, (at) =>
      rule(stage, { domain: at % 10 === 0 ? `*.under${at}.example` : `company${at}.example` }, at),
    ),
    ...many(senders, (at) => rule(stage, { sender: `team${at}@shop.example` }, at)),
    ...many(subjects, (at) => rule(stage, { subject: `invoice ${at} overdue` }, at)),
  ];
}

/** The same number of rules, of which some put one message in a hundred elsewhere, by their recipients. */
export function someMetRules(
  stage: Stage,
  messages: number,
  recipientOf: (number: number) => string,
): readonly RuleInput[] {
  const met = many(
    Math.floor(messages / metEvery),
    (at): RuleInput => ({
      stage,
      when: { recipient: recipientOf((at + 1) * metEvery) },
      then: { do: 'place', in: 'promotions' },
    }),
  );
  return [...met, ...unmetRules(stage).slice(met.length)];
}

/** What is done is of several kinds, so that each moment of a session has some to ask about. */
function rule(stage: Stage, when: RuleInput['when'], at: number): RuleInput {
  const kinds: readonly RuleInput['then'][] = [
    { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No such user {recipient}' },
    { do: 'defer', code: 451, enhanced: '4.3.0', text: 'Try again later', at: 'endOfData' },
    { do: 'place', in: 'spam' },
    { do: 'delay', ms: 1_000 },
  ];
  const then = kinds[at % kinds.length];
  return { stage, when, then: then ?? { do: 'hold' } };
}

function many<T>(count: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
