/**
 * `node rules-replaced.ts`: how long a core does nothing else while its rules are replaced by ten thousand. Prints JSON.
 * With an address it is the client, in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { median } from './disk.ts';
import { unmetRules } from './many-rules.ts';

const times = 9;
const resolutionMs = 1;

const [, , address] = process.argv;
if (address === undefined) await serve();
else await replace(address);

async function serve(): Promise<void> {
  const { createApp, systemPorts } = await import('../../core/app.ts');
  const { loadConfig } = await import('../../core/config.ts');
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-bench-'));
  const quiet = { info: () => undefined, warn: () => undefined };
  const app = await createApp(
    loadConfig(['--data', folder, '--ports', '0', '--no-deliver', '--quiet'], {}),
    systemPorts(quiet),
  );
  const taken: { readonly ms: number; readonly blockedMs: number; readonly turnMs: number }[] = [];
  for (let time = 0; time < times; time++) {
    const delay = monitorEventLoopDelay({ resolution: resolutionMs });
    delay.enable();
    const turns = watchTurns();
    const client = spawn(process.execPath, [import.meta.filename, app.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    client.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const [code] = await once(client, 'close');
    if (code !== 0) throw new Error('the rules were not taken');
    delay.disable();
    taken.push({ ms: Number(text), blockedMs: delay.max / 1e6, turnMs: turns.longestMs() });
  }
  await app.close();
  rmSync(folder, { recursive: true, force: true });
  const [first, ...rest] = taken;
  process.stdout.write(
    `${JSON.stringify({
      ms: median(rest.map(({ ms }) => ms)),
      blockedMs: median(rest.map(({ blockedMs }) => blockedMs)),
      turnMs: median(rest.map(({ turnMs }) => turnMs)),
      firstTurnMs: first?.turnMs ?? Number.NaN,
    })}\n`,
  );
}

/** Processor time of the longest turn of the loop: what it takes where nobody else has the processor. */
function watchTurns(): { longestMs(): number } {
  let longestUs = 0;
  let over = false;
  let before = process.threadCpuUsage();
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longestUs = Math.max(longestUs, user + system);
    before = process.threadCpuUsage();
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    longestMs() {
      over = true;
      return longestUs / 1000;
    },
  };
}

async function replace(url: string): Promise<void> {
  const body = JSON.stringify({
    rules: unmetRules('door').map((one, at) => ({ ...one, name: `${Date.now()} ${at}` })),
  });
  const startedMs = performance.now();
  const response = await fetch(`${url}/v1/rules`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${response.status}`);
  process.stdout.write(String(performance.now() - startedMs));
}
