/** Queues that stand still, or are turned back, on purpose: by domain, provider, stream or tag, for a reason and a while. */
import { type Carriage, isCall, type Stream } from '../model/delivery.ts';

export interface Suspension {
  readonly id: string;
  readonly match: {
    readonly by: 'domain' | 'provider' | 'stream' | 'tag' | 'all';
    /** Lower case; empty for `all`. */
    readonly value: string;
  };
  /** `suspend` lets it wait, `bounce` turns it back for good. */
  readonly action: 'suspend' | 'bounce';
  readonly reason: string;
  readonly createdAtMs: number;
  /** Virtual time at which it ends by itself; null: until it is taken away. */
  readonly untilMs: number | null;
}

export interface SuspendedBy {
  readonly carriage: Carriage;
  readonly domain: string;
  readonly provider: string | null;
  readonly stream: Stream;
  readonly tags: readonly string[];
}

/** The first one that covers a delivery; one that turns back goes before one that lets wait. */
export function suspensionOf(
  suspensions: readonly Suspension[],
  delivery: SuspendedBy,
  nowMs: number,
): Suspension | null {
  const covering = suspensions.filter(
    (one) => (one.untilMs === null || one.untilMs > nowMs) && covers(one.match, delivery),
  );
  return covering.find((one) => one.action === 'bounce') ?? covering[0] ?? null;
}

function covers(match: Suspension['match'], delivery: SuspendedBy): boolean {
  switch (match.by) {
    case 'all':
      return true;
    case 'domain':
      return delivery.domain === match.value;
    case 'provider':
      return delivery.provider === match.value;
    case 'stream':
      // A call to the app is no mail, and of no stream, whatever its row says.
      return !isCall(delivery.carriage) && delivery.stream === match.value;
    case 'tag':
      return delivery.tags.some((tag) => tag.toLowerCase() === match.value);
  }
}
