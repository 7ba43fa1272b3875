/** Figures of the delivery core: whole deliveries a second against the library steps alone, and the cost of a claim. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { letterKinds } from './letters.ts';
import { run } from './load.ts';
import { startCore } from './subjects.ts';

const programMsMax = 600_000;
const rateSchema = z.object({
  perSecond: z.number(),
  cpuMs: z.number(),
  mainCpuMs: z.number().optional(),
  stages: z.array(z.object({ stage: z.string(), ms: z.number() })).optional(),
  residentMb: z.number().optional(),
  problems: z.array(z.string()).optional(),
});
const stepsSchema = z.record(z.string(), z.number());
const timeSchema = z.object({ attempts: z.int(), ms: z.number(), sameTimes: z.boolean() });
const depthSchema = z.object({ median: z.number(), worst: z.number(), residentMb: z.number() });

/** @returns lines to print; each pair of figures is taken in turn, the ratio is of the same round */
export async function measureDeliveries(folder: string, quick: boolean): Promise<readonly string[]> {
  const rounds = quick ? 1 : 3;
  const lines: string[] = [];
  for (const kind of letterKinds) {
    const ratios: number[] = [];
    const wholes: z.infer<typeof rateSchema>[] = [];
    const alones: z.infer<typeof rateSchema>[] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = rateSchema.parse(await measuredProgram('steps-alone.ts', [kind, quick ? '3' : '6']));
      const whole = rateSchema.parse(
        await measuredProgram('whole-deliveries.ts', [
          kind,
          quick ? '2000' : '5000',
          mkdtempSync(join(folder, 'whole-')),
        ]),
      );
      if (whole.problems !== undefined && whole.problems.length > 0)
        throw new Error(`the deliveries did not go smoothly: ${whole.problems.join('; ')}`);
      alones.push(alone);
      wholes.push(whole);
      ratios.push(whole.perSecond / alone.perSecond);
    }
    const whole = middle(wholes, (one) => one.perSecond);
    const alone = middle(alones, (one) => one.perSecond);
    lines.push(
      `${kind.padEnd(18)} ${whole.perSecond.toFixed(0).padStart(5)}/s whole, ${alone.perSecond.toFixed(0).padStart(5)}/s library steps alone on two threads; ratio ${middle(ratios, (one) => one).toFixed(2)}; processor time each ${whole.cpuMs.toFixed(2)} ms, alone ${alone.cpuMs.toFixed(2)} ms; ${(whole.residentMb ?? 0).toFixed(0)} MB`,
    );
    const steps = stepsSchema.parse(await measuredProgram('own-steps.ts', [kind]));
    lines.push(`  in the journey, ms: ${told((whole.stages ?? []).map(({ stage, ms }) => [stage, ms]))}`);
    lines.push(`  each step alone, ms: ${told(Object.entries(steps))}`);
  }
  const long = quick ? 100_000 : 1_000_000;
  const short = await claimCost(1_000, mkdtempSync(join(folder, 'short-')));
  const deep = await claimCost(long, mkdtempSync(join(folder, 'deep-')));
  lines.push(
    `claiming 20: median ${short.median.toFixed(2)} ms with 1,000 queued, ${deep.median.toFixed(2)} ms with ${long.toLocaleString('en')}; ratio ${(deep.median / short.median).toFixed(2)}; memory ${short.residentMb.toFixed(0)} and ${deep.residentMb.toFixed(0)} MB`,
  );
  const time = timeSchema.parse(
    await measuredProgram('journey-in-time.ts', [
      mkdtempSync(join(folder, 'time-')),
      mkdtempSync(join(folder, 'time-')),
    ]),
  );
  lines.push(
    `48 hours of retries on the virtual clock: ${time.attempts} attempts in ${time.ms.toFixed(0)} ms, ${time.sameTimes ? 'the same virtual times in both runs' : 'AT OTHER TIMES in the second run'}`,
  );
  return lines;
}

async function claimCost(deliveries: number, folder: string): Promise<z.infer<typeof depthSchema>> {
  await measuredProgram('queue-depth.ts', ['fill', String(deliveries), folder]);
  return depthSchema.parse(await measuredProgram('queue-depth.ts', ['claim', folder]));
}

function told(figures: readonly (readonly [string, number])[]): string {
  return figures
    .filter(([, ms]) => ms >= 0.005)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    .join(', ');
}

/**
 * Deliveries beside ingest: mail comes in at half the rate that the machine can take, and every message is delivered
 * too. Against it the same ingest with capture only.
 */
export async function measureBeside(
  folder: string,
  ingestTool: string,
  quick: boolean,
): Promise<readonly string[]> {
  const seconds = quick ? 8 : 20;
  const alone = await startCore(folder, ['--no-deliver']);
  const full = await run(
    ingestTool,
    { name: 'half', connections: 10, messages: quick ? 3_000 : 10_000, bytes: 1024, reconnect: false },
    alone.smtpPort,
  );
  const half = Math.round(full / 2);
  const idle = pacedSchema.parse(
    await measuredProgram('paced-sender.ts', [
      String(alone.smtpPort),
      String(half),
      String(seconds),
      'latency',
    ]),
  );
  await alone.stop();
  const core = await startCore(folder);
  // The threads that deliver have their modules.
  await measuredProgram('paced-sender.ts', [String(core.smtpPort), '20', '3', 'latency']);
  const before = await deliveredAt(core.url);
  const busy = pacedSchema.parse(
    await measuredProgram('paced-sender.ts', [
      String(core.smtpPort),
      String(half),
      String(seconds),
      'latency',
    ]),
  );
  const delivered = (await deliveredAt(core.url)) - before;
  await core.stop();
  return [
    `beside ingest at ${half}/s (half of ${full.toFixed(0)}): ${(delivered / seconds).toFixed(0)} deliveries/s; p99 of the answer ${busy.p99Ms.toFixed(1)} ms, ${idle.p99Ms.toFixed(1)} ms with capture only; ratio ${(busy.p99Ms / idle.p99Ms).toFixed(2)}; taken ${busy.acknowledged} and ${idle.acknowledged}`,
  ];
}

const pacedSchema = z.object({ acknowledged: z.int(), p99Ms: z.number() });
const metricPattern = /^sandpost_deliveries_delivered_total (\d+)$/m;

async function deliveredAt(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = metricPattern.exec(text)?.[1];
  if (found === undefined) throw new Error('the metrics have no count of deliveries');
  return Number(found);
}

function middle<T>(values: readonly T[], of: (value: T) => number): T {
  const sorted = values.toSorted((a, b) => of(a) - of(b));
  const value = sorted[Math.floor(sorted.length / 2)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** A measurement in a process of its own. @returns what it printed */
export function measuredProgram(file: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: programMsMax,
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`${file} ended with ${code}`));
    });
  });
}
