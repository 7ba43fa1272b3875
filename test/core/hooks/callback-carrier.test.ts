import { afterEach, describe, expect, it } from 'vitest';
import { presentDeliveryDetail } from '../../../core/api/present-delivery.ts';
import type { SmppHandover } from '../../../core/delivery/sms-far-side.ts';
import type { SmppCallback } from '../../../core/model/callback.ts';
import { submission } from '../../contract/store.ts';
import { startMs } from '../delivery/world.ts';
import {
  attemptsOf,
  type CallbackWorld,
  minuteMs,
  newCallback,
  openCallbackWorld,
  openReceiver,
  queueCallbacks,
  type Receiver,
  reportTo,
  standing,
  testHabit,
} from './callback-world.ts';

let world: CallbackWorld | null = null;
const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await world?.close();
  world = null;
});
async function open(about: Parameters<typeof openCallbackWorld>[0] = {}): Promise<CallbackWorld> {
  world = await openCallbackWorld(about);
  return world;
}
async function receiver(answer?: Receiver['answer']): Promise<Receiver> {
  const one = await openReceiver(answer);
  receivers.push(one);
  return one;
}

describe('a call of a provider to the app', () => {
  it('is one request, dressed as the provider does, and ends with a yes', async () => {
    const app = await receiver((response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end('<Response/>'),
    );
    const w = await open();
    const id = await w.call(app.url, { smsId: 'sms-7' });
    await w.engine.idle();
    expect(app.received).toMatchObject([
      {
        method: 'POST',
        path: '/sms',
        body: 'MessageStatus=delivered',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-signature': `signed ${id} 1 ${startMs}`,
        },
      },
    ]);
    expect(await standing(w, id)).toBe('delivered');
    const found = await w.store.delivery(id);
    expect(found?.delivery).toMatchObject({
      carriage: 'callback',
      provider: 'twilio',
      recipient: app.url,
      domain: new URL(app.url).host,
      about: 'sms-7',
    });
    expect(found?.attempts[0]?.evidenceValue?.transcript.map(({ by, text }) => `${by}: ${text}`)).toEqual([
      `C: POST ${app.url}`,
      'C: user-agent: Sandpost/0.0.0',
      'C: content-type: application/x-www-form-urlencoded',
      `C: x-signature: signed ${id} 1 ${startMs}`,
      'C: MessageStatus=delivered',
      'S: 200 OK',
      'S: content-type: text/xml',
      'S: <Response/>',
    ]);
  });

  it('goes by GET with all in its address, and no body', async () => {
    const app = await receiver();
    const w = await open();
    await w.call(`${app.url}?status=delivered`, { method: 'GET', contentType: null, body: '' });
    await w.engine.idle();
    expect(app.received).toMatchObject([{ method: 'GET', path: '/sms?status=delivered', body: '' }]);
    expect(app.received[0]?.headers).not.toHaveProperty('content-type');
  });

  it('keeps credentials out of what is shown', async () => {
    const app = await receiver();
    const habit = testHabit({
      dress: ({ url, body }) => ({
        method: 'POST',
        url,
        fields: { authorization: 'Bearer very-secret', 'x-signature': 'abc' },
        body,
      }),
    });
    const w = await open({ habit });
    const id = await w.call(app.url);
    await w.engine.idle();
    expect(app.received[0]?.headers.authorization).toBe('Bearer very-secret');
    const text = JSON.stringify(await w.store.delivery(id));
    expect(text).toContain('authorization: Bearer ***');
    expect(text).not.toContain('very-secret');
  });

  it('takes credentials in an address for the habit to make a field of, and shows them nowhere', async () => {
    const app = await receiver();
    const habit = testHabit({
      dress: ({ url, body }) => ({
        method: 'POST',
        url: url.replace('app:word@', ''),
        fields: { authorization: `Basic ${Buffer.from('app:word').toString('base64')}` },
        body,
      }),
    });
    const w = await open({ habit });
    const id = await w.call(app.url.replace('://', '://app:word@'));
    await w.engine.idle();
    expect(app.received[0]?.headers.authorization).toBe('Basic YXBwOndvcmQ=');
    const { delivery, attempts } = (await w.store.delivery(id)) ?? {};
    expect(delivery).toMatchObject({
      recipient: app.url,
      domain: new URL(app.url).host,
      status: 'delivered',
    });
    expect(JSON.stringify(attempts)).not.toContain('word');
  });

  it('makes a field of them itself where the habit does not, for their own host alone', async () => {
    const [app, other] = [await receiver(), await receiver()];
    const secret = app.url.replace('://', '://app:p%40ss@');
    const w = await open({
      habit: testHabit({
        dress: ({ url, body }, { number }) => ({
          method: 'POST',
          url: number === 1 ? url : other.url,
          fields: {},
          body,
        }),
      }),
    });
    app.answer = (response) => response.writeHead(500).end();
    const id = await w.call(secret, { extra: { urls: [secret] } });
    await w.engine.idle();
    await w.travel.toNext();
    expect(app.received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('app:p@ss').toString('base64')}`,
    );
    expect(other.received[0]?.headers.authorization).toBeUndefined();
    const found = await w.store.delivery(id);
    if (found === null) throw new Error('it is gone');
    expect(JSON.stringify(presentDeliveryDetail(found))).not.toContain('p%40ss');
  });

  it.each([301, 302, 307])('follows no redirect: %d is judged by the habit', async (status) => {
    const elsewhere = await receiver();
    const app = await receiver((response) => response.writeHead(status, { location: elsewhere.url }).end());
    const w = await open();
    const id = await w.call(app.url);
    await w.engine.idle();
    expect(await standing(w, id)).toBe('queued/deferred');
    app.answer = (response) => response.writeHead(200).end();
    await w.travel.toNext();
    expect(elsewhere.received).toEqual([]);
    expect(app.received.length).toBe(2);
    expect(await attemptsOf(w, id)).toMatchObject([{ code: status }, { code: 200, outcome: 'sent' }]);
    expect(JSON.stringify(await w.store.delivery(id))).toContain(`location: ${elsewhere.url}`);
  });

  it('is made again after 500, 503 and 429 as the habit says, and not after 410', async () => {
    const answers: [number, Record<string, string>][] = [
      [500, {}],
      [429, { 'retry-after': '7' }],
      [503, { 'retry-after': String(30 * 3_600) }],
      [410, {}],
    ];
    const times: number[] = [];
    const app = await receiver((response) => {
      times.push(w.virtual.nowMs() - startMs);
      const [status, headers] = answers[times.length - 1] ?? [204, {}];
      response.writeHead(status, headers).end();
    });
    const w = await open();
    const [id = ''] = [await w.call(app.url)];
    await w.travel.advance(2 * 24 * 60 * minuteMs);
    // The third wait was for longer than the call lives: its end comes first.
    expect(times).toEqual([0, minuteMs, minuteMs + 7_000]);
    expect((await w.store.delivery(id))?.delivery).toMatchObject({
      status: 'undeliverable',
      class: 'expired',
    });
    const other = await receiver((response) => response.writeHead(410).end('gone'));
    const over = await w.call(other.url);
    await w.travel.advance(60 * minuteMs);
    expect(other.received.length).toBe(1);
    expect((await w.store.delivery(over))?.delivery).toMatchObject({
      status: 'undeliverable',
      reason: '410 Gone; the app wants no more of it',
    });
  });

  it('honours the wait of a habit as it is, of days or of a second', async () => {
    const dayMs = 24 * 60 * minuteMs;
    const waits = [1_000, 0, 5 * dayMs];
    const times: number[] = [];
    const app = await receiver((response) => {
      times.push(w.virtual.nowMs() - startMs);
      response.writeHead(500).end();
    });
    const habit = testHabit({
      judge: (_callback, _answer, { number }) => {
        const afterMs = waits[number - 1];
        return afterMs === undefined ? { kind: 'over', why: 'enough' } : { kind: 'again', afterMs };
      },
    });
    const w = await open({ habit });
    await queueCallbacks(w.store, [reportTo(app.url)], w.virtual.nowMs(), 7 * dayMs);
    await w.travel.advance(7 * dayMs);
    expect(times).toEqual([0, 1_000, 1_000, 1_000 + 5 * dayMs]);
  });

  it('is made again when nobody listens, until somebody does', async () => {
    const app = await receiver();
    const { url } = app;
    await app.close();
    const w = await open();
    const id = await w.call(url);
    await w.engine.idle();
    const [first] = await attemptsOf(w, id);
    expect(first).toMatchObject({ outcome: 'deferred', code: null });
    expect(first?.text).toContain('ECONNREFUSED');
    expect((await w.store.delivery(id))?.delivery).toMatchObject({ class: 'network', substatus: 'deferred' });
  });

  it('gives an app that never answers as long as the provider would, by the clock', async () => {
    const app = await receiver(() => undefined);
    const w = await open();
    const id = await w.call(app.url);
    w.engine.wake();
    await app.heard(1);
    w.clock.advance(14_999);
    expect(await attemptsOf(w, id)).toEqual([]);
    w.clock.advance(1);
    await w.engine.idle();
    expect(await attemptsOf(w, id)).toEqual([
      { outcome: 'deferred', code: null, text: 'no answer: no answer within 15 s' },
    ]);
    app.answer = (response) => response.writeHead(204).end();
    await w.travel.toNext();
    expect(await standing(w, id)).toBe('delivered');
  });

  it('takes an answer that breaks off in the middle for none', async () => {
    const app = await receiver((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('<Resp', () => response.destroy());
    });
    const w = await open();
    const id = await w.call(app.url);
    await w.engine.idle();
    expect(await attemptsOf(w, id)).toMatchObject([{ outcome: 'deferred', code: null }]);
    expect(await standing(w, id)).toBe('queued/deferred');
  });

  it('reads the beginning of an answer of 10 MB and is content', async () => {
    const answers: string[] = [];
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const app = await receiver((response) => {
      response.writeHead(200);
      let left = 160;
      const more = (): void => {
        while (left-- > 0) if (!response.write(chunk)) return void response.once('drain', more);
        response.end();
      };
      response.on('error', () => undefined);
      more();
    });
    const habit = testHabit({
      heard: (_, answer) => {
        answers.push(answer.body);
        return Promise.resolve();
      },
    });
    const w = await open({ habit });
    const id = await w.call(app.url);
    await w.engine.idle();
    expect(await standing(w, id)).toBe('delivered');
    expect(answers.map((one) => one.length)).toEqual([64 * 1024]);
    const found = await w.store.delivery(id);
    expect(JSON.stringify(found?.attempts).length).toBeLessThan(12_000);
  });

  it('hands the answer on before it counts as made; what cannot be kept of it is asked for again', async () => {
    const app = await receiver((response) =>
      response.writeHead(200).end('<Response><Message>Hi</Message></Response>'),
    );
    let fails = 1;
    const heard: string[] = [];
    const habit = testHabit({
      heard: (_, { body }) => {
        if (fails-- > 0) return Promise.reject(new Error('the disk is full'));
        heard.push(body);
        return Promise.resolve();
      },
    });
    const w = await open({ habit });
    const id = await w.call(app.url, { purpose: 'inbound' });
    await w.engine.idle();
    expect(heard).toEqual([]);
    expect(await standing(w, id)).toBe('queued/deferred');
    await w.travel.toNext();
    expect(heard).toEqual(['<Response><Message>Hi</Message></Response>']);
    expect(await standing(w, id)).toBe('delivered');
    expect(await attemptsOf(w, id)).toMatchObject([
      { outcome: 'deferred', text: expect.stringContaining('the disk is full') },
      { outcome: 'sent' },
    ]);
  });

  it('goes where callbacks may go only, and says how to allow more', async () => {
    const w = await open({ callbackHosts: ['allowed.example'] });
    const ids = [
      await w.call('https://hooks.example.com/sms'),
      await w.call('not an address'),
      await w.call('ftp://127.0.0.1/'),
    ];
    await w.engine.idle();
    const reasons = await Promise.all(
      ids.map(async (id) => (await w.store.delivery(id))?.delivery.reason ?? ''),
    );
    expect(reasons[0]).toBe(
      'Twilio cannot call https://hooks.example.com/sms from here: hooks.example.com is not this machine; nothing leaves it unasked. Allow the host with --callback-host hooks.example.com',
    );
    expect(reasons[1]).toContain('not a web address');
    expect(reasons[2]).toContain('use http or https');
  });

  it('is not led elsewhere by a habit that writes the address anew', async () => {
    const app = await receiver();
    const habit = testHabit({
      dress: ({ body }) => ({ method: 'POST', url: 'http://elsewhere.example/', fields: {}, body }),
    });
    const w = await open({ habit });
    const id = await w.call(app.url);
    await w.engine.idle();
    expect((await w.store.delivery(id))?.delivery.reason).toContain('--callback-host elsewhere.example');
  });

  it('comes to the app even when its message was deleted meanwhile', async () => {
    const app = await receiver();
    const w = await open();
    const messageId = 'message-1';
    await w.store.accept(submission({ id: messageId }));
    const id = await w.call(app.url, { smsId: messageId });
    await w.store.deleteMessages([messageId]);
    await w.engine.idle();
    expect(app.received.length).toBe(1);
    expect(await standing(w, id)).toBe('delivered');
  });

  it('that was kept by another version, or has no habit here, ends with words', async () => {
    const w = await open();
    const id = await w.call('http://127.0.0.1:1/', { provider: 'vonage' });
    const strange = {
      ...newCallback(reportTo('http://127.0.0.1:1/'), startMs),
      parameters: { callback: '{"kind":"fax"}' },
    };
    await w.store.addDeliveries({
      nowMs: startMs,
      messageId: null,
      carriage: 'callback',
      deliveries: [strange],
    });
    await w.engine.idle();
    expect((await w.store.delivery(id))?.delivery.reason).toContain('Vonage has no way to call back');
    expect((await w.store.delivery(strange.id))?.delivery.reason).toContain('another version');
  });

  it('is cut off when Sandpost stops, and made again at the next start', async () => {
    const app = await receiver(() => undefined);
    const judged: unknown[] = [];
    const habit = testHabit({
      judge: (_, answer) => {
        judged.push(answer);
        return { kind: 'over', why: 'once is enough' };
      },
    });
    const w = await open({ habit });
    const id = await w.call(app.url);
    w.engine.wake();
    await app.heard(1);
    const waiting = w.clock.waiting;
    const closed = w.engine.close();
    while (w.clock.waiting === waiting) await new Promise((resolve) => setImmediate(resolve));
    w.clock.advance(1_000);
    await closed;
    const found = await w.store.delivery(id);
    expect(found?.delivery).toMatchObject({ status: 'queued', substatus: 'deferred' });
    expect(found?.attempts.map(({ text }) => text)).toEqual(['no answer: Sandpost stopped']);
    // It was we who ended it: for the provider that is no failure.
    expect(judged).toEqual([]);
  });
});

describe('a call to a bound SMPP receiver', () => {
  const receipt: SmppCallback = {
    kind: 'smpp',
    provider: 'smpp',
    account: 'app',
    purpose: 'report',
    tells: 'DELIVRD',
    smsId: 'sms-1',
    systemId: 'app',
    pdu: { short_message: 'id:1 stat:DELIVRD' },
  };

  it('waits until one is bound', async () => {
    const said: SmppHandover[] = [
      { kind: 'notBound', commandStatus: null, text: 'nobody is bound as app to receive' },
      { kind: 'refused', commandStatus: 0x58, text: 'ESME_RTHROTTLED' },
      { kind: 'done', commandStatus: 0, text: 'ESME_ROK' },
    ];
    const times: number[] = [];
    const w = await open({
      smpp: {
        deliver: (callback) => {
          expect(callback).toEqual(receipt);
          times.push(w.virtual.nowMs() - startMs);
          return Promise.resolve(said.shift() ?? { kind: 'noAnswer', commandStatus: null, text: '' });
        },
      },
    });
    const [id = ''] = await w.callAll([receipt]);
    await w.travel.advance(10 * minuteMs);
    expect(times).toEqual([0, 30_000, 90_000]);
    expect(await standing(w, id)).toBe('delivered');
    expect((await w.store.delivery(id))?.delivery).toMatchObject({ domain: 'smpp:app', recipient: 'app' });
    expect(await attemptsOf(w, id)).toEqual([
      { outcome: 'deferred', code: null, text: 'nobody is bound as app to receive' },
      { outcome: 'deferred', code: 0x58, text: 'ESME_RTHROTTLED' },
      { outcome: 'sent', code: 0, text: 'ESME_ROK' },
    ]);
  });

  it('ends with its lifetime where nobody ever binds, and at once where it is turned down for good', async () => {
    const w = await open();
    const [id = ''] = await w.callAll([receipt]);
    await w.travel.advance(25 * 60 * minuteMs);
    expect((await w.store.delivery(id))?.delivery).toMatchObject({
      status: 'undeliverable',
      class: 'expired',
    });
    expect((await attemptsOf(w, id)).length).toBeLessThan(35);
  });
});
