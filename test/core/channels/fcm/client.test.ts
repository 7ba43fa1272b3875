/** The core as a client of FCM, against the fake on a real listener, and against servers that misbehave. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createFcmClient,
  type FcmClientPorts,
  type FcmCredentials,
} from '../../../../core/channels/fcm/client.ts';
import { errorReply } from '../../../../core/channels/fcm/reply.ts';
import type { Carried, ClaimedDelivery, Job } from '../../../../core/delivery/carrier.ts';
import { createOwnSends } from '../../../../core/delivery/own-sends.ts';
import { createPost } from '../../../../core/delivery/post.ts';
import { type FarSideOrders, noOrders } from '../../../../core/rules/decision.ts';
import { startDoors } from '../../doors/http/doors.ts';
import { delivery } from '../email/carry-mail.ts';
import { fcmWorld } from './fcm-world.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clientEmail = 'sandbox@demo.iam.gserviceaccount.com';
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function sandbox(over: Partial<FcmClientPorts> = {}) {
  const world = fcmWorld(
    { strict: true, serviceAccounts: [{ clientEmail, projectId: 'demo', publicKey: publicPem }] },
    Date.now(),
  );
  const ownSends = createOwnSends();
  const { fcm, google } = world.routes;
  const asked: string[] = [];
  const doors = await startDoors({
    routes: [
      fcm,
      {
        ...google,
        handle(request) {
          asked.push(request.path);
          return google.handle(request);
        },
      },
    ],
    ports: {
      findOwn(value, remoteAddress) {
        const found = ownSends.find(value, remoteAddress);
        if (found !== null) world.owns.set(found.deliveryId, found);
        return found;
      },
    },
  });
  onTestFinished(() => doors.close());
  const base = `http://127.0.0.1:${doors.ports.providers}`;
  const credentials: FcmCredentials = {
    kind: 'serviceAccount',
    projectId: 'demo',
    clientEmail,
    privateKey: privatePem,
    privateKeyId: null,
    tokenUrl: `${base}/google/token`,
  };
  const { carry } = clientOf({
    clock: world.clock,
    ownSends: () => ownSends,
    address: () => `${base}/fcm`,
    credentials: () => credentials,
    ...over,
  });
  return { world, carry, asked, credentials, base, ended: doors.ended };
}

function clientOf(ports: Partial<FcmClientPorts> & Pick<FcmClientPorts, 'address' | 'clock'>) {
  const { post, close } = createPost(() => undefined);
  const client = createFcmClient({
    ownSends: () => null,
    credentials: () => ({ kind: 'accessToken', projectId: 'demo', token: 'static' }),
    post,
    close,
    render: ({ delivery: { recipient } }) =>
      Promise.resolve({
        payload: Buffer.from(
          JSON.stringify({ message: { token: recipient, notification: { title: 'Hi' } } }),
        ),
      }),
    ...ports,
  });
  onTestFinished(() => client.close());
  const carry = (about: Partial<Job> = {}, ...deliveries: readonly ClaimedDelivery[]): Promise<Carried> =>
    client.carry({
      deliveries: deliveries.length === 0 ? [delivery('jane')] : deliveries,
      nowMs: 0,
      signal: new AbortController().signal,
      ...about,
    });
  return { carry };
}

/** Answers every request alike. */
async function serverSaying(status: number, body: string, fields: Readonly<Record<string, string>> = {}) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume().on('end', () => response.writeHead(status, fields).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { base: `http://127.0.0.1:${port}`, requests: () => requests };
}

