import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import type { Decision, FarSideOrders } from '../../../core/rules/decision.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import {
  actionSchema,
  channelsOf,
  conditionsSchema,
  lackedBy,
  type RuleInput,
} from '../../../core/rules/schema.ts';
import type { SmsAbout } from '../../../core/rules/sms-facts.ts';
import { base as mail } from './cases.ts';
import { type DeskWorld, deskWorld } from './desk-world.ts';
import { ordersFor } from './push-cases.ts';
import { base, type SmsConditionCase, smsActionCases, smsConditionCases, smsOrders } from './sms-cases.ts';

/** Once each, though a stranger's hold stands in two places. */
function all({ hold, connection, answer, after }: FarSideOrders): ReadonlySet<Decision> {
  return new Set([
    ...(hold === null ? [] : [hold]),
    ...connection,
    ...(answer === null ? [] : [answer]),
    ...after,
  ]);
}

/** How often one rule acts on a few messages like the one of the table, a second apart, each of its own. */
function acts(world: DeskWorld, messages: number, about: Partial<SmsAbout>, own: boolean): boolean[] {
  return Array.from({ length: messages }, (_, number) => {
    world.pass(1_000);
    const whose = own ? { door: 'queue', tryKey: `d-${number}`, triesBefore: 0 } : { same: `body ${number}` };
    return all(smsOrders(world, { ...whose, ...about })).size > 0;
  });
}

