/** Nothing leaves the machine, seen from outside: every attempt to reach an address is in a trace of the system calls. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin } from '../core-process.ts';
import { findChromium } from '../e2e/find-chromium.ts';
import { findProgram, run } from '../run-program.ts';
import { temporaryFolder } from '../start-core.ts';

const testMsMax = 180_000;

interface Visit {
  readonly messages: number;
  readonly visited: readonly string[];
  readonly shown: string | null;
}

describe('a machine without network', async () => {
  const lacking = await whatIsLacking();
  const browser = findChromium();
  const screen = existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html'));
  const noScreen =
    lacking ??
    (browser === null
      ? 'no Chromium is installed'
      : screen
        ? null
        : 'the screen is not built: npm run build');
  const skipped = (why: string | null) => (why === null ? '' : ` (skipped: ${why})`);

  it.skipIf(lacking !== null)(
    `the core reaches for nobody while messages full of remote content come in and are read${skipped(lacking)}`,
    { timeout: testMsMax },
    async () => {
      const { visit, beyond } = await trace(null);
      expect(visit.messages).toBe(3);
      expect(visit.visited.filter((one) => !one.startsWith('200 '))).toEqual([]);
      expect(beyond).toEqual([]);
    },
  );

  it.skipIf(noScreen !== null)(
    `the screen reaches for nobody while such a message is open${skipped(noScreen)}`,
    { timeout: testMsMax },
    async () => {
      const { visit, beyond } = await trace(browser);
      expect(visit.shown).toBe('Remote everywhere');
      expect(beyond).toEqual([]);
    },
  );

  it.skipIf(lacking !== null)(`the trace shows an attempt when there is one${skipped(lacking)}`, async () => {
    const attempt = "require('node:net').connect(25, '192.0.2.1').on('error', () => undefined)";
    const { lines } = await straced(['-e', attempt]);
    expect(addressesBeyond(lines)).toEqual(['192.0.2.1']);
  });
});

async function whatIsLacking(): Promise<string | null> {
  for (const program of ['strace', 'unshare', 'ip'])
    if (findProgram(program) === null) return `${program} is not installed`;
  const ran = await run('unshare', [
    '-n',
    'sh',
    '-c',
    'ip link set lo up && strace -f -e trace=connect -o /dev/null true',
  ]);
  return ran.code === 0 ? null : 'a network namespace or strace is not permitted here';
}

async function trace(browser: string | null): Promise<{ visit: Visit; beyond: readonly string[] }> {
  const data = join(await temporaryFolder(), 'data');
  const script = resolve(import.meta.dirname, 'silence-visit.ts');
  const { stdout, stderr, lines } = await straced([
    script,
    bin,
    data,
    ...(browser === null ? [] : [browser]),
  ]);
  if (!stdout.startsWith('{')) throw new Error(`the visit failed: ${stderr}`);
  const visit: Visit = JSON.parse(stdout);
  expect(lines.length).toBeGreaterThan(0);
  return { visit, beyond: addressesBeyond(lines) };
}

async function straced(
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; lines: string[] }> {
  const file = join(await temporaryFolder(), 'trace');
  const calls = 'trace=connect,sendto,sendmsg,sendmmsg';
  const command = [
    'strace',
    '-f',
    '-yy',
    '-qq',
    '-e',
    calls,
    '-e',
    'signal=none',
    '-o',
    file,
    process.execPath,
    ...args,
  ];
  const { stdout, stderr } = await run(
    'unshare',
    ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command],
    {
      timeoutMs: testMsMax - 20_000,
    },
  );
  return {
    stdout,
    stderr,
    lines: (await readFile(file, 'latin1')).split('\n').filter((line) => line !== ''),
  };
}

/** How Chromium asks the kernel whether it has a route for IPv6: connecting a UDP socket sends nothing. */
const routeProbe = /connect\(\d+<UDPv6:[^>]*>, .*"2001:4860:4860::8888"/;

/** Addresses of the internet families that are not loopback; unix and netlink sockets stay on the machine. */
function addressesBeyond(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !routeProbe.test(line))
    .flatMap((line) => [...line.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)])
    .map(([, four, six]) => four ?? six ?? '')
    .filter((address) => !/^127\.|^::1$|^::ffff:127\./.test(address));
}
