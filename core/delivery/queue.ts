/** The queue as its user sees it: hold, release, retry, cancel, bounce; suspensions; settings. */
import type { Clock, VirtualClock } from '../clock.ts';
import { AppError, assertNever } from '../model/app-error.ts';
import { type DeliveryRow, isAttempted, isCall, type OutcomeClass } from '../model/delivery.ts';
import { isEnd } from '../model/status.ts';
import type {
  DeliveryFilter,
  DeliveryOrder,
  EditedEnvelope,
  OrderedReply,
  OrderedSuppression,
} from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import { classify } from './classify.ts';
import type { Engine } from './engine.ts';
import { domainOf } from './plan.ts';
import { callLifetimeMs } from './schedule.ts';
import { type DeliverySettings, deliverySettingsSchema } from './settings.ts';
import type { Suspension } from './suspensions.ts';

export const queueActions = ['hold', 'release', 'retry', 'cancel', 'bounce'] as const;
export type QueueAction = (typeof queueActions)[number];

/** How it is to be done, beside what. Addresses are good ones. */
export interface OrderDetails {
  readonly reason: string | null;
  /** With `release` of one delivery: what is to be another in its envelope; `from` empty is the null sender. */
  readonly envelope?: { readonly from?: string; readonly to?: string };
  /** With `bounce`: what it comes back with, as if a far side had said it. */
  readonly reply?: ChosenReply;
  /** With `reply`: the address is suppressed as it would be if a far side had said it. */
  readonly suppress?: boolean;
}

export interface ChosenReply {
  /** From 500 to 599. */
  readonly code: number;
  /** Of class 5. */
  readonly enhanced: string | null;
  /** Without the codes. */
  readonly text: string;
}

export interface Queue {
  /**
   * Does it to one delivery. `retry` of a delivery that has ended makes a new one that names it.
   * @returns id of the delivery concerned: the new one for a retry after an end
   * @throws AppError `not_found`, `not_possible` saying why
   */
  act(id: string, action: QueueAction, how: OrderDetails): Promise<string>;
  /**
   * Does it to all that match, where it can be done: to what is queued, a release to what is held wherever it is. Where the
   * filter names ids those are meant, whatever their status. An envelope is edited one by one. @returns how many
   */
  actOnAll(filter: DeliveryFilter, action: QueueAction, how: OrderDetails): Promise<number>;
  suspensions(): readonly Suspension[];
  suspend(about: Omit<Suspension, 'id' | 'createdAtMs'>): Promise<Suspension>;
  /** Ends a suspension: what waits for it is due. @throws AppError `not_found` */
  resume(id: string): Promise<void>;
  /** Virtual time goes back by so much. */
  shift(byMs: number): Promise<void>;
  settings(): DeliverySettings;
  change(settings: DeliverySettings): Promise<DeliverySettings>;
}

