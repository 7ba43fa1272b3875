import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../core/inspect/read-message.ts';
import { matchesPattern } from '../../../core/model/patterns.ts';
import { likeMatcher } from '../../../core/rules/patterns.ts';
import { answersTo, questionKey } from '../../../core/rules/questions.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { base } from './cases.ts';
import { deskWorld } from './desk-world.ts';

const then = { do: 'reject', code: 554, text: 'No' } as const;
const expression = { matches: '^(a+)+z' };

function raw(subject: string, body: string): Buffer {
  return Buffer.from(`Subject: ${subject}\r\nMIME-Version: 1.0\r\n\r\n${body}\r\n`);
}

describe('a pattern with * and ?', () => {
  it('finds what a walk through it finds', () => {
    const letters = (from: string) =>
      fc.array(fc.constantFrom(...from), { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(letters('abA*?'), letters('abB'), (pattern, text) => {
        expect(likeMatcher(pattern)(text.toLowerCase())).toBe(matchesPattern(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an expression of a user', () => {
  const rules: readonly RuleInput[] = [
    { id: 'subject', stage: 'door', when: { subject: expression }, then },
    { id: 'header', stage: 'farSide', when: { header: { name: 'X-A', text: expression } }, then },
  ];

  it('is asked where the message is read, also when it is about a header', () => {
    const { desk } = deskWorld(rules);
    expect(desk.needs('door', { ...base, headers: '' })).toEqual({ headers: true, content: true });
    expect(desk.set.questions.map(questionKey)).toEqual([
      questionKey({ of: 'subject', pattern: expression }),
      questionKey({ of: 'header', name: 'x-a', pattern: expression }),
    ]);
    expect(desk.set.asksBody).toBe(false);
  });

  it('is met by what was answered there, wherever in the text it is', async () => {
    const { desk } = deskWorld([{ id: 'body', stage: 'door', when: { body: ['needle', expression] }, then }]);
    const judge = async (body: string): Promise<boolean> => {
      const content = await readBody(raw('x', body), desk.set);
      return desk.decide('door', 'endOfData', { ...base, headers: '', content }).length > 0;
    };
    expect(await judge(`${'hay '.repeat(100_000)}needle`)).toBe(true);
    expect(await judge('hay '.repeat(100_000))).toBe(false);
    expect(await judge('aaaz')).toBe(true);
  });

  it('of a set that is newer than the reading is met by the next message', async () => {
    const world = deskWorld([{ id: 'a', stage: 'door', when: { subject: { matches: 'one' } }, then }]);
    const content = await readBody(raw('one two', ''), world.desk.set);
    const facts = { ...base, headers: 'Subject: one two\r\n', content };
    expect(world.desk.decide('door', 'endOfData', facts)).toHaveLength(1);
    const before = world.desk.edition();
    world.set([{ id: 'b', stage: 'door', when: { subject: { matches: 'two' } }, then }]);
    expect(world.desk.edition()).not.toBe(before);
    expect(world.desk.decide('door', 'endOfData', facts)).toHaveLength(0);
  });

  it('sees a subject that is not there as empty, and every field of a name', () => {
    const questions = [
      { of: 'subject', pattern: { matches: '^$' } },
      { of: 'header', name: 'x-a', pattern: { matches: 'two' } },
    ] as const;
    const answers = answersTo(questions, { headers: 'X-A: one\r\nX-a: two\r\n', text: '' });
    expect([...answers.values()]).toEqual([true, true]);
  });
});

describe('how much may be looked for', () => {
  it('is limited, and says so', () => {
    const many = (when: (number: number) => RuleInput['when']) => () =>
      readRules(
        Array.from({ length: 6 }, (_, at) => ({
          id: `r${at}`,
          stage: 'door',
          when: { recipient: `r${at}@a.example`, ...when(at) },
          then,
        })),
      );
    expect(
      many((rule) => ({ subject: Array.from({ length: 100 }, (_, at) => ({ matches: `${rule}-${at}` })) })),
    ).toThrow(/600 expressions are asked for; at most 400/);
    expect(many((rule) => ({ body: Array.from({ length: 1_000 }, (_, at) => `${rule}-${at}`) }))).toThrow(
      /6000 patterns are looked for in bodies; at most 5000/,
    );
    expect(
      many(() => ({ rate: { moreThan: 10_000, perMs: 1_000 } })),
      'memory of rates',
    ).not.toThrow();
    expect(() =>
      readRules(
        Array.from({ length: 101 }, () => ({
          stage: 'door',
          when: { rate: { moreThan: 10_000, perMs: 1_000 } },
          then,
        })),
      ),
    ).toThrow(/1010000 times to be remembered/);
    // The same in several rules is asked once.
    expect(many(() => ({ body: Array.from({ length: 1_000 }, (_, at) => `${at}`) }))).not.toThrow();
  });
});
