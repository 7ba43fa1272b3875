/**
 * The first promise: 250 comes only after the message is on disk. A kill proves nothing about syncing (the system's
 * cache survives it), so the order of the system calls is looked at from outside; kills and a full disk come on top.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../run-program.ts';
import { openSmtp } from '../smtp-client.ts';
import { spawnCore } from '../spawn-core.ts';
import { openCore, storedId, temporaryFolder } from '../start-core.ts';

const traceable = canTrace();
if (!traceable) console.log('The order of syncs was not looked at: strace is not here, or may not trace.');

describe.runIf(traceable)('before each 250 the message is synced to disk', () => {
  it('as the system calls show', async () => {
    const { trace, ids } = await tracedCore([]);
    for (const [id, mark] of ids) expect(judge(trace, id, mark), mark).toBe('synced');
  });

  it('and the same look finds out a core that does not sync', async () => {
    const { trace, ids } = await tracedCore(['--unsafe-no-sync']);
    for (const [id, mark] of ids) expect(judge(trace, id, mark), mark).toBe('not synced');
  });
});

const messages = 12;

/** Sends messages on three connections at a time. @returns the trace, and for each acknowledged id the mark in its message */
async function tracedCore(flags: readonly string[]): Promise<{
  readonly trace: readonly string[];
  readonly ids: ReadonlyMap<string, string>;
}> {
  const folder = await temporaryFolder();
  const file = join(folder, 'trace');
  const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64';
  const core = await spawnCore(['--data', join(folder, 'data'), '--ports', '0', ...flags], {
    // So much of what is written is shown that a mark is found wherever it stands in a page.
    before: ['strace', '-f', '-y', '-s', '9000', '-e', calls, '-o', file],
  });
  const ids = new Map<string, string>();
  const connections = [0, 1, 2].map(async (connection) => {
    const client = await openSmtp(core.port('smtp'));
    await client.reply();
    await client.say('EHLO me');
    for (let n = connection; n < messages; n += 3) {
      const mark = `mark-${n}-of-this-message`;
      ids.set(
        storedId(await client.deliver('a@x', ['b@x'], `${mark}\r\n\r\n${'x'.repeat(9_000)}\r\n`)),
        mark,
      );
    }
    await client.quit();
  });
  await Promise.all(connections);
  await core.stop();
  expect(ids.size).toBe(messages);
  return { trace: readFileSync(file, 'utf8').split('\n'), ids };
}

/** Did a sync of the WAL begin after the message was written to it, and end before its 250 was? */
function judge(trace: readonly string[], id: string, mark: string): 'synced' | 'not synced' {
  const answered = trace.findIndex(
    (line) => /^\d+ +(?:write|writev|sendto|sendmsg)\(/.test(line) && line.includes(`OK: stored as ${id}`),
  );
  const before = trace.slice(0, answered);
  const written = before.findLastIndex(
    (line) => /pwrite64\(\d+<[^>]*-wal>/.test(line) && line.includes(mark),
  );
  expect(answered, 'the answer is in the trace').toBeGreaterThan(0);
  expect(written, 'the message is written before it is answered').toBeGreaterThan(0);
  const begun = new Set<string>();
  for (const line of before.slice(written + 1)) {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    if (/f(?:data)?sync\(\d+<[^>]*-wal>/.test(line)) {
      if (!line.includes('<unfinished')) return 'synced';
      begun.add(thread);
    } else if (/<\.\.\. f(?:data)?sync resumed>/.test(line) && begun.has(thread)) {
      return 'synced';
    }
  }
  return 'not synced';
}

function canTrace(): boolean {
  if (process.platform !== 'linux' || findProgram('strace') === null) return false;
  return spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
}

describe('a kill at any moment', () => {
  it('loses nothing that was acknowledged', async () => {
    const data = await temporaryFolder();
    const acknowledged = new Map<string, Buffer>();
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      const core = await spawnCore(['--data', data, '--ports', '0']);
      let count = 0;
      const enough = 20 + round * 17;
      await Promise.all(
        [1, 2, 3, 4].map(async (sender) => {
          try {
            const client = await openSmtp(core.port('smtp'));
            await client.reply();
            await client.say('EHLO me');
            for (let n = 0; ; n++) {
              // Every seventh is large enough to go to disk in pieces.
              const size = n % 7 === 6 ? 1_500_000 : 2_000;
              const content = Buffer.from(
                `Subject: ${round} ${sender} ${n}\r\n\r\n${'x'.repeat(size)}${n}\r\n`,
              );
              const id = storedId(await client.deliver('a@x', ['b@x'], content));
              acknowledged.set(id, content);
              if (++count === enough) core.kill();
            }
          } catch (error) {
            if (count < enough) throw error;
            // The core was killed under us: that is the point.
          }
        }),
      );
      await core.gone;
    }
    expect(acknowledged.size).toBeGreaterThan(rounds * 20);
    const after = await openCore(data);
    onTestFinished(() => after.close());
    for (const [id, content] of acknowledged) expect((await after.raw(id)).equals(content), id).toBe(true);
    const { total } = await after.json<{ total: number }>('/v1/messages?limit=1');
    expect(total).toBeGreaterThanOrEqual(acknowledged.size);
  }, 120_000);
});

const megabytes = 24;
const small = mountSmall();
if (small === null) console.log('A full disk was not tried: a small file system cannot be mounted here.');

describe.runIf(small !== null)('a full disk', () => {
  it('is an honest 452, loses nothing, and is over when there is room again', async () => {
    const { folder, free } = small ?? { folder: '', free: () => undefined };
    onTestFinished(free);
    const core = await openCore(join(folder, 'data'));
    onTestFinished(() => core.close());
    const acknowledged = new Map<string, Buffer>();
    const deliver = async (size: number): Promise<string> => {
      const client = await core.smtp();
      const content = Buffer.from(`Subject: ${acknowledged.size}\r\n\r\n${'x'.repeat(size)}\r\n`);
      const reply = await client.deliver('a@x', ['b@x'], content);
      if (reply.startsWith('250')) acknowledged.set(storedId(reply), content);
      await client.quit();
      return reply;
    };
    let reply = '250';
    for (let n = 0; n < 200 && reply.startsWith('250'); n++) reply = await deliver(700_000);
    expect(reply).toMatch(/^452 4\.3\.1 /);
    expect(await deliver(5_000_000), 'one that goes to disk in pieces too').toMatch(/^452 4\.3\.1 /);
    for (const [id, content] of acknowledged) expect((await core.raw(id)).equals(content)).toBe(true);
    spawnSync('mount', ['-o', `remount,size=${megabytes * 4}m`, folder]);
    expect(await deliver(700_000)).toMatch(/^250 /);
    expect(await deliver(5_000_000)).toMatch(/^250 /);
    await core.close();
    const after = await openCore(join(folder, 'data'));
    onTestFinished(() => after.close());
    for (const [id, content] of acknowledged) expect((await after.raw(id)).equals(content)).toBe(true);
    await after.close();
  }, 120_000);
});

/** A file system of its own with little room; null when this user may not mount one. */
function mountSmall(): { readonly folder: string; readonly free: () => Promise<void> } | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = join('/tmp', `sandpost-small-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status !== 0)
    return null;
  return {
    folder,
    async free() {
      spawnSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
