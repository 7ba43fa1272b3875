/** `/metrics`, in Prometheus' text format. */
import type { Registry } from 'prom-client';
import type { Bus } from '../bus.ts';
import { atFirstUse } from '../model/at-first-use.ts';
import { liveChannels } from '../model/live-relay.ts';
import type { Services } from './services.ts';

export interface MetricsPage {
  readonly text: string;
  readonly contentType: string;
}

/** Counts from the start; the page is put together when it is asked for. */
export function createMetrics(services: Services, liveClients: () => number): () => Promise<MetricsPage> {
  const happened = countEvents(services.bus);
  const registry = atFirstUse(() => registryOf(services, happened, liveClients));
  return async () => {
    const known = await registry();
    return { text: await known.metrics(), contentType: known.contentType };
  };
}

/** Events of deliveries that are counted. */
const counted = ['deferred', 'sent', 'delivered', 'undeliverable', 'bounced', 'complained'] as const;
type Counted = (typeof counted)[number];

function countEvents(bus: Pick<Bus, 'subscribe'>): ReadonlyMap<Counted, number> {
  const happened = new Map<Counted, number>();
  bus.subscribe((events) => {
    for (const type of counted) {
      const count = events.filter((event) => event.type === type).length;
      if (count > 0) happened.set(type, (happened.get(type) ?? 0) + count);
    }
  });
  return happened;
}

async function registryOf(
  services: Services,
  happened: ReadonlyMap<Counted, number>,
  liveClients: () => number,
): Promise<Registry> {
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number): void => {
    const made = new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        made.set(read());
      },
    });
  };
  const { store } = services;
  gauge('sandpost_messages', 'Messages stored', () => store.counts().messages);
  gauge('sandpost_messages_unread', 'Messages nobody opened', () => store.counts().unread);
  gauge('sandpost_messages_bytes', 'Bytes of the messages stored', () => store.counts().bytes);
  gauge(
    'sandpost_messages_waiting_for_index',
    'Messages not read and indexed yet',
    () => store.counts().waitingForIndex,
  );
  gauge('sandpost_exchanges', 'Exchanges stored', () => store.counts().exchanges);
  gauge('sandpost_events_last_seq', 'Number of the newest event', () => store.lastEventSeq());
  gauge('sandpost_commits_total', 'Transactions put on disk since the start', () => store.metrics().commits);
  gauge(
    'sandpost_commit_seconds_total',
    'Time spent in transactions since the start',
    () => store.metrics().commitMsSum / 1000,
  );
  gauge(
    'sandpost_writes_waiting',
    'Operations that wait for the writer',
    () => store.metrics().operationsWaiting,
  );
  gauge(
    'sandpost_writes_waiting_bytes',
    'Bytes that wait for the writer',
    () => store.metrics().bytesWaiting,
  );
  gauge('sandpost_deliveries_queued', 'Deliveries that wait for their turn', () => store.counts().queued);
  gauge('sandpost_deliveries_deferred', 'Deliveries that wait for a retry', () => store.counts().deferred);
  gauge('sandpost_deliveries_held', 'Deliveries that wait for a release', () => store.counts().held);
  gauge('sandpost_suppressions', 'Addresses on the suppression list', () => store.counts().suppressions);
  for (const type of counted) {
    const counter = new Counter({
      name: `sandpost_deliveries_${type}_total`,
      help: `Deliveries that were ${type}, since the start`,
      registers: [registry],
      collect() {
        counter.reset();
        counter.inc(happened.get(type) ?? 0);
      },
    });
  }
  const { live } = services;
  if (live !== undefined) {
    gauge('sandpost_live', 'Whether live relay is on: 1 when mail, pushes or SMS go out for real', () =>
      live.status().live ? 1 : 0,
    );
    const sends = new Counter({
      name: 'sandpost_live_sends_total',
      help: 'Attempts that began to go out for real, since the start',
      labelNames: ['channel'],
      registers: [registry],
      collect() {
        sends.reset();
        for (const channel of liveChannels) sends.inc({ channel }, live.sent()[channel] ?? 0);
      },
    });
  }
  gauge('sandpost_live_clients', 'WebSocket clients of the live feed', liveClients);
  gauge('process_resident_memory_bytes', 'Resident memory of the core', () => process.memoryUsage.rss());
  gauge(
    'process_start_time_seconds',
    'Start time since the epoch',
    () => Date.parse(services.status().startedAt) / 1000,
  );
  return registry;
}
