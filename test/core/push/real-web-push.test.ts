/** `web-push`, unmodified: to a subscription as a page gets it, and to those of real browsers, led here by preload or proxy. */
import { createECDH, randomBytes } from 'node:crypto';
import https from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import webpush, { type PushSubscription, type RequestOptions, type SendResult, WebPushError } from 'web-push';
import type { PhoneApp } from '../../../core/api/phones-schema.ts';
import { type Peers, startPeers } from './peers.ts';

const page = 'https://shop.example';
const vapid = webpush.generateVAPIDKeys();
const vapidDetails = { subject: 'mailto:push@shop.example', ...vapid };
const payload = JSON.stringify({ title: 'Grüße', body: 'Your order is on its way', url: '/orders/7' });

let peers: Peers;
beforeAll(async () => {
  peers = await startPeers();
});
afterAll(() => peers.close());
beforeEach(() => peers.rules());

async function browser(
  over: Readonly<Record<string, unknown>> = {},
): Promise<PhoneApp & { readonly phoneId: string; readonly subscription: PushSubscription }> {
  const made = await peers.phone('browser', { app: page, ...over });
  const { subscription } = made;
  if (subscription === null) throw new Error('the browser has no subscription');
  return { ...made, subscription };
}

function send(
  subscription: PushSubscription,
  options: RequestOptions = {},
  text = payload,
): Promise<SendResult> {
  const agent = new https.Agent({ ca: peers.ca });
  return webpush.sendNotification(subscription, text, { vapidDetails, agent, ...options });
}

async function refusal(sent: Promise<unknown>): Promise<WebPushError> {
  const error: unknown = await sent.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof WebPushError) return error;
  throw new Error('it was not refused', { cause: error });
}

/** Each status, with the words of autopush for it. Source: mozilla-services.github.io/autopush-rs/errors.html */
const answers: readonly (readonly [reason: string, status: number, errno: number | null])[] = [
  ['BadRequest', 400, null],
  ['MissingTtl', 400, 111],
  ['BadTopic', 400, 113],
  ['Unauthorized', 401, 109],
  ['BadSignature', 401, 109],
  ['ExpiredJwt', 401, 109],
  ['VapidKeyMismatch', 401, 109],
  ['Forbidden', 403, 109],
  ['NotFound', 404, 102],
  ['MethodNotAllowed', 405, null],
  ['Gone', 410, 106],
  ['PayloadTooLarge', 413, 104],
  ['TooManyRequests', 429, null],
  ['InternalServerError', 500, 999],
  ['BadGateway', 502, null],
  ['ServiceUnavailable', 503, 201],
];

