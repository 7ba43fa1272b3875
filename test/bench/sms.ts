/**
 * How many SMS a second the Twilio door takes, over HTTP/1.1 from h2load, a client of another make in processes of its own,
 * against the same door with a store that keeps nothing. And whether thousands of delivery reports that are due at once keep
 * mail waiting: how long an SMTP door takes to say yes meanwhile, against the same door with nothing else to do.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { measuredProgram } from './deliveries.ts';
import { isMissing, median, taken2xx } from './h2load.ts';
import { pause } from './queries.ts';
import { type Core, startCore, startDiscarding, startReceiver } from './subjects.ts';

const processes = 5;
const connectionsEach = 10;
const leastRate = 2_500;
const leastRatio = 0.5;
const reports = 10_000;
const mostRatio = 2;
const mailPerSecond = 100;
const lookMs = 50;
const settleMs = 5_000;
const reportsEach = 2;
const drainMsMax = 180_000;
const account = 'AC0123456789abcdef0123456789abcdef';
const credentials = `Basic ${Buffer.from(`${account}:bench`).toString('base64')}`;

export async function measureSms(folder: string, quick: boolean, say: (line: string) => void): Promise<void> {
  say(await door(folder, quick));
  say(await drain(folder, quick));
}

async function door(folder: string, quick: boolean): Promise<string> {
  const work = mkdtempSync(join(folder, 'sms-'));
  const durable = await startCore(work);
  const discarding = await startDiscarding(work);
  const requests = quick ? 10_000 : 30_000;
  const rounds = quick ? 1 : 3;
  const rates: { durable: number; discarding: number }[] = [];
  try {
    for (const core of [durable, discarding]) await rateOf(work, core, 3_000);
    for (let round = 0; round < rounds; round++) {
      rates.push({
        durable: await rateOf(work, durable, requests),
        discarding: await rateOf(work, discarding, requests),
      });
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    return 'not measured: h2load was not found (Debian: nghttp2-client)';
  } finally {
    await durable.stop();
    await discarding.stop();
  }
  const rate = median(rates.map((one) => one.durable));
  const other = median(rates.map((one) => one.discarding));
  const ratio = median(rates.map((one) => one.durable / one.discarding));
  return (
    `${`Twilio, ${processes * connectionsEach} connections`.padEnd(28)} ${rate.toFixed(0)}/s, discarding ${other.toFixed(0)}/s, ÷ ${ratio.toFixed(2)}` +
    ` (at least ${leastRate}/s and ${leastRatio}: ${rate >= leastRate && ratio >= leastRatio ? 'met' : 'not met'})`
  );
}

async function rateOf(work: string, core: Core, requests: number): Promise<number> {
  const startedMs = performance.now();
  const taken = await sent(work, core, requests, {});
  const seconds = (performance.now() - startedMs) / 1000;
  if (taken !== requests) throw new Error(`Twilio: ${requests - taken} of ${requests} were refused`);
  return requests / seconds;
}

/** h2load sends one body, and the number stands in it: each process has a handset of its own. @returns how many were taken */
async function sent(
  work: string,
  core: Core,
  requests: number,
  extra: Readonly<Record<string, string>>,
): Promise<number> {
  const url = `http://127.0.0.1:${core.ports.providers}/twilio/2010-04-01/Accounts/${account}/Messages.json`;
  const taken = await Promise.all(
    numbers.map((to, at) => {
      const body = join(work, `body-${at}`);
      const fields = {
        To: to,
        From: '+15005550006',
        Body: 'Your code is 471147. It is good for ten minutes.',
      };
      writeFileSync(body, new URLSearchParams({ ...fields, ...extra }).toString());
      return taken2xx([
        ...['--h1', '-n', String(requests / processes), '-c', String(connectionsEach), '-d', body],
        ...['-H', `authorization: ${credentials}`, '-H', 'content-type: application/x-www-form-urlencoded'],
        url,
      ]);
    }),
  );
  return taken.reduce((all, one) => all + one, 0);
}

