import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { magicOf, magicWords } from '../../../core/rules/magic.ts';
import { readRule } from '../../../core/rules/read-rules.ts';
import { deskWorld } from './desk-world.ts';

const at = (tags: string) => magicOf(`jane${tags}@gmail.com`);

describe('magic addresses', () => {
  it.each([
    ['+bounce', { do: 'reject', code: 550, enhanced: '5.1.1' }],
    ['+bounce-550-5.1.1', { do: 'reject', code: 550, enhanced: '5.1.1' }],
    ['+bounce-552-5.2.2', { do: 'reject', code: 552, enhanced: '5.2.2' }],
    ['+bounce-552', { do: 'reject', code: 552, enhanced: '5.2.2' }],
    ['+bounce-571', { do: 'reject', code: 571, enhanced: '5.0.0' }],
    ['+defer-421-x3', { do: 'defer', code: 421, enhanced: '4.3.2', times: 3 }],
    ['+defer-450-4.2.1-x2', { do: 'defer', code: 450, enhanced: '4.2.1', times: 2 }],
    ['+defer', { do: 'defer', code: 451, enhanced: '4.2.0' }],
    ['+hold', { do: 'hold' }],
    ['+spam', { do: 'place', in: 'spam' }],
    ['+Promotions', { do: 'place', in: 'promotions' }],
    ['+oob-550-5.1.1', { do: 'bounceLater', code: 550, enhanced: '5.1.1' }],
    ['+complain', { do: 'complain' }],
    ['+autoreply', { do: 'autoReply' }],
    ['+blackhole', { do: 'blackHole' }],
    ['+duplicate-x3', { do: 'duplicate', copies: 3 }],
    ['+corrupt', { do: 'corrupt' }],
    ['+delay-10m', { do: 'delay', ms: 600_000 }],
    ['+disconnect-dot', { do: 'disconnect', at: 'endOfData' }],
    ['+reject-550-5.1.1', { do: 'reject', code: 550, enhanced: '5.1.1' }],
    ['+tempfail-451', { do: 'defer', code: 451, enhanced: '4.3.0' }],
  ])('read %s', (tags, action) => {
    const [only, more] = at(tags);
    expect(only?.action).toMatchObject(action);
    expect(more).toBeUndefined();
    expect(only?.stage).toBe(/reject|tempfail/.test(tags) ? 'door' : 'farSide');
  });

  it('may be put together, and keep their order', () => {
    expect(at('+defer-421-x2+spam').map(({ label }) => label)).toEqual(['+defer-421-x2', '+spam']);
    expect(at('+news+defer-421-x2+2026+spam').map(({ label }) => label)).toEqual(['+defer-421-x2', '+spam']);
  });

  it.each([
    'jane@gmail.com',
    '+hold@gmail.com',
    'jane+news@gmail.com',
    'jane+bounces@gmail.com',
    'jane+bounce-party@gmail.com',
    'jane+bounce-450@gmail.com',
    'jane+defer-550@gmail.com',
    'jane+defer-421-x0@gmail.com',
    'jane+defer-421-x3-x4@gmail.com',
    'jane+reject-550-5.1.1-x2@gmail.com',
    'jane+holding@gmail.com',
    'jane+spam-filter@gmail.com',
    'jane+disconnect@gmail.com',
    'jane+disconnect-soon@gmail.com',
    'jane+disconnect-constructor@gmail.com',
    'jane+delay-soon@gmail.com',
    'jane+duplicate-x1@gmail.com',
    '"jane+hold"@gmail.com',
    'jane@hold+spam.example',
    'bounces-12345=jane=gmail.com@shop.example',
  ])('leave %s alone', (address) => {
    expect(magicOf(address)).toEqual([]);
  });

  it('never throw, and ask for nothing that a rule could not', () => {
    const tag = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc
        .tuple(
          fc.constantFrom('bounce', 'defer', 'oob', 'reject', 'tempfail', 'delay', 'duplicate', 'disconnect'),
          fc.array(fc.constantFrom('550', '421', '5.1.1', '4.2.1', 'x3', 'x999', '10m', 'data', ''), {
            maxLength: 4,
          }),
        )
        .map(([word, parts]) => [word, ...parts].join('-')),
    );
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 6 }), (tags) => {
        for (const { action, stage } of magicOf(`jane+${tags.join('+')}@gmail.com`))
          expect(readRule({ stage, then: action }, 'one').then).toEqual(action);
      }),
    );
  });

  it('do on the card what they say', () => {
    for (const { example, stage, kind } of magicWords) {
      const [first] = magicOf(example);
      expect({ stage: first?.stage, kind: first?.action.do }).toEqual({ stage, kind });
    }
  });

  it('can be switched off', () => {
    const world = deskWorld();
    const facts = { channel: 'email', door: 'queue', recipient: 'jane+bounce@gmail.com' } as const;
    expect(world.desk.orders(facts).answer).not.toBeNull();
    world.set([], { magic: false });
    expect(world.desk.orders(facts).answer).toBeNull();
  });

  it('defer so many tries and then do what comes next', () => {
    const world = deskWorld();
    const facts = {
      channel: 'email',
      door: 'queue',
      recipient: 'jane+defer-421-x2+spam@gmail.com',
      tryKey: 'd',
    } as const;
    const ordered = [0, 1, 2, 3].map((triesBefore) => world.desk.orders({ ...facts, triesBefore }));
    expect(ordered.map(({ answer }) => answer?.action.do ?? null)).toEqual(['defer', 'defer', null, null]);
    expect(ordered.map(({ after }) => after.map(({ action }) => action.do))).toEqual([
      [],
      [],
      ['place'],
      ['place'],
    ]);
    // The placement counts once, however often it is told.
    expect(world.hits.map(({ label }) => label)).toEqual(['+defer-421-x2', '+defer-421-x2', '+spam']);
  });

  it('count tries by what the client says where nobody else does', () => {
    const world = deskWorld();
    const facts = { channel: 'email', door: 'smtp', recipient: 'jane+tempfail-451-x2@gmail.com' } as const;
    const tries = ['a', 'a', 'b', 'a', 'b', 'b'].map(
      (tryKey) => world.desk.decide('door', 'rcpt', { ...facts, tryKey }).length,
    );
    expect(tries).toEqual([1, 1, 1, 0, 1, 0]);
  });
});
