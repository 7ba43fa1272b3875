import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import { inAppReasons, inAppStatusOf } from '../../../core/rules/inapp-reasons.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import {
  actionSchema,
  channelsOf,
  conditionsSchema,
  inAppMoments,
  lackedBy,
  type RuleInput,
} from '../../../core/rules/schema.ts';
import { inAppReasons as offered } from '../../../renderer/src/rules/inapp-words.ts';
import { base as mail } from './cases.ts';
import { deskWorld } from './desk-world.ts';
import {
  type InAppConditionCase,
  inAppActionCases,
  inAppConditionCases,
  inAppDecisions,
} from './inapp-cases.ts';

function expected({ key }: InAppConditionCase): readonly boolean[] {
  switch (key) {
    case 'nth':
      return [false, true, false, false, false];
    case 'everyNth':
      return [false, true, false, true, false];
    case 'rate':
      return [false, true, true, true, true];
    case 'atMost':
      return [true, false, false, false, false];
    case 'probability':
      return luck();
    default:
      return [true, true, true, true, true];
  }
}

/** What the seed has in store for the rule `one`: chance knows nothing of what is done. */
function luck(): readonly boolean[] {
  const twin = deskWorld([
    { id: 'one', stage: 'door', when: { probability: 0.7 }, then: { do: 'slow', bytesPerSecond: 99 } },
  ]);
  return Array.from({ length: 5 }, () => twin.desk.decide('door', 'connect', mail).length > 0);
}

