/** Status logs, providers' words and counts over time, as the API shows them. Pure. */
import type { ProviderReport as KeptReport, ProviderResponse as KeptResponse } from '../model/delivery.ts';
import type { StatusChange as KeptChange } from '../model/status-log.ts';
import type { DeliveryDetail } from '../store/deliveries.ts';
import type { StatusCounts, StatusCountsRequest, StatusTally } from '../store/status-counts.ts';
import { iso } from './iso-time.ts';
import type { AttemptResponse, ProviderReport, StatusChange, StatusStats } from './log-schema.ts';

export function presentStatusChange({ atMs, wallMs, ...rest }: KeptChange): StatusChange {
  return { ...rest, at: iso(atMs), wallAt: iso(wallMs) };
}

export function presentAttemptResponse(
  attempt: DeliveryDetail['attempts'][number],
  responses: readonly KeptResponse[],
): AttemptResponse {
  return {
    deliveryId: attempt.deliveryId,
    attempt: attempt.number,
    text: attempt.text,
    responses: responses.map(({ atMs, fields, ...rest }) => ({
      ...rest,
      at: iso(Math.round(attempt.startedAtWallMs + atMs)),
      fields: fields.map(([name, value]) => [name, value]),
    })),
  };
}

export function presentProviderReport({
  atMs,
  wallMs,
  fields,
  ...rest
}: KeptReport & { readonly id: number }): ProviderReport {
  return {
    ...rest,
    at: iso(atMs),
    wallAt: iso(wallMs),
    fields: fields.map(([name, value]) => [name, value]),
  };
}

export function presentStatusStats(
  { fromMs, toMs, bucketMs, clock, channel }: StatusCountsRequest,
  bucket: StatusStats['bucket'],
  counts: StatusCounts,
): StatusStats {
  // A send over several channels counts by what it led to, unless it is what was asked for.
  const counted = <T extends { readonly channel: string }>(rows: readonly T[]): readonly T[] =>
    channel === 'multi' ? rows : rows.filter((one) => one.channel !== 'multi');
  const bySpan = Map.groupBy(counts.buckets, ({ atMs }) => atMs);
  const totals = sum(counted(counts.byChannel).map(({ tally }) => tally));
  const first = Math.floor(fromMs / bucketMs) * bucketMs;
  const spans = Math.ceil((toMs - first) / bucketMs);
  const tallyOf = new Map(counts.byChannel.map((one) => [one.channel, one.tally]));
  return {
    from: iso(fromMs),
    to: iso(toMs),
    bucket,
    clock,
    buckets: Array.from({ length: spans }, (_, at) => {
      const atMs = first + at * bucketMs;
      const rows = bySpan.get(atMs) ?? [];
      return {
        at: iso(atMs),
        ...sum(counted(rows).map(({ tally }) => tally)),
        channels: rows.map((one) => ({ channel: one.channel, ...one.tally })),
      };
    }),
    totals,
    rates: ratesOf(totals),
    channels: counts.byChannel.map((one) => ({
      channel: one.channel,
      ...one.tally,
      rates: ratesOf(one.tally),
    })),
    providers: counts.byProvider.map((one) => ({
      channel: one.channel,
      provider: one.provider,
      ...one.tally,
      rates: ratesOf(one.tally),
    })),
    undeliverable: [...counts.undeliverable]
      .sort((a, b) => b.count - a.count)
      .map((one) => {
        const tally = tallyOf.get(one.channel) ?? none;
        return { ...one, rate: rounded(one.count / (tally.delivered + tally.undeliverable)) };
      }),
  };
}

const none: StatusTally = {
  queued: 0,
  sent: 0,
  delivered: 0,
  undeliverable: 0,
  canceled: 0,
  opened: 0,
  clicked: 0,
};

function sum(tallies: readonly StatusTally[]): StatusTally {
  return tallies.reduce(
    (all, one) => ({
      queued: all.queued + one.queued,
      sent: all.sent + one.sent,
      delivered: all.delivered + one.delivered,
      undeliverable: all.undeliverable + one.undeliverable,
      canceled: all.canceled + one.canceled,
      opened: all.opened + one.opened,
      clicked: all.clicked + one.clicked,
    }),
    none,
  );
}

function ratesOf({ delivered, undeliverable, opened, clicked }: StatusTally): StatusStats['rates'] {
  const ended = delivered + undeliverable;
  const of = (part: number, whole: number): number | null => (whole === 0 ? null : rounded(part / whole));
  return {
    delivered: of(delivered, ended),
    undeliverable: of(undeliverable, ended),
    opened: of(opened, delivered),
    clicked: of(clicked, delivered),
  };
}

/** To a hundredth of a percent. */
function rounded(rate: number): number {
  return Math.round(rate * 10_000) / 10_000;
}