describe('web-push', () => {
  it('sends to a page that has subscribed: the list has what was inside, the browser shows it', async () => {
    const { subscription, token, phoneId } = await browser({ applicationServerKey: vapid.publicKey });
    const answer = await send(subscription, { TTL: 3_600, urgency: 'high', topic: 'order-7' });
    expect(answer).toMatchObject({ statusCode: 201, headers: { ttl: '3600' } });
    expect(Object(answer.headers).location).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/webpush\/m\/[\w.-]+$/);
    const [message] = await peers.messages(token);
    expect(message).toMatchObject({
      channel: 'push',
      door: 'webpush',
      subject: 'Grüße',
      envelope: { from: page, to: [token] },
      deliveries: [{ recipient: token, provider: 'webpush', status: 'delivered' }],
    });
    expect(await peers.message(message?.id ?? '')).toMatchObject({
      push: {
        details: {
          plain: payload,
          collapseKey: 'order-7',
          priority: 'high',
          credentials: { kind: 'vapid', signature: 'valid', claims: { sub: vapidDetails.subject } },
        },
      },
    });
    expect(await peers.pushesOn(phoneId)).toMatchObject([
      { state: 'delivered', shown: true, content: { title: 'Grüße', link: '/orders/7' } },
    ]);
  });

  it('sends in aesgcm, and with nothing inside', async () => {
    const { subscription, phoneId } = await browser();
    expect((await send(subscription, { contentEncoding: 'aesgcm' })).statusCode).toBe(201);
    expect((await send(subscription, {}, '')).statusCode).toBe(201);
    expect(await peers.pushesOn(phoneId)).toMatchObject([
      { content: { title: 'Grüße' } },
      { state: 'delivered' },
    ]);
  });

  it('is told each status that a rule asks for', async () => {
    const { subscription, token } = await browser();
    for (const [reason, status, errno] of answers) {
      await peers.refuse({ [token]: { reason } });
      const error = await refusal(send(subscription));
      expect(error.statusCode, reason).toBe(status);
      expect(JSON.parse(error.body), reason).toMatchObject({ code: status, errno });
    }
    expect(await peers.messages(token)).toEqual([]);
    // They are kept behind the answer.
    await expect
      .poll(async () => {
        const exchanges = await peers.exchanges();
        return exchanges.filter(({ door, outcome }) => door === 'webpush' && outcome === 'refused').length;
      })
      .toBe(answers.length);
  });

  it('meets the statuses that have a cause of their own', async () => {
    const restricted = await browser({ applicationServerKey: vapid.publicKey });
    const { subscription } = restricted;
    const told = async (sent: Promise<unknown>): Promise<unknown> => {
      const { statusCode, body } = await refusal(sent);
      return [statusCode, Object(JSON.parse(body)).message];
    };
    const stranger = { subject: vapidDetails.subject, ...webpush.generateVAPIDKeys() };
    expect(await told(send(subscription, { vapidDetails: stranger }))).toEqual([
      401,
      'VAPID public key mismatch',
    ]);
    expect(await told(send(subscription, { vapidDetails: undefined }))).toEqual([
      401,
      'Missing VAPID public key',
    ]);
    expect(await told(send(subscription, { headers: { TTL: '' } }))).toEqual([400, 'Missing TTL value']);
    expect(await told(send(subscription, {}, 'x'.repeat(4_000)))).toEqual([
      413,
      'Payload reached size limit.',
    ]);
    const nobody = { ...subscription, endpoint: `${subscription.endpoint}x` };
    expect(await told(send(nobody))).toEqual([404, 'Invalid token']);
    await peers.call('POST', `/v1/phones/${restricted.phoneId}/uninstall`, { app: page });
    expect(await told(send(subscription))).toEqual([410, 'No such subscription']);
  });

  it.each([
    ['TooManyRequests', 429],
    ['ServiceUnavailable', 503],
  ])('is put off by %s, and gets through when the caller tries again', async (reason, status) => {
    const { subscription, token, phoneId } = await browser();
    await peers.refuse({ [token]: { reason, retryAfterS: 30, times: 1 } });
    const error = await refusal(send(subscription));
    expect(error).toMatchObject({ statusCode: status, headers: { 'retry-after': '30' } });
    expect((await send(subscription)).statusCode).toBe(201);
    expect(await peers.messages(token)).toHaveLength(1);
    expect(await peers.pushesOn(phoneId)).toMatchObject([{ state: 'delivered', shown: true }]);
  });

  it('reaches a browser that is off when it comes back, the newer of a topic alone', async () => {
    const { subscription, phoneId } = await browser();
    await peers.call('POST', `/v1/phones/${phoneId}/offline`, {});
    for (const title of ['first', 'second'])
      await send(subscription, { topic: 'order-7', TTL: 60 }, JSON.stringify({ title }));
    await peers.call('POST', `/v1/phones/${phoneId}/online`);
    expect(await peers.pushesOn(phoneId)).toMatchObject([
      { state: 'collapsed', shown: false, content: { title: 'first' } },
      { state: 'delivered', shown: true, content: { title: 'second' } },
    ]);
  });

  it.each([
    ['the preload', 'node', ''],
    ['the proxy that its option names', 'ca', 'proxy'],
    ['the proxy of its environment', 'proxy', ''],
  ] as const)(
    'reaches the push services of real browsers by %s, each in its own voice',
    async (_, way, option) => {
      const { subscription, token, phoneId } = await browser();
      const path = new URL(subscription.endpoint).pathname.replace(/^\/webpush/, '');
      const keys = { p256dh: realKey(), auth: randomBytes(16).toString('base64url') };
      const options = option === '' ? {} : { proxy: `http://127.0.0.1:${peers.port('proxy')}` };
      const said = await peers.script(
        `import webpush from 'web-push';
      const send = (endpoint, keys) => webpush.sendNotification({ endpoint, keys }, ${JSON.stringify(payload)},
        ${JSON.stringify({ vapidDetails, ...options })}).then(({ statusCode }) => statusCode,
        ({ statusCode, body, message }) => [statusCode ?? message, body?.trim()]);
      const keys = ${JSON.stringify(keys)};
      console.log(JSON.stringify([
        await send('https://updates.push.services.mozilla.com${path}', ${JSON.stringify(subscription.keys)}),
        await send('https://updates.push.services.mozilla.com/wpush/v2/gone', keys),
        await send('https://fcm.googleapis.com/fcm/send/gone', keys),
        await send('https://web.push.apple.com/gone', keys),
        await send('https://wns2-par02p.notify.windows.com/w/?token=gone', keys),
      ]));`,
        peers.environment(way),
      );
      expect(said).toEqual([
        201,
        [404, expect.stringContaining('"errno":102')],
        [404, 'Not Found'],
        [404, '{"reason":"BadPath"}'],
        // Microsoft says it in header fields.
        [404, ''],
      ]);
      expect(await peers.messages(token)).toHaveLength(1);
      expect(await peers.pushesOn(phoneId)).toMatchObject([{ content: { title: 'Grüße' } }]);
    },
  );
});

/** Of a browser that nobody here knows. */
function realKey(): string {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return pair.getPublicKey('base64url');
}
