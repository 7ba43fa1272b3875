import { describe, expect, it } from 'vitest';
import { byCause } from '../../../core/rules/decision.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { deskWorld } from './desk-world.ts';
import { content, ordersFor, token } from './push-cases.ts';

const unregistered: RuleInput = {
  id: 'gone',
  stage: 'farSide',
  then: { do: 'answer', reason: 'Unregistered' },
};
const offline: RuleInput = { id: 'off', stage: 'farSide', then: { do: 'offline', forMs: 7_200_000 } };
const hold: RuleInput = { id: 'held', name: 'look first', stage: 'farSide', then: { do: 'hold' } };

describe('orders for a push', () => {
  it('are none where nothing is to be done', () => {
    const orders = ordersFor(deskWorld());
    expect(orders).toEqual({ hold: null, connection: [], answer: null, after: [] });
  });

  it('go by the list, not by the moments of an SMTP session', () => {
    const cut: RuleInput = { id: 'cut', stage: 'farSide', then: { do: 'disconnect', at: 'connect' } };
    expect(ordersFor(deskWorld([unregistered, cut])).answer?.cause.ruleId).toBe('gone');
    expect(ordersFor(deskWorld([cut, unregistered])).answer?.cause.ruleId).toBe('cut');
  });

  it('decide nothing that comes after a yes when there is none', () => {
    const world = deskWorld([unregistered, offline, hold]);
    expect(ordersFor(world)).toMatchObject({ hold: null, after: [] });
    expect(world.hits.map(({ cause }) => cause)).toEqual(['gone']);
  });

  it('do what comes after a yes where only the connection ends', () => {
    const away: RuleInput = { id: 'away', stage: 'farSide', then: { do: 'goAway', answered: true } };
    const lost: RuleInput = {
      id: 'lost',
      stage: 'farSide',
      then: { do: 'disconnect', at: 'endOfData', keep: true },
    };
    for (const rule of [away, lost]) {
      const orders = ordersFor(deskWorld([rule, offline]));
      expect(orders.answer?.cause.ruleId).toBe(rule.id);
      expect(orders.after.map(({ action }) => action.do)).toEqual(['offline']);
    }
  });

  it('hold our own in the queue, before anything else', () => {
    const world = deskWorld([unregistered, hold]);
    const own = { door: 'queue', tryKey: 'd', triesBefore: 0 } as const;
    const orders = ordersFor(world, own);
    expect(orders).toMatchObject({ answer: null, after: [], hold: { point: 'queue' } });
    // Released, it goes on.
    expect(ordersFor(world, { ...own, releasedFrom: ['held'] })).toMatchObject({
      hold: null,
      answer: { cause: { ruleId: 'gone' } },
    });
  });

  it('hold a stranger’s behind the yes: it is stored at the provider', () => {
    const orders = ordersFor(deskWorld([hold, offline]));
    expect(orders.hold).toMatchObject({ point: 'accepted', cause: { ruleId: 'held' } });
    expect(orders.after.map(({ action }) => action.do)).toEqual(['hold', 'offline']);
    expect(orders.after[0]).toBe(orders.hold);
  });

  it('count the tries of the same push, and begin anew when it was taken', () => {
    const world = deskWorld([
      {
        id: 'busy',
        stage: 'farSide',
        then: { do: 'answer', reason: 'TooManyRequests', retryAfterS: 5, times: 2 },
      },
    ]);
    const seen = ['a', 'a', 'b', 'a', 'b', 'b', 'a'].map(
      (same) => ordersFor(world, { same }).answer !== null,
    );
    expect(seen).toEqual([true, true, true, false, true, false, true]);
  });

  it('decide once for a delivery of our own what follows its yes, and for each push of a stranger', () => {
    const world = deskWorld([{ ...offline, when: { everyNth: 2 } }]);
    const own = { door: 'queue', tryKey: 'd' } as const;
    expect(ordersFor(world, own).after).toEqual([]);
    const first = ordersFor(world, { ...own, triesBefore: 1 }).after;
    expect(first).toHaveLength(1);
    expect(ordersFor(world, { ...own, triesBefore: 2 }).after).toBe(first);
    const strangers = [1, 2, 3, 4].map(() => ordersFor(world, { same: 'x' }).after.length);
    expect(strangers).toEqual([0, 1, 0, 1]);
  });

  it('do at our own door what the send API has', () => {
    const world = deskWorld([
      { id: 'slow', stage: 'door', then: { do: 'slow', bytesPerSecond: 100 } },
      { id: 'no', stage: 'door', then: { do: 'reject', code: 550, text: 'No', at: 'rcpt' } },
    ]);
    const facts = { channel: 'push', door: 'api', recipient: token, sender: 'com.shop' } as const;
    expect(world.desk.decide('door', 'connect', facts)).toEqual([]);
    expect(world.desk.decide('door', 'rcpt', facts)).toHaveLength(1);
  });
});

