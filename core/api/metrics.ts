/** `/metrics`, in Prometheus' text format. */
import { Gauge, Registry } from 'prom-client';
import type { Services } from './services.ts';

export function createMetrics(services: Services, liveClients: () => number): Registry {
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
  gauge('sandpost_live_clients', 'WebSocket clients of the live feed', liveClients);
  gauge('process_resident_memory_bytes', 'Resident memory of the core', () => process.memoryUsage.rss());
  gauge(
    'process_start_time_seconds',
    'Start time since the epoch',
    () => Date.parse(services.status().startedAt) / 1000,
  );
  return registry;
}
