/** The scenarios that come with Sandpost, played from beginning to end: the same seed and input have the same outcome. */
import { describe, expect, it } from 'vitest';
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { type Scenario, writeScenario } from '../../../core/rules/scenario.ts';
import {
  type DeliveryView,
  hourMs,
  type MessageView,
  mail,
  minuteMs,
  startWorld,
  type World,
} from './journey.ts';

const dayMs = 24 * hourMs;

/** What became of one recipient, without what differs from run to run. */
interface Outcome {
  readonly recipient: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly class: string | null;
  readonly placement: string | null;
  readonly codes: readonly (number | null)[];
}

interface Played {
  readonly outcomes: readonly Outcome[];
  /** Id of each rule that did something, with how often. */
  readonly hits: ReadonlyMap<string, number>;
}

interface Play {
  readonly domains: readonly string[];
  /** Between one batch and the next. */
  readonly gapMs: number;
  readonly perBatch: number;
  /** Of rules that must have done something. */
  readonly hitsMin: number;
}

const plays: Readonly<Record<string, Play>> = {
  'Bad Monday at Gmail': { domains: ['gmail.com'], gapMs: 58 * minuteMs, perBatch: 10, hitsMin: 9 },
  'New domain warm-up': {
    domains: [
      'gmail.com',
      'outlook.com',
      'yahoo.com',
      'icloud.com',
      'corp.example',
      'gmail.com',
      'hotmail.com',
      'else.example',
    ],
    gapMs: 20 * hourMs,
    perBatch: 18,
    hitsMin: 10,
  },
  'List full of dead addresses': {
    domains: ['gmail.com', 'hotmail.com', 'live.com', 'yahoo.com', 'icloud.com', 'corp.example', 'gmial.com'],
    gapMs: 15 * minuteMs,
    perBatch: 14,
    hitsMin: 10,
  },
};

const batches = 5;

/** Newsletters and receipts in turn, to one new reader each. */
async function play(scenario: Scenario, { domains, gapMs, perBatch }: Play): Promise<Played> {
  const world = await startWorld();
  const { id } = await importScenario(world, scenario);
  await world.call('POST', `/v1/scenarios/${id}/start`);
  await world.clock({ freeze: true });
  const sent: string[] = [];
  for (let batch = 0; batch < batches; batch++) {
    for (let at = 0; at < perBatch; at++) sent.push(await sendOne(world, domains, batch * perBatch + at));
    await world.core.app.settled();
    await world.clock({ advanceMs: gapMs });
  }
  await world.clock({ advanceMs: 3 * dayMs });
  return { outcomes: await outcomesOf(world, sent), hits: await hitsIn(world) };
}

async function importScenario(world: World, scenario: Scenario): Promise<{ readonly id: string }> {
  const response = await world.core.get('/v1/scenarios', {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    // Under a name of its own: those that come with Sandpost are not replaced.
    body: writeScenario({ ...scenario, name: `${scenario.name}, played` }),
  });
  expect(response.status).toBe(201);
  const entry: { readonly id: string } = JSON.parse(await response.text());
  return entry;
}

function sendOne(world: World, domains: readonly string[], number: number): Promise<string> {
  const local = number % 11 === 10 ? `info${number}` : `reader${number}`;
  const to = `${number % 23 === 22 ? 'info' : local}@${domains[number % domains.length] ?? ''}`;
  const from = 'hello@shop.example';
  if (number % 3 === 0)
    return world.core.send(mail({ to, subject: `Your order ${1000 + number} was sent` }), from, [to]);
  const news = mail({
    to,
    subject: number === 13 ? 'LAST CHANCE TO BUY' : `News of the week, for reader ${number}`,
    headers: `List-Unsubscribe: <https://shop.example/u/${number}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click`,
  });
  return world.core.send(news, from, [to]);
}

async function outcomesOf(world: World, sent: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const id of sent) {
    const { deliveries } = await world.core.json<MessageView>(`/v1/messages/${id}`);
    for (const delivery of deliveries) outcomes.push(await outcomeOf(world, delivery));
  }
  return outcomes;
}

async function outcomeOf(world: World, delivery: DeliveryView): Promise<Outcome> {
  const { recipient, status, substatus, placement } = delivery;
  const { attemptLog } = await world.core.json<{ attemptLog: { readonly code: number | null }[] }>(
    `/v1/deliveries/${delivery.id}`,
  );
  return {
    recipient,
    status,
    substatus,
    class: delivery.class,
    placement,
    codes: attemptLog.map(({ code }) => code),
  };
}

async function hitsIn(world: World): Promise<ReadonlyMap<string, number>> {
  const { entries } = await world.core.json<{ entries: { readonly id: string; readonly hits: number }[] }>(
    '/v1/rules',
  );
  return new Map(entries.filter(({ hits }) => hits > 0).map(({ id, hits }) => [id, hits]));
}

/** Days of retries, several times over. */
const testMsMax = 180_000;

describe('a scenario played twice with the same input', { timeout: testMsMax }, () => {
  const played = new Map<string, Played>();
  // These are played elsewhere: launch-day.test.ts and verification-codes.test.ts beside the rules, inapp/scenarios.test.ts.
  const others = [
    'Launch day on iOS',
    'Verification codes on a bad day',
    'Bad Wi-Fi in the app',
    'Everything but in-app is down',
  ];
  const cases = exampleScenarios()
    .filter(({ name }) => !others.includes(name))
    .map((scenario) => ({ name: scenario.name, scenario }));

  it.each(cases)('$name: ends alike, recipient by recipient', async ({ name, scenario }) => {
    const plan = plays[name];
    if (plan === undefined) throw new Error(`nothing is planned for ${name}`);
    const first = await play(scenario, plan);
    played.set(name, first);
    const second = await play(scenario, plan);
    expect(second.outcomes).toEqual(first.outcomes);
    expect(second.hits).toEqual(first.hits);
    expect([...first.hits.keys()].length, [...first.hits.keys()].join(', ')).toBeGreaterThanOrEqual(
      plan.hitsMin,
    );
    // Nobody waits for ever: the lifetime of the queue is over.
    expect(first.outcomes.filter(({ status }) => status === 'queued')).toEqual([]);
    expect(new Set(first.outcomes.map(({ status }) => status))).toEqual(
      new Set(['delivered', 'undeliverable']),
    );
  });

  it('ends otherwise with another seed', async () => {
    const [scenario] = exampleScenarios();
    const plan = plays['Bad Monday at Gmail'];
    if (scenario === undefined || plan === undefined) throw new Error('there is no scenario');
    const first = played.get(scenario.name) ?? (await play(scenario, plan));
    const other = await play({ ...scenario, seed: scenario.seed + 1 }, plan);
    expect(other.outcomes).not.toEqual(first.outcomes);
  });
});