describe('what the rules are told of a push', () => {
  it('has its words in full, from UTF-8 to the last line of its data', () => {
    const ask = (when: RuleInput['when']) =>
      ordersFor(deskWorld([{ id: 'a', stage: 'farSide', when, then: { do: 'blackHole' } }]), {
        content: {
          ...content,
          title: 'Grüße\r\nX: 🚀',
          data: { note: 'ω'.repeat(900), last: { deep: 'Ende' } },
        },
      }).after.length;
    expect(ask({ subject: { equals: 'Grüße X: 🚀' } })).toBe(1);
    expect(ask({ subject: { matches: '^gr.ße.*🚀$' } })).toBe(1);
    expect(ask({ header: { name: 'x' } })).toBe(0);
    expect(ask({ body: 'ωωω' })).toBe(1);
    expect(ask({ body: { matches: 'last: \\{.*ende' } })).toBe(1);
    expect(ask({ body: 'nowhere' })).toBe(0);
  });

  it('has the request’s fields, and none of its secrets', () => {
    const ask = (header: NonNullable<RuleInput['when']>['header']) =>
      ordersFor(deskWorld([{ id: 'a', stage: 'farSide', when: { header }, then: { do: 'blackHole' } }])).after
        .length;
    expect(ask({ name: 'apns-topic', text: { equals: 'com.shop.app' } })).toBe(1);
    expect(ask({ name: 'authorization' })).toBe(1);
    expect(ask({ name: 'authorization', text: 'secret' })).toBe(0);
    expect(ask({ name: 'apns-collapse-id', absent: true })).toBe(1);
  });

  it('has the app for a sender, whole or with wildcards, and the token for a recipient', () => {
    const ask = (when: RuleInput['when'], recipient = token) =>
      ordersFor(deskWorld([{ id: 'a', stage: 'farSide', when, then: { do: 'blackHole' } }]), { recipient })
        .after.length;
    expect(ask({ sender: 'COM.shop.app' })).toBe(1);
    expect(ask({ sender: 'com.shop.*' })).toBe(1);
    expect(ask({ sender: '*.app' })).toBe(1);
    expect(ask({ sender: 'shop.app' })).toBe(0);
    expect(ask({ sender: '' })).toBe(0);
    expect(ask({ recipient: '*' })).toBe(1);
    expect(ask({ recipient: '/topics/news' }, '/topics/news')).toBe(1);
    expect(ask({ recipient: '/topics/*' }, '/topics/news')).toBe(1);
    expect(ask({ recipient: 'news' }, '/topics/news')).toBe(0);
  });

  it('is found by an index of ten thousand tokens', () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, at): RuleInput => ({
        id: `r${at}`,
        stage: 'farSide',
        when: { recipient: `token-${at}` },
        then: { do: 'answer', reason: 'Unregistered' },
      }),
    );
    const world = deskWorld(rules);
    expect(world.desk.set.walked()).toBe(0);
    expect(ordersFor(world, { recipient: 'Token-7312' }).answer?.cause.ruleId).toBe('r7312');
    expect(ordersFor(world, { recipient: 'token-x' }).answer).toBeNull();
  });

  it('says by whom something is done', () => {
    const { answer } = ordersFor(deskWorld(), { recipient: 'bad-1' });
    expect(answer === null ? '' : byCause(answer.cause)).toBe('by the magic token bad');
  });
});
