/**
 * Asks real providers what became of what they took: by hand, and by itself while live relay is on or something that was
 * released waits for its end. What they say goes the way of their reports: by the one table of statuses, and forward only.
 */
import type { SmsUnifier } from '../channels/sms/unify.ts';
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import {
  type LiveActor,
  liveChannelOf,
  liveLimits,
  type ReadBackResult,
  type Relay,
} from '../model/live-relay.ts';
import { isSmsProvider } from '../model/sms.ts';
import { isEnd } from '../model/status.ts';
import type { Store } from '../store/store.ts';
import type { RelayCarrier, Standing } from './live-carriers.ts';

export const readBackLimits = {
  everyMs: 15_000,
  /** Of one round. */
  roundMax: 50,
  /** Deliveries that a round chooses from, the newest. */
  lookedAtMax: 500,
  /** No provider has more to say of what is older (72 hours, and a day). */
  ageMsMax: 4 * 24 * 3_600_000,
  /** How long something that was released is followed by itself. */
  followMsMax: 3_600_000,
  atOnceMax: 5,
  rememberedMax: 10_000,
} as const;

export interface ReadBack {
  /** @throws AppError `bad_request` for none, or too many */
  ask(deliveryIds: readonly string[], by: LiveActor): Promise<readonly ReadBackResult[]>;
  /** Released by hand: they are asked after until their end. */
  follow(deliveryIds: readonly string[]): void;
  /** Back to the sandbox: nothing is asked by itself any more. */
  forget(): void;
  /** Live relay was turned on, or something released. */
  wake(): void;
  close(): void;
}

export interface ReadBackPorts {
  readonly store: Pick<Store, 'delivery' | 'liveTaken' | 'addAudit'>;
  readonly clock: Clock;
  readonly virtualMs: () => number;
  readonly isLive: () => boolean;
  readonly relays: { find(id: string): Relay | null };
  readonly standing: RelayCarrier['standing'];
  readonly unifier: Pick<SmsUnifier, 'reported'>;
  readonly onProblem: (text: string) => void;
}

