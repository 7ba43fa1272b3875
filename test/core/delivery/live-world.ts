/** The guard of live relay on a real store and engine, with relays that keep what they were handed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Carrier, CarryResult, Job } from '../../../core/delivery/carrier.ts';
import type { EnginePorts } from '../../../core/delivery/engine.ts';
import { createLiveGuard, type LiveGuard } from '../../../core/delivery/live.ts';
import type { UserPlaces } from '../../../core/delivery/live-recipients.ts';
import { everyDelivery } from '../../../core/delivery/queue.ts';
import { openRelays, type Relays } from '../../../core/delivery/relays.ts';
import { createVirtualTime, type VirtualTimeService } from '../../../core/delivery/virtual-time.ts';
import type { DeliveryRow } from '../../../core/model/delivery.ts';
import type {
  AuditEntry,
  LiveChannelSetup,
  LiveSetup,
  SmtpRelaySettings,
} from '../../../core/model/live-relay.ts';
import { idMaker } from '../../../core/model/new-id.ts';
import { type Credential, openCredentials } from '../../../core/store/credential-vault.ts';
import type { Store } from '../../../core/store/store.ts';
import { openWorld, type World } from './world.ts';

/** What a relay was handed. */
export interface Handed {
  readonly relay: string;
  readonly to: readonly string[];
  /** Monotonic. */
  readonly atMs: number;
}

export interface LiveWorld {
  readonly world: World;
  readonly guard: LiveGuard;
  readonly relays: Relays;
  readonly time: VirtualTimeService;
  readonly handed: Handed[];
  readonly problems: string[];
  readonly users: Map<string, UserPlaces['entries']>;
  /** Id of a smarthost that needs no credential. */
  readonly relayId: string;
  /** What the relay says; the sandbox says yes to everything. */
  answer: (recipient: string, attempt: number) => Partial<CarryResult>;
  /** Before anything is handed over. */
  before: (job: Job) => Promise<void>;
  /** Before it answers to what it was handed. */
  after: (job: Job) => Promise<void>;
  /** Sandbox deliveries. */
  sandboxed(): readonly string[];
  setup(about?: Partial<LiveChannelSetup>, durationMs?: number): LiveSetup;
  on(about?: Partial<LiveChannelSetup>, durationMs?: number): Promise<void>;
  /** Time goes by in steps, and what is due is tried. */
  pass(ms: number): Promise<void>;
  release(messageId: string, to: string, relayId?: string): Promise<string>;
  delivery(id: string): Promise<DeliveryRow>;
  messageOf(deliveryId: string): Promise<string>;
  audit(): Promise<readonly AuditEntry[]>;
  close(): Promise<void>;
}

export const smarthost: SmtpRelaySettings = {
  kind: 'smtp',
  host: 'smtp.example.net',
  port: 587,
  tls: 'starttls',
  pins: [],
  ca: null,
  auth: 'none',
  envelopeFrom: null,
  dkim: 'leave',
  helo: null,
};

const newId = idMaker((block) => block.set(randomBytes(block.length)));
const stepMs = 20_000;

