import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import type { Decision, FarSideOrders } from '../../../core/rules/decision.ts';
import type { PushAbout } from '../../../core/rules/push-facts.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import { type ActionKind, actionSchema, channelsOf, conditionsSchema } from '../../../core/rules/schema.ts';
import { base as mail } from './cases.ts';
import { type DeskWorld, deskWorld } from './desk-world.ts';
import {
  ordersFor,
  type PushActionCase,
  type PushConditionCase,
  pushActionCases,
  pushConditionCases,
} from './push-cases.ts';

/** Once each, though a stranger's hold stands in two places. */
function all({ hold, connection, answer, after }: FarSideOrders): ReadonlySet<Decision> {
  return new Set([
    ...(hold === null ? [] : [hold]),
    ...connection,
    ...(answer === null ? [] : [answer]),
    ...after,
  ]);
}

/** How often one rule acts on a few pushes like the one of the table, a second apart, each of its own. */
function acts(world: DeskWorld, pushes: number, about: Partial<PushAbout>, own: boolean): boolean[] {
  return Array.from({ length: pushes }, (_, number) => {
    world.pass(1_000);
    const whose = own
      ? { door: 'queue', tryKey: `d-${number}`, triesBefore: 0 }
      : { same: `payload ${number}` };
    const decided = all(ordersFor(world, { ...whose, ...about }));
    return decided.size > 0;
  });
}

function expected({ key }: PushConditionCase, drawn: readonly boolean[]): readonly boolean[] {
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

/** What the seed has in store for the rule `one`: chance knows nothing of what is done. */
function luckOf(pushes: number): readonly boolean[] {
  const twin = deskWorld([
    { id: 'one', stage: 'door', when: { probability: 0.7 }, then: { do: 'slow', bytesPerSecond: 99 } },
  ]);
  return Array.from({ length: pushes }, () => twin.desk.decide('door', 'connect', mail).length > 0);
}

function where(orders: FarSideOrders, kind: ActionKind): PushActionCase['in'] | null {
  if (orders.hold?.action.do === kind) return 'hold';
  if (orders.answer?.action.do === kind) return 'answer';
  if (orders.connection.some(({ action }) => action.do === kind)) return 'connection';
  return orders.after.some(({ action }) => action.do === kind) ? 'after' : null;
}

describe('to a push', () => {
  for (const { name, action, in: place } of pushActionCases) {
    for (const condition of pushConditionCases) {
      it(`${name}: by ${condition.key}`, () => {
        const rule = { id: 'one', stage: 'farSide', when: condition.when, then: action } as const;
        for (const own of [false, true]) {
          const world = deskWorld([rule]);
          const seen = acts(world, 5, {}, own);
          expect(seen).toEqual(expected(condition, luckOf(5)));
          expect(world.hits).toHaveLength(seen.filter(Boolean).length);
          expect(world.hits[0]).toMatchObject({ cause: 'one', stage: 'farSide', action: action.do });
          if (condition.other === null) continue;
          const other = deskWorld([rule]);
          expect(acts(other, 3, condition.other, own)).toEqual([false, false, false]);
          expect(other.hits).toEqual([]);
          expect(other.desk.standingOf('one')?.counts.matches).toBe(0);
        }
      });
    }

    it(`${name} stands in its place`, () => {
      const world = deskWorld([{ id: 'one', stage: 'farSide', then: action }]);
      expect(where(ordersFor(world), action.do)).toBe(place);
    });

    it(`${name} by the domain is refused, where a push is all that it can be done to`, () => {
      const refusal = faultOf({ stage: 'farSide', when: { channel: 'push', domain: 'x' }, then: action });
      expect(refusal).toMatchObject({ field: 'rules[0].when.domain' });
      expect(refusal?.detail).toMatch(/has no domain: ask for its recipient/);
    });

    it(`${name} is passed over by mail, and counts nothing there, unless mail has it too`, () => {
      const world = deskWorld([{ id: 'one', stage: 'farSide', then: action }]);
      const orders = world.desk.orders({ ...mail, door: 'queue' });
      const has = channelsOf[action.do].farSide.includes('email');
      expect(all(orders).size).toBe(has ? 1 : 0);
      expect(world.desk.standingOf('one')?.counts.matches).toBe(has ? 1 : 0);
    });
  }

  it('has every condition but domain and moment, and every action that it has', () => {
    expect(new Set(pushConditionCases.map(({ key }) => key))).toEqual(
      new Set(Object.keys(conditionsSchema.shape).filter((key) => key !== 'domain' && key !== 'moment')),
    );
    const kinds = actionSchema.options
      .map((option) => option.shape.do.value)
      .filter((kind) => channelsOf[kind].farSide.includes('push'));
    expect(new Set(pushActionCases.map(({ action }) => action.do))).toEqual(new Set(kinds));
  });
});

describe('what a push does not have', () => {
  const kinds = actionSchema.options.map((option) => option.shape.do.value);
  const examples: Readonly<Partial<Record<ActionKind, Readonly<Record<string, unknown>>>>> = {
    reject: { code: 550, text: 'No' },
    defer: { code: 451, text: 'Later' },
    place: { in: 'spam' },
    slow: { bytesPerSecond: 100 },
    disconnect: { at: 'data' },
    delay: { ms: 1_000 },
    answer: { reason: 'Gone' },
    offline: { forMs: 1_000 },
    report: { status: 'failed' },
    reports: { how: 'lose' },
  };

  for (const stage of ['door', 'farSide'] as const)
    for (const kind of kinds)
      for (const channel of ['email', 'push', 'sms', 'inapp'] as const) {
        const has = channelsOf[kind][stage].includes(channel);
        if (has) continue;
        it(`${kind} of ${channel} at the ${stage} is refused`, () => {
          const then = { do: kind, ...examples[kind] };
          const fault = faultOf({ stage, when: { channel }, then });
          expect(fault?.field).toBe('rules[0].then.do');
          expect(fault?.code).toBe('not_of_channel');
          expect(fault?.detail).toMatch(
            channelsOf[kind][stage].length === 0
              ? /is what a provider does/
              : /only, and the rule asks for (?:email|push|sms|inapp): /,
          );
          // Without a channel it is a rule of those that have it, and of no other.
          if (channelsOf[kind][stage].length > 0 && kind !== 'refuseAuth')
            expect(faultOf({ stage, then })).toBeNull();
        });
      }

  it('is found by the provider too', () => {
    expect(faultOf({ stage: 'farSide', when: { provider: 'gmail' }, then: { do: 'goAway' } })).toMatchObject({
      field: 'rules[0].then.do',
    });
    expect(
      faultOf({ stage: 'farSide', when: { provider: ['apns', 'fcm'] }, then: { do: 'corrupt' } })?.detail,
    ).toMatch(/corrupt is done to mail only, and the rule asks for apns or fcm: take .*answer, goAway/);
    expect(
      faultOf({ stage: 'farSide', when: { channel: 'email', provider: 'apns' }, then: { do: 'hold' } }),
    ).toMatchObject({ field: 'rules[0].when.provider' });
    expect(
      faultOf({ stage: 'farSide', when: { provider: ['apns', 'gmail'] }, then: { do: 'hold' } }),
    ).toBeNull();
  });
});

function faultOf(rule: unknown) {
  try {
    readRules([rule]);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.errors[0] ?? null;
    throw error;
  }
}