const numbers = Array.from({ length: processes }, (_, at) => `+1415555260${at}`);

async function drain(folder: string, quick: boolean): Promise<string> {
  const work = mkdtempSync(join(folder, 'reports-'));
  const core = await startCore(work, ['--no-deliver']);
  const receiver = await startReceiver();
  const waiting = quick ? 2_500 : reports;
  try {
    const host = `127.0.0.1:${receiver.smtpPort}`;
    const id = await suspend(core, host);
    // Each SMS is told of twice: the carrier has it, the handset has it.
    await sent(work, core, waiting / reportsEach, { StatusCallback: `http://${host}/status` });
    await settled(core, waiting);
    const idle = await paced(core, quick ? 5 : 15);
    const sender = paced(core, quick ? 15 : 60);
    const fromMs = Date.now();
    await call(core, 'DELETE', `/v1/queues/suspensions/${id}`);
    const untilMs = await told(receiver.smtpPort, waiting);
    const beside = (await sender).filter(([atMs]) => atMs >= fromMs && atMs <= untilMs);
    const idleMs = p99(idle);
    const busyMs = p99(beside);
    const ratio = busyMs / idleMs;
    return (
      `${`${waiting} reports due at once`.padEnd(28)} told in ${((untilMs - fromMs) / 1000).toFixed(1)} s; p99 of an SMTP yes ${busyMs.toFixed(1)} ms (${beside.length} answers),` +
      ` ${idleMs.toFixed(1)} ms idle, ÷ ${ratio.toFixed(2)} (at most ${mostRatio}: ${ratio <= mostRatio ? 'met' : 'not met'})`
    );
  } finally {
    await core.stop();
    await receiver.stop();
  }
}

const suspensionSchema = z.object({ id: z.string() });

/** Calls to that host wait. @returns the suspension's id */
async function suspend(core: Core, host: string): Promise<string> {
  const made = await call(core, 'POST', '/v1/queues/suspensions', {
    by: 'domain',
    value: host,
    reason: 'bench',
  });
  return suspensionSchema.parse(made).id;
}

const listSchema = z.object({ total: z.int() });

/** All reports stand in the queue, and what was sent is read. */
async function settled(core: Core, waiting: number): Promise<void> {
  const path = '/v1/deliveries?carriage=callback&status=queued&limit=1';
  const deadlineMs = Date.now() + drainMsMax;
  while (listSchema.parse(await call(core, 'GET', path)).total < waiting) {
    if (Date.now() > deadlineMs) throw new Error('the reports do not come into the queue');
    await pause(lookMs);
  }
  await pause(settleMs);
}

const seriesSchema = z.object({ series: z.array(z.tuple([z.number(), z.number()])) });

async function paced(core: Core, seconds: number): Promise<readonly (readonly [number, number])[]> {
  const said = await measuredProgram('paced-sender.ts', [
    ...[String(core.smtpPort), String(mailPerSecond), String(seconds), 'series'],
  ]);
  return seriesSchema.parse(said).series;
}

async function call(core: Core, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${core.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

const toldSchema = z.object({ told: z.int(), lastAtMs: z.number() });

/** Waits for so many calls. @returns when the last one came (epoch, ms) */
async function told(port: number, count: number): Promise<number> {
  const deadlineMs = Date.now() + drainMsMax;
  for (;;) {
    const { told: came, lastAtMs } = toldSchema.parse(
      await (await fetch(`http://127.0.0.1:${port}/told`)).json(),
    );
    if (came >= count) return lastAtMs;
    if (Date.now() > deadlineMs) throw new Error(`only ${came} of ${count} reports came`);
    await pause(lookMs);
  }
}

function p99(series: readonly (readonly [number, number])[]): number {
  const sorted = series.map(([, ms]) => ms).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
