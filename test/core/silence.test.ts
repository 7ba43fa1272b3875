<<<<<<< HEAD
/**
 * Nothing leaves the machine in sandbox mode, as seen from outside the process: the core runs in a network that has
 * only its loopback, and every attempt to reach another address shows in the system calls, refused or not.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findProgram, run } from '../run-program.ts';
import { spawnCore } from '../spawn-core.ts';
import { temporaryFolder } from '../start-core.ts';

const traced = 'connect,sendto,sendmsg,sendmmsg';
const possible = canIsolate();
if (!possible)
  console.log('The silence of the core was not looked at: it needs strace, and unshare -n as root.');

/** Everything in it asks to be fetched, looked up or told. */
const mail = `From: "Remote" <remote@sender.example>
To: you@receiver.example
Subject: https://subject.example/ wants a visit
Date: Sat, 31 Jan 2026 10:00:00 +0000
Disposition-Notification-To: read@receipt.example
Return-Receipt-To: read@receipt.example
List-Unsubscribe: <https://unsubscribe.example/one>, <mailto:leave@unsubscribe.example>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
DKIM-Signature: v=1; a=rsa-sha256; d=signer.example; s=selector; h=from; bh=AAAA; b=AAAA
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Your code is 482913, see https://text.example/ and http://10.0.0.1/.
--b
Content-Type: text/html

<html><head><base href="https://base.example/"><link rel=stylesheet href="https://css.example/a.css">
<link rel=preconnect href="https://preconnect.example"><link rel=dns-prefetch href="//prefetch.example">
<meta http-equiv=refresh content="0;url=https://refresh.example/">
<style>@import "https://import.example/a.css"; @font-face{src:url(https://font.example/a.woff)}
body{background:url(https://background.example/a.png)}</style>
<script src="https://script.example/a.js"></script></head>
<body background="https://body.example/a.png"><img src="https://image.example/a.gif">
<img srcset="https://srcset.example/a.png 2x"><iframe src="https://frame.example/"></iframe>
<video src="https://video.example/a.mp4" poster="https://poster.example/a.png"></video>
<object data="https://object.example/a"></object><form action="https://form.example/"></form></body></html>
--b
Content-Type: message/external-body; access-type=URL; URL="https://external.example/file"

Content-Type: application/pdf

--b
Content-Type: application/xml

<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "https://entity.example/a">]><a>&x;</a>
--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Call
URL:https://calendar.example/
ATTACH:https://attach.example/a
END:VEVENT
END:VCALENDAR
--b--
`.replaceAll('\n', '\r\n');

it.runIf(possible)(
  'a core that takes, lists and opens messages full of remote content asks nobody for anything',
  async () => {
    const folder = await temporaryFolder();
    const trace = join(folder, 'trace');
    const core = await spawnCore(['--data', join(folder, 'data'), '--ports', '0'], {
      before: [
        'unshare',
        '-n',
        'sh',
        '-c',
        'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"',
        'sh',
        'strace',
        '-f',
        '-s',
        '64',
        '-e',
        `trace=${traced}`,
        '-o',
        trace,
      ],
    });
    const inside = ['nsenter', '-t', String(core.pid), '-n'];
    // What talks to the core has to be in its network too.
    const script = `
    import { createConnection } from 'node:net';
    import { createInterface } from 'node:readline';
    const mail = ${JSON.stringify(mail)};
    const socket = createConnection(${core.port('smtp')}, '127.0.0.1');
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const reply = async () => { for (;;) { const { value } = await lines.next(); if (value === undefined) throw new Error('closed'); if (value[3] === ' ') return value; } };
    await reply();
    for (const line of ['EHLO remote.client.example', 'MAIL FROM:<remote@sender.example>', 'RCPT TO:<you@receiver.example>', 'DATA']) { socket.write(line + '\\r\\n'); await reply(); }
    socket.write(mail + '.\\r\\n');
    const id = (await reply()).slice(-36);
    socket.write('QUIT\\r\\n');
    const base = ${JSON.stringify(core.url)}, one = '/v1/messages/' + id;
    const seen = {};
    await fetch(base + '/v1/messages/wait?q=code&timeoutMs=20000');
    for (const path of ['/v1/messages', one, one + '/html', one + '/html?dark=1', one + '/links', one + '/codes', one + '/raw', one + '/parts/1', one + '/parts/2', one + '/events', '/v1/exchanges', '/v1/status', '/v1/connect', '/metrics', '/']) {
      const response = await fetch(base + path);
      seen[path.replace(id, 'ID')] = response.status;
      await response.text();
    }
    console.log(JSON.stringify(seen));`;
    const client = await run('nsenter', [
      ...inside.slice(1),
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ]);
    expect(client.code, client.stderr).toBe(0);
    expect(new Set(Object.values(JSON.parse(client.stdout)))).toEqual(new Set([200]));
    await core.stop();
    expect(attemptsBeyond(trace)).toEqual([]);
  },
);

it.runIf(possible)('and the same look finds out a program that does ask', async () => {
  const trace = join(await temporaryFolder(), 'trace');
  const script = `require('node:net').connect(9, '192.0.2.1').on('error', () => undefined);`;
  const options = ['-f', '-e', `trace=${traced}`, '-o', trace];
  spawnSync('unshare', ['-n', 'strace', ...options, process.execPath, '-e', script]);
  expect(attemptsBeyond(trace)).toEqual([expect.stringContaining('192.0.2.1')]);
});

function attemptsBeyond(trace: string): string[] {
  const lines = readFileSync(trace, 'utf8').split('\n');
  return lines.filter((line) => /(?:connect|sendto|sendmsg|sendmmsg)\(/.test(line) && !isLocal(line));
}

/** Unix sockets, the kernel's own, loopback, and answers on connections that somebody else opened. */
function isLocal(line: string): boolean {
  const address = /sin6?_addr\S*?"([^"]+)"|inet_pton\(AF_INET6, "([^"]+)"/.exec(line);
  if (address === null) return !/AF_INET6?\b/.test(line);
  const host = address[1] ?? address[2] ?? '';
  return /^127\./.test(host) || host === '::1';
}

function canIsolate(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (['strace', 'unshare', 'nsenter'].some((program) => findProgram(program) === null)) return false;
  return (
    spawnSync('unshare', [
      '-n',
      'strace',
      '-f',
      '-o',
      '/dev/null',
      'sh',
      '-c',
      'ip link set lo up || ifconfig lo up',
    ]).status === 0
  );
=======
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

/** Addresses of the internet families that are not loopback; unix and netlink sockets stay on the machine. */
function addressesBeyond(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => [...line.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)])
    .map(([, four, six]) => four ?? six ?? '')
    .filter((address) => !/^127\.|^::1$|^::ffff:127\./.test(address));
>>>>>>> peers
}
