/** The queue as its user sees it: hold, release, retry, cancel, bounce; suspensions; settings. */
import type { Clock, VirtualClock } from '../clock.ts';
import { AppError, assertNever } from '../model/app-error.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import { isEnd } from '../model/status.ts';
import type { DeliveryFilter, DeliveryOrder } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';
import { callLifetimeMs } from './schedule.ts';
import { type DeliverySettings, deliverySettingsSchema } from './settings.ts';
import type { Suspension } from './suspensions.ts';

export const queueActions = ['hold', 'release', 'retry', 'cancel', 'bounce'] as const;
export type QueueAction = (typeof queueActions)[number];

export interface Queue {
  /**
   * Does it to one delivery. `retry` of a delivery that has ended makes a new one that names it.
   * @returns id of the delivery concerned: the new one for a retry after an end
   * @throws AppError `not_found`, `not_possible` saying why
   */
  act(id: string, action: QueueAction, reason: string | null): Promise<string>;
  /** Does it to all that match and are still queued. @returns how many */
  actOnAll(filter: DeliveryFilter, action: QueueAction, reason: string | null): Promise<number>;
  suspensions(): readonly Suspension[];
  suspend(about: Omit<Suspension, 'id' | 'createdAtMs'>): Promise<Suspension>;
  /** Ends a suspension: what waits for it is due. @throws AppError `not_found` */
  resume(id: string): Promise<void>;
  settings(): DeliverySettings;
  change(settings: DeliverySettings): Promise<DeliverySettings>;
}

/** Suspensions at the most: each claim looks at all of them. */
const suspensionsMax = 500;
const stepsMax = 10_000;

export const everyDelivery: DeliveryFilter = {
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
};

export interface QueueState {
  readonly settings: DeliverySettings;
  readonly suspensions: readonly Suspension[];
}

/** What was kept of it; a document that cannot be read any more counts as not there. */
export async function loadQueueState(store: Store): Promise<QueueState> {
  const [kept] = (await store.documents('delivery-settings')).map((one) => one.value);
  const parsed = deliverySettingsSchema.safeParse(kept ?? {});
  return {
    settings: parsed.success ? parsed.data : deliverySettingsSchema.parse({}),
    suspensions: (await store.documents('suspension')).map((one) => one.value as Suspension),
  };
}

