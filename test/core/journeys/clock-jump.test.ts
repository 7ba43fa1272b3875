/** The clock jumps 72 hours while things are under way: nothing twice, nothing expired, no other judgement of who it is. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { hourMs, mail, startWorld } from './journey.ts';

const jumpMs = 72 * hourMs;

/** An app that answers a call when the test says so. */
async function startApp() {
  const timestamps: number[] = [];
  const waiting: ServerResponse[] = [];
  let called: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    called = resolve;
  });
  const server = createServer((request, response) => {
    timestamps.push(Number(request.headers['webhook-timestamp']) * 1_000);
    request.resume();
    waiting.push(response);
    called();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    first,
    timestamps,
    answer: () => {
      for (const response of waiting.splice(0)) response.writeHead(204).end();
    },
  };
}

it('with a submission in the middle of its DATA and idle connections to the MX', async () => {
  const world = await startWorld();
  const before = await world.send('jane@gmail.com');
  const client = await world.core.smtp();
  await client.say('MAIL FROM:<hello@shop.example>');
  await client.say('RCPT TO:<bob@gmail.com>');
  await client.say('DATA');
  const [head = '', body = ''] = mail({ to: 'bob@gmail.com' }).split('\r\n\r\n');
  client.write(`${head}\r\n\r\n`);
  const jumped = await world.clock({ advanceMs: jumpMs });
  client.write(`${body}.\r\n`);
  expect(await client.reply()).toMatch(/^250 /);
  await client.quit();
  const after = await world.send('ann@gmail.com');
  const [bobs] = await world.messages('to:bob@gmail.com');
  for (const id of [before, bobs?.id ?? '', after])
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  const copies = await Promise.all(['jane', 'bob', 'ann'].map((name) => world.inbox(`${name}@gmail.com`)));
  expect(copies.map((list) => list.length)).toEqual([1, 1, 1]);
  for (const [copy] of copies)
    expect(copy?.authentication).toMatchObject({
      spf: { result: 'pass' },
      dkim: [{ result: 'pass' }, { result: 'pass' }],
      dmarc: { result: 'pass' },
    });
  // A signature made at the virtual time would be one from the future to every verifier outside.
  const { id } = await world.delivery(after);
  const detail = await world.core.json<{
    attemptLog: { startedAt: string; evidence: { signatures: { header: string }[] } }[];
  }>(`/v1/deliveries/${id}`);
  const [attempt] = detail.attemptLog;
  expect(Date.parse(attempt?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(jumped.virtualAt));
  for (const { header } of attempt?.evidence.signatures ?? []) {
    const signedAtMs = Number(/\bt=(\d+)/.exec(header)?.[1]) * 1_000;
    expect(signedAtMs).toBeLessThan(Date.parse(jumped.virtualAt) - jumpMs / 2);
  }
});

it('with the call of a webhook that has not been answered', async () => {
  const app = await startApp();
  const world = await startWorld();
  const webhook = await world.call<{ readonly id: string }>('POST', '/v1/webhooks', {
    url: app.url,
    events: ['delivered'],
  });
  await world.core.send(mail(), 'hello@shop.example', ['jane@gmail.com']);
  await app.first;
  const jump = world.clock({ advanceMs: jumpMs });
  app.answer();
  const { virtualAt } = await jump;
  await world.core.app.settled();
  const { entries } = await world.core.json<{ entries: { status: string; attempts: number }[] }>(
    `/v1/webhooks/${webhook.id}/calls`,
  );
  expect(entries).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  // The receiver takes a call for fresh by its own clock.
  expect(app.timestamps.length).toBe(1);
  expect(app.timestamps[0]).toBeLessThan(Date.parse(virtualAt) - jumpMs / 2);
});
