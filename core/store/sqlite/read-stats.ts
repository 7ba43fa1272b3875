/**
 * The reader's part for counts over time, and for what became of one delivery. Counts are read off the deliveries themselves,
 * for events go in time: each says when it came to where it is, by either clock.
 */
import type { OutcomeClass, ProviderReport, Status } from '../../model/delivery.ts';
import type { Channel, EventType, StoredEvent } from '../../model/message.ts';
import {
  type CountedStatus,
  countedStatuses,
  type StatusCounts,
  type StatusCountsRequest,
} from '../status-counts.ts';
import type { Connection } from './open.ts';
import { type EventSqlRow, toEvent } from './read-others.ts';

/** Events that change where a delivery stands, or say that nothing more will be heard. */
const statusEventTypes = [
  'queued',
  'deferred',
  'held',
  'released',
  'sent',
  'delivered',
  'undeliverable',
  'canceled',
  'reported',
] as const satisfies readonly EventType[];
const statusTypesSql = statusEventTypes.map((type) => `'${type}'`).join(', ');
/** Of one delivery; a provider that reports without end is heard this often. */
const eventsMax = 2_000;

/** What is read of a delivery: where it stands, and when it came to each status by the clock that was asked for. */
type CountedRow = readonly [
  channel: Channel,
  provider: string | null,
  status: Status,
  outcomeClass: OutcomeClass | null,
  queuedAt: number | null,
  sentAt: number | null,
  endedAt: number | null,
  openedAt: number | null,
  clickedAt: number | null,
];

const times = {
  virtual: ['d.created_at', 'd.sent_at', 'd.ended_at', 'd.opened_at', 'd.clicked_at'],
  wall: ['d.created_wall', 'd.sent_wall', 'd.ended_wall', 'd.opened_wall', 'd.clicked_wall'],
} as const;

export function statsReader(db: Connection) {
  const delivery = db.prepare('SELECT seq, message FROM deliveries WHERE id = ?').raw();
  const ofMessage = db.prepare(
    `SELECT * FROM events WHERE message = ? AND message IS NOT NULL AND type <> 'accepted' AND delivery_id = ?
       AND type IN (${statusTypesSql}) ORDER BY seq LIMIT ${eventsMax}`,
  );
  const ofCall = db.prepare(
    `SELECT * FROM events WHERE message IS NULL AND delivery_id IS NOT NULL AND delivery_id = ?
       AND type IN (${statusTypesSql}) ORDER BY seq LIMIT ${eventsMax}`,
  );
  const reports = db.prepare('SELECT id, value FROM reports WHERE delivery = ? ORDER BY id');

  /** One pass over the rows: to have SQLite sort them by span for each status takes four times as long. */
  function rowsOf(request: StatusCountsRequest): IterableIterator<CountedRow> {
    const { conditions, parameters } = filterSql(request);
    const columns = times[request.clock];
    const [queued, , ended, opened, clicked] = columns;
    const all = [
      "d.carriage NOT IN ('webhook', 'callback')",
      `${queued} < ?`,
      `(${ended} IS NULL OR ${ended} >= ? OR ${opened} >= ? OR ${clicked} >= ?)`,
      ...conditions,
    ];
    const { fromMs, toMs } = request;
    return db
      .prepare(
        `SELECT d.carriage, d.provider, d.status, d.class, ${columns.join(', ')} FROM deliveries d
         WHERE ${all.join(' AND ')}`,
      )
      .raw()
      .iterate(toMs, fromMs, fromMs, fromMs, ...parameters) as IterableIterator<CountedRow>;
  }

  return {
    deliveryEvents(id: string): StoredEvent[] {
      const found = delivery.get(id) as [number, number | null] | undefined;
      if (found === undefined) return [];
      const rows = found[1] === null ? ofCall.all(id) : ofMessage.all(found[1], id);
      return (rows as EventSqlRow[]).map(toEvent);
    },

    deliveryReports(id: string): (ProviderReport & { readonly id: number })[] {
      const found = delivery.get(id) as [number, number | null] | undefined;
      if (found === undefined) return [];
      return (reports.all(found[0]) as { id: number; value: string }[]).map((row) => ({
        ...(JSON.parse(row.value) as ProviderReport),
        id: row.id,
      }));
    },

    statusCounts(request: StatusCountsRequest): StatusCounts {
      const counts = new Counts(request);
      for (const row of rowsOf(request)) counts.add(row);
      return counts.all();
    },
  };
}

type Tally = { -readonly [status in CountedStatus]: number };
const noTally = (): Tally => ({
  queued: 0,
  sent: 0,
  delivered: 0,
  undeliverable: 0,
  canceled: 0,
  opened: 0,
  clicked: 0,
});

