/**
 * How many pushes a second the doors take: APNs over 10 connections, FCM over 10, from h2load, a client of another make in
 * processes of its own. Measured against the same doors with a store that keeps nothing.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing, median, taken2xx } from './h2load.ts';
import { type Core, startCore, startDiscarding } from './subjects.ts';

interface PushLoad {
  readonly name: string;
  /** Processes of h2load, with their arguments. */
  readonly clients: readonly (readonly string[])[];
  readonly requests: number;
  /** Requests that may be refused unread. */
  readonly refusedMax: number;
}

const devices = 1_000;
const connections = 10;
const streamsPerConnection = 20;
const leastRate = 2_500;
const leastRatio = 0.5;

/** @returns lines to print */
export async function measurePush(folder: string, quick: boolean): Promise<readonly string[]> {
  const work = mkdtempSync(join(folder, 'push-'));
  const durable = await startCore(work);
  const discarding = await startDiscarding(work);
  const requests = quick ? 10_000 : 30_000;
  const rounds = quick ? 1 : 3;
  const lines: string[] = [];
  try {
    for (const load of [apnsLoad, fcmLoad]) {
      const rates: { durable: number; discarding: number }[] = [];
      // The first requests make the phones, and warm what runs them.
      for (const core of [durable, discarding]) await rateOf(load(work, core, devices * 2));
      for (let round = 0; round < rounds; round++) {
        rates.push({
          durable: await rateOf(load(work, durable, requests)),
          discarding: await rateOf(load(work, discarding, requests)),
        });
      }
      lines.push(line(load(work, durable, requests).name, rates));
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    lines.push('not measured: h2load was not found (Debian: nghttp2-client)');
  } finally {
    await durable.stop();
    await discarding.stop();
  }
  return lines;
}

function line(name: string, rates: readonly { durable: number; discarding: number }[]): string {
  const rate = median(rates.map((one) => one.durable));
  const other = median(rates.map((one) => one.discarding));
  const ratio = median(rates.map((one) => one.durable / one.discarding));
  return (
    `${name.padEnd(28)} ${rate.toFixed(0)}/s, discarding ${other.toFixed(0)}/s, ÷ ${ratio.toFixed(2)}` +
    ` (at least ${leastRate}/s and ${leastRatio}: ${rate >= leastRate && ratio >= leastRatio ? 'met' : 'not met'})`
  );
}

function apnsLoad(work: string, core: Core, requests: number): PushLoad {
  const url = `https://127.0.0.1:${core.ports.apns}`;
  const paths = join(work, 'apns-paths');
  const body = join(work, 'apns-body');
  const tokens = Array.from({ length: devices }, (_, at) => at.toString(16).padStart(64, '0'));
  writeFileSync(paths, tokens.map((token) => `${url}/3/device/${token}\n`).join(''));
  writeFileSync(body, JSON.stringify({ aps: { alert: { title: 'Order 4711', body: 'It is on its way' } } }));
  const fields = [
    ...['-H', `authorization: bearer ${apnsToken()}`, '-H', 'apns-topic: com.example.bench'],
    ...['-H', 'apns-push-type: alert'],
  ];
  const load = ['-n', String(requests), '-c', String(connections), '-m', String(streamsPerConnection)];
  return {
    name: `APNs, ${connections} connections`,
    requests,
    refusedMax: connections * streamsPerConnection,
    clients: [[...load, '-d', body, ...fields, '-i', paths]],
  };
}

/** h2load sends one body, and FCM's token stands in it: each of five processes has a device of its own. */
function fcmLoad(work: string, core: Core, requests: number): PushLoad {
  const processes = 5;
  const url = `https://fcm.googleapis.com/v1/projects/bench/messages:send`;
  const clients = Array.from({ length: processes }, (_, at) => {
    const body = join(work, `fcm-body-${at}`);
    const notification = { title: 'Order 4711', body: 'It is on its way' };
    writeFileSync(body, JSON.stringify({ message: { token: `bench-device-${at}`, notification } }));
    return [
      ...['-n', String(requests / processes), '-c', String(connections / processes)],
      ...['-m', String(streamsPerConnection), '-d', body],
      ...['-H', 'authorization: Bearer bench', '-H', 'content-type: application/json'],
      ...[`--connect-to=127.0.0.1:${core.ports.tls}`, url],
    ];
  });
  return { name: `FCM, ${connections} connections`, requests, refusedMax: 0, clients };
}

async function rateOf(load: PushLoad): Promise<number> {
  const startedMs = performance.now();
  const taken = await Promise.all(load.clients.map(taken2xx));
  const seconds = (performance.now() - startedMs) / 1000;
  const sum = taken.reduce((all, one) => all + one, 0);
  // Streams opened before the first token was judged are refused, as Apple does; h2load does not ask again.
  const refused = load.requests - sum;
  if (refused > load.refusedMax) throw new Error(`${load.name}: ${refused} of ${load.requests} were refused`);
  return sum / seconds;
}

/** A provider token as Apple wants it: ES256 over header and claims. */
function apnsToken(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', kid: 'BENCHKEY01' })}.${part({ iss: 'BENCHTEAM1', iat: Math.floor(Date.now() / 1000) })}`;
  const key: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
