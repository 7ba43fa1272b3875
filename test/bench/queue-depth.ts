/**
 * What a claim costs with a short queue and with a long one. `node queue-depth.ts fill <deliveries> <folder>` fills the
 * queue; `node queue-depth.ts claim <folder>`, a process of its own, claims 50 times 20 and prints the median and the
 * memory as JSON.
 */
import { join } from 'node:path';
import { createBus } from '../../core/bus.ts';
import { systemClock } from '../../core/clock.ts';
import type { NewDelivery } from '../../core/model/delivery.ts';
import { openSqliteStore } from '../../core/store/sqlite/sqlite-store.ts';

const [, , part, ...about] = process.argv;
const folder = about.at(-1) ?? '';
const count = part === 'fill' ? Number(about[0]) : 0;
const perMessage = 100;
const claims = 50;
const claimed = 20;

const store = await openSqliteStore({
  file: join(folder, 'queue.db'),
  durability: 'full',
  bus: createBus((error) => {
    throw error;
  }),
  clock: systemClock,
  onNotice: () => undefined,
  onFatal: (text) => {
    throw new Error(text);
  },
});
const nowMs = Date.now();
let last = 0;
const id = (): string => `50000000-0000-7000-8000-${String(++last).padStart(12, '0')}`;
for (let filled = 0; filled < count; ) {
  const batch: Promise<number>[] = [];
  for (let message = 0; message < 20 && filled < count; message++, filled += perMessage) {
    const to = Array.from({ length: perMessage }, (): NewDelivery => {
      const domain = `domain${last % 1_000}.example`;
      return {
        id: id(),
        recipient: `user${last}@${domain}`,
        domain,
        provider: 'default',
        stream: 'transactional',
        parameters: null,
        dueAtMs: nowMs - 1,
        expiresAtMs: nowMs + 172_800_000,
        status: 'queued',
        substatus: null,
        reason: null,
        class: null,
        retryOf: null,
      };
    });
    batch.push(
      store.accept({
        id: id(),
        receivedAtMs: nowMs,
        channel: 'email',
        door: 'api',
        project: 'main',
        user: null,
        envelopeFrom: 'hello@shop.example',
        envelopeTo: [],
        envelopeParameters: null,
        spooled: [],
        tail: Buffer.from('Subject: x\r\n\r\nbody\r\n'),
        bytes: 20,
        exchange: null,
        delivery: { nowMs, to },
        details: null,
        tags: [],
      }),
    );
  }
  await Promise.all(batch);
}
if (part === 'fill') {
  await store.close();
  process.stdout.write('{}\n');
  process.exit(0);
}
const times: number[] = [];
for (let claim = 0; claim < claims; claim++) {
  const startedMs = performance.now();
  const rows = await store.claim({ nowMs, limit: claimed });
  times.push(performance.now() - startedMs);
  if (rows.length !== claimed) throw new Error(`claimed ${rows.length} of ${claimed}`);
}
times.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ median: times[claims / 2], worst: times.at(-1), residentMb: process.memoryUsage.rss() / 1024 / 1024 })}\n`,
);
await store.close();
process.exit(0);
