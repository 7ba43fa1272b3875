import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openZip, type ZipLimits, zipLimits } from '../../../core/workspace/zip-reader.ts';
import { type NewEntry, zipOf } from '../../../core/workspace/zip-writer.ts';
import { allOf } from '../../all-of.ts';

describe('a zip archive', () => {
  it('comes back as it was written', async () => {
    const large = Buffer.alloc(300_000, 'abc\n');
    const archive = await written({ 'a.txt': 'one', 'messages/b.eml': large, empty: '' });
    expect(await readAll(archive)).toEqual({ 'a.txt': 'one', 'messages/b.eml': large.toString(), empty: '' });
  });

  it('asks for an entry when the one before it was taken', async () => {
    const asked: string[] = [];
    async function* entries(): AsyncGenerator<NewEntry> {
      for (const name of ['a', 'b', 'c']) {
        asked.push(name);
        yield { name, modifiedAtMs: 0, content: random(40) };
      }
    }
    const chunks = zipOf(entries());
    await chunks.next();
    expect(asked).toEqual(['a']);
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(bytes).toBeGreaterThan(3 * 40 * 16_384);
  });

  it('that nobody reads on lets go of what it is made from', async () => {
    let ended = false;
    async function* content(): AsyncGenerator<Uint8Array> {
      try {
        yield* random(1_000);
      } finally {
        ended = true;
      }
    }
    async function* entries(): AsyncGenerator<NewEntry> {
      yield { name: 'a', modifiedAtMs: 0, content: content() };
    }
    const chunks = zipOf(entries());
    await chunks.next();
    await chunks.return(undefined);
    expect(ended).toBe(true);
  });

  it('ends with the error of an entry', async () => {
    async function* content(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('the disk is gone');
    }
    async function* entries(): AsyncGenerator<NewEntry> {
      yield { name: 'a', modifiedAtMs: 0, content: content() };
    }
    await expect(allOf(zipOf(entries()))).rejects.toThrow('the disk is gone');
  });
});

describe('a zip archive of somebody else', () => {
  it.each(['../etc/a', '/absolute', 'a\\..\\bcd'])('with the name %s is refused', async (name) => {
    const plain = 'x'.repeat(name.length);
    const archive = replaced(await written({ [plain]: 'text' }), Buffer.from(plain), Buffer.from(name));
    await expect(readAll(archive)).rejects.toMatchObject({ code: 'import_refused' });
  });

  it('that unpacks to more than it may is refused before it is unpacked', async () => {
    const archive = await written({ a: Buffer.alloc(1_000_000), b: Buffer.alloc(1_000_000) });
    expect(archive.length).toBeLessThan(5_000);
    await expect(readAll(archive, { freeBytes: 1_500_000, ratioMax: 200 })).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('b: with it'),
    });
    expect(Object.keys(await readAll(archive, { freeBytes: 3_000_000 }))).toEqual(['a', 'b']);
    await expect(readAll(archive, { unpackedBytesMax: 1_000_000 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('that unpacks to more than it says is refused where it begins to', async () => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(1_000_000);
    const small = Buffer.alloc(4);
    small.writeUInt32LE(10);
    const archive = replaced(await written({ a: Buffer.alloc(1_000_000) }), size, small);
    await expect(readAll(archive)).rejects.toMatchObject({
      code: 'import_refused',
      message: expect.stringContaining('a: it is damaged'),
    });
  });

  it('with too many entries, or one twice, is refused', async () => {
    await expect(readAll(await written({ a: '', b: '', c: '' }), { entriesMax: 2 })).rejects.toThrow(
      '3 entries',
    );
    const twice = replaced(await written({ aaa: '1', bbb: '2' }), Buffer.from('bbb'), Buffer.from('aaa'));
    await expect(readAll(twice)).rejects.toThrow('aaa: it is in the archive twice');
  });

  it('whose bytes were changed is refused', async () => {
    const archive = await written({ a: 'hello hello hello' });
    const at = archive.indexOf(Buffer.from('a')) + 1;
    archive[at + 4] = (archive[at + 4] ?? 0) ^ 0x01;
    await expect(readAll(archive)).rejects.toMatchObject({
      code: 'import_refused',
      message: expect.stringMatching(/^a: it is damaged/),
    });
  });

  it('that is cut off is refused', async () => {
    const archive = await written({ a: 'hello' });
    await expect(readAll(archive.subarray(0, -10))).rejects.toThrow('is no zip archive');
  });
});

function written(entries: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  async function* all(): AsyncGenerator<NewEntry> {
    for (const [name, content] of Object.entries(entries))
      yield { name, modifiedAtMs: Date.UTC(2026, 1, 2), content: content.length === 0 ? [] : [content] };
  }
  return allOf(zipOf(all())).then((chunks) => Buffer.concat(chunks));
}

async function readAll(archive: Buffer, limits: Partial<ZipLimits> = {}): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'sandpost-zip-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'a.zip');
  await writeFile(path, archive);
  const zip = await openZip(path, archive.length, { ...zipLimits, ...limits });
  try {
    const read: Record<string, string> = {};
    for (const entry of zip.entries.values())
      read[entry.name] = Buffer.concat(await allOf(entry.read())).toString();
    return read;
  } finally {
    zip.close();
  }
}

/** Everywhere: in an entry's own head and in the directory. */
function replaced(archive: Buffer, from: Buffer, to: Buffer): Buffer {
  const next = Buffer.from(archive);
  for (let at = next.indexOf(from); at >= 0; at = next.indexOf(from, at + to.length)) to.copy(next, at);
  return next;
}

/** What no archive makes any smaller, the same in each run. */
function* random(chunks: number): Generator<Uint8Array> {
  let state = 1;
  for (let count = 0; count < chunks; count++)
    yield Uint8Array.from({ length: 16_384 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}
