/**
 * A delivery that its user turns back never comes by the engine, and its sender is owed a notice all the same (RFC 5321
 * §6.1). Found by its event, so that one and ten thousand turned back together are the same.
 */
import type { Settled } from '../delivery/engine.ts';
import { messageOf } from '../model/app-error.ts';
import type { StoredEvent } from '../model/message.ts';
import type { Store } from '../store/store.ts';

export interface BouncedByHand {
  /** Events were committed. */
  committed(events: readonly StoredEvent[]): void;
  /** Settles when the notices of all events so far are stored. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Events read at a time: those of a large order are not kept in memory, but looked up again. */
const eventsAtOnceMax = 500;

export function bouncedByHand(ports: {
  readonly store: Store;
  readonly reports: (ended: readonly Settled[]) => Promise<void>;
  readonly onProblem: (text: string) => void;
}): BouncedByHand {
  const { store } = ports;
  /** From where on events are to be looked through; null: there is nothing to do. */
  let after: number | null = null;
  /** The last event looked at: it may be read before its commit is told. */
  let lookedAt = 0;
  let running: Promise<void> | null = null;
  let closed = false;

  async function work(): Promise<void> {
    while (after !== null && !closed) {
      const page: readonly StoredEvent[] = await store.events({
        after,
        limit: eventsAtOnceMax,
        messageId: null,
      });
      lookedAt = page.at(-1)?.seq ?? lookedAt;
      after = page.length < eventsAtOnceMax ? null : lookedAt;
      const settled: Settled[] = [];
      for (const event of page) {
        const one = isByHand(event) ? await settledBy(event) : null;
        if (one !== null) settled.push(one);
      }
      await ports.reports(settled);
    }
  }

  async function settledBy({ deliveryId, messageId, virtualAtMs }: StoredEvent): Promise<Settled | null> {
    if (deliveryId === null || messageId === null) return null;
    const [found, message] = await Promise.all([store.delivery(deliveryId), store.message(messageId)]);
    // What the next hop took is the next hop's to answer for.
    if (found === null || message === null || found.attempts.at(-1)?.outcome === 'sent') return null;
    const { delivery, parameters } = found;
    const text = delivery.reason ?? 'bounced by hand';
    return {
      nowMs: virtualAtMs ?? 0,
      row: { delivery, parameters, message, dueAtMs: virtualAtMs ?? 0, suppressed: null },
      result: {
        seq: delivery.seq,
        id: delivery.id,
        change: { kind: 'fail' },
        attempted: false,
        class: delivery.class,
        reason: delivery.reason,
        code: null,
        enhanced: null,
        text,
        nextHop: null,
        suppress: null,
        softBounce: null,
      },
    };
  }

  return {
    committed(events) {
      const first = events.find((event) => event.seq > lookedAt && isByHand(event));
      if (first === undefined || closed) return;
      after ??= first.seq - 1;
      running ??= work()
        .catch((error: unknown) => {
          after = null;
          ports.onProblem(`the sender of what was turned back by hand was not told: ${messageOf(error)}`);
        })
        .finally(() => {
          running = null;
        });
    },
    async caughtUp() {
      while (running !== null) await running;
    },
    async close() {
      closed = true;
      while (running !== null) await running;
    },
  };
}

function isByHand({ type, data }: StoredEvent): boolean {
  return type === 'undeliverable' && data.byHand === true;
}