export function createQueue(
  ports: {
    readonly store: Store;
    readonly engine: Engine;
    readonly virtual: VirtualClock;
    readonly clock: Clock;
    readonly newId: () => string;
  },
  initial: QueueState,
): Queue {
  const { store, engine, virtual } = ports;
  let { settings, suspensions } = initial;
  let cancelEnd: () => void = () => undefined;
  watchEnds();

  /** A suspension that ends by itself: what waited for it is due then anyway, the list is tidied. */
  function watchEnds(): void {
    cancelEnd();
    const next = Math.min(...suspensions.map((one) => one.untilMs ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(next)) return;
    cancelEnd = virtual.at(next, () => {
      const nowMs = virtual.nowMs();
      const over = suspensions.filter((one) => one.untilMs !== null && one.untilMs <= nowMs);
      setSuspensions(suspensions.filter((one) => !over.includes(one)));
      for (const one of over) void store.deleteDocument('suspension', one.id).catch(() => undefined);
    });
  }

  function setSuspensions(next: readonly Suspension[]): void {
    suspensions = next;
    engine.setSuspensions(next);
    watchEnds();
  }

  async function retryAfterEnd(id: string): Promise<string> {
    const found = await store.delivery(id);
    if (found === null) throw new AppError('not_found', `There is no delivery ${id}.`);
    const { delivery } = found;
    const nowMs = virtual.nowMs();
    const next = ports.newId();
    await store.addDeliveries({
      nowMs,
      messageId: delivery.carriage === 'webhook' ? null : delivery.messageId,
      carriage: delivery.carriage,
      deliveries: [
        {
          id: next,
          recipient: delivery.recipient,
          domain: delivery.domain,
          provider: delivery.provider,
          stream: delivery.stream,
          parameters: found.parameters,
          dueAtMs: nowMs,
          expiresAtMs: nowMs + (delivery.carriage === 'webhook' ? callLifetimeMs : settings.lifetimeMs),
          status: 'queued',
          substatus: null,
          reason: null,
          class: null,
          retryOf: delivery.id,
        },
      ],
    });
    return next;
  }

  async function act(id: string, action: QueueAction, reason: string | null): Promise<string> {
    const found = await store.delivery(id);
    if (found === null) throw new AppError('not_found', `There is no delivery ${id}.`);
    const { status, substatus } = found.delivery;
    if (action === 'retry' && isEnd(status)) return retryAfterEnd(id);
    const done = await store.order([id], orderOf(action, virtual.nowMs(), reason));
    if (done.length === 0) {
      const state = substatus === null ? status : `${status} (${substatus})`;
      throw new AppError('not_possible', `The delivery is ${state}; ${whyNot(action, found.delivery)}`);
    }
    return id;
  }

  return {
    async act(id, action, reason) {
      const concerned = await act(id, action, reason);
      engine.wake();
      return concerned;
    },

    async actOnAll(filter, action, reason) {
      const order = orderOf(action, virtual.nowMs(), reason);
      const newest = await store.deliveries(everyDelivery, { after: null, limit: 1 });
      const upTo = newest.entries[0]?.seq ?? 0;
      const only: DeliveryFilter =
        action === 'release'
          ? { ...filter, status: 'queued', substatus: 'held' }
          : { ...filter, status: 'queued' };
      let total = 0;
      let from = 0;
      for (let step = 0; step < stepsMax; step++) {
        const { done, last } = await store.orderMatching(only, order, { from, upTo });
        total += done;
        if (last === null) break;
        from = last;
      }
      engine.wake();
      return total;
    },

    suspensions: () => suspensions,

    async suspend(about) {
      if (suspensions.length >= suspensionsMax)
        throw new AppError('bad_request', `There are ${suspensionsMax} suspensions; end some first.`);
      const suspension: Suspension = { ...about, id: ports.newId(), createdAtMs: virtual.nowMs() };
      await store.saveDocument('suspension', suspension.id, suspension);
      setSuspensions([...suspensions, suspension]);
      return suspension;
    },

    async resume(id) {
      if (!suspensions.some((one) => one.id === id))
        throw new AppError('not_found', `There is no suspension ${id}; it may have ended by itself.`);
      await store.deleteDocument('suspension', id);
      setSuspensions(suspensions.filter((one) => one.id !== id));
      const newest = await store.deliveries(everyDelivery, { after: null, limit: 1 });
      const upTo = newest.entries[0]?.seq ?? 0;
      const order: DeliveryOrder = { kind: 'resume', nowMs: virtual.nowMs() };
      // All that waits for a suspension is due again: what another one still covers goes back to waiting.
      let from = 0;
      for (let step = 0; step < stepsMax; step++) {
        const { last } = await store.orderMatching(
          { ...everyDelivery, status: 'queued', waitsFor: 'suspension' },
          order,
          { from, upTo },
        );
        if (last === null) break;
        from = last;
      }
      engine.wake();
    },

    settings: () => settings,

    async change(next) {
      await store.saveDocument('delivery-settings', 'all', next);
      settings = next;
      engine.setSettings(next);
      return next;
    },
  };
}

/** Why it could not be done, and what can. */
function whyNot(
  action: QueueAction,
  { status, substatus }: Pick<DeliveryRow, 'status' | 'substatus'>,
): string {
  switch (action) {
    case 'hold':
      return 'only what is queued or sent, and not held yet, can be held.';
    case 'release':
      return 'only what is held can be released.';
    case 'retry':
      if (status === 'sent')
        return 'a provider took it, and to try it again would send it twice. Once it has ended it can be tried anew.';
      return substatus === 'held'
        ? 'release it, and it goes on.'
        : 'an attempt is under way; wait for it to end.';
    case 'cancel':
      return 'only what nobody took yet can be canceled.';
    case 'bounce':
      return 'it has ended already.';
    default:
      return assertNever(action);
  }
}

function orderOf(action: QueueAction, nowMs: number, reason: string | null): DeliveryOrder {
  switch (action) {
    case 'hold':
      return { kind: 'hold', nowMs, reason: reason ?? 'held by hand' };
    case 'release':
      return { kind: 'release', nowMs, reason: reason ?? 'released by hand' };
    case 'retry':
      return { kind: 'retry_now', nowMs };
    case 'cancel':
      return { kind: 'cancel', nowMs, reason: reason ?? 'canceled by hand' };
    case 'bounce':
      return { kind: 'bounce', nowMs, reason: reason ?? 'bounced by hand', class: null };
    default:
      return assertNever(action);
  }
}