describe('the core as a client of FCM', () => {
  it('sends as an account of its own, and the door knows the send for one of ours', async () => {
    const { world, carry, asked } = await sandbox();
    world.device('jane');
    const { results, evidence } = await carry();
    expect(results).toMatchObject([
      {
        deliveryId: 'delivery to jane',
        outcome: { kind: 'sent' },
        code: 200,
        text: expect.stringMatching(/^projects\/demo\/messages\//),
      },
    ]);
    expect(world.accepted).toEqual([]);
    expect(world.kept[0]?.puts).toMatchObject([{ messageId: 'message-1', deliveryId: 'delivery to jane' }]);
    const said = evidence.transcript.map(({ by, text }) => `${by} ${text}`).join('\n');
    expect(said).toContain('C POST /fcm/v1/projects/demo/messages:send');
    expect(said).toContain('C authorization: Bearer (masked)');
    expect(said).toContain('S 200');
    expect(said).not.toContain('ya29.');
    await carry();
    expect(asked).toEqual(['/token']);
  });

  it('gets one token for many that ask at once, and a new one before it ends', async () => {
    const { world, carry, asked } = await sandbox();
    world.device('jane');
    await Promise.all([carry(), carry(), carry()]);
    expect(asked).toHaveLength(1);
    world.clock.advance(56 * 60_000);
    await carry();
    expect(asked).toHaveLength(2);
  });

  it('gets a new token once, when the one that it has is not taken', async () => {
    const { world, carry, asked } = await sandbox();
    world.device('jane');
    await carry();
    // The door forgets all tokens it ever gave out: for the client the one it has is still good.
    const { read } = world.ports.tokens;
    let forgotten = true;
    Object.assign(world.ports.tokens, {
      read(token: string) {
        const was = forgotten;
        forgotten = false;
        return was ? null : read(token);
      },
    });
    const { results, evidence } = await carry();
    expect(results[0]?.outcome.kind).toBe('sent');
    expect(asked).toHaveLength(2);
    expect(evidence.transcript.map(({ text }) => text)).toContain('once more, with a new access token');
  });

  it('says that a token is nobody’s any more', async () => {
    const { world, carry } = await sandbox();
    world.device('jane', { goneSinceMs: 0 });
    expect((await carry()).results).toMatchObject([
      {
        outcome: { kind: 'failed' },
        class: 'bad_address',
        code: 404,
        unregistered: true,
        text: expect.stringContaining('UNREGISTERED'),
      },
    ]);
  });

  it('carries the orders of the rules to the door, and tells what was done', async () => {
    const { world, carry } = await sandbox();
    world.device('jane');
    const cause = { ruleId: 'r-1', label: 'quota' };
    const orders = (over: Partial<FarSideOrders>): Partial<Job> => ({
      orders: new Map([['delivery to jane', { ...noOrders, ...over }]]),
    });
    const refused = await carry(
      orders({
        answer: {
          cause,
          action: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 60 },
          point: 'endOfData',
          chance: 0,
        },
      }),
    );
    expect(refused.results).toMatchObject([
      { outcome: { kind: 'deferred', retryAfterMs: 60_000 }, class: 'rate_limited', code: 429 },
    ]);
    expect(refused.evidence.rules).toMatchObject([{ ruleId: 'r-1', action: 'answer' }]);
    const lost = await carry(
      orders({ after: [{ cause, action: { do: 'blackHole' }, point: 'accepted', chance: 0 }] }),
    );
    expect(lost.results).toMatchObject([
      { outcome: { kind: 'sent' }, unconfirmed: 'taken and lost on purpose, by the rule “quota”' },
    ]);
  });

  it('reaches a device whatever project it belongs to, for its own account only stands in', async () => {
    const { world, carry } = await sandbox();
    world.device('jane', { project: 'the-real-one' });
    world.settings = {
      ...world.settings,
      projects: [{ id: 'the-real-one', number: null, apps: ['com.mine'] }],
    };
    expect((await carry()).results[0]?.outcome.kind).toBe('sent');
  });

  it('fails for good where its account is refused, or there is none', async () => {
    const { world, carry } = await sandbox();
    world.settings = { ...world.settings, serviceAccounts: [] };
    expect((await carry()).results).toMatchObject([
      {
        outcome: { kind: 'failed' },
        class: 'authentication_failed',
        text: expect.stringContaining('account not found'),
      },
    ]);
    const none = await sandbox({ credentials: () => null });
    expect((await none.carry()).results).toMatchObject([
      { outcome: { kind: 'failed' }, class: 'config', text: expect.stringContaining('service account') },
    ]);
  });

  it('lets what cannot be rendered fail with its reason', async () => {
    const { carry } = await sandbox({ render: () => Promise.resolve({ fault: 'it is gone' }) });
    expect((await carry()).results).toMatchObject([{ outcome: { kind: 'failed' }, text: 'it is gone' }]);
  });

  it('puts off what gets no answer, and what is given up', async () => {
    const { world } = await sandbox();
    const { carry } = clientOf({ clock: world.clock, address: () => 'http://127.0.0.1:1' });
    expect((await carry()).results).toMatchObject([
      { outcome: { kind: 'deferred', retryAfterMs: null }, class: 'network' },
    ]);
    expect((await carry({ signal: AbortSignal.abort() })).results).toMatchObject([
      { outcome: { kind: 'deferred' }, class: 'network' },
    ]);
  });

  it.each([
    ['INVALID_ARGUMENT', {}, 'failed', 'config', undefined],
    [
      'INVALID_ARGUMENT',
      { message: 'The registration token is not a valid FCM registration token' },
      'failed',
      'bad_address',
      true,
    ],
    ['INVALID_ARGUMENT', { message: 'Android message is too big' }, 'failed', 'too_large', undefined],
    ['UNREGISTERED', {}, 'failed', 'bad_address', true],
    ['SENDER_ID_MISMATCH', {}, 'failed', 'config', undefined],
    ['THIRD_PARTY_AUTH_ERROR', {}, 'failed', 'config', undefined],
    ['PERMISSION_DENIED', {}, 'failed', 'config', undefined],
    ['UNAUTHENTICATED', {}, 'failed', 'config', undefined],
    ['QUOTA_EXCEEDED', {}, 'deferred', 'rate_limited', undefined],
    ['UNAVAILABLE', {}, 'deferred', 'provider_down', undefined],
    ['INTERNAL', {}, 'deferred', 'provider_down', undefined],
  ] as const)('takes %s %j for %s, %s', async (reason, words, kind, outcomeClass, unregistered) => {
    const { status, body } = errorReply(reason, words);
    const { base } = await serverSaying(status, String(body));
    const { carry } = clientOf({ clock: fcmWorld().clock, address: () => base });
    const [result] = (await carry()).results;
    expect([result?.outcome.kind, result?.class, result?.unregistered]).toEqual([
      kind,
      outcomeClass,
      unregistered,
    ]);
  });

  it.each([
    ['120', 120_000],
    ['Sat, 31 Jan 2026 10:01:00 GMT', 60_000],
    ['soon', null],
  ])('believes Retry-After: %s', async (field, retryAfterMs) => {
    const { base } = await serverSaying(503, '<html>Error 503</html>', { 'retry-after': field });
    const { carry } = clientOf({ clock: fcmWorld().clock, address: () => base });
    expect((await carry()).results).toMatchObject([
      { outcome: { kind: 'deferred', retryAfterMs }, code: 503 },
    ]);
  });

  it('keeps to a token that was given to it, whatever is said of it', async () => {
    const { status, body } = errorReply('UNAUTHENTICATED');
    const { base, requests } = await serverSaying(status, String(body));
    const { carry } = clientOf({ clock: fcmWorld().clock, address: () => base });
    await carry();
    expect(requests()).toBe(1);
  });
});
