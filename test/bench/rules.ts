/**
 * What rules cost: the same mail with none and with ten thousand, on the same core, in turn. Processor time of the main
 * thread, where rules are asked, is told beside the rate: other work on the machine moves it least.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { measuredProgram } from './deliveries.ts';
import { median } from './disk.ts';
import { type Load, run } from './load.ts';
import { someMetRules, unmetRules } from './many-rules.ts';
import { waitForIndex } from './queries.ts';
import { type Core, startCore } from './subjects.ts';

/** What ten thousand rules may cost an ingest. */
const costMax = 0.1;
const blockedMsMax = 100;
const deliveredMsMax = 300_000;
const pollMs = 50;

interface Variant {
  readonly name: string;
  readonly set: Readonly<Record<string, unknown>>;
}

interface Figures {
  readonly perSecond: number;
  readonly mainUs: number;
}

const off: Variant = { name: 'no rules, no magic addresses', set: { rules: [], magicAddresses: false } };
const none: Variant = { name: 'no rules', set: { rules: [], magicAddresses: true } };

export async function measureRules(
  folder: string,
  tool: string,
  quick: boolean,
  say: (line: string) => void,
): Promise<void> {
  for (const line of await replaceCost()) say(line);
  for (const line of await ingestCost(folder, tool, quick)) say(line);
  for (const line of await deliveryCost(folder, tool, quick)) say(line);
}

async function ingestCost(folder: string, tool: string, quick: boolean): Promise<readonly string[]> {
  const load: Load = {
    name: 'rules',
    connections: 10,
    messages: quick ? 3_000 : 6_000,
    bytes: 1024,
    reconnect: false,
    distinct: true,
  };
  const variants = [off, none, { name: '10,000 rules, none met', set: withRules(unmetRules('door')) }];
  const core = await startCore(folder, ['--no-deliver']);
  const measured = await inTurn(core, variants, quick ? 3 : 9, async () => {
    const perSecond = await run(tool, load, core.smtpPort);
    return { messages: load.messages, perSecond };
  });
  await core.stop();
  const [magicOff, bare, many] = measured;
  if (magicOff === undefined || bare === undefined || many === undefined) throw new Error('not measured');
  const rate = 1 - ratio(many, bare, ({ perSecond }) => perSecond);
  const time = ratio(many, bare, ({ mainUs }) => mainUs) - 1;
  return [
    'rules at the door, ingest of 1 KB over 10 connections, each to another recipient; ÷ is the median of the rounds',
    ...variants.map(({ name }, at) => row(name, measured[at] ?? [], bare)),
    `  10,000 rules cost ${percent(rate)} of the rate, ${percent(time)} of the main thread's time a message: ${rate <= costMax ? 'passed' : 'FAILED'} (at most ${percent(costMax)})`,
    `  magic addresses cost ${percent(ratio(bare, magicOff, ({ mainUs }) => mainUs) - 1)} of the main thread's time`,
  ];
}

async function deliveryCost(folder: string, tool: string, quick: boolean): Promise<readonly string[]> {
  const load: Load = {
    name: 'rules',
    connections: 5,
    messages: quick ? 600 : 1_500,
    bytes: 1024,
    reconnect: false,
    distinct: true,
  };
  const some = someMetRules('farSide', load.messages, (number) => `${number}recipient@bench.example`);
  const variants = [
    none,
    { name: '10,000 rules, none met', set: withRules(unmetRules('farSide')) },
    { name: '10,000 rules, 1 % met', set: withRules(some) },
  ];
  const core = await startCore(folder);
  const measured = await inTurn(core, variants, quick ? 3 : 7, async () => {
    const before = await delivered(core.url);
    const startedMs = performance.now();
    await run(tool, load, core.smtpPort);
    while ((await delivered(core.url)) < before + load.messages) {
      if (performance.now() - startedMs > deliveredMsMax) throw new Error('not all was delivered');
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return { messages: load.messages, perSecond: load.messages / ((performance.now() - startedMs) / 1000) };
  });
  await core.stop();
  const [bare] = measured;
  return [
    'rules of the far side, the same taken and delivered whole',
    ...variants.map(({ name }, at) => row(name, measured[at] ?? [], bare ?? [])),
  ];
}

const replaceSchema = z.object({
  ms: z.number(),
  blockedMs: z.number(),
  turnMs: z.number(),
  firstTurnMs: z.number(),
});

async function replaceCost(): Promise<readonly string[]> {
  const { ms, blockedMs, turnMs, firstTurnMs } = replaceSchema.parse(
    await measuredProgram('rules-replaced.ts', []),
  );
  return [
    `replacing a set by 10,000 rules: ${ms.toFixed(0)} ms; the longest turn of the loop has ${turnMs.toFixed(0)} ms of processor time (${firstTurnMs.toFixed(0)} ms the first time), ${blockedMs.toFixed(0)} ms by the clock: ${turnMs <= blockedMsMax ? 'passed' : 'FAILED'} (at most ${blockedMsMax} ms)`,
  ];
}

/** Rounds in which each variant has its turn, beginning with another one each time. @returns rounds by variant */
async function inTurn(
  core: Core,
  variants: readonly Variant[],
  rounds: number,
  load: () => Promise<{ readonly messages: number; readonly perSecond: number }>,
): Promise<readonly (readonly Figures[])[]> {
  const measured: Figures[][] = variants.map(() => []);
  // What the core does is compiled by the time it counts.
  await load();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const at = (turn + round) % variants.length;
      await replace(core.url, variants[at]?.set ?? {});
      await waitForIndex(core.url);
      const beforeNs = mainThreadNs(core.pid);
      const { messages, perSecond } = await load();
      const mainUs = (mainThreadNs(core.pid) - beforeNs) / 1000 / messages;
      measured[at]?.push({ perSecond, mainUs });
    }
  }
  return measured;
}

async function replace(url: string, set: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await fetch(`${url}/v1/rules`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(set),
  });
  if (!response.ok) throw new Error(`PUT /v1/rules: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** The first thread of a process bears its number (Linux). */
function mainThreadNs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

async function delivered(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^sandpost_deliveries_delivered_total (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

function withRules(rules: readonly unknown[]): Readonly<Record<string, unknown>> {
  return { rules, magicAddresses: true };
}

function ratio(one: readonly Figures[], other: readonly Figures[], of: (figures: Figures) => number): number {
  return median(one.flatMap((figures, at) => of(figures) / of(other[at] ?? figures)));
}

function row(name: string, figures: readonly Figures[], bare: readonly Figures[]): string {
  const rate = median(figures.map(({ perSecond }) => perSecond));
  const us = median(figures.map(({ mainUs }) => mainUs));
  return `  ${name.padEnd(30)}${rate.toFixed(0).padStart(6)}/s, ÷ ${ratio(figures, bare, (one) => one.perSecond).toFixed(3)}; main thread ${us.toFixed(0).padStart(5)} µs each, ÷ ${ratio(figures, bare, (one) => one.mainUs).toFixed(3)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
