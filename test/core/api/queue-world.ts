/** The API on an engine whose far side is scripted, with time that only a test moves. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { openHttpDoor } from '../../../core/api/http-door.ts';
import type { Services } from '../../../core/api/services.ts';
import { openInAppPages } from '../../../core/channels/inapp/pages.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Carrier, ClaimedDelivery } from '../../../core/delivery/carrier.ts';
import { createQueue } from '../../../core/delivery/queue.ts';
import { deliverySettingsSchema } from '../../../core/delivery/settings.ts';
import { createTimeTravel } from '../../../core/delivery/time-travel.ts';
import { createVirtualTime } from '../../../core/delivery/virtual-time.ts';
import { createWebhookCarrier } from '../../../core/hooks/webhook-carrier.ts';
import { openWebhooks } from '../../../core/hooks/webhooks.ts';
import { InspectThread } from '../../../core/inspect/inspect-thread.ts';
import { createIntake } from '../../../core/intake/intake.ts';
import type { AttemptEvidence } from '../../../core/model/delivery.ts';
import type { NewCopy } from '../../../core/model/mailbox-copy.ts';
import { idMaker } from '../../../core/model/new-id.ts';
import { openRules } from '../../../core/rules/room.ts';
import { openScenarios } from '../../../core/rules/scenarios.ts';
import { openSeal } from '../../../core/store/seal.ts';
import { openWorld, type World } from '../delivery/world.ts';
import { openDomains } from '../dns/memory-documents.ts';
import { openFarSide } from '../mailboxes/far-side.ts';

export interface QueueWorld {
  readonly world: World;
  readonly url: string;
  /** What an attempt of mail shows for itself. */
  evidence: (attempt: number) => Partial<AttemptEvidence>;
  /** What the mailbox keeps of a delivery that was taken; null: it keeps nothing, and the delivery stays sent. */
  copy: (delivery: ClaimedDelivery['delivery']) => NewCopy | null;
  /** Settles when all that is due has been tried, webhook calls included. */
  idle(): Promise<void>;
  ask(method: string, path: string, body?: unknown, type?: string): Promise<Response>;
  /** Asks for what is to succeed. @returns the answer's JSON, taken for the shape the test expects */
  done<T>(method: string, path: string, body?: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
  /** Asks for what is to be refused. */
  refusal(method: string, path: string, body?: unknown): Promise<Refusal>;
  close(): Promise<void>;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

export interface Listed<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}

/** Ends with the test that called it. */
export async function startQueueWorld(about: Partial<Services> = {}): Promise<QueueWorld> {
  const opened = await openQueueWorld(about);
  onTestFinished(() => opened.close());
  return opened;
}

const newId = idMaker((block) => block.set(randomBytes(block.length)));

