/**
 * An app that is down, slow, elsewhere, broken or silent when providers call it: real sockets, a whole Sandpost, virtual time
 * that stands still until the test lets it go on. Nothing is lost, and nobody else waits.
 */
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Delivery, List, Message, MessageDetail } from '../../../core/api/schema.ts';
import type { SmsCallbackView, SmsView } from '../../../core/api/sms-schema.ts';
import { type Clock, systemClock } from '../../../core/clock.ts';
import { startCore, type TestCore } from '../../start-core.ts';
import { openWebhook, type Webhook } from './peers.ts';
import { type Api, type PlainRequests, plainRequests, reportTo } from './plain-requests.ts';

const secondMs = 1_000;
const minuteMs = 60_000;

/** How long providers wait for an answer (wall time): tests end such a wait when it has begun, and sleep through none. */
const patienceMs: ReadonlySet<number> = new Set([2_000, 10_000, 15_000]);

let core: TestCore;
let plain: PlainRequests;
const waits = new Set<() => void>();
const clock: Clock = {
  ...systemClock,
  after(delayMs, run) {
    const cancel = systemClock.after(delayMs, run);
    if (!patienceMs.has(delayMs)) return cancel;
    waits.add(run);
    return () => {
      waits.delete(run);
      cancel();
    };
  },
};

beforeEach(async () => {
  core = await startCore(['--deliver'], { clock });
  plain = await plainRequests(core.port);
  onTestFinished(() => plain.close());
  await post('/v1/clock', { freeze: true });
});
afterEach(() => waits.clear());

/** Every provider that waits for an answer has waited long enough. */
function timeIsUp(): void {
  for (const run of waits) run();
}

