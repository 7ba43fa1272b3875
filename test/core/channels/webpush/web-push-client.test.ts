/** The unmodified web-push, as an app has it, against the push service. */
import https from 'node:https';
import { describe, expect, it } from 'vitest';
import webpush, { type RequestOptions, type SendResult, WebPushError } from 'web-push';
import type { Located } from '../../../../core/delivery/push-far-side.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { deskWorld } from '../../rules/desk-world.ts';
import { type Browser, farSideWith, makeBrowser, nowMs, type Service, startService } from './push-service.ts';

const vapid = webpush.generateVAPIDKeys();
const vapidDetails = { subject: 'mailto:app@shop.example', ...vapid };

describe('web-push', () => {
  it('sends a message that the browser reads and shows', async () => {
    const { service, browser } = await service1();
    const payload = JSON.stringify({ title: 'Grüße', body: 'Your order is on its way', url: '/orders/1' });
    const answer = await send(service, browser, payload, { TTL: 60, urgency: 'high', topic: 'order-1' });

    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ ttl: '60' });
    const [message] = service.accepted;
    expect(Object(answer.headers).location).toBe(
      `https://localhost:${service.port}/webpush/m/${message?.id}`,
    );
    expect(message).toMatchObject({
      channel: 'push',
      door: 'webpush',
      envelopeFrom: 'https://shop.example',
      envelopeTo: [browser.id],
      details: {
        push: {
          provider: 'webpush',
          priority: 'high',
          collapseKey: 'order-1',
          plain: payload,
          expiresAtMs: nowMs + 60_000,
          credentials: { kind: 'vapid', signature: 'valid', claims: { sub: 'mailto:app@shop.example' } },
        },
      },
      delivery: { to: [{ status: 'delivered', shown: true, recipient: browser.id }] },
      pushes: { puts: [{ content: { title: 'Grüße', link: '/orders/1' } }] },
    });
    expect(message?.exchange?.end).toMatchObject({ outcome: 'accepted' });
    expect(JSON.stringify(message?.details?.push?.headers)).not.toMatch(/t=[\w-]+\.[\w-]+\.[\w-]+/);
    expect(service.settled).toHaveLength(1);
  });

  it('sends without a payload', async () => {
    const { service, browser } = await service1();
    expect((await send(service, browser, undefined)).statusCode).toBe(201);
    expect(service.accepted[0]?.details?.push?.plain).toBe('');
  });

  it('sends in the older encoding aesgcm, with WebPush and Crypto-Key', async () => {
    const { service, browser } = await service1(vapid.publicKey);
    await send(service, browser, 'hello', { contentEncoding: 'aesgcm' });
    expect(service.accepted[0]?.details?.push).toMatchObject({
      plain: 'hello',
      credentials: { signature: 'valid' },
    });
  });

  it('is told the lowered TTL', async () => {
    const { service, browser } = await service1();
    const answer = await send(service, browser, 'hello', { TTL: 99_999_999 });
    expect(answer.headers).toMatchObject({ ttl: String(60 * 24 * 3600) });
  });

  it('has a message for other keys accepted, and lost', async () => {
    const { service, browser } = await service1();
    const other = makeBrowser();
    await send(service, { ...browser, keys: other.keys }, 'hello');
    expect(service.accepted[0]).toMatchObject({
      details: { push: { plain: null } },
      delivery: { to: [{ status: 'sent', substatus: 'unconfirmed', reason: /decrypt/ }] },
      pushes: { puts: [{ state: 'lost', shown: false }] },
    });
  });

  it.each<[string, (browser: Browser) => Partial<Browser>, RequestOptions, number, string]>([
    [
      'without VAPID to a restricted subscription',
      keep,
      { vapidDetails: undefined },
      401,
      'Missing VAPID public key',
    ],
    [
      'with another key than the subscription has',
      keep,
      { vapidDetails: { subject: 'mailto:a@shop.example', ...webpush.generateVAPIDKeys() } },
      401,
      'VAPID public key mismatch',
    ],
    ['to nobody', () => ({ id: 'nobody' }), {}, 404, 'Invalid token'],
    ['without a TTL', keep, { headers: { TTL: '' } }, 400, 'Missing TTL value'],
  ])('sends %s', async (_, change, options, status, message) => {
    const { service, browser } = await service1(vapid.publicKey);
    const error = await refusal(send(service, { ...browser, ...change(browser) }, 'hello', options));
    expect(error.statusCode).toBe(status);
    expect(JSON.parse(error.body)).toMatchObject({ code: status, message });
    expect(service.refusals().at(-1)).not.toBeNull();
    expect(service.accepted).toEqual([]);
  });

  it('is told that a browser unsubscribed', async () => {
    const { service, browser } = await service1(null, { kind: 'unregistered', sinceMs: nowMs });
    const error = await refusal(send(service, browser, 'hello'));
    expect(error.statusCode).toBe(410);
    expect(JSON.parse(error.body)).toMatchObject({ errno: 106, message: 'No such subscription' });
  });

  it('is told that a message is too large', async () => {
    const { service, browser } = await service1();
    expect((await send(service, browser, 'x'.repeat(3_993))).statusCode).toBe(201);
    const error = await refusal(send(service, browser, 'x'.repeat(3_994)));
    expect(error.statusCode).toBe(413);
    expect(service.refusals().at(-1)).toMatch(/4097 bytes/);
  });

  it('is put off by a rule, and gets through when it tries again', async () => {
    const { service, browser } = await service1(null, null, [
      {
        id: 'busy',
        stage: 'farSide',
        when: { provider: 'webpush', body: 'hello' },
        then: { do: 'answer', reason: 'TooManyRequests', retryAfterS: 30, times: 1 },
      },
    ]);
    const error = await refusal(send(service, browser, 'hello'));
    expect(error.statusCode).toBe(429);
    expect(error.headers).toMatchObject({ 'retry-after': '30' });
    expect((await send(service, browser, 'hello')).statusCode).toBe(201);
  });

  it('is put off where the message could not be stored', async () => {
    const browser = makeBrowser();
    const farSide = farSideWith([browser], {
      intake: { accept: () => Promise.reject(new Error('the disk is full')) },
    });
    const service = await startService(farSide);
    const error = await refusal(send(service, browser, 'hello'));
    expect(error.statusCode).toBe(503);
    expect(error.headers).toMatchObject({ 'retry-after': '60' });
    expect(service.undone).toHaveLength(1);
    expect(service.settled).toEqual([]);
  });
});

async function service1(
  applicationServerKey: string | null = null,
  located: Located | null = null,
  rules: readonly RuleInput[] = [],
): Promise<{ service: Service; browser: Browser }> {
  const browser = makeBrowser(applicationServerKey);
  const farSide = farSideWith([browser], { desk: deskWorld(rules).desk }, () => located);
  return { service: await startService(farSide), browser };
}

function send(
  service: Service,
  { id, keys }: Browser,
  payload: string | undefined,
  options: RequestOptions = {},
): Promise<SendResult> {
  const agent = new https.Agent({ ca: service.ca });
  return webpush.sendNotification({ endpoint: service.endpoint(id), keys }, payload, {
    vapidDetails,
    agent,
    ...options,
  });
}

async function refusal(sent: Promise<unknown>): Promise<WebPushError> {
  const error: unknown = await sent.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof WebPushError) return error;
  throw new Error('it was not refused', { cause: error });
}

function keep(browser: Browser): Partial<Browser> {
  return browser;
}