export async function openQueueWorld(about: Partial<Services> = {}): Promise<QueueWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-queue-'));
  const late: { email: Carrier | null; webhook: Carrier | null } = { email: null, webhook: null };
  const world = await openWorld({
    folder,
    carrier(scripted) {
      late.email = scripted;
      return scripted;
    },
    ports: {
      carriers: {
        email: {
          carry: (job) => carryMail(job.deliveries, () => carrierOf(late.email).carry(job)),
          close: () => Promise.resolve(),
        },
        webhook: { carry: (job) => carrierOf(late.webhook).carry(job), close: () => Promise.resolve() },
      },
    },
  });
  const { store, bus, engine, virtual, clock } = world;

  /** As a real far side does: the copy is kept before it says yes. */
  async function carryMail(
    deliveries: readonly ClaimedDelivery[],
    carry: () => ReturnType<Carrier['carry']>,
  ) {
    const carried = await carry();
    const [first] = deliveries;
    for (const { delivery } of deliveries) {
      const result = carried.results.find((one) => one.deliveryId === delivery.id);
      const copy = result?.outcome.kind === 'sent' ? queueWorld.copy(delivery) : null;
      if (copy !== null) await store.keepCopies([copy]);
    }
    return {
      ...carried,
      evidence: { ...carried.evidence, ...queueWorld.evidence((first?.delivery.attempts ?? 0) + 1) },
    };
  }

  const webhooks = await openWebhooks({
    store,
    clock: world.clock,
    virtual,
    seal: openSeal(folder),
    newId,
    randomBytes: (count) => randomBytes(count),
    callbackHosts: () => [],
    onProblem: fail,
  });
  late.webhook = createWebhookCarrier({
    store,
    clock,
    webhooks,
    fetch,
    callbackHosts: () => [],
    inbound: () => Promise.resolve(null),
    version: '0.0.0',
  });
  const queue = createQueue(
    {
      store,
      engine,
      virtual,
      clock,
      newId,
      providerOf: (domain) => (domain === 'gmail.com' ? 'gmail' : 'default'),
    },
    { settings: deliverySettingsSchema.parse({ jitter: 0 }), suspensions: [] },
  );
  async function idle(): Promise<void> {
    await engine.idle();
    await webhooks.caughtUp();
    await engine.idle();
  }
  const unsubscribe = bus.subscribe((events) => {
    if (events.some((event) => event.type === 'queued')) engine.wake();
    webhooks.committed(events);
  });
  const farSide = await openFarSide();
  const viewer = new InspectThread(world.databaseFile, systemClock, {
    silenceMsMax: 20_000,
    idleMsMax: 10_000,
  });
  const rules = await openRules({
    store,
    clock,
    virtual,
    newId,
    world: { speed: () => 1, setSpeed: async () => undefined, seed: () => 1, setSeed: async () => undefined },
    onProblem: fail,
  });
  const services: Services = {
    store,
    bus,
    clock: systemClock,
    intake: createIntake({ store, clock, newId, onProblem: fail, onAccepted: () => undefined }, [], {
      rules: [],
      fromUserName: false,
      header: null,
      onTheFly: true,
    }),
    viewer,
    newId,
    queue,
    time: createVirtualTime(virtual, clock, createTimeTravel(virtual, store, idle, clock), store, () =>
      engine.wake(),
    ),
    webhooks,
    domains: await openDomains(),
    mailboxes: farSide.providers,
    submissions: {
      submit: () => Promise.reject(new Error('nothing is submitted here')),
      submitPush: () => Promise.reject(new Error('nothing is submitted here')),
      submitSms: () => Promise.reject(new Error('nothing is submitted here')),
      submitInApp: () => Promise.reject(new Error('nothing is submitted here')),
      submitMulti: () => Promise.reject(new Error('nothing is submitted here')),
    },
    rules,
    scenarios: await openScenarios({ store, rules, examples: [], onProblem: fail }),
    dryRun: () => Promise.resolve([]),
    idempotency: { find: () => Promise.resolve(null) },
    status: () => ({
      version: '0.0.0',
      url,
      dataDir: folder,
      caFile: '',
      startedAt: new Date(clock.wallMs()).toISOString(),
      node: process.versions.node,
      sqlite: '3.50.0',
      platform: 'test',
      host: '127.0.0.1',
      ports: { smtp: 1025 },
      mode: 'sandbox',
      limits: { messageBytesMax: 1_000_000, recipientsMax: 100 },
    }),
    settings: {
      current: () => ({
        retention: { countMax: null, ageMaxMs: null, bytesMax: null },
        projects: { fromUserName: false, header: null, rules: [], onTheFly: true },
      }),
      change: (next) => Promise.resolve(next),
      retention: () => ({ countMax: null, ageMaxMs: null, bytesMax: null }),
    },
    sendTest: () => Promise.resolve(),
    fetchRemote: () => Promise.resolve(new Map()),
    onProblem: fail,
    ...about,
  };
  const door = await openHttpDoor(
    {
      hosts: ['127.0.0.1'],
      port: 0,
      allowHosts: [],
      allowOrigins: [],
      token: null,
      basePath: '',
      version: '0.0.0',
      screenFolder: resolve(import.meta.dirname, '../../../out/renderer'),
      inAppPages: openInAppPages(resolve(import.meta.dirname, '../../../out/client')),
    },
    services,
  );
  const url = `http://127.0.0.1:${door.port}`;

  const ask: QueueWorld['ask'] = (method, path, body, type = 'application/json') =>
    fetch(`${url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': type },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
    });

  const queueWorld: QueueWorld = {
    world,
    url,
    evidence: () => ({}),
    copy: () => null,
    idle,
    ask,
    async done<T>(method: string, path: string, body?: unknown) {
      const response = await ask(method, path, body);
      if (!response.ok) throw new Error(`${method} ${path} was refused: ${await response.text()}`);
      const answer: T = response.status === 204 ? null : await response.json();
      return answer;
    },
    get: (path) => queueWorld.done('GET', path),
    async refusal(method, path, body) {
      const response = await ask(method, path, body);
      const type = response.headers.get('content-type');
      if (response.ok || type !== 'application/problem+json')
        throw new Error(`${method} ${path} was answered by ${response.status} ${type}`);
      const refused: Refusal = await response.json();
      return refused;
    },
    async close() {
      unsubscribe();
      await door.close();
      await viewer.close();
      await webhooks.close();
      await farSide.close();
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return queueWorld;
}

function carrierOf(carrier: Carrier | null): Carrier {
  if (carrier === null) throw new Error('there is no carrier yet');
  return carrier;
}

function fail(text: string): never {
  throw new Error(text);
}