/** What one provider of one channel is counted in. */
interface Group {
  readonly channel: Channel;
  readonly provider: string | null;
  /** By the number of the span. */
  readonly spans: Map<number, Tally>;
  readonly classes: Map<OutcomeClass | null, number>;
}

class Counts {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #bucketMs: number;
  readonly #groups = new Map<Channel, Map<string | null, Group>>();

  constructor({ fromMs, toMs, bucketMs }: StatusCountsRequest) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#bucketMs = bucketMs;
  }

  add(row: CountedRow): void {
    const [channel, provider, status, outcomeClass, queuedAt, sentAt, endedAt, openedAt, clickedAt] = row;
    const providers = within(this.#groups, channel, () => new Map<string | null, Group>());
    const group = within(providers, provider, () => ({
      channel,
      provider,
      spans: new Map<number, Tally>(),
      classes: new Map<OutcomeClass | null, number>(),
    }));
    this.#count(group, 'queued', queuedAt);
    this.#count(group, 'sent', sentAt);
    if (status === 'delivered' || status === 'undeliverable' || status === 'canceled') {
      const counted = this.#count(group, status, endedAt);
      if (counted && status === 'undeliverable')
        group.classes.set(outcomeClass, (group.classes.get(outcomeClass) ?? 0) + 1);
    }
    this.#count(group, 'opened', openedAt);
    this.#count(group, 'clicked', clickedAt);
  }

  /** @returns false when it was at another time, or never */
  #count({ spans }: Group, status: CountedStatus, atMs: number | null): boolean {
    if (atMs === null || atMs < this.#fromMs || atMs >= this.#toMs) return false;
    within(spans, Math.floor(atMs / this.#bucketMs), noTally)[status]++;
    return true;
  }

  all(): StatusCounts {
    const buckets = new Map<
      string,
      { readonly atMs: number; readonly channel: Channel; readonly tally: Tally }
    >();
    const byChannel = new Map<Channel, Tally>();
    const byProvider: { channel: Channel; provider: string | null; tally: Tally }[] = [];
    const undeliverable = new Map<string, { channel: Channel; class: OutcomeClass | null; count: number }>();
    for (const { channel, provider, spans, classes } of [...this.#groups.values()].flatMap((one) => [
      ...one.values(),
    ])) {
      const ofProvider = noTally();
      for (const [span, tally] of spans) {
        const atMs = span * this.#bucketMs;
        addTo(
          within(buckets, `${span} ${channel}`, () => ({ atMs, channel, tally: noTally() })).tally,
          tally,
        );
        addTo(ofProvider, tally);
      }
      if (spans.size === 0) continue;
      addTo(within(byChannel, channel, noTally), ofProvider);
      byProvider.push({ channel, provider, tally: ofProvider });
      for (const [outcomeClass, count] of classes)
        within(undeliverable, `${channel} ${outcomeClass}`, () => ({
          channel,
          class: outcomeClass,
          count: 0,
        })).count += count;
    }
    return {
      buckets: [...buckets.values()].sort((a, b) => a.atMs - b.atMs || (a.channel < b.channel ? -1 : 1)),
      byChannel: [...byChannel].map(([channel, tally]) => ({ channel, tally })),
      byProvider,
      undeliverable: [...undeliverable.values()],
    };
  }
}

function addTo(tally: Tally, more: Tally): void {
  for (const status of countedStatuses) tally[status] += more[status];
}

function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function filterSql(request: StatusCountsRequest): {
  readonly conditions: readonly string[];
  readonly parameters: readonly string[];
} {
  const conditions: string[] = [];
  const parameters: string[] = [];
  const wanted = (condition: string, value: string | null): void => {
    if (value === null) return;
    conditions.push(condition);
    parameters.push(value);
  };
  wanted('d.carriage = ?', request.channel);
  wanted('d.provider = ? COLLATE NOCASE', request.provider);
  wanted('d.project = (SELECT id FROM projects WHERE name = ?)', request.project);
  wanted('d.stream = ?', request.stream);
  wanted('d.user_id = ? AND d.user_id IS NOT NULL', request.user);
  for (const column of ['template', 'topic'] as const)
    wanted(
      `d.message IN (SELECT seq FROM messages WHERE ${column} = ? AND ${column} IS NOT NULL)`,
      request[column],
    );
  wanted(
    `d.message IN (SELECT m.seq FROM messages m WHERE m.tags <> '[]'
       AND EXISTS (SELECT 1 FROM json_each(m.tags) t WHERE t.value = ? COLLATE NOCASE))`,
    request.tag,
  );
  return { conditions, parameters };
}
