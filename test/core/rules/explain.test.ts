import { describe, expect, it } from 'vitest';
import { explain } from '../../../core/rules/explain.ts';
import { base } from './cases.ts';
import { deskWorld, startMs } from './desk-world.ts';

const options = { nowMs: startMs, othersMax: 100 };
const reject = { do: 'reject', code: 550, text: 'No' } as const;

describe('the dry run', () => {
  it('says which rule is met, and why not the others', () => {
    const { desk, hits } = deskWorld([
      { id: 'off', stage: 'door', enabled: false, then: reject },
      {
        id: 'bob',
        stage: 'door',
        when: { recipient: 'bob@gmail.com', size: { bytesMin: 10_000 } },
        then: reject,
      },
      { id: 'third', stage: 'door', when: { nth: 3 }, then: { ...reject, at: 'rcpt' } },
      {
        id: 'jane',
        stage: 'door',
        when: { recipient: 'jane@gmail.com' },
        then: { do: 'defer', code: 451, text: 'Later' },
      },
      { id: 'late', stage: 'door', when: { subject: 'invoice' }, then: reject },
      { id: 'same', stage: 'door', when: { domain: 'gmail.com' }, then: reject },
    ]);
    const { met, others, total } = explain(desk, 'door', base, options);
    expect(total).toBe(6);
    expect(met.map(({ ruleId }) => ruleId)).toEqual(['jane']);
    expect(others.map(({ ruleId, verdict, why }) => [ruleId, verdict, ...why])).toEqual([
      ['off', 'off', 'the rule is switched off'],
      [
        'bob',
        'not_met',
        'the recipient is jane@gmail.com, not bob@gmail.com',
        'it has 5000 bytes, not 10000 or more',
      ],
      ['third', 'not_met', 'it is number 1 to meet the rest, and number 3 is asked for'],
      ['late', 'not_reached', '“jane” is met before, and ends the way there'],
      ['same', 'not_reached', '“jane” stands before it and is met first'],
    ]);
    // Nothing is counted by looking.
    expect(hits).toEqual([]);
    expect(desk.standingOf('third')?.counts.matches).toBe(0);
  });

  it('foretells what the desk then does', () => {
    const world = deskWorld([
      { id: 'half', stage: 'farSide', when: { probability: 0.5 }, then: reject },
      { id: 'two', stage: 'farSide', when: { everyNth: 2 }, then: { do: 'place', in: 'spam' } },
      { id: 'few', stage: 'farSide', when: { atMost: 3 }, then: { do: 'complain' } },
      {
        id: 'fast',
        stage: 'farSide',
        when: { rate: { moreThan: 2, perMs: 10_000 } },
        then: { do: 'autoReply' },
      },
      {
        id: 'twice',
        stage: 'farSide',
        when: { subject: '42' },
        then: { do: 'defer', code: 450, text: 'x', times: 1, at: 'endOfData' },
      },
    ]);
    for (let number = 0; number < 60; number++) {
      world.pass(1_700);
      const facts = { ...base, door: 'queue', tryKey: `${number >> 1}` };
      const foretold = explain(world.desk, 'farSide', facts, {
        ...options,
        nowMs: startMs + (number + 1) * 1_700,
      });
      const { connection, answer, after } = world.desk.orders(facts);
      const done = [...connection, ...(answer === null ? [] : [answer]), ...after].map(
        ({ cause }) => cause.ruleId,
      );
      expect(new Set(foretold.met.map(({ ruleId }) => ruleId))).toEqual(new Set(done));
    }
    expect(new Set(world.hits.map(({ cause }) => cause)).size).toBe(5);
  });

  it('knows magic addresses', () => {
    const { desk } = deskWorld([{ id: 'a', stage: 'farSide', then: { ...reject, at: 'rcpt' } }]);
    const { met, others } = explain(
      desk,
      'farSide',
      { ...base, recipient: 'jane+bounce-552+news@gmail.com' },
      options,
    );
    expect(met).toMatchObject([{ ruleId: null, label: '+bounce-552' }]);
    expect(others).toMatchObject([{ ruleId: 'a', verdict: 'not_reached' }]);
  });

  it('tells no more of the others than was asked for', () => {
    const { desk } = deskWorld(
      Array.from({ length: 50 }, (_, at) => ({
        stage: 'door' as const,
        when: { recipient: `u${at}@x.example` },
        then: reject,
      })),
    );
    const { others, total } = explain(desk, 'door', base, { ...options, othersMax: 7 });
    expect([others.length, total]).toEqual([7, 50]);
  });
});
