/**
 * The whole lifetime of a message that a provider never takes, on the virtual clock of a core with its data on disk, twice.
 * `node journey-in-time.ts <folder> <folder>` prints the slower run and whether both attempted at the same times, as JSON.
 */
import { z } from 'zod';
import { keepHeapSmall } from '../../core/heap.ts';
import { letter, letterKinds } from './letters.ts';

keepHeapSmall();
const { createApp, systemPorts } = await import('../../core/app.ts');
const { loadConfig } = await import('../../core/config.ts');

const lifetimeMs = 48 * 3_600_000;
const detailSchema = z.object({ attemptLog: z.array(z.object({ startedAt: z.string() })) });

const runs: { readonly ms: number; readonly atMs: readonly number[] }[] = [];
for (const folder of process.argv.slice(2)) runs.push(await run(folder));
const [first, second] = runs;
process.stdout.write(
  `${JSON.stringify({
    attempts: first?.atMs.length ?? 0,
    ms: Math.max(...runs.map(({ ms }) => ms)),
    sameTimes: JSON.stringify(first?.atMs) === JSON.stringify(second?.atMs),
  })}\n`,
);
process.exit(0);

async function run(folder: string): Promise<{ readonly ms: number; readonly atMs: readonly number[] }> {
  const app = await createApp(
    loadConfig(['--data', folder, '--ports', '0', '--http-port', '0', '--quiet'], {}),
    systemPorts({ info: () => undefined, warn: () => undefined }),
  );
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(app.url + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return await response.json();
  };
  await ask('POST', '/v1/clock', { freeze: true });
  await ask('PATCH', '/v1/providers/default', { throttle: true });
  const kind = letterKinds[0];
  const { deliveries } = await app.submissions.submit(letter(kind, 'jane@somewhere.example'));
  await app.settled();
  const startedMs = performance.now();
  await ask('POST', '/v1/clock', { advanceMs: lifetimeMs });
  const ms = performance.now() - startedMs;
  const { attemptLog } = detailSchema.parse(await ask('GET', `/v1/deliveries/${deliveries[0]?.id ?? ''}`));
  await app.close();
  const times = attemptLog.map(({ startedAt }) => Date.parse(startedAt));
  return { ms, atMs: times.map((one) => one - (times[0] ?? 0)) };
}
