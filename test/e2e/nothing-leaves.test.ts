/**
 * Nothing leaves the machine in sandbox mode, whoever asks for it and however: every door is used, every field that takes an
 * address is given one outside, in a network of its own that has only loopback, and the system calls of the whole tree of
 * processes are read for an attempt.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin } from '../core-process.ts';
import { findProgram, run } from '../run-program.ts';
import { temporaryFolder } from '../start-core.ts';
import { findChromium } from './find-chromium.ts';
import {
  controlAddresses,
  hostsFile,
  loopbackAddresses,
  outsideAddresses,
  resolverFile,
  type Visited,
} from './nothing-leaves-addresses.ts';

const visitMsMax = 240_000;

describe('a machine without network, whose names lead outside', async () => {
  const lacking = await whatIsLacking();
  it.skipIf(lacking !== null)(
    `no door, no address and no page makes anything try to leave${lacking === null ? '' : ` (skipped: ${lacking})`}`,
    { timeout: visitMsMax + 20_000 },
    async () => {
      const { visited, lines } = await visit();

      // What was to be tried was tried.
      expect(visited.refusedByDoors).toEqual([]);
      expect(visited.webhooks.refused).toEqual(outsideAddresses);
      expect(visited.webhooks.kept).toHaveLength(loopbackAddresses.length + 2);
      expect(visited.tunnels.filter((line) => !/^HTTP\/1\.1 40[03] /.test(line))).toEqual([]);
      for (const path of ['/302', '/307', '/302/twilio', '/302/route', '/302/inbound', '/307/unsubscribe'])
        expect(visited.told, 'the app on loopback was called').toContain(path);
      expect(Object.keys(visited.answers).filter((one) => / 5\d\d$/.test(one))).toEqual([]);
      expect(visited.shown).toBeGreaterThan(5);

      // The trace has what did go to loopback, and what did try to leave; and nothing else.
      expect(lines.some((line) => line.includes(`htons(${visited.appPort})`))).toBe(true);
      expect(attemptsIn(lines).filter(({ address }) => !isControl(address))).toEqual([]);
      expect([...new Set(attemptsIn(lines).map(({ address }) => address))].toSorted()).toEqual(
        controlAddresses,
      );
      expect(otherFamiliesIn(lines)).toEqual([]);
    },
  );
});

async function whatIsLacking(): Promise<string | null> {
  for (const program of ['strace', 'unshare', 'ip', 'mount'])
    if (findProgram(program) === null) return `${program} is not installed`;
  if (findChromium() === null) return 'no Chromium is installed';
  if (!existsSync(resolve(import.meta.dirname, '../../out/renderer/index.html')))
    return 'the screen is not built: npm run build';
  const ran = await run('unshare', [
    '-nm',
    'sh',
    '-c',
    'ip link set lo up && mount --bind /etc/hosts /etc/hosts && strace -f -e trace=connect -o /dev/null true',
  ]);
  return ran.code === 0 ? null : 'a network and mounts of its own, or strace, are not permitted here';
}

async function visit(): Promise<{ readonly visited: Visited; readonly lines: readonly string[] }> {
  const folder = await temporaryFolder();
  const [hosts, resolver, trace] = ['hosts', 'resolv.conf', 'trace'].map((name) => join(folder, name));
  if (hosts === undefined || resolver === undefined || trace === undefined) throw new Error('no folder');
  await writeFile(hosts, hostsFile);
  await writeFile(resolver, resolverFile);
  const alone =
    'ip link set lo up && mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"';
  const { stdout, stderr } = await run(
    'unshare',
    [
      ...['-nm', 'sh', '-c', alone, 'sh', hosts, resolver],
      ...['strace', '-f', '-yy', '-qq', '-e', 'signal=none', '-o', trace],
      ...['-e', 'trace=socket,connect,sendto,sendmsg,sendmmsg'],
      process.execPath,
      resolve(import.meta.dirname, 'nothing-leaves-visit.ts'),
      bin,
      join(folder, 'data'),
      findChromium() ?? '',
    ],
    { timeoutMs: visitMsMax },
  );
  if (!stdout.startsWith('{')) throw new Error(`the visit failed: ${stderr.slice(-4_000)}`);
  const visited: Visited = JSON.parse(stdout);
  return { visited, lines: (await readFile(trace, 'latin1')).split('\n').filter((line) => line !== '') };
}

/** How Chromium asks the kernel whether it has a route for IPv6: connecting a UDP socket sends nothing. */
const routeProbe = /connect\(\d+<UDPv6:[^>]*>, .*"2001:4860:4860::8888"/;

interface Attempt {
  readonly address: string;
  readonly line: string;
}

/** Calls that name an address of the internet families that is not loopback. */
function attemptsIn(lines: readonly string[]): readonly Attempt[] {
  return lines
    .filter((line) => !routeProbe.test(line))
    .flatMap((line) =>
      [...line.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(([, four, six]) => ({
        address: four ?? six ?? '',
        line: line.slice(0, 300),
      })),
    )
    .filter(({ address }) => !/^127\.|^::1$|^::ffff:127\./.test(address));
}

function isControl(address: string): boolean {
  return controlAddresses.some((one) => one === address);
}

/** Sockets that are neither of the internet nor between processes (AF_UNIX) nor of the kernel (AF_NETLINK: interfaces). */
function otherFamiliesIn(lines: readonly string[]): string[] {
  return lines.filter(
    (line) =>
      /\bsocket\(/.test(line) &&
      !/socket\((?:AF_UNIX|AF_NETLINK|AF_INET6?), SOCK_(?:STREAM|DGRAM|SEQPACKET|RAW)/.test(line),
  );
}
