/** The core's own sends to a push service: over TLS, encrypted and signed, and what it makes of each answer. */
import { createECDH, randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createWebPushClient,
  type WebPushClientPorts,
  type WebPushRequest,
} from '../../../../core/channels/webpush/index.ts';
import type { Carried, ClaimedDelivery } from '../../../../core/delivery/carrier.ts';
import { createOwnSends } from '../../../../core/delivery/own-sends.ts';
import { createPost } from '../../../../core/delivery/post.ts';
import { type Browser, farSideWith, makeBrowser, nowMs, startService } from './push-service.ts';

const pair = createECDH('prime256v1');
pair.generateKeys();
const vapid = {
  publicKey: pair.getPublicKey('base64url'),
  privateKey: pair.getPrivateKey('base64url'),
  subject: 'mailto:app@shop.example',
};

describe('a web push of our own', () => {
  it('is posted to the endpoint, encrypted and signed', async () => {
    const browser = makeBrowser(vapid.publicKey);
    const service = await startService(farSideWith([browser]));
    const carried = await carry(requestFor(browser, service.endpoint(browser.id)), {}, () => service.ca);

    expect(carried.results).toMatchObject([
      { deliveryId: 'd-1', outcome: { kind: 'sent' }, code: 201, nextHop: `localhost:${service.port}` },
    ]);
    expect(service.accepted[0]?.details?.push).toMatchObject({
      plain: '{"title":"Hello"}',
      collapseKey: 'greeting',
      priority: 'low',
      credentials: { signature: 'valid' },
    });
    const said = carried.evidence.transcript.map(({ by, text }) => `${by} ${text}`);
    expect(said).toEqual(expect.arrayContaining(['C authorization: vapid t=…', 'C ttl: 60', 'S 201']));
    expect(said.join('\n')).not.toMatch(/eyJ/);
  });

  it.each([
    [200, null, { outcome: { kind: 'sent' } }],
    [404, null, { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true }],
    [410, null, { outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true }],
    [429, '120', { outcome: { kind: 'deferred', retryAfterMs: 120_000 }, class: 'rate_limited' }],
    [503, 'soon', { outcome: { kind: 'deferred', retryAfterMs: null }, class: 'provider_down' }],
    [413, null, { outcome: { kind: 'failed' }, class: 'too_large' }],
    [400, null, { outcome: { kind: 'failed' }, class: 'config' }],
    [403, null, { outcome: { kind: 'failed' }, class: 'config' }],
  ])('answered with %i, Retry-After %s, is so far', async (status, retryAfter, result) => {
    const carried = await carry(requestFor(makeBrowser(), 'https://push.example/1'), {
      post: () => Promise.resolve({ status, retryAfter, location: null, body: 'words' }),
    });
    expect(carried.results[0]).toMatchObject({ ...result, code: status, text: `${status} words` });
  });

  it('is put off where nobody answers', async () => {
    const carried = await carry(requestFor(makeBrowser(), 'https://push.example/1'), {
      post: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    expect(carried.results[0]).toMatchObject({ outcome: { kind: 'deferred' }, class: 'network' });
  });

  it('fails before the wire where it is too large, not allowed, or gone', async () => {
    const post = (): never => {
      throw new Error('it was posted');
    };
    const large = { ...requestFor(makeBrowser(), 'https://push.example/1'), payload: 'x'.repeat(4_000) };
    expect((await carry(large, { post })).results[0]).toMatchObject({ class: 'too_large' });
    const other = requestFor(makeBrowser(), 'https://push.example/1');
    expect((await carry(other, { post, endpointFault: () => 'it is not live' })).results[0]).toMatchObject({
      outcome: { kind: 'failed' },
      text: 'it is not live',
    });
    expect((await carry({ fault: 'it was deleted' }, { post })).results[0]).toMatchObject({
      text: 'it was deleted',
    });
  });

  it('is recognised at our own door', async () => {
    const ownSends = createOwnSends();
    let found: unknown = null;
    await carry(requestFor(makeBrowser(), 'https://push.example/1'), {
      ownSends: () => ownSends,
      post: (_, { fields }) => {
        found = ownSends.find(fields['sandpost-send'] ?? '', '127.0.0.1');
        return Promise.resolve({ status: 201, retryAfter: null, location: null, body: '' });
      },
    });
    expect(found).toMatchObject({ messageId: 'm-1', deliveryId: 'd-1' });
  });
});

it('is unconfirmed where our door lost it on purpose', async () => {
  const ownSends = createOwnSends();
  const carried = await carry(requestFor(makeBrowser(), 'https://push.example/1'), {
    ownSends: () => ownSends,
    post: (_, { fields }) => {
      ownSends.find(fields['sandpost-send'] ?? '', '127.0.0.1')?.carriedOut({
        recipient: null,
        cause: { ruleId: 'r', label: 'a rule' },
        action: 'blackHole',
        point: 'accepted',
      });
      return Promise.resolve({ status: 201, retryAfter: null, location: null, body: '' });
    },
  });
  expect(carried.results[0]).toMatchObject({
    outcome: { kind: 'sent' },
    unconfirmed: expect.stringMatching(/lost on purpose/),
  });
  expect(carried.evidence.rules).toMatchObject([{ action: 'blackHole' }]);
});

function requestFor({ keys }: Browser, endpoint: string): WebPushRequest {
  return {
    subscription: { endpoint, keys },
    payload: '{"title":"Hello"}',
    ttlS: 60,
    urgency: 'low',
    topic: 'greeting',
  };
}

async function carry(
  request: WebPushRequest | { readonly fault: string },
  other: Partial<WebPushClientPorts>,
  ca: () => string | undefined = () => undefined,
): Promise<Carried> {
  const { post, close } = createPost(ca);
  const client = createWebPushClient({
    clock: { wallMs: () => Date.now(), monotonicMs: () => 0 },
    random: randomBytes,
    vapid: () => vapid,
    render: () => Promise.resolve(request),
    endpointFault: () => null,
    ownSends: () => null,
    post,
    close,
    ...other,
  });
  onTestFinished(() => client.close());
  return client.carry({ deliveries: [claimed], nowMs, signal: new AbortController().signal });
}

const claimed: ClaimedDelivery = {
  parameters: null,
  message: {
    id: 'm-1',
    seq: 1,
    door: 'api',
    project: 'main',
    envelopeFrom: '',
    envelopeParameters: null,
    bytes: 1,
    receivedAtMs: nowMs,
    details: null,
  },
  delivery: {
    seq: 1,
    id: 'd-1',
    carriage: 'push',
    messageId: 'm-1',
    messageSeq: 1,
    project: 'main',
    recipient: 'subscription-1',
    domain: 'push.example',
    provider: 'webpush',
    stream: 'transactional',
    status: 'queued',
    substatus: null,
    class: null,
    reason: null,
    attempts: 0,
    createdAtMs: nowMs,
    nextAttemptAtMs: nowMs,
    expiresAtMs: nowMs + 60_000,
    endedAtMs: null,
    placement: null,
    retryOf: null,
    waitsFor: null,
    heldSinceMs: null,
    heldBy: null,
    releasedAtMs: null,
    releasedFrom: [],
    mailFrom: null,
    editedFrom: null,
  },
};
