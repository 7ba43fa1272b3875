/**
 * One send to ten thousand users: how long until each of them has their message, and how long the loop was kept from others
 * meanwhile. `node test/bench/multi-figures.ts [users] [channels]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createApp, systemPorts } from '../../core/app.ts';
import { loadConfig } from '../../core/config.ts';

const users = Number(process.argv[2] ?? 10_000);
const channels = (process.argv[3] ?? 'push,inapp').split(',');
const folder = await mkdtemp(join(tmpdir(), 'sandpost-multi-'));
const app = await createApp(
  loadConfig(['--data', folder, '--ports', '0'], {}),
  systemPorts({ info: () => undefined, warn: (text) => console.error(text) }),
);
const delay = monitorEventLoopDelay({ resolution: 5 });
const inMs = (nanoseconds: number): number => Math.round(nanoseconds / 1e5) / 10;

const body = JSON.stringify({
  channels,
  to: Array.from({ length: users }, (_, at) => ({
    user: `user-${at}`,
    email: `user-${at}@gmail.com`,
    phone: `+1415555${String(at).padStart(4, '0')}`,
  })),
  content: {
    email: { subject: 'Hello {{ user.id }}', text: 'It is on its way.', from: 'hello@shop.example' },
    push: { title: 'Hello', body: 'It is on its way.' },
    sms: { body: 'Hello {{ user.id }}' },
    inapp: { title: 'Hello {{ user.id }}', body: 'It is on its way.' },
  },
});
delay.enable();
const startedMs = performance.now();
const answer = await fetch(`${app.url}/v1/messages`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});
await answer.text();
const acceptedMs = performance.now();
const ofAccept = { p99: inMs(delay.percentile(99)), max: inMs(delay.max) };
delay.reset();
await app.settled();
const doneMs = performance.now();
delay.disable();
console.log({
  users,
  channels,
  status: answer.status,
  bytes: body.length,
  acceptMs: Math.round(acceptedMs - startedMs),
  settleS: Math.round((doneMs - acceptedMs) / 100) / 10,
  usersPerS: Math.round(users / ((doneMs - acceptedMs) / 1000)),
  loopOfAcceptMs: ofAccept,
  loopMs: { p50: inMs(delay.percentile(50)), p99: inMs(delay.percentile(99)), max: inMs(delay.max) },
  rssMb: Math.round(process.memoryUsage.rss() / 1e6),
});
await app.close();
await rm(folder, { recursive: true, force: true });
