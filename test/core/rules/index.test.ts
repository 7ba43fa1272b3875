import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../core/rules/decision.ts';
import { knownOf } from '../../../core/rules/known.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import { RuleIndex } from '../../../core/rules/rule-index.ts';
import { RuleSet } from '../../../core/rules/rule-set.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { WordIndex } from '../../../core/rules/word-index.ts';

const local = fc.constantFrom('jane', 'bob', 'amy+news', '*', 'j?ne', 'b*');
const domain = fc.constantFrom(
  'gmail.com',
  'mail.shop.example',
  'shop.example',
  '*.shop.example',
  '*.example',
  'x.*',
);
const address = fc.oneof(
  fc.tuple(local, domain).map(([name, at]) => `${name}@${at}`),
  domain,
);
const words = fc.constantFrom('invoice', 'voice', 'in', 'receipt 42', 'É', 'ice');
const text = fc.oneof(
  words,
  words.map((equals) => ({ equals })),
  words.map((startsWith) => ({ startsWith })),
  words.map((endsWith) => ({ endsWith })),
  words.map((like) => ({ like: `*${like}*` })),
  words.map((matches) => ({ matches })),
);
const some = <T>(one: fc.Arbitrary<T>) =>
  fc.option(fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 })), { nil: undefined });
const when = fc
  .record({ recipient: some(address), domain: some(domain), sender: some(address), subject: some(text) })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

const plainDomain = fc.constantFrom(
  'gmail.com',
  'shop.example',
  'mail.shop.example',
  'a.b.shop.example',
  'x.org',
);
const plainAddress = fc
  .tuple(fc.constantFrom('jane', 'Bob', 'amy+news', 'zoe'), plainDomain)
  .map(([name, at]) => `${name}@${at}`);
const facts: fc.Arbitrary<Facts> = fc
  .record({
    recipient: plainAddress,
    sender: fc.oneof(plainAddress, fc.constant('')),
    subject: fc.array(words, { maxLength: 3 }),
  })
  .map(({ subject, ...rest }) => ({
    channel: 'email',
    door: 'smtp',
    headers: Buffer.from(`Subject: ${subject.join(' ')}\r\n`).toString('latin1'),
    ...rest,
  }));

describe('the index of rules', () => {
  it('finds what a walk over the list finds, in the same order', () => {
    fc.assert(
      fc.property(fc.array(when, { minLength: 9, maxLength: 60 }), facts, (conditions, one) => {
        const rules = readRules(
          conditions.map((each): RuleInput => ({ stage: 'door', when: each, then: { do: 'blackHole' } })),
        );
        const set = new RuleSet(rules);
        const known = knownOf(one);
        const met = (ready: (typeof set.ready)[number]): boolean =>
          ready.conditions.every((condition) => condition.met(known, { nowMs: 0, sinceMs: 0 }));
        const walked = set.ready.filter(met).map(({ position }) => position);
        const [asked] = set.asked('door', 'session', 'accepted');
        expect(
          asked?.index
            .find(known)
            .filter(met)
            .map(({ position }) => position),
        ).toEqual(walked);
      }),
      { numRuns: 300 },
    );
  });

  it('looks at few of ten thousand rules', () => {
    const rules = readRules(
      Array.from({ length: 10_000 }, (_, at): RuleInput => {
        const then = { do: 'reject', code: 550, text: 'No' } as const;
        if (at % 10 < 5) return { stage: 'door', when: { recipient: `user${at}@gmail.com` }, then };
        if (at % 10 < 9) return { stage: 'door', when: { domain: `domain${at}.example` }, then };
        if (at % 100 < 90) return { stage: 'door', when: { sender: `app${at}@shop.example` }, then };
        return { stage: 'door', when: { subject: `word${at}` }, then };
      }),
    );
    const set = new RuleSet(rules);
    const known = knownOf({
      channel: 'email',
      door: 'smtp',
      sender: 'app9@shop.example',
      recipient: 'user1@domain5.example',
      headers: 'Subject: Hello word99 there\r\n',
    });
    const found = ['rcpt', 'endOfData'].flatMap((point) =>
      set
        .asked('door', 'session', point === 'rcpt' ? 'rcpt' : 'endOfData')
        .flatMap(({ index }) => index.find(known)),
    );
    expect(found.map(({ position }) => position)).toEqual([5, 9, 99]);
    expect(set.walked()).toBe(0);
  });
});

describe('the index of words', () => {
  it('finds each word that stands in the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
          maxLength: 20,
        }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 }),
        (list, within) => {
          const index = new WordIndex(list.map((word, number) => [word, number]));
          const wanted = list.flatMap((word, number) => (within.includes(word) ? [number] : []));
          expect([...new Set(index.find(within))].sort((a, b) => a - b)).toEqual(wanted);
        },
      ),
    );
  });

  it('takes words that stand in each other by the ten thousands, and a subject full of them', () => {
    const then = { do: 'reject', code: 550, text: 'No' } as const;
    const { ready } = new RuleSet(
      readRules(
        Array.from(
          { length: 20_000 },
          (_, at): RuleInput => ({
            id: `r${at}`,
            stage: 'door',
            when: { subject: 'a'.repeat(1 + (at % 450)) },
            then,
          }),
        ),
      ),
    );
    const known = knownOf({ channel: 'email', door: 'smtp', headers: `Subject: ${'a'.repeat(60_000)}\r\n` });
    expect(new RuleIndex(ready).find(known)).toHaveLength(20_000);
  });
});