/** Suspensions at the most: each claim looks at all of them. */
const suspensionsMax = 500;
const stepsMax = 50_000;
const shortestAgainMs = 60_000;

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
    /** Whose mailboxes a domain's are. */
    readonly providerOf: (domain: string) => string;
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
    if (delivery.carriage === 'push' || delivery.carriage === 'sms') await refuseWhatIsNotOurs(delivery);
    const nowMs = virtual.nowMs();
    const next = ports.newId();
    await store.addDeliveries({
      nowMs,
      messageId: isCall(delivery.carriage) ? null : delivery.messageId,
      carriage: delivery.carriage,
      deliveries: [
        {
          id: next,
          recipient: delivery.recipient,
          domain: delivery.domain,
          provider: delivery.provider,
          stream: delivery.stream,
          parameters: found.parameters,
          dueAtMs: isAttempted(delivery.carriage) ? nowMs : null,
          expiresAtMs: nowMs + lifetimeOf(delivery),
          status: 'queued',
          substatus: null,
          reason: null,
          class: null,
          retryOf: delivery.id,
          user: delivery.user ?? null,
          ...(delivery.about == null ? {} : { about: delivery.about }),
          ...(delivery.user == null ? {} : { user: delivery.user }),
        },
      ],
    });
    return next;
  }

  function lifetimeOf({ carriage, createdAtMs, expiresAtMs }: DeliveryRow): number {
    if (carriage === 'webhook') return callLifetimeMs;
    // Of a callback: as long as its provider tried it. Else its time to live, which its sender gave it.
    return carriage !== 'email' ? Math.max(expiresAtMs - createdAtMs, shortestAgainMs) : settings.lifetimeMs;
  }

  /** What an app brought to a provider's door is the app's to bring again. */
  async function refuseWhatIsNotOurs({ messageId, carriage }: DeliveryRow): Promise<void> {
    const message = await store.message(messageId);
    if (message !== null && message.door !== 'api')
      throw new AppError(
        'not_possible',
        `The app itself sent this ${carriage === 'sms' ? 'SMS' : 'push'} to its provider; let the app send it again.`,
      );
  }

  function orderOf(action: QueueAction, how: OrderDetails): DeliveryOrder {
    const nowMs = virtual.nowMs();
    const { reason } = how;
    switch (action) {
      case 'hold':
        return { kind: 'hold', nowMs, reason: reason ?? 'held by hand' };
      case 'release': {
        const envelope = editedEnvelope(how.envelope ?? {});
        return {
          kind: 'release',
          nowMs,
          reason: reason ?? 'released by hand',
          ...(envelope === null ? {} : { envelope }),
        };
      }
      case 'retry':
        return { kind: 'retry_now', nowMs };
      case 'cancel':
        return { kind: 'cancel', nowMs, reason: reason ?? 'canceled by hand' };
      case 'bounce':
        return how.reply === undefined
          ? { kind: 'bounce', nowMs, reason: reason ?? 'bounced by hand', class: null }
          : bounceWith(how.reply, how, nowMs);
      default:
        return assertNever(action);
    }
  }

  function editedEnvelope({ from, to }: NonNullable<OrderDetails['envelope']>): EditedEnvelope | null {
    if (from === undefined && to === undefined) return null;
    const domain = domainOf(to ?? '');
    return {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to: { recipient: to, domain, provider: ports.providerOf(domain) } }),
    };
  }

  /** As if a far side had said it at RCPT: by the same table, and suppressed only when that is asked for. */
  function bounceWith(chosen: ChosenReply, how: OrderDetails, nowMs: number): DeliveryOrder {
    const reply: OrderedReply = {
      code: chosen.code,
      enhanced: chosen.enhanced,
      text: [chosen.code, ...(chosen.enhanced === null ? [] : [chosen.enhanced]), chosen.text].join(' '),
    };
    const verdict = classify({ ...reply, stage: 'rcpt' });
    const suppress =
      how.suppress === true ? suppressionOf(verdict.suppress, verdict.class, reply.text, nowMs) : null;
    return {
      kind: 'bounce',
      nowMs,
      reason: how.reason ?? reply.text,
      class: verdict.class,
      reply,
      ...(suppress === null ? {} : { suppress }),
    };
  }

  function suppressionOf(
    suppresses: 'now' | 'after_n' | 'never',
    outcomeClass: OutcomeClass,
    detail: string,
    nowMs: number,
  ): OrderedSuppression | null {
    const base = { scope: 'all', source: 'api', class: outcomeClass, detail, createdAtMs: nowMs } as const;
    switch (suppresses) {
      case 'now':
        return { suppression: { ...base, reason: 'hard_bounce', expiresAtMs: null }, runMax: null };
      case 'after_n': {
        const { softBounceRun, softSuppressionMs } = settings;
        if (softBounceRun === 0) return null;
        const expiresAtMs = nowMs + softSuppressionMs;
        return { suppression: { ...base, reason: 'soft_bounces', expiresAtMs }, runMax: softBounceRun };
      }
      case 'never':
        return null;
      default:
        return assertNever(suppresses);
    }
  }

  async function act(id: string, action: QueueAction, how: OrderDetails): Promise<string> {
    const found = await store.delivery(id);
    if (found === null) throw new AppError('not_found', `There is no delivery ${id}.`);
    const { status, substatus, carriage } = found.delivery;
    if (action === 'retry' && isEnd(status)) return retryAfterEnd(id);
    const order = orderOf(action, how);
    if (order.kind === 'release' && order.envelope !== undefined) {
      if (carriage !== 'email')
        throw new AppError('not_possible', 'Only mail has an envelope that can be edited.');
      if (status === 'sent')
        throw new AppError(
          'not_possible',
          'The delivery is sent; a provider took it with the envelope that it had. Release it as it is.',
        );
    }
    const done = await store.order([id], order);
    if (done.length === 0) {
      const state = substatus === null ? status : `${status} (${substatus})`;
      const waits = found.delivery.waitsFor === 'device' ? waitsForDevice : whyNot(action, found.delivery);
      throw new AppError('not_possible', `The delivery is ${state}; ${waits}`);
    }
    return id;
  }

  return {
    async act(id, action, how) {
      const concerned = await act(id, action, how);
      engine.wake();
      return concerned;
    },

    async actOnAll(filter, action, how) {
      const { envelope: _, ...alike } = how;
      const order = orderOf(action, alike);
      const newest = await store.deliveries(everyDelivery, { after: null, limit: 1 });
      const upTo = newest.entries[0]?.seq ?? 0;
      const only = filterFor(action, filter);
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

    async shift(byMs) {
      const moved = suspensions.map((one) => ({
        ...one,
        createdAtMs: one.createdAtMs - byMs,
        untilMs: one.untilMs === null ? null : one.untilMs - byMs,
      }));
      for (const one of moved) await store.saveDocument('suspension', one.id, one);
      setSuspensions(moved);
      // The streams' rates count anew: the places that they gave out are of times that have not been yet.
      engine.setSettings(settings);
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

function filterFor(action: QueueAction, filter: DeliveryFilter): DeliveryFilter {
  if (action === 'release') return { ...filter, substatus: 'held' };
  return filter.ids === null ? { ...filter, status: 'queued' } : filter;
}

const waitsForDevice = 'its provider has it and waits for a device that is off: switch the device on.';

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