/** Ends with the test that called it. */
export async function startLiveWorld(about: About = {}): Promise<LiveWorld> {
  const folder = about.folder ?? mkdtempSync(join(tmpdir(), 'sandpost-live-'));
  const live = await openLiveWorld({ ...about, folder });
  onTestFinished(async () => {
    await live.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return live;
}

interface About {
  readonly folder?: string;
  /** What stands between the guard and the store. */
  readonly storeFor?: (store: Store) => Store;
  readonly environment?: Readonly<Record<string, string>>;
  readonly sentBefore?: number;
}

/** Whoever opens it closes it. */
export async function openLiveWorld(about: About = {}): Promise<LiveWorld> {
  const late: { guard: LiveGuard | null } = { guard: null };
  const guardNow = (): LiveGuard => {
    if (late.guard === null) throw new Error('the guard is asked before it is open');
    return late.guard;
  };
  const handed: Handed[] = [];
  const problems: string[] = [];
  const carrier: Carrier = {
    async carry(job) {
      const pass = job.live;
      if (pass === undefined) throw new Error('a relay got what has no leave');
      await live.before(job);
      const valid = pass.valid();
      if (valid)
        handed.push({
          relay: pass.relay.name,
          to: job.deliveries.map(({ delivery }) => delivery.recipient),
          atMs: world.clock.monotonicMs(),
        });
      if (valid) await live.after(job);
      return {
        results: job.deliveries.map(({ delivery }) => ({
          deliveryId: delivery.id,
          outcome: { kind: valid ? ('sent' as const) : ('withdrawn' as const) },
          class: null,
          code: valid ? 250 : null,
          enhanced: null,
          text: valid ? '250 OK' : 'live relay is over',
          nextHop: 'smtp.example.net',
          suppresses: 'never' as const,
          ...(valid ? live.answer(delivery.recipient, delivery.attempts + 1) : {}),
        })),
        evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
      };
    },
    close: () => Promise.resolve(),
  };
  const livePorts: NonNullable<EnginePorts['live']> = {
    carrier,
    guard: {
      decide: (row) => guardNow().decide(row),
      begins: (pass, rows) => guardNow().begins(pass, rows),
      enter: () => guardNow().enter(),
      ended: (ids) => guardNow().ended(ids),
    },
  };
  const world = await openWorld({
    ...(about.folder === undefined ? {} : { folder: about.folder }),
    ...(about.sentBefore === undefined ? {} : { sentBefore: about.sentBefore }),
    ports: { live: livePorts, onProblem: (text) => problems.push(text) },
  });
  const { clock, virtual, travel, engine } = world;
  virtual.reset();
  world.bus.subscribe((events) => {
    if (events.some(({ type }) => type === 'queued')) engine.wake();
  });
  const store = about.storeFor?.(world.store) ?? world.store;
  const kept = new Map<string, Credential>();
  const users: LiveWorld['users'] = new Map();
  const relays = await openRelays({
    store,
    clock,
    newId,
    credentials: openCredentials(
      {
        kind: 'file',
        get: (name) => Promise.resolve(kept.get(name) ?? null),
        async put(name, credential) {
          kept.set(name, credential);
        },
        async remove(name) {
          kept.delete(name);
        },
      },
      about.environment ?? {},
    ),
    ask: () => Promise.resolve({ ok: true, text: 'ready', steps: [] }),
    inUse: (id) => guardNow().uses(id),
  });
  const guard = await createLiveGuard({
    store,
    clock,
    virtual: { nowMs: () => virtual.nowMs(), speed: () => virtual.time().speed },
    relays,
    newId,
    places: (ids) =>
      Promise.resolve(
        ids.flatMap((id) => {
          const entries = users.get(id);
          return entries === undefined ? [] : [{ id, entries }];
        }),
      ),
    onChange: () => engine.wake(),
    onProblem: (text) => problems.push(text),
  });
  late.guard = guard;
  await guard.begin();
  const known = (await relays.list())[0]?.relay;
  const relayId = known?.id ?? (await relays.create('main', smarthost, 'api')).relay.id;
  const time = createVirtualTime(virtual, clock, travel, store, () => engine.wake());
  const live: LiveWorld = {
    world,
    guard,
    relays,
    time: {
      ...time,
      change(change) {
        guard.mayChangeClock();
        return time.change(change);
      },
    },
    handed,
    problems,
    users,
    relayId,
    answer: () => ({}),
    before: () => Promise.resolve(),
    after: () => Promise.resolve(),
    sandboxed: () => world.jobs.flatMap(({ to }) => to),
    setup: (channel = {}, durationMs = 15 * 60_000) => ({
      durationMs,
      channels: {
        email: {
          relayId,
          recipients: { kind: 'allow', entries: [{ kind: 'domain', value: 'allowed.example' }] },
          perHourMax: 50,
          passThrough: false,
          ...channel,
        },
      },
    }),
    async on(channel, durationMs) {
      const { confirmation } = await guard.summarize(live.setup(channel, durationMs));
      await guard.turnOn(confirmation, 'api');
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(left, stepMs));
        await engine.idle();
      }
    },
    async release(messageId, to, by = relayId) {
      const { confirmation } = await guard.summarizeRelease({ messageIds: [messageId], relayId: by, to });
      const [made] = await guard.release(confirmation, 'api', async (request, relay, deliveries) => {
        for (const { id } of deliveries)
          await store.addDeliveries({
            nowMs: virtual.nowMs(),
            messageId,
            carriage: 'email',
            deliveries: [
              {
                id,
                recipient: request.to,
                domain: request.to.slice(request.to.lastIndexOf('@') + 1),
                provider: 'default',
                stream: 'transactional',
                parameters: null,
                dueAtMs: virtual.nowMs(),
                expiresAtMs: virtual.nowMs() + 5 * 24 * 3_600_000,
                status: 'queued',
                substatus: null,
                reason: null,
                class: null,
                retryOf: null,
                live: relay.id,
              },
            ],
          });
      });
      return made?.id ?? '';
    },
    async delivery(id) {
      const found = await world.store.delivery(id);
      if (found === null) throw new Error(`there is no delivery ${id}`);
      return found.delivery;
    },
    messageOf: async (id) => (await live.delivery(id)).messageId,
    async audit() {
      const { entries } = await world.store.audit({}, { after: null, limit: 500 });
      return [...entries].reverse();
    },
    close() {
      closing ??= guard.close().then(() => world.close());
      return closing;
    },
  };
  let closing: Promise<void> | null = null;
  return live;
}

export const held = (live: LiveWorld) =>
  live.world.store.deliveries({ ...everyDelivery, substatus: 'held' }, { after: null, limit: 500 });
