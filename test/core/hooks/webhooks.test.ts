import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Carrier } from '../../../core/delivery/carrier.ts';
import { createWebhookCarrier } from '../../../core/hooks/webhook-carrier.ts';
import { openWebhooks, type Webhooks, type WebhooksPorts } from '../../../core/hooks/webhooks.ts';
import { openSeal } from '../../../core/store/seal.ts';
import { openWorld, refused, startMs, type World } from '../delivery/world.ts';

interface Call {
  readonly headers: Record<string, string>;
  readonly body: string;
}

let folder: string;
let world: World;
let webhooks: Webhooks;
let app: Server;
let calls: Call[];
let answer: (response: ServerResponse) => void;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandpost-hooks-'));
  calls = [];
  answer = (response) => response.writeHead(204).end();
  app = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      calls.push({ headers: request.headers as Record<string, string>, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/hooks`;
  const late: { carrier: Carrier | null } = { carrier: null };
  world = await openWorld({
    ports: {
      carriers: {
        email: {
          carry: (job) =>
            Promise.resolve({
              results: job.deliveries.map((one) => ({
                deliveryId: one.delivery.id,
                outcome: { kind: 'failed' },
                class: 'bad_address',
                code: 550,
                enhanced: '5.1.1',
                text: '550 5.1.1 No such user',
                nextHop: null,
                suppresses: 'never',
                ...refused({ suppresses: 'never' }),
              })),
              evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
            }),
          close: () => Promise.resolve(),
        },
        webhook: {
          carry: (job) => late.carrier?.carry(job) ?? Promise.reject(new Error('no carrier')),
          close: () => Promise.resolve(),
        },
      },
    },
  });
  webhooks = await open();
  late.carrier = createWebhookCarrier({
    store: world.store,
    clock: world.clock,
    webhooks,
    fetch,
    callbackHosts: () => [],
    inbound: () => Promise.resolve(null),
    version: '0.0.0',
  });
});

let lastId = 0;
function open(changed: Partial<WebhooksPorts> = {}): Promise<Webhooks> {
  return openWebhooks({
    store: world.store,
    clock: world.clock,
    virtual: world.virtual,
    seal: openSeal(folder),
    newId: () => `20000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}`,
    randomBytes: (count) => Buffer.alloc(count, 7),
    callbackHosts: () => [],
    onProblem: (text) => {
      throw new Error(text);
    },
    ...changed,
  });
}

afterEach(async () => {
  await webhooks.close();
  await world.close();
  await new Promise((resolve) => app.close(resolve));
  rmSync(folder, { recursive: true });
});

const about = { description: '', events: ['undeliverable'] as const, project: null, active: true };

async function told(): Promise<void> {
  webhooks.committed(world.events);
  await webhooks.caughtUp();
  await world.engine.idle();
}

describe('webhooks', () => {
  it('tell of an event in a call that the Standard Webhooks library verifies, and of none that was not asked for', async () => {
    const { id } = await webhooks.create({ ...about, url });
    const [delivery] = await world.send(['jane@example.com']);
    await world.engine.idle();
    await told();
    expect(calls.length).toBe(1);
    const [call] = calls;
    const event = JSON.parse(call?.body ?? '');
    expect(event).toMatchObject({
      type: 'undeliverable',
      deliveryId: delivery,
      data: { recipient: 'jane@example.com', class: 'bad_address', code: 550, permanent: true },
    });
    const secret = await webhooks.secret(id);
    expect(secret).toMatch(/^whsec_/);
    const fresh: Readonly<Record<string, string>> = call?.headers ?? {};
    const verifier = new Verifier(secret);
    // The library compares with the wall clock; the test's stands still in the past, so the signature alone is compared.
    const signed = verifier.sign(
      fresh['webhook-id'] ?? '',
      new Date(Number(fresh['webhook-timestamp']) * 1000),
      call?.body ?? '',
    );
    expect(call?.headers['webhook-signature']).toBe(signed);
    expect(Number(fresh['webhook-timestamp'])).toBe(Math.floor(startMs / 1000));
  });

  it('tell of what users did with in-app messages those that ask for it, and never of what the app did itself', async () => {
    await webhooks.create({ ...about, events: [], url });
    const told = await webhooks.create({ ...about, events: ['inapp', 'dismissed', 'expired'], url });
    const [delivery = ''] = await world.send(['jane@example.com']);
    await world.engine.idle();
    const fact = (type: 'inapp' | 'dismissed' | 'expired', what: string) =>
      ({ deliveryId: delivery, type, nowMs: startMs, data: { what, user: 'ann' }, change: null }) as const;
    await world.store.note([
      fact('inapp', 'pulled'),
      fact('inapp', 'seen'),
      fact('dismissed', 'dismissed'),
      fact('expired', 'expired'),
    ]);
    webhooks.committed(world.events);
    await webhooks.caughtUp();
    await world.engine.idle();
    const { entries } = await world.store.deliveries(
      { ...none, carriage: 'webhook', recipient: told.id },
      { after: null, limit: 10 },
    );
    const asked = new Set(entries.map(({ id }) => id));
    const heard = calls.map((call) => ({ id: call.headers['webhook-id'] ?? '', ...JSON.parse(call.body) }));
    const types = (own: boolean): readonly unknown[] =>
      heard.filter(({ id }) => asked.has(id) === own).map(({ type, data }) => [type, data.what]);
    expect(types(true)).toEqual(
      expect.arrayContaining([
        ['inapp', 'seen'],
        ['dismissed', 'dismissed'],
        ['expired', 'expired'],
      ]),
    );
    expect(types(true)).toHaveLength(3);
    // Whoever asks for everything is not told of each look that a user takes.
    expect(types(false).filter((one) => JSON.stringify(one).includes('inapp'))).toEqual([]);
    const verifier = new Verifier(await webhooks.secret(told.id));
    const call = calls.find((one) => asked.has(one.headers['webhook-id'] ?? ''));
    const signed = verifier.sign(
      call?.headers['webhook-id'] ?? '',
      new Date(Number(call?.headers['webhook-timestamp']) * 1000),
      call?.body ?? '',
    );
    expect(call?.headers['webhook-signature']).toBe(signed);
  });

  it('are tried again until the app answers, and the log has every attempt', async () => {
    await webhooks.create({ ...about, url });
    let failing = 2;
    answer = (response) => {
      if (failing-- > 0) response.writeHead(503, { 'retry-after': '90' }).end('busy');
      else response.writeHead(200).end('ok');
    };
    await world.send(['jane@example.com']);
    await world.engine.idle();
    await told();
    await world.travel.toNext();
    await world.travel.toNext();
    expect(calls.length).toBe(3);
    expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
    expect(world.virtual.nowMs() - startMs).toBe(180_000);
    const { entries } = await world.store.deliveries(
      { ...none, carriage: 'webhook' },
      { after: null, limit: 10 },
    );
    expect(entries).toMatchObject([{ status: 'delivered', attempts: 3 }]);
    const detail = await world.store.delivery(entries[0]?.id ?? '');
    expect(detail?.attempts.map((attempt) => attempt.code)).toEqual([503, 503, 200]);
    expect(detail?.attempts[0]?.evidenceValue?.transcript.map((line) => line.text)).toContain('busy');
  });

  it('read the beginning of an answer, and none of the rest, however much it is', async () => {
    await webhooks.create({ ...about, url });
    let written = 0;
    const stopped = new Promise<void>((resolve) => {
      answer = (response) => {
        response.once('close', resolve);
        const more = (): void => {
          for (let full = false; !full && !response.destroyed; written++) full = !response.write(piece);
        };
        response.on('drain', more).writeHead(500);
        more();
      };
    });
    const piece = Buffer.alloc(64 * 1024, 'x');
    await world.send(['jane@example.com']);
    await world.engine.idle();
    await told();
    await stopped;
    const { entries } = await world.store.deliveries(
      { ...none, carriage: 'webhook' },
      { after: null, limit: 10 },
    );
    expect(entries).toMatchObject([{ substatus: 'deferred', class: 'provider_down' }]);
    const detail = await world.store.delivery(entries[0]?.id ?? '');
    expect(detail?.attempts[0]?.evidenceValue?.transcript.at(-1)?.text).toBe('x'.repeat(1_000));
    expect(written).toBeLessThan(1_000);
  });

  it('are never told of their own calls', async () => {
    await webhooks.create({ ...about, url, events: [] });
    await world.send(['jane@example.com']);
    await world.engine.idle();
    await told();
    await told();
    const types = calls.map((call) => JSON.parse(call.body).type);
    expect(new Set(types)).toEqual(new Set(['accepted', 'queued', 'undeliverable']));
  });

  it('are told after a crash of what they had not been told before it', async () => {
    await webhooks.create({ ...about, url });
    await world.send(['jane@example.com']);
    await world.engine.idle();
    // The process ends here: the event is committed, no call was queued.
    await webhooks.close();
    webhooks = await open();
    await webhooks.caughtUp();
    await world.engine.idle();
    const rows = await world.store.deliveries({ ...none, carriage: 'webhook' }, { after: null, limit: 10 });
    expect(rows.total).toBe(1);
  });

  it('are told when the store takes them again, though nothing more happens', async () => {
    await webhooks.create({ ...about, url });
    await webhooks.close();
    const told: string[] = [];
    let full = true;
    webhooks = await open({
      store: {
        ...world.store,
        addDeliveries: (request) =>
          full ? Promise.reject(new Error('the disk is full')) : world.store.addDeliveries(request),
      },
      onProblem: (text) => told.push(text),
    });
    await world.send(['jane@example.com']);
    await world.engine.idle();
    webhooks.committed(world.events);
    await webhooks.caughtUp();
    expect(told).toEqual(['webhook calls wait: the disk is full']);
    full = false;
    world.clock.advance(60_000);
    await webhooks.caughtUp();
    await world.engine.idle();
    expect(calls.map((call) => JSON.parse(call.body).type)).toEqual(['undeliverable']);
  });

  it('have in their log how many events went before they could be told of them', async () => {
    const { id } = await webhooks.create({ ...about, url });
    await webhooks.create({ ...about, url, active: false });
    const before = world.store.lastEventSeq();
    await webhooks.close();
    await world.send(['jane@example.com']);
    await world.send(['bob@example.com']);
    await world.engine.idle();
    const last = world.events.findLast(({ type }) => type === 'undeliverable')?.seq ?? 0;
    const problems: string[] = [];
    webhooks = await open({
      store: {
        ...world.store,
        // All but the last went in time.
        events: async (request) => (await world.store.events(request)).filter(({ seq }) => seq >= last),
      },
      onProblem: (text) => problems.push(text),
    });
    await webhooks.caughtUp();
    await world.engine.idle();
    const lost = last - before - 1;
    expect(problems).toEqual([expect.stringContaining(`${lost} events (${before + 1} to ${last - 1}) went`)]);
    const { entries } = await world.store.deliveries(
      { ...none, carriage: 'webhook' },
      { after: null, limit: 10 },
    );
    expect(entries).toMatchObject([
      { recipient: id, status: 'delivered' },
      { recipient: id, status: 'undeliverable', reason: expect.stringContaining(`${lost} events`) },
    ]);
    expect(calls.map((call) => JSON.parse(call.body).seq)).toEqual([last]);
  });

  it('of a project are told of the suppressions that its deliveries led to, and of no others', async () => {
    await webhooks.create({ ...about, url, events: ['suppressed'], project: 'main' });
    await webhooks.create({ ...about, url, events: ['suppressed'], project: 'shop' });
    const [deliveryId = ''] = await world.send(['jane@example.com']);
    const suppression = {
      scope: 'all',
      reason: 'hard_bounce',
      source: 'delivery',
      class: 'bad_address',
      detail: null,
      createdAtMs: startMs,
      expiresAtMs: null,
    } as const;
    await world.store.suppress([
      { ...suppression, address: 'jane@example.com', deliveryId },
      { ...suppression, address: 'bob@example.com', deliveryId: null },
    ]);
    await world.engine.idle();
    await told();
    expect(calls.map((call) => JSON.parse(call.body).data.address)).toEqual(['jane@example.com']);
  });

  it('replay an event, as a call of its own', async () => {
    const { id } = await webhooks.create({ ...about, url });
    await world.send(['jane@example.com']);
    await world.engine.idle();
    await told();
    const seq = world.events.find((event) => event.type === 'undeliverable')?.seq ?? 0;
    await webhooks.replay(id, seq);
    await world.engine.idle();
    expect(calls.map((call) => JSON.parse(call.body).seq)).toEqual([seq, seq]);
    await expect(webhooks.replay(id, 99_999)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('call this machine only', async () => {
    await expect(webhooks.create({ ...about, url: 'https://example.com/x' })).rejects.toThrow(
      'example.com is not this machine; nothing leaves it unasked. Allow the host with --callback-host example.com',
    );
    await expect(webhooks.create({ ...about, url: 'ftp://localhost/' })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it('keep their secret sealed in the database', async () => {
    const { id } = await webhooks.create({ ...about, url });
    const secret = await webhooks.secret(id);
    const kept = JSON.stringify(await world.store.documents('webhook'));
    expect(kept).not.toContain(secret.slice(6));
    expect(await webhooks.rotateSecret(id)).toMatch(/^whsec_/);
  });
});

const none = {
  ids: null,
  status: null,
  substatus: null,
  domain: null,
  provider: null,
  stream: null,
  project: null,
  messageId: null,
  carriage: null,
  recipient: null,
  recipientContains: null,
  waitsFor: null,
  tag: null,
} as const;
