import { afterEach, describe, expect, it } from 'vitest';
import type { Carried, Job } from '../../../core/delivery/carrier.ts';
import { orderedFor, type RulePorts, transactionKey } from '../../../core/delivery/orders.ts';
import { noDetails } from '../../../core/model/message-details.ts';
import { type Facts, type FarSideOrders, noOrders } from '../../../core/rules/decision.ts';
import { afterwards, answering, connecting, decided } from '../mailboxes/ordered.ts';
import { type Script, scriptedDesk } from '../mailboxes/scripted-desk.ts';
import { deferred, openWorld, sent, type World } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** An engine that asks a scripted desk; `jobs` is what its carrier got. */
async function open(script: Script, ports: Partial<RulePorts> = {}, onProblem?: (text: string) => void) {
  const desk = scriptedDesk(script);
  const jobs: Job[] = [];
  world = await openWorld({
    ports: {
      ...(onProblem === undefined ? {} : { onProblem }),
      rules: {
        desk,
        headOf: () => Promise.resolve(null),
        contentOf: () => Promise.resolve(null),
        ...ports,
      },
    },
    carrier: (scripted) => ({
      close: () => scripted.close(),
      carry(job): Promise<Carried> {
        jobs.push(job);
        return scripted.carry(job);
      },
    }),
  });
  return { ...world, world, desk, jobs };
}

const hold = (label = 'look first', ruleId = 'r1'): FarSideOrders => {
  const one = decided({ do: 'hold' }, 'queue', label);
  if (one.action.do !== 'hold') throw new Error('it holds');
  return { ...noOrders, hold: { ...one, action: one.action, cause: { ruleId, label } } };
};
const to = (of: Readonly<Record<string, FarSideOrders>>) => (facts: Facts) =>
  of[facts.recipient ?? ''] ?? noOrders;

describe('before an attempt', () => {
  it('the rules are asked once, in the order of the queue, with what is known', async () => {
    const w = await open({ orders: () => noOrders });
    w.world.answer = (_, attempt) => (attempt === 1 ? deferred() : sent);
    const [jane] = await w.send(['jane@example.com', 'bob@example.com'], { tags: ['welcome'] });
    await w.engine.idle();
    await w.travel.toNext();
    expect(w.desk.asked.map(({ facts }) => [facts.recipient, facts.triesBefore])).toEqual([
      ['jane@example.com', 0],
      ['bob@example.com', 0],
      ['jane@example.com', 1],
      ['bob@example.com', 1],
    ]);
    expect(w.desk.asked[0]?.facts).toMatchObject({
      channel: 'email',
      door: 'queue',
      provider: 'default',
      tags: ['welcome'],
      tryKey: jane,
      deliveryId: jane,
      releasedFrom: [],
    });
    expect(w.jobs.every((job) => job.orders === undefined)).toBe(true);
  });

  it('what they need of the message is read once for all of its recipients, and the order stays', async () => {
    const reads: string[] = [];
    const w = await open(
      { orders: () => noOrders, needs: { headers: true, content: true } },
      {
        headOf: async (id) => {
          reads.push(`head ${id}`);
          return 'Subject: hello\r\n';
        },
        contentOf: async (id) => {
          reads.push(`content ${id}`);
          return null;
        },
      },
    );
    await w.send(['jane@example.com', 'bob@example.com']);
    await w.engine.idle();
    expect(reads.length).toBe(2);
    expect(w.desk.asked.map(({ facts }) => [facts.recipient, facts.headers, facts.content])).toEqual([
      ['jane@example.com', 'Subject: hello\r\n', undefined],
      ['bob@example.com', 'Subject: hello\r\n', undefined],
    ]);
  });

  it('rules that cannot be asked stop nothing', async () => {
    const problems: string[] = [];
    const orders = {
      orders: () => {
        throw new Error('no way through');
      },
    };
    const w = await open(orders, {}, (text) => problems.push(text));
    await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(w.jobs).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining('no way through')]);
  });

  it('a desk that has nothing to ask is asked nothing', async () => {
    const w = await open({});
    await w.send(['jane@example.com']);
    await w.engine.idle();
    expect(w.desk.asked).toEqual([]);
  });

  it('what a rule holds is held, is no attempt, and is let go for good by a release', async () => {
    const w = await open({ orders: () => hold() });
    const [id = ''] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect((await w.store.delivery(id))?.delivery).toMatchObject({
      status: 'queued',
      substatus: 'held',
      reason: 'held by the rule “look first”',
      attempts: 0,
      heldBy: { key: 'r1', label: 'look first' },
    });
    await w.travel.advance(72 * hourMs);
    expect(w.jobs).toEqual([]);
    await w.store.order([id], { kind: 'release', nowMs: w.virtual.nowMs(), reason: 'go on' });
    await w.engine.idle();
    expect(w.jobs.length).toBe(1);
    expect(w.desk.asked.at(-1)?.facts.releasedFrom).toEqual(['r1']);
    expect((await w.store.delivery(id))?.delivery).toMatchObject({ status: 'sent', substatus: null });
  });

  it('another rule may hold what the first let go', async () => {
    const w = await open({
      orders: ({ releasedFrom }) => (releasedFrom?.includes('r1') ? hold('again', 'r2') : hold()),
    });
    const [id = ''] = await w.send(['jane@example.com']);
    await w.engine.idle();
    await w.store.order([id], { kind: 'release', nowMs: w.virtual.nowMs(), reason: 'go on' });
    await w.engine.idle();
    expect((await w.store.delivery(id))?.delivery).toMatchObject({
      substatus: 'held',
      heldBy: { key: 'r2' },
    });
  });
});