describe('the in-app door', () => {
  for (const { name, action, at } of inAppActionCases)
    for (const moment of at)
      for (const condition of inAppConditionCases)
        it(`${name} at ${moment}: by ${condition.key}`, () => {
          const input: RuleInput = { id: 'one', stage: 'farSide', when: condition.when, then: action };
          const world = deskWorld([input]);
          const acts = (times: number, other: InAppConditionCase['other'] = {}): readonly boolean[] =>
            Array.from({ length: times }, (_, number) => {
              world.pass(1_000);
              const about = { moment, same: String(number), ...other?.request };
              return inAppDecisions(world, about, other?.message).length > 0;
            });
          const seen = acts(5);
          expect(seen).toEqual(expected(condition));
          expect(world.hits).toHaveLength(seen.filter(Boolean).length);
          expect(world.hits[0]).toMatchObject({
            cause: 'one',
            stage: 'farSide',
            point: moment,
            action: action.do,
          });
          if (condition.other === null) return;
          const before = world.hits.length;
          expect(acts(3, condition.other)).toEqual([false, false, false]);
          expect(world.hits).toHaveLength(before);
        });

  it.each(inAppActionCases)('does $name at no other moment unless it is asked to', ({ action, at }) => {
    const world = deskWorld([{ id: 'one', stage: 'farSide', then: action }]);
    for (const moment of inAppMoments)
      expect(inAppDecisions(world, { moment }).length > 0, moment).toBe(at.includes(moment));
  });

  it('does at a moment what a rule for it says', () => {
    const world = deskWorld([
      { id: 'late', stage: 'farSide', when: { moment: ['pull', 'track'] }, then: { do: 'delay', ms: 500 } },
      { id: 'lost', stage: 'farSide', when: { moment: 'track' }, then: { do: 'blackHole' } },
    ]);
    const done = inAppMoments.map((moment) => [
      moment,
      inAppDecisions(world, { moment }).map(({ action }) => action.do),
    ]);
    expect(Object.fromEntries(done)).toEqual({
      send: [],
      pull: ['delay'],
      display: [],
      track: ['delay', 'blackHole'],
      realtime: [],
    });
  });

  it('asks nothing more once a request is refused', () => {
    const world = deskWorld([
      {
        id: 'no',
        stage: 'farSide',
        when: { channel: 'inapp' },
        then: { do: 'answer', reason: 'unavailable' },
      },
      { id: 'empty', stage: 'farSide', then: { do: 'empty' } },
    ]);
    expect(inAppDecisions(world).map(({ cause }) => cause.ruleId)).toEqual(['no']);
    expect(world.desk.standingOf('empty')?.counts.matches).toBe(0);
  });

  it('asks nothing where no rule is about it, and no magic user comes', () => {
    const world = deskWorld([
      { id: 'mail', stage: 'farSide', then: { do: 'place', in: 'spam' } },
      { id: 'sms', stage: 'farSide', when: { channel: 'sms' }, then: { do: 'blackHole' } },
    ]);
    expect(world.desk.asksInApp('anna')).toBe(false);
    expect(world.desk.asksInApp('anna+empty')).toBe(true);
    world.set([], { magic: false });
    expect(world.desk.asksInApp('anna+empty')).toBe(false);
  });

  it('answers a magic user so often, and then goes on', () => {
    const world = deskWorld();
    const pull = (): readonly unknown[] =>
      inAppDecisions(world, { user: 'anna+answer-503-x2' }).map(({ action }) => action);
    const refusal = { do: 'answer', reason: 'magic', status: 503 };
    expect([pull(), pull(), pull()]).toEqual([[refusal], [refusal], []]);
    expect(world.hits.map(({ label }) => label)).toEqual(['…+answer-503-x2', '…+answer-503-x2']);
  });

  it('has a case for every action and every condition that it knows', () => {
    const kinds = actionSchema.options.map((option) => option.shape.do.value);
    expect(new Set(inAppActionCases.map(({ action }) => action.do))).toEqual(
      new Set(kinds.filter((kind) => channelsOf[kind].farSide.includes('inapp'))),
    );
    // A provider is none of the in-app door's; its moment is asked above.
    const asked = Object.keys(conditionsSchema.shape).filter(
      (key) => !['provider', 'moment'].includes(key) && !lackedBy.inapp.some((one) => one === key),
    );
    expect(new Set(inAppConditionCases.map(({ key }) => key))).toEqual(new Set(asked));
  });

  it.each([
    [{ stage: 'door', when: { moment: 'send' }, then: { do: 'hold' } }, 'when.moment', /far side/],
    [{ stage: 'farSide', when: { moment: 'send' }, then: { do: 'empty' } }, 'when.moment', /pull or display/],
    [
      { stage: 'farSide', when: { channel: 'sms', moment: 'pull' }, then: { do: 'hold' } },
      'when.moment',
      /SMS/,
    ],
    [
      { stage: 'farSide', when: { moment: 'send' }, then: { do: 'reject', code: 550, text: 'No' } },
      'when.moment',
      /in-app door/,
    ],
    [{ stage: 'farSide', when: { channel: 'push' }, then: { do: 'stale' } }, 'then.do', /in-app messages/],
    [
      { stage: 'farSide', when: { channel: 'inapp', domain: 'x.example' }, then: { do: 'empty' } },
      'when.domain',
      /user/,
    ],
    [
      { stage: 'farSide', then: { do: 'disconnect', at: 'endOfData', afterEvents: 3 } },
      'then.afterEvents',
      /midData/,
    ],
  ] as const)('refuses %j', (input, field, detail) => {
    let refused: unknown;
    try {
      readRules([input]);
    } catch (error) {
      refused = error;
    }
    if (!(refused instanceof AppError)) throw new Error('it was taken');
    expect(refused.errors[0]?.field).toBe(`rules[0].${field}`);
    expect(refused.errors[0]?.detail).toMatch(detail);
  });

  it('offers the reasons that the door knows', () => {
    expect(offered.map(({ code, means }) => [code, means])).toEqual(
      inAppReasons.map(({ code, means }) => [code, means]),
    );
    expect(inAppStatusOf('rate_limited')).toBe(429);
    expect(inAppStatusOf('anything')).toBe(500);
  });
});