export function createReadBack(ports: ReadBackPorts): ReadBack {
  const { store, clock, relays } = ports;
  /** What was said last, and when it was asked. */
  const heard = new Map<string, { readonly words: string; readonly atMs: number }>();
  const followed = new Map<string, number>();
  /** Relays behind which nobody can be asked. */
  const silent = new Set<string>();
  let cancel: (() => void) | null = null;
  let underWay = false;
  let closed = false;

  async function askOne(delivery: DeliveryRow): Promise<ReadBackResult> {
    const about = { deliveryId: delivery.id, status: delivery.status, providerStatus: null };
    const relay = delivery.live == null ? null : relays.find(delivery.live);
    if (delivery.live == null)
      return {
        ...about,
        outcome: 'not_live',
        text: 'It went to the sandbox alone: no real provider has it.',
      };
    if (relay === null) return { ...about, outcome: 'failed', text: 'The relay that it went by is gone.' };
    if (delivery.status === 'queued')
      return { ...about, outcome: 'not_live', text: 'No provider has taken it yet.' };
    const standing = await standingOf(relay, delivery);
    if (standing.kind !== 'said') {
      if (standing.kind === 'not_offered') silent.add(relay.id);
      return { ...about, outcome: standing.kind, text: standing.text };
    }
    return await taken(delivery, standing);
  }

  async function standingOf(relay: Relay, delivery: DeliveryRow): Promise<Standing> {
    try {
      return await ports.standing(relay, delivery);
    } catch (error) {
      return { kind: 'failed', text: messageOf(error) };
    }
  }

  async function taken(
    delivery: DeliveryRow,
    { said, words }: Extract<Standing, { kind: 'said' }>,
  ): Promise<ReadBackResult> {
    const { id, provider } = delivery;
    const [last] = said;
    const shown = [last?.status, last?.code].filter(Boolean).join(', ');
    const about = { deliveryId: id, providerStatus: last?.status ?? null };
    const before = heard.get(id)?.words;
    remember(id, shown);
    // To write the same down every few seconds would bury what is new.
    if (before === shown || !isSmsProvider(provider))
      return { ...about, outcome: 'same', status: delivery.status, text: `it still says ${shown}` };
    await ports.unifier.reported(provider, id, said, words);
    const now = (await store.delivery(id))?.delivery ?? delivery;
    return {
      ...about,
      outcome: now.status === delivery.status ? 'same' : 'changed',
      status: now.status,
      text: `the provider says ${shown}`,
    };
  }

  function remember(id: string, words: string): void {
    heard.delete(id);
    heard.set(id, { words, atMs: clock.monotonicMs() });
    const [oldest] = heard.keys();
    if (heard.size > readBackLimits.rememberedMax && oldest !== undefined) heard.delete(oldest);
  }

  async function askAll(
    deliveries: readonly DeliveryRow[],
    by: LiveActor,
    still: (delivery: DeliveryRow) => boolean,
  ): Promise<readonly ReadBackResult[]> {
    // In the log before anything leaves.
    await audit(by, null, { asked: deliveries.length });
    const results: ReadBackResult[] = [];
    const waiting = [...deliveries];
    const one = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (closed || !still(next)) return;
        const result = await askOne(next);
        results.push(result);
        if (result.outcome === 'changed')
          await audit(by, next, { status: result.status, providerStatus: result.providerStatus });
      }
    };
    await Promise.all(Array.from({ length: readBackLimits.atOnceMax }, one));
    return results;
  }

  async function audit(
    by: LiveActor,
    about: DeliveryRow | null,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await store.addAudit([
      {
        atMs: clock.wallMs(),
        kind: 'read_back',
        by,
        channel: about === null ? null : liveChannelOf(about.carriage, about.provider),
        relay: about?.live == null ? null : (relays.find(about.live)?.name ?? null),
        recipient: about?.recipient ?? null,
        messageId: about?.messageId ?? null,
        deliveryId: about?.id ?? null,
        detail,
      },
    ]);
  }

  function wanted(): boolean {
    const nowMs = clock.monotonicMs();
    for (const [id, untilMs] of followed) if (untilMs <= nowMs) followed.delete(id);
    return !closed && (ports.isLive() || followed.size > 0);
  }

  function arm(): void {
    if (cancel !== null || underWay || !wanted()) return;
    cancel = clock.after(readBackLimits.everyMs, () => {
      cancel = null;
      underWay = true;
      void round()
        .catch((error: unknown) => ports.onProblem(`providers could not be asked: ${messageOf(error)}`))
        .finally(() => {
          underWay = false;
          arm();
        });
    });
  }

  async function round(): Promise<void> {
    if (!wanted()) return;
    const due = (await candidates())
      .filter(canBeAsked)
      .sort((a, b) => (heard.get(a.id)?.atMs ?? 0) - (heard.get(b.id)?.atMs ?? 0))
      .slice(0, readBackLimits.roundMax);
    if (due.length === 0) return;
    await askAll(due, 'sandpost', ({ id }) => ports.isLive() || followed.has(id));
  }

  async function candidates(): Promise<readonly DeliveryRow[]> {
    const found = new Map<string, DeliveryRow>();
    if (ports.isLive())
      for (const one of await store.liveTaken(readBackLimits.lookedAtMax)) found.set(one.id, one);
    for (const id of [...followed.keys()]) {
      const delivery = (await store.delivery(id))?.delivery ?? null;
      if (delivery === null || isEnd(delivery.status)) followed.delete(id);
      else found.set(id, delivery);
    }
    return [...found.values()];
  }

  function canBeAsked({ live, status, carriage, createdAtMs }: DeliveryRow): boolean {
    const relay = live == null ? null : relays.find(live);
    return (
      relay !== null &&
      status === 'sent' &&
      carriage === 'sms' &&
      !silent.has(relay.id) &&
      createdAtMs > ports.virtualMs() - readBackLimits.ageMsMax
    );
  }

  return {
    async ask(deliveryIds, by) {
      const ids = [...new Set(deliveryIds)];
      if (ids.length === 0 || ids.length > liveLimits.readBackMax)
        throw new AppError('bad_request', `Name from 1 to ${liveLimits.readBackMax} deliveries.`);
      const found = await Promise.all(ids.map(async (id) => (await store.delivery(id))?.delivery ?? id));
      const results = await askAll(
        found.filter((one) => typeof one !== 'string'),
        by,
        () => true,
      );
      return found.map(
        (one): ReadBackResult =>
          results.find(({ deliveryId }) => deliveryId === (typeof one === 'string' ? one : one.id)) ?? {
            deliveryId: typeof one === 'string' ? one : one.id,
            outcome: typeof one === 'string' ? 'unknown' : 'failed',
            status: typeof one === 'string' ? null : one.status,
            providerStatus: null,
            text: typeof one === 'string' ? 'There is no such delivery.' : 'Sandpost is stopping.',
          },
      );
    },
    follow(deliveryIds) {
      const untilMs = clock.monotonicMs() + readBackLimits.followMsMax;
      for (const id of deliveryIds) followed.set(id, untilMs);
      arm();
    },
    forget() {
      followed.clear();
    },
    wake: arm,
    close() {
      closed = true;
      cancel?.();
    },
  };
}