describe('jobs', () => {
  it('share a transaction only where it has one answer; RCPT and what comes after the yes may differ', async () => {
    const at = (point: 'rcpt' | 'data') => answering({ do: 'reject', code: 550, text: 'no' }, point);
    const w = await open({
      orders: to({
        'a@example.com': at('rcpt'),
        'c@example.com': at('data'),
        'd@example.com': at('data'),
        'e@example.com': connecting({ do: 'slow', bytesPerSecond: 100 }, 'connect'),
        'f@example.com': afterwards({ do: 'place', in: 'spam' }),
        'g@example.com': afterwards({ do: 'corrupt' }),
      }),
    });
    await w.send(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((one) => `${one}@example.com`));
    await w.engine.idle();
    const groups = w.jobs.map((job) =>
      job.deliveries.map(({ delivery }) => delivery.recipient.charAt(0)).join(''),
    );
    expect(new Set(groups)).toEqual(new Set(['abf', 'cd', 'e', 'g']));
    const [first] = w.jobs;
    expect(first?.orders?.size).toBe(2);
  });

  it('take what is lost on purpose for sent, and never heard of again', async () => {
    const w = await open({ orders: () => afterwards({ do: 'blackHole' }) });
    w.world.answer = () => ({ ...sent, unconfirmed: 'taken and lost on purpose, by the rule “r”' });
    const [id = ''] = await w.send(['jane@example.com']);
    await w.engine.idle();
    expect((await w.store.delivery(id))?.delivery).toMatchObject({
      status: 'sent',
      substatus: 'unconfirmed',
      reason: 'taken and lost on purpose, by the rule “r”',
    });
    await w.travel.advance(72 * hourMs);
    expect(w.jobs.length).toBe(1);
    expect(w.events.filter(({ type }) => type === 'sent').map(({ data }) => data)).toMatchObject([
      { unconfirmed: true, reason: 'taken and lost on purpose, by the rule “r”' },
    ]);
  });
});

describe('what a door ordered', () => {
  const spam = decided({ do: 'place', in: 'spam' }, 'accepted', '+spam');

  it('is for its recipient, or for all of them', () => {
    const details = {
      ...noDetails,
      ordered: [
        { recipient: 'jane@example.com', decisions: [spam] },
        { recipient: null, decisions: [spam] },
      ],
    };
    expect(orderedFor(details, 'jane@example.com').length).toBe(2);
    expect(orderedFor(details, 'bob@example.com')).toEqual([spam]);
  });

  it('that cannot be read any more orders nothing', () => {
    const details = {
      ...noDetails,
      ordered: [{ recipient: null, decisions: [{ ...spam, action: { do: 'fly' } }] }, 7],
    };
    expect(orderedFor(details, 'jane@example.com')).toEqual([]);
    expect(orderedFor(null, 'jane@example.com')).toEqual([]);
  });
});

it('the key of a transaction tells rules apart that say the same', () => {
  const orders = answering({ do: 'reject', code: 550, text: 'no' }, 'data');
  const { answer } = orders;
  if (answer === null) throw new Error('it answers');
  const other = { ...orders, answer: { ...answer, cause: { ruleId: 'r2', label: 'another' } } };
  expect(transactionKey(orders)).not.toBe(transactionKey(other));
  expect(transactionKey(noOrders)).toBe('');
});
