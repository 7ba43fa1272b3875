/** Counts of deliveries by the status that they came to, in spans of time: what charts are drawn from. */
import type { OutcomeClass, Stream } from '../model/delivery.ts';
import type { Channel } from '../model/message.ts';

/** What a delivery comes to, and what its reader does with it; each delivery counts once for each. */
export const countedStatuses = [
  'queued',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
  'opened',
  'clicked',
] as const;
export type CountedStatus = (typeof countedStatuses)[number];
export type StatusTally = Readonly<Record<CountedStatus, number>>;

export interface StatusCountsRequest {
  /** By which the spans go: virtual time, or the clock on the wall. */
  readonly clock: 'virtual' | 'wall';
  /** From then on, and before that; milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly channel: Channel | null;
  readonly provider: string | null;
  readonly project: string | null;
  readonly stream: Stream | null;
  readonly tag: string | null;
  readonly template: string | null;
  readonly topic: string | null;
  readonly user: string | null;
}

export interface StatusCounts {
  /** Those in which something happened, in the order of time, by channel. */
  readonly buckets: readonly {
    readonly atMs: number;
    readonly channel: Channel;
    readonly tally: StatusTally;
  }[];
  /** In the whole span: how many came to it, whenever they were made. */
  readonly byChannel: readonly { readonly channel: Channel; readonly tally: StatusTally }[];
  readonly undeliverable: readonly {
    readonly channel: Channel;
    readonly class: OutcomeClass | null;
    readonly count: number;
  }[];
  readonly byProvider: readonly {
    readonly channel: Channel;
    readonly provider: string | null;
    readonly tally: StatusTally;
  }[];
}