async function post(path: string, body: unknown, method = 'POST'): Promise<unknown> {
  const answer = await core.get(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

const advance = (advanceMs: number): Promise<unknown> => post('/v1/clock', { advanceMs });

let made = 0;
/** @returns what it takes to look at it later */
async function send(api: Api, url: string): Promise<{ readonly to: string }> {
  made += 1;
  const to = `+44791114${String(made).padStart(4, '0')}`;
  await plain.send(api, to, reportTo[api](url));
  return { to };
}

async function newest(to: string): Promise<MessageDetail> {
  await core.app.caughtUp();
  const { entries } = await core.json<List<Message>>(`/v1/messages?q=${encodeURIComponent(`to:"${to}"`)}`);
  return await core.json<MessageDetail>(`/v1/messages/${entries[0]?.id ?? ''}`);
}

/** The calls that were, or are to be, made about it. */
async function callbacksOf({ to }: { readonly to: string }): Promise<readonly SmsCallbackView[]> {
  const { id } = await newest(to);
  const { entries } = await core.json<{ readonly entries: readonly SmsView[] }>(`/v1/messages/${id}/sms`);
  return entries.flatMap(({ callbacks }) => callbacks);
}

async function deliveryOf({ to }: { readonly to: string }): Promise<Delivery | undefined> {
  return (await newest(to)).deliveries[0];
}

/** Those with one report for each message, whatever becomes of it. */
const oneReport = ['vonage', 'messagebird', 'sinch', 'infobip'] as const;

describe('an app that answers 500, then 200', () => {
  it.each([
    ['vonage', 5 * secondMs],
    ['messagebird', minuteMs],
    ['sinch', 5 * secondMs],
    ['infobip', minuteMs],
    ['telnyx', 5 * secondMs],
  ] as const)('is called by %s once more after %i ms, and not before', async (api, waitMs) => {
    let answers = 0;
    const app = await openWebhook((_, response) => {
      answers += 1;
      response.writeHead(answers <= reports ? 500 : 200).end();
    });
    const reports = api === 'telnyx' ? 2 : 1;
    const sms = await send(api, app.url);
    await app.until(reports);
    await core.app.settled();
    expect(await callbacksOf(sms)).toEqual(
      Array(reports).fill(
        expect.objectContaining({
          status: 'queued',
          substatus: 'deferred',
          attempts: 1,
          answer: expect.objectContaining({ code: 500 }),
        }),
      ),
    );
    await advance(waitMs - 1);
    expect(app.calls).toHaveLength(reports);
    await advance(1);
    expect(app.calls).toHaveLength(2 * reports);
    expect((await callbacksOf(sms)).map(({ status, attempts }) => [status, attempts])).toEqual(
      Array(reports).fill(['delivered', 2]),
    );
    const bodies = new Set(app.calls.map(({ body, path }) => signatureLess(`${path} ${body}`)));
    expect(bodies.size).toBe(reports);
  });

  it('is not called again by Twilio, which tries again only what could not be reached', async () => {
    const app = await openWebhook((_, response) => response.writeHead(500).end());
    const sms = await send('twilio', app.url);
    await app.until(2);
    await advance(24 * 60 * minuteMs);
    expect(app.calls).toHaveLength(2);
    expect(await callbacksOf(sms)).toMatchObject([
      { status: 'undeliverable', reason: expect.stringContaining('11200'), answer: { code: 500 } },
      { status: 'undeliverable', reason: expect.stringContaining('11200'), answer: { code: 500 } },
    ]);
    expect(await deliveryOf(sms)).toMatchObject({ status: 'delivered' });
  });
});

/** What is made anew for each attempt is not part of what is said. */
function signatureLess(text: string): string {
  return text.replace(/"(?:timestamp|nonce|sig)":"[^"]*"/g, '').replace(/"meta":\{"attempt":\d+/, '');
}

describe('an app that is down', () => {
  it.each(oneReport)('hears all from %s once it is up again', async (api) => {
    const port = await freePort();
    const sms = await send(api, `http://127.0.0.1:${port}/hook`);
    await core.app.settled();
    expect(await callbacksOf(sms)).toMatchObject([
      { status: 'queued', substatus: 'deferred', attempts: 1, reason: expect.stringMatching(/ECONNREFUSED/) },
    ]);
    const app = await openWebhook(undefined, port);
    await advance(minuteMs);
    expect(app.calls).toHaveLength(1);
    expect(await callbacksOf(sms)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  it('is tried twice by Twilio at once, and no more', async () => {
    const sms = await send('twilio', `http://127.0.0.1:${await freePort()}/hook`);
    await core.app.settled();
    expect(await callbacksOf(sms)).toMatchObject([
      { status: 'undeliverable', attempts: 2 },
      { status: 'undeliverable', attempts: 2 },
    ]);
  });
});

describe('an app that redirects', () => {
  it.each(['twilio', 'sinch', 'infobip', 'vonage'] as const)('is not followed by %s', async (api) => {
    const elsewhere = await openWebhook();
    const app = await openWebhook((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/moved` }).end(),
    );
    const sms = await send(api, app.url);
    const reports = api === 'twilio' ? 2 : 1;
    await app.until(reports);
    await core.app.settled();
    const over = api === 'twilio' || api === 'sinch';
    for (const callback of await callbacksOf(sms))
      expect(callback).toMatchObject({
        status: over ? 'undeliverable' : 'queued',
        answer: { code: 302 },
      });
    expect(elsewhere.calls).toEqual([]);
  });
});

describe('an app that never answers', () => {
  it.each([
    ['twilio', 0],
    ['sinch', 5 * secondMs],
    ['telnyx', 5 * secondMs],
  ] as const)('is given up on by %s for now, and called again', async (api, waitMs) => {
    let silent = true;
    const app = await openWebhook((_, response) => {
      if (!silent) response.end();
    });
    const sms = await send(api, app.url);
    const reports = api === 'sinch' ? 1 : 2;
    await app.until(reports);
    silent = false;
    timeIsUp();
    if (waitMs === 0) await app.until(2 * reports);
    else {
      await core.app.settled();
      await advance(waitMs);
    }
    await core.app.settled();
    expect(app.calls).toHaveLength(2 * reports);
    expect((await callbacksOf(sms)).map(({ status, attempts }) => [status, attempts])).toEqual(
      Array(reports).fill(['delivered', 2]),
    );
  });
});

describe('while one app is slow', () => {
  it('other apps, mail and the SMS themselves do not wait for it', async () => {
    const order: string[] = [];
    const held: (() => void)[] = [];
    const slow = await openWebhook((_, response) => {
      held.push(() => {
        order.push('slow answered');
        response.end();
      });
    });
    const quick = await openWebhook((_, response) => {
      order.push('quick answered');
      response.end();
    });
    // Far more than are called at once.
    const waiting: { readonly to: string }[] = [];
    for (let at = 0; at < 40; at++)
      waiting.push(await send(oneReport[at % oneReport.length] ?? 'sinch', slow.url));
    await slow.until(1);
    const others = [await send('sinch', quick.url), await send('vonage', quick.url)];
    await quick.until(2);
    const id = await core.send('Subject: hello\r\n\r\nHello\r\n', 'from@shop.example', ['jane@gmail.com']);
    const wait = await core.get(
      `/v1/messages/wait?q=${encodeURIComponent('subject:hello status:delivered')}&timeoutMs=20000`,
    );
    expect(wait.status).toBe(200);
    order.push('mail delivered');
    expect(id).not.toBe('');
    for (const sms of [...waiting, ...others])
      expect(await deliveryOf(sms)).toMatchObject({ status: 'delivered' });
    expect(order).toEqual(['quick answered', 'quick answered', 'mail delivered']);
    const answering = answerAll(slow, held, waiting.length);
    await answering;
    await core.app.settled();
    for (const sms of waiting)
      expect(await callbacksOf(sms)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
    expect(slow.calls).toHaveLength(waiting.length);
  });
});

/** As they come: only so many are under way at once. */
async function answerAll(app: Webhook, held: (() => void)[], count: number): Promise<void> {
  for (let answered = 0; answered < count; answered++) {
    await app.until(answered + 1);
    const answer = held.shift();
    if (answer === undefined) throw new Error('a call that nobody holds');
    answer();
  }
}

describe('an address beyond this machine', () => {
  it.each(['twilio', 'vonage', 'vonageMessages', 'messagebird', 'sinch', 'infobip', 'telnyx'] as const)(
    'is not called by %s; what would allow it is said',
    async (api) => {
      const sms = await send(api, 'https://hooks.shop.example/sms');
      await core.app.settled();
      const callbacks = await callbacksOf(sms);
      expect(callbacks.length).toBeGreaterThan(0);
      for (const callback of callbacks)
        expect(callback).toMatchObject({
          status: 'undeliverable',
          reason: expect.stringContaining('--callback-host hooks.shop.example'),
          answer: { code: null },
        });
      expect(await deliveryOf(sms)).toMatchObject({ status: 'delivered' });
    },
  );
});

/** One that nobody listens at any more. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
