/**
 * What another-user.test.ts runs in a network of its own: a core that listens on all addresses, a second network with a cable
 * to the first, and in it `nobody`, who asks for everything. Prints what came of it, as JSON.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { ReadyLine } from '../../core/serve.ts';
import { openSmtp } from '../smtp-client.ts';

export interface NeighbourSaw {
  readonly routesAsked: number;
  /** What was answered with anything but 401. */
  readonly notRefused: readonly string[];
  /** Of one route, asked for with the token: the refusals above are for want of it. */
  readonly withToken: number;
  /** WebSockets and event streams that opened. */
  readonly sockets: readonly string[];
  readonly filesSeen: readonly string[];
  readonly filesRead: readonly string[];
  readonly filesWritten: readonly string[];
}

/** They say nothing, or carry a key of their own in the address. */
const openPaths = /^\/(?:livez|readyz|[tsu]\/|v1\/sms\/(?:reports|inbound)\/)/;
const hereAddress = '10.77.0.1';
const thereAddress = '10.77.0.2';

const [bin = '', dataDir = '', folder = 'made'] = process.argv.slice(2);

if (bin === '--nobody') {
  await beNobody(JSON.parse(dataDir));
} else {
  for (let above = dirname(dataDir); above !== '/'; above = dirname(above)) openIfOurs(above);
  if (folder === 'open') {
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
  }
  process.umask(0o022);
  ip('link', 'set', 'lo', 'up');
  const core = spawn(
    process.execPath,
    [
      bin,
      'serve',
      '--data',
      dataDir,
      '--ports',
      '0',
      '--json',
      '--host',
      '0.0.0.0',
      '--allow-host',
      hereAddress,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: core.stdout })) {
    const ready: ReadyLine & { readonly token?: string } = JSON.parse(line);
    await leaveSomething(ready.ports.smtp ?? 0);
    const other = await layCable();
    const asked = JSON.stringify({ ports: ready.ports, dataDir, files: filesBelow(dataDir) });
    const nobody = spawn('nsenter', [
      ...['-t', String(other.pid), '-n'],
      ...[process.execPath, import.meta.filename, '--nobody', asked],
    ]);
    nobody.stderr.pipe(process.stderr);
    nobody.stdout.pipe(process.stdout);
    await once(nobody, 'exit');
    other.kill();
    core.kill('SIGTERM');
  }
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${String(stderr)}`);
}

/** The test's own folder is closed to others, which would hide what the core does about its files. */
function openIfOurs(path: string): void {
  if (/sandpost/.test(path.split('/').at(-1) ?? '')) chmodSync(path, 0o755);
}

/** A second network, joined to this one. @returns who keeps it */
async function layCable(): Promise<ChildProcess> {
  const other = spawn('unshare', ['-n', 'sh', '-c', 'echo there; exec sleep 600']);
  await once(other.stdout, 'data');
  ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there');
  ip('link', 'set', 'there', 'netns', String(other.pid));
  ip('addr', 'add', `${hereAddress}/24`, 'dev', 'here');
  ip('link', 'set', 'here', 'up');
  const inside = `ip link set lo up && ip addr add ${thereAddress}/24 dev there && ip link set there up`;
  const { status } = spawnSync('nsenter', ['-t', String(other.pid), '-n', 'sh', '-c', inside]);
  if (status !== 0) throw new Error('the other network has no address');
  return other;
}

async function leaveSomething(port: number): Promise<void> {
  const client = await openSmtp(port);
  await client.reply();
  await client.say('EHLO client.example');
  await client.deliver('a@b.example', ['c@d.example'], 'Subject: Secret\r\n\r\nYour code is 123456\r\n');
  await client.quit();
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

interface Given {
  readonly ports: Readonly<Record<string, number>>;
  readonly dataDir: string;
  readonly files: readonly string[];
}

/** Loaded as root, for what is loaded may lie where others cannot look. */
async function beNobody({ ports, dataDir, files }: Given): Promise<void> {
  const { openSync, closeSync, readFileSync } = await import('node:fs');
  const { WebSocket } = await import('ws');
  const token = tokenIn(readFileSync(join(dataDir, 'core.json'), 'utf8'));
  process.setgroups?.([]);
  process.setgid?.(65_534);
  process.setuid?.(65_534);

  const base = `http://${hereAddress}:${ports.http}`;
  const asked = async (path: string, method: string, authorization?: string): Promise<Response> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      headers: authorization === undefined ? {} : { authorization },
    });
    return answer;
  };
  const document: unknown = await (await asked('/v1/openapi.json', 'GET', `Bearer ${token}`)).json();
  const routes = [
    ...routesIn(document),
    ...['/', '/messages/x', '/index.html', '/metrics', '/v1/openapi.json', '/v1/live', '/inapp/demo'].map(
      (path) => ['GET', path] as const,
    ),
    ...[
      '/inapp/v1/messages',
      '/inapp/v1/users/ann/messages',
      '/?token=',
      '/?token=wrong',
      '/v1/%2e%2e/v1/status',
    ].map((path) => ['GET', path] as const),
    ['POST', '/inapp/v1/messages'] as const,
  ].filter(([, path]) => !openPaths.test(path));
  const notRefused: string[] = [];
  for (const [method, path] of routes)
    for (const wrong of [undefined, 'Bearer wrong-token', 'Basic eDp4'] as const) {
      const { status } = await asked(path, method, wrong);
      if (status !== 401) notRefused.push(`${method} ${path} ${status}`);
    }

  const sockets: string[] = [];
  for (const path of ['/v1/live', '/inapp/v1/ws?user=ann', `/v1/live?token=${token.slice(1)}`]) {
    const socket = new WebSocket(`ws://${hereAddress}:${ports.http}${path}`);
    const opened = await new Promise<boolean>((resolve) => {
      socket.on('open', () => resolve(true));
      socket.on('error', () => resolve(false));
    });
    if (opened) sockets.push(path);
    socket.terminate();
  }

  const may = (file: string, how: string): boolean => {
    try {
      closeSync(openSync(file, how));
      return true;
    } catch {
      // Refused, as it should be.
      return false;
    }
  };
  const named = (found: readonly string[]): string[] => found.map((file) => relative(dataDir, file));
  const saw: NeighbourSaw = {
    routesAsked: routes.length,
    notRefused,
    withToken: (await asked('/v1/status', 'GET', `Bearer ${token}`)).status,
    sockets,
    filesSeen: named(files),
    filesRead: named(files.filter((file) => may(file, 'r'))),
    filesWritten: named(files.filter((file) => may(file, 'r+'))),
  };
  process.stdout.write(`${JSON.stringify(saw)}\n`);
}

function tokenIn(coreFile: string): string {
  const { token }: { readonly token: string } = JSON.parse(coreFile);
  return token;
}

function routesIn(document: unknown): (readonly [method: string, path: string])[] {
  if (typeof document !== 'object' || document === null || !('paths' in document)) return [];
  const methods = ['get', 'post', 'put', 'patch', 'delete'];
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => methods.includes(method))
      .map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')] as const),
  );
}
