/** A 250 is a promise: the message is on disk. Shown from outside, on the built core where there is one. */
import { mkdtemp, readFile, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CoreProcess, startProcess } from '../core-process.ts';
import { findProgram, run } from '../run-program.ts';
import { openSmtp } from '../smtp-client.ts';
import { storedId, temporaryFolder } from '../start-core.ts';
import { findEarlyAnswers, type Verdict } from '../strace-order.ts';

const from = 'from@example.com';
const to = 'to@example.com';

/** Under load or strace a core is slow. */
const testMsMax = 120_000;

/** Sends messages one after the other until told to stop, or the core is gone. */
async function sendSome(
  port: number,
  content: (at: number) => string,
  countMax: number,
  acknowledged: (id: string, content: string) => void,
): Promise<void> {
  const client = await openSmtp(port);
  await client.reply();
  await client.say('EHLO client.example');
  for (let at = 0; at < countMax; at++) {
    const text = content(at);
    acknowledged(storedId(await client.deliver(from, [to], text)), text);
  }
  await client.quit();
}

async function raw(core: CoreProcess, id: string): Promise<string> {
  const response = await fetch(`${core.ready.url}/v1/messages/${id}/raw`);
  if (!response.ok) throw new Error(`${id}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer()).toString('latin1');
}

describe('the order of sync and answer', async () => {
  const lacking = await whyNoStrace();
  const title = (text: string) => (lacking === null ? text : `${text} (skipped: ${lacking})`);

  it.skipIf(lacking !== null)(
    title('every 250 comes after a sync of the WAL that covers its commit'),
    { timeout: testMsMax },
    async () => {
      expect(await traced([])).toEqual({ answered: 30, early: [] });
    },
  );

  it.skipIf(lacking !== null)(
    title('the same check finds fault with --unsafe-no-sync'),
    { timeout: testMsMax },
    async () => {
      const { answered, early } = await traced(['--unsafe-no-sync']);
      expect({ answered, early: early.length }).toEqual({ answered: 30, early: 30 });
    },
  );
});

async function whyNoStrace(): Promise<string | null> {
  if (findProgram('strace') === null) return 'strace is not installed';
  const ran = await run('strace', ['-f', '-e', 'trace=fsync', '-o', '/dev/null', 'true']);
  return ran.code === 0 ? null : 'strace is not permitted here';
}

async function traced(flags: readonly string[]): Promise<Verdict> {
  const folder = await temporaryFolder();
  const trace = join(folder, 'trace');
  const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64';
  // Whole pages are shown, for the id of the message in them tells whose commit it is.
  const strace = [findProgram('strace') ?? 'strace', '-f', '-y', '-s', '9000', '-e', calls, '-o', trace];
  const core = await startProcess(join(folder, 'data'), flags, strace);
  const connections = Array.from({ length: 5 }, (_, connection) =>
    sendSome(
      core.port('smtp'),
      (at) => `Subject: ${connection}.${at}\r\n\r\nx\r\n`,
      6,
      () => undefined,
    ),
  );
  await Promise.all(connections);
  expect(await core.end('SIGTERM')).toBe(0);
  return findEarlyAnswers((await readFile(trace, 'latin1')).split('\n'));
}

describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged, round after round', { timeout: testMsMax }, async () => {
    const data = join(await temporaryFolder(), 'data');
    const promised = new Map<string, string>();
    const rounds = 6;
    for (let round = 1; round <= rounds; round++) {
      const core = await startProcess(data);
      for (const [id, content] of promised) expect(await raw(core, id)).toBe(content);

      const before = promised.size;
      let killing: Promise<unknown> | null = null;
      const connections = Array.from({ length: 6 }, (_, connection) =>
        sendSome(
          core.port('smtp'),
          // Some go through memory, some as chunks to disk before they are whole.
          (at) =>
            `Subject: ${round}.${connection}.${at}\r\n\r\n${`${at} `.repeat(at % 7 === 0 ? 60_000 : 40)}\r\n`,
          100_000,
          (id, content) => {
            promised.set(id, content);
            if (promised.size - before >= 25 * round) killing ??= core.end('SIGKILL');
          },
        ),
      );
      // Every connection is cut off, most of them in the middle of a message.
      const ended = await Promise.allSettled(connections);
      expect(ended.map((one) => one.status)).toEqual(ended.map(() => 'rejected'));
      await killing;
      expect(integrity(data)).toBe('ok');
    }
    const core = await startProcess(data);
    for (const [id, content] of promised) expect(await raw(core, id)).toBe(content);
    expect(await core.end('SIGTERM')).toBe(0);
    expect(promised.size).toBeGreaterThanOrEqual(25 * 21);
  });
});

function integrity(data: string): unknown {
  const db = new Database(join(data, 'sandpost.db'));
  try {
    return db.pragma('integrity_check', { simple: true });
  } finally {
    db.close();
  }
}

describe('a full disk', async () => {
  const disk = await smallDisk('1m');
  await disk?.unmount();
  const lacking = disk === null ? ' (skipped: no tmpfs can be mounted here)' : '';

  it.skipIf(disk === null)(
    `refuses with 452 while there is no room, goes on after, and keeps what it promised${lacking}`,
    { timeout: testMsMax },
    async () => {
      const small = await smallDisk('36m');
      if (small === null) throw new Error('the disk could not be mounted again');
      onTestFinished(small.unmount);
      const core = await startProcess(join(small.path, 'data'));
      const filler = join(small.path, 'filler');
      // More than twice what else fits: the log may hold all of it, and a checkpoint writes it once more.
      await writeFile(filler, Buffer.alloc(24 * 1024 * 1024));
      const promised = new Map<string, string>();
      const client = await openSmtp(core.port('smtp'));
      await client.reply();
      await client.say('EHLO client.example');

      // Not text: what the reading of a message stores later must not take the room that is made below.
      const head = 'Content-Type: application/octet-stream';
      const content = (at: number) => `Subject: ${at}\r\n${head}\r\n\r\n${'x'.repeat(400_000)}\r\n`;
      let refusal = '';
      for (let at = 0; refusal === '' && at < 100; at++) {
        const reply = await client.deliver(from, [to], content(at));
        if (reply.startsWith('250')) promised.set(storedId(reply), content(at));
        else refusal = reply;
      }
      expect(refusal).toMatch(/^452 4\.3\.1 /);
      expect(promised.size).toBeGreaterThan(5);
      expect(await client.deliver(from, [to], content(1000))).toMatch(/^452 4\.3\.1 /);
      for (const [id, text] of promised) expect(await raw(core, id)).toBe(text);

      await run('rm', [filler]);
      const after = await client.deliver(from, [to], content(2000));
      promised.set(storedId(after), content(2000));
      await client.quit();
      for (const [id, text] of promised) expect(await raw(core, id)).toBe(text);
      expect(await core.end('SIGTERM')).toBe(0);
      expect(integrity(core.ready.dataDir)).toBe('ok');
    },
  );
});

async function smallDisk(size: string): Promise<{ path: string; unmount: () => Promise<void> } | null> {
  const path = await mkdtemp(join(tmpdir(), 'sandpost-disk-'));
  const mounted =
    findProgram('mount') !== null &&
    (await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])).code === 0;
  const unmount = async (): Promise<void> => {
    if (mounted) await run('umount', [path]);
    await rmdir(path);
  };
  if (mounted) return { path, unmount };
  await unmount();
  return null;
}
