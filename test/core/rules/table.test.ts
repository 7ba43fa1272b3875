import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import type { Decision, Facts, FarSideOrders } from '../../../core/rules/decision.ts';
import { decidedAt, isLater, momentFault } from '../../../core/rules/moments.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import { points, type Rule, type Stage } from '../../../core/rules/schema.ts';
import { actionCases, base, bothStages, type ConditionCase, conditionCases } from './cases.ts';
import { type DeskWorld, deskWorld, startMs } from './desk-world.ts';

/** What a session is told from its beginning to its end; later facts are kept back until they are known. */
function throughSession(world: DeskWorld, stage: Stage, facts: Facts): readonly Decision[] {
  return points.flatMap((point) => world.desk.decide(stage, point, knownAt(point, facts)));
}

function knownAt(point: (typeof points)[number], facts: Facts): Facts {
  const { channel, door, tryKey } = facts;
  const known = (from: (typeof points)[number]): boolean => !isLater(from, point);
  const { sender = '', recipient = '', provider = null, headers = '', bytes = 0, tags = [], content } = facts;
  return {
    channel,
    door,
    ...(tryKey === undefined ? {} : { tryKey }),
    ...(known('mail') ? { sender } : {}),
    ...(known('rcpt') ? { recipient, provider } : {}),
    ...(known('endOfData') ? { headers, bytes, tags, ...(content === undefined ? {} : { content }) } : {}),
  };
}

function all({ hold, connection, answer, after }: FarSideOrders): readonly Decision[] {
  return [...(hold === null ? [] : [hold]), ...connection, ...(answer === null ? [] : [answer]), ...after];
}

/** How often one rule acts on a few messages like the one in the table, a second apart, each of its own. */
function acts(world: DeskWorld, stage: Stage, facts: Facts, messages: number, own: boolean): boolean[] {
  return Array.from({ length: messages }, (_, number) => {
    world.pass(1_000);
    const one = { ...facts, tryKey: `try ${number}` };
    const decided = own
      ? all(world.desk.orders({ ...one, door: 'queue' }))
      : throughSession(world, stage, one);
    return decided.length > 0;
  });
}

/** What the counting conditions let through of five messages a second apart. */
function expected({ key }: ConditionCase, drawn: readonly boolean[]): readonly boolean[] {
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
      return drawn;
    default:
      return [true, true, true, true, true];
  }
}

for (const stage of bothStages) {
  describe(`at the ${stage}`, () => {
    for (const { name, action } of actionCases) {
      for (const condition of conditionCases) {
        const input = { id: 'one', stage, when: condition.when, then: action };
        const rule: Rule = { ...input, name: '', enabled: true };
        const fault = momentFault(rule);

        if (fault !== null) {
          it(`${name}: by ${condition.key} is refused, for it cannot be known by then`, () => {
            const refusal = refusalOf(() => readRules([input]));
            expect(refusal.code).toBe('invalid_rules');
            expect(refusal.errors[0]?.field).toBe(`rules[0].${fault.field}`);
            expect(refusal.errors[0]?.detail).toMatch(/known only|offers no AUTH/);
          });
          continue;
        }

        it(`${name}: by ${condition.key}`, () => {
          const ways = stage === 'farSide' ? [true, false] : [false];
          for (const own of ways) {
            const world = deskWorld([input]);
            const seen = acts(world, stage, base, 5, own);
            const drawn = luckOf(world, 5);
            expect(seen).toEqual(expected(condition, drawn));
            expect(world.hits).toHaveLength(seen.filter(Boolean).length);
            expect(world.hits[0]).toMatchObject({ cause: 'one', stage, action: action.do });
            if (condition.other === null) continue;
            const other = deskWorld([input]);
            expect(
              acts(other, stage, { ...base, ...condition.other }, 3, own && condition.key !== 'door'),
            ).toEqual([false, false, false]);
            expect(other.hits).toEqual([]);
          }
        });
      }
    }
  });
}

/** What the seed has in store for the rule `one`, asked of another rule of the same name that only draws. */
function luckOf(_world: DeskWorld, messages: number): readonly boolean[] {
  const twin = deskWorld([
    { id: 'one', stage: 'door', when: { probability: 0.7 }, then: { do: 'slow', bytesPerSecond: 99 } },
  ]);
  return Array.from({ length: messages }, () => twin.desk.decide('door', 'connect', base).length > 0);
}

function refusalOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the table', () => {
  it('has every condition and every action of mail', async () => {
    const { actionSchema, channelsOf, conditionsSchema, lackedBy } = await import(
      '../../../core/rules/schema.ts'
    );
    expect(new Set(conditionCases.map(({ key }) => key))).toEqual(
      new Set(
        Object.keys(conditionsSchema.shape).filter((key) => !lackedBy.email.some((one) => one === key)),
      ),
    );
    const kinds = actionSchema.options
      .map((option) => option.shape.do.value)
      .filter((kind) => [...channelsOf[kind].door, ...channelsOf[kind].farSide].includes('email'));
    expect(new Set(actionCases.map(({ action }) => action.do))).toEqual(new Set(kinds));
  });

  it('ends by the clock what is only in force for a while', () => {
    const world = deskWorld([
      {
        id: 'one',
        stage: 'door',
        when: { time: { forMs: 60_000 } },
        then: { do: 'slow', bytesPerSecond: 99 },
      },
    ]);
    expect(world.desk.decide('door', 'connect', base)).toHaveLength(1);
    world.pass(60_000);
    expect(world.desk.decide('door', 'connect', base)).toEqual([]);
    expect(startMs).toBeGreaterThan(0);
  });

  it('decides each rule at one moment of a session only', () => {
    for (const { action } of actionCases) {
      const rule: Rule = { id: 'a', name: '', enabled: true, stage: 'door', when: {}, then: action };
      const world = deskWorld([rule]);
      const at = points.filter((point) => world.desk.decide('door', point, base).length > 0);
      expect(at).toEqual([decidedAt(rule)]);
    }
  });
});
