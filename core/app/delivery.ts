/** Wires the delivery core: engine, queue, virtual time, webhooks, what comes back. */
import { randomBytes } from 'node:crypto';
import type { Bus } from '../bus.ts';
import { type AdjustableClock, type Clock, createVirtualClock } from '../clock.ts';
import type { Carrier } from '../delivery/carrier.ts';
import { createEngine, type Engine, type EnginePorts } from '../delivery/engine.ts';
import { createFeedback, type Feedback } from '../delivery/feedback.ts';
import type { RulePorts } from '../delivery/orders.ts';
import { createQueue, loadQueueState, type Queue } from '../delivery/queue.ts';
import type { Settled } from '../delivery/recording.ts';
import type { CallbackHabit, SmppReceivers } from '../delivery/sms-far-side.ts';
import { createTimeTravel } from '../delivery/time-travel.ts';
import { createVirtualTime, loadVirtualTime, type VirtualTimeService } from '../delivery/virtual-time.ts';
import { createCallbackCarrier } from '../hooks/callback-carrier.ts';
import { createWebhookCarrier } from '../hooks/webhook-carrier.ts';
import { openWebhooks, type Webhooks } from '../hooks/webhooks.ts';
import type { LoadMeter } from '../intake/load.ts';
import type { Act } from '../model/delivery.ts';
import { providerOf } from '../model/mail-provider.ts';
import type { SmsProvider } from '../model/sms.ts';
import type { Seal } from '../store/seal.ts';
import type { NewAct, Store } from '../store/store.ts';
import { version } from '../version.ts';
import type { CallbackFetch } from './local-names.ts';

export interface DeliveryCore {
  readonly virtual: AdjustableClock;
  readonly engine: Engine;
  readonly queue: Queue;
  readonly time: VirtualTimeService;
  readonly webhooks: Webhooks;
  readonly feedback: Feedback;
  /** Settles when nothing is under way and nothing is due. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface DeliveryCorePorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly virtual: AdjustableClock;
  readonly seal: Seal;
  readonly load: LoadMeter;
  readonly newId: () => string;
  readonly fetch: CallbackFetch;
  readonly callbackHosts: readonly string[];
  /** Made by the engine's maker: it is closed with the engine. */
  readonly email: Carrier | null;
  readonly push?: Carrier;
  readonly sms?: Carrier;
  /** How SMS providers call the app back; left out, they do not. */
  readonly callbacks?: {
    readonly habits: Readonly<Partial<Record<SmsProvider, CallbackHabit>>>;
    readonly smpp: () => SmppReceivers | null;
  };
  readonly inboundBody: (
    messageId: string,
    recipient: string,
  ) => Promise<Readonly<Record<string, unknown>> | null>;
  readonly perform: (act: Act) => Promise<void>;
  readonly owed: (ended: readonly Settled[]) => readonly NewAct[];
  readonly settled: (ended: readonly Settled[]) => Promise<void>;
  /** Whose mailboxes a domain's are; left out, none of them is the app's own. */
  readonly providerOf?: (domain: string) => string;
  /** What the far side does wrong on purpose; without it, nothing. */
  readonly rules?: RulePorts;
  readonly live?: EnginePorts['live'];
  readonly onProblem: (text: string) => void;
}

/** Virtual time as it was left. */
export async function openVirtualClock(clock: Clock, store: Store): Promise<AdjustableClock> {
  return createVirtualClock(clock, await loadVirtualTime(store));
}

export async function openDeliveryCore(ports: DeliveryCorePorts): Promise<DeliveryCore> {
  const { store, clock, virtual, bus, onProblem } = ports;
  const state = await loadQueueState(store);
  const webhooks = await openWebhooks({
    store,
    clock,
    virtual,
    seal: ports.seal,
    newId: ports.newId,
    randomBytes: (count) => randomBytes(count),
    callbackHosts: () => ports.callbackHosts,
    onProblem,
  });
  const engine = createEngine(
    {
      store,
      clock,
      virtual,
      carriers: {
        ...(ports.email === null ? {} : { email: ports.email }),
        ...(ports.push === undefined ? {} : { push: ports.push }),
        ...(ports.sms === undefined ? {} : { sms: ports.sms }),
        callback: createCallbackCarrier({
          clock,
          fetch: ports.fetch,
          callbackHosts: () => ports.callbackHosts,
          habits: () => ports.callbacks?.habits ?? {},
          smpp: () => ports.callbacks?.smpp() ?? null,
          version,
        }),
        webhook: createWebhookCarrier({
          store,
          clock,
          webhooks,
          fetch: ports.fetch,
          callbackHosts: () => ports.callbackHosts,
          inbound: ports.inboundBody,
          version,
        }),
      },
      busy: () => ports.load.busy(),
      quiet: () => ports.load.quiet(),
      perform: ports.perform,
      owed: ports.owed,
      settled: ports.settled,
      onProblem,
      ...(ports.rules === undefined ? {} : { rules: ports.rules }),
      ...(ports.live === undefined ? {} : { live: ports.live }),
    },
    state,
  );
  const queue = createQueue(
    {
      store,
      engine,
      virtual,
      clock,
      newId: ports.newId,
      providerOf: ports.providerOf ?? ((domain) => providerOf(domain, () => false).key),
    },
    state,
  );
  /** A webhook's call may be what an attempt led to, and is queued behind it. */
  async function settle(): Promise<void> {
    await engine.idle();
    await webhooks.caughtUp();
    await engine.idle();
  }
  const unsubscribe = bus.subscribe((events) => {
    if (events.some(({ type, data }) => type === 'queued' && data.dueAtMs !== null)) engine.wake();
    webhooks.committed(events);
  });
  return {
    virtual,
    engine,
    queue,
    time: createVirtualTime(
      virtual,
      clock,
      createTimeTravel(virtual, store, settle, clock),
      store,
      () => engine.wake(),
      (byMs) => queue.shift(byMs),
    ),
    webhooks,
    settle,
    feedback: createFeedback({ store, virtual, settings: () => queue.settings() }),
    async close() {
      unsubscribe();
      await webhooks.close();
      await engine.close();
    },
  };
}