function expected({ key }: SmsConditionCase, drawn: readonly boolean[]): readonly boolean[] {
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
function luckOf(messages: number): readonly boolean[] {
  const twin = deskWorld([
    { id: 'one', stage: 'door', when: { probability: 0.7 }, then: { do: 'slow', bytesPerSecond: 99 } },
  ]);
  return Array.from({ length: messages }, () => twin.desk.decide('door', 'connect', mail).length > 0);
}

describe('an SMS at the far side', () => {
  for (const { name, action, in: place } of smsActionCases) {
    for (const condition of smsConditionCases)
      for (const own of [false, true])
        it(`${name}: by ${condition.key}, ${own ? 'our own' : 'a stranger’s'}`, () => {
          const input: RuleInput = { id: 'one', stage: 'farSide', when: condition.when, then: action };
          const world = deskWorld([input]);
          const seen = acts(world, 5, {}, own);
          expect(seen).toEqual(expected(condition, luckOf(5)));
          expect(world.hits).toHaveLength(seen.filter(Boolean).length);
          expect(world.hits[0]).toMatchObject({ cause: 'one', stage: 'farSide', action: action.do });
          if (condition.other === null || (own && condition.key === 'door')) return;
          const other = deskWorld([input]);
          expect(acts(other, 3, condition.other, own)).toEqual([false, false, false]);
          expect(other.hits).toEqual([]);
        });

    it(`${name} stands in ${place}`, () => {
      const orders = smsOrders(deskWorld([{ id: 'one', stage: 'farSide', then: action }]));
      const at = {
        answer: orders.answer,
        connection: orders.connection[0] ?? null,
        after: orders.after[0] ?? null,
        hold: orders.hold,
      }[place];
      expect(at?.action).toEqual(action);
    });

    it(`${name} is passed over by mail and push that do not have it, and counts nothing there`, () => {
      const world = deskWorld([{ id: 'one', stage: 'farSide', then: action }]);
      const has = (channel: 'email' | 'push') => channelsOf[action.do].farSide.includes(channel);
      expect(all(world.desk.orders({ ...mail, door: 'queue' })).size).toBe(has('email') ? 1 : 0);
      expect(all(ordersFor(world)).size).toBe(has('push') ? 1 : 0);
      const counted = Number(has('email')) + Number(has('push'));
      expect(world.desk.standingOf('one')?.counts.matches).toBe(counted);
    });
  }

  it('has every condition but domain, subject and moment, and every action that it has', () => {
    const lacked = new Set<string>(lackedBy.sms);
    expect(lacked).toEqual(new Set(['domain', 'subject', 'moment']));
    expect(new Set(smsConditionCases.map(({ key }) => key))).toEqual(
      new Set(Object.keys(conditionsSchema.shape).filter((key) => !lacked.has(key))),
    );
    const kinds = actionSchema.options
      .map((option) => option.shape.do.value)
      .filter((kind) => channelsOf[kind].farSide.includes('sms'));
    expect(new Set(smsActionCases.map(({ action }) => action.do))).toEqual(new Set(kinds));
  });
});

describe('orders for an SMS', () => {
  it('are none where nothing is to be done', () => {
    expect(smsOrders(deskWorld())).toEqual({ hold: null, connection: [], answer: null, after: [] });
  });

  it('do each kind once after the yes: to the handset, to the message, to its reports', () => {
    const world = deskWorld([
      { id: 'lose', stage: 'farSide', then: { do: 'reports', how: 'lose' } },
      { id: 'late', stage: 'farSide', then: { do: 'reports', how: 'late' } },
      { id: 'filtered', stage: 'farSide', then: { do: 'report', status: 'undelivered', code: '30007' } },
      { id: 'twice', stage: 'farSide', then: { do: 'duplicate' } },
      { id: 'off', stage: 'farSide', then: { do: 'offline', forMs: 1_000 } },
      { id: 'held', stage: 'farSide', then: { do: 'hold' } },
    ]);
    expect(smsOrders(world).after.map(({ cause }) => cause.ruleId)).toEqual([
      'held',
      'off',
      'twice',
      'filtered',
      'lose',
    ]);
    // Our own waits in the queue.
    expect(smsOrders(world, { door: 'queue', tryKey: 'd' })).toMatchObject({
      hold: { cause: { ruleId: 'held' } },
      after: [],
    });
  });

  it('count the tries of the same message, and begin anew when it was taken', () => {
    const world = deskWorld([
      { id: 'busy', stage: 'farSide', then: { do: 'answer', reason: '20429', times: 2 } },
    ]);
    const seen = ['a', 'a', 'b', 'a', 'b', 'b', 'a'].map(
      (same) => smsOrders(world, { same }).answer !== null,
    );
    expect(seen).toEqual([true, true, true, false, true, false, true]);
  });

  it('do at our own door what the send API has', () => {
    const world = deskWorld([
      { id: 'no', stage: 'door', when: { channel: 'sms' }, then: { do: 'reject', code: 550, text: 'No' } },
    ]);
    const facts = { channel: 'sms', door: 'api', recipient: base.recipient, sender: 'Shop' } as const;
    expect(world.desk.decide('door', 'rcpt', facts)).toHaveLength(1);
    expect(world.desk.decide('door', 'rcpt', { ...mail, door: 'api' })).toEqual([]);
  });
});

describe('what the rules are told of an SMS', () => {
  const ask = (when: RuleInput['when'], about: Partial<SmsAbout> = {}) =>
    smsOrders(deskWorld([{ id: 'a', stage: 'farSide', when, then: { do: 'blackHole' } }]), about).after
      .length;

  it('has its words in full', () => {
    const text = `${'ω'.repeat(900)} Ende`;
    expect(ask({ body: 'größe m' })).toBe(1);
    expect(ask({ body: { matches: 'ω ende$' } }, { text })).toBe(1);
    expect(ask({ body: { equals: 'ende' } }, { text })).toBe(0);
  });

  it('has the request’s fields, and none of its secrets', () => {
    expect(ask({ header: { name: 'authorization' } })).toBe(1);
    expect(ask({ header: { name: 'authorization', text: 'secret' } })).toBe(0);
    expect(ask({ header: { name: 'x-api-key', text: 'k' } }, { fields: [['X-Api-Key', 'k']] })).toBe(0);
    expect(ask({ header: { name: 'i-twilio-idempotency-token', absent: true } })).toBe(1);
  });

  it('has numbers by their beginning and their end, and senders of any kind', () => {
    expect(ask({ recipient: '+49*' })).toBe(1);
    expect(ask({ recipient: '*5678' })).toBe(1);
    expect(ask({ recipient: '+4915112345???' })).toBe(1);
    expect(ask({ recipient: '4915112345678' })).toBe(0);
    expect(ask({ sender: 'SHOP*' })).toBe(1);
    expect(ask({ sender: '12345' }, { sender: '12345' })).toBe(1);
    expect(ask({ sender: '+1202555*' }, { sender: '+12025550123' })).toBe(1);
    expect(ask({ sender: '' })).toBe(0);
  });

  it('has media by their names and types, of which nothing is fetched', () => {
    expect(ask({ attachment: 'any' })).toBe(1);
    expect(
      ask(
        { attachment: { type: 'video/*' } },
        { media: [{ url: 'https://a.example/v', contentType: 'video/mp4' }] },
      ),
    ).toBe(1);
    expect(
      ask(
        { attachment: { name: 'card.vcf', type: 'text/vcard' } },
        { media: [{ url: 'https://a.example/card.vcf', contentType: null }] },
      ),
    ).toBe(1);
  });

  it('is found by an index of ten thousand numbers', () => {
    const world = deskWorld(
      Array.from(
        { length: 10_000 },
        (_, at): RuleInput => ({
          id: `r${at}`,
          stage: 'farSide',
          when: { recipient: `+4915100${String(at).padStart(6, '0')}` },
          then: { do: 'answer', reason: '21610' },
        }),
      ),
    );
    expect(world.desk.set.walked()).toBe(0);
    expect(smsOrders(world, { recipient: '+4915100004711' }).answer?.cause.ruleId).toBe('r4711');
  });
});

describe('what an SMS does not have', () => {
  const faultOf = (rule: unknown) => {
    try {
      readRules([rule]);
      return null;
    } catch (error) {
      if (error instanceof AppError) return error.errors[0] ?? null;
      throw error;
    }
  };
  const held = { stage: 'farSide', then: { do: 'hold' } } as const;

  it('is refused where the rule is about SMS alone', () => {
    expect(faultOf({ ...held, when: { channel: 'sms', domain: 'gmail.com' } })).toMatchObject({
      field: 'rules[0].when.domain',
      detail: expect.stringContaining('An SMS has no domain'),
    });
    expect(faultOf({ ...held, when: { provider: 'vonage', subject: 'x' } })).toMatchObject({
      field: 'rules[0].when.subject',
      detail: expect.stringContaining('ask for its body'),
    });
    expect(faultOf({ ...held, when: { channel: ['sms', 'push'], subject: 'x' } })).toBeNull();
    expect(faultOf({ ...held, when: { subject: 'x' } })).toBeNull();
  });

  it('is found by the provider too', () => {
    expect(
      faultOf({ stage: 'farSide', when: { provider: 'apns' }, then: { do: 'report', status: 'failed' } }),
    ).toMatchObject({
      field: 'rules[0].then.do',
      detail: expect.stringMatching(/report is done to SMS only, and the rule asks for apns/),
    });
    expect(
      faultOf({ stage: 'farSide', when: { provider: 'twilio' }, then: { do: 'goAway' } })?.detail,
    ).toMatch(
      /goAway is done to pushes and in-app messages only, and the rule asks for twilio: take .*answer.*report/,
    );
    expect(faultOf({ stage: 'door', when: {}, then: { do: 'report', status: 'failed' } })?.detail).toMatch(
      /report is what a provider does/,
    );
    expect(faultOf({ ...held, when: { provider: ['twilio', 'gmail'] } })).toBeNull();
  });

  it('meets no rule that asks for it', () => {
    const world = deskWorld([
      { ...held, id: 'domain', when: { domain: '*' } },
      { ...held, id: 'subject', when: { subject: { equals: '' } } },
    ]);
    expect(smsOrders(world)).toMatchObject({ hold: null, after: [] });
  });
});
