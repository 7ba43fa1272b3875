import { describe, expect, it } from 'vitest';
import { explain } from '../../../core/rules/explain.ts';
import { type PushAbout, pushFacts } from '../../../core/rules/push-facts.ts';
import { base } from './cases.ts';
import { type DeskWorld, deskWorld, startMs } from './desk-world.ts';
import { base as pushBase } from './push-cases.ts';

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

describe('the dry run of a push', () => {
  const push =
    (about: Partial<PushAbout> = {}) =>
    (world: DeskWorld) =>
      pushFacts(world.desk, { ...pushBase, ...about });

  it('tells what is met, what is passed over, and what the domain of a push is', () => {
    const world = deskWorld([
      { id: 'mail', stage: 'farSide', then: { do: 'place', in: 'spam' } },
      { id: 'gmail', stage: 'farSide', when: { domain: 'gmail.com' }, then: { do: 'hold' } },
      { id: 'busy', stage: 'farSide', then: { do: 'answer', reason: 'TooManyRequests', times: 1 } },
      { id: 'cut', stage: 'farSide', then: { do: 'disconnect', at: 'connect' } },
      { id: 'slow', stage: 'farSide', then: { do: 'slow', bytesPerSecond: 1_000 } },
      { id: 'off', stage: 'farSide', then: { do: 'offline', forMs: 1_000 } },
    ]);
    const { met, others } = explain(world.desk, 'farSide', push()(world), options);
    expect(met.map(({ label, point }) => [label, point])).toEqual([
      ['slow', 'connect'],
      ['busy', 'endOfData'],
    ]);
    expect(others.map(({ label, verdict, why }) => [label, verdict, ...why])).toEqual([
      ['mail', 'not_met', 'place is done to mail only; it is passed over and counts nothing'],
      [
        'gmail',
        'not_met',
        `a push has no domain: ask for its recipient, which is ${pushBase.recipient}, or for its provider`,
      ],
      ['cut', 'not_reached', '“busy” stands before it and is met first'],
      ['off', 'not_reached', '“busy” is met before, and ends the way there'],
    ]);
    expect(world.hits).toEqual([]);
  });

  it('knows magic tokens, and where a hold is', () => {
    const world = deskWorld();
    const held = (about: Partial<PushAbout>) =>
      explain(
        world.desk,
        'farSide',
        push({ recipient: 'hold+offline-2h', ...about })(world),
        options,
      ).met.map(({ label, point }) => [label, point]);
    expect(held({})).toEqual([
      ['hold', 'accepted'],
      ['offline-2h', 'accepted'],
    ]);
    expect(held({ door: 'queue' })).toEqual([['hold', 'queue']]);
    world.set([], { magic: false });
    const off = explain(world.desk, 'farSide', push({ recipient: 'bad' })(world), options);
    expect(off.others).toMatchObject([
      { label: 'bad', verdict: 'off', why: ['magic tokens are switched off'] },
    ]);
  });

  it('foretells what the desk then does', () => {
    const world = deskWorld([
      { id: 'half', stage: 'farSide', when: { probability: 0.5 }, then: { do: 'answer', reason: 'Gone' } },
      { id: 'two', stage: 'farSide', when: { everyNth: 2 }, then: { do: 'goAway', answered: true } },
      { id: 'few', stage: 'farSide', when: { atMost: 3 }, then: { do: 'duplicate' } },
      { id: 'three', stage: 'farSide', when: { nth: [2, 3] }, then: { do: 'blackHole' } },
    ]);
    for (let number = 0; number < 20; number++) {
      const facts = push({ same: String(number) })(world);
      const foretold = explain(world.desk, 'farSide', facts, options).met.map(({ ruleId }) => ruleId);
      const { answer, after, connection } = world.desk.orders(facts);
      const done = [...connection, ...(answer === null ? [] : [answer]), ...after];
      expect(new Set(done.map(({ cause }) => cause.ruleId))).toEqual(new Set(foretold));
    }
  });
});
