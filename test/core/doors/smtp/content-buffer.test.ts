import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentBuffer, type ReceivedContent } from '../../../../core/doors/smtp/content-buffer.ts';
import { headerBlockBytesMax } from '../../../../core/model/header-block.ts';
import { spoolChunkBytes } from '../../../../core/store/store.ts';
import { settled } from './wire.ts';

/** A disk that takes chunks when it is told to. */
function slowDisk(auto = true) {
  const chunks = new Map<number, Buffer>();
  const waiting: (() => void)[] = [];
  let last = 0;
  const disk = {
    chunks,
    paused: false,
    waiting,
    room: () => new Uint8Array(spoolChunkBytes),
    async spool(chunk: Uint8Array) {
      const id = ++last;
      // Handed over: whoever reads it later must not find the memory in use for something else.
      const copy = Buffer.from(chunk);
      chunk.fill(0);
      if (!auto) await new Promise<void>((resolve) => waiting.push(resolve));
      chunks.set(id, copy);
      return id;
    },
    unspool(ids: readonly number[]) {
      for (const id of ids) chunks.delete(id);
    },
    pause() {
      disk.paused = true;
    },
    resume() {
      disk.paused = false;
    },
  };
  return disk;
}

async function received(content: ContentBuffer): Promise<ReceivedContent> {
  const end = content.end();
  if (end === 'too_large') throw new Error('too large');
  return end;
}

function pattern(bytes: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + seed + (at >> 8)) & 0xff));
}

describe('the content of a message', () => {
  it('stays whole and in order, however it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 8 }), async (sizes) => {
        const disk = slowDisk();
        const content = new ContentBuffer(0, disk);
        const parts = sizes.map(pattern);
        for (const part of parts) content.add(part);
        const { spooled, tail, bytes, head } = await received(content);
        const whole = Buffer.concat([...spooled.map((id) => disk.chunks.get(id) ?? Buffer.alloc(0)), tail]);
        const sent = Buffer.concat(parts);
        expect(whole.equals(sent)).toBe(true);
        expect(bytes).toBe(sent.length);
        const wanted = sent.subarray(0, Math.min(sent.length, headerBlockBytesMax));
        expect(Buffer.from(head).subarray(0, wanted.length).equals(wanted)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    0,
    1,
    65_536,
    65_537,
    spoolChunkBytes - 1,
    spoolChunkBytes,
    spoolChunkBytes + 1,
    3 * spoolChunkBytes,
  ])('of %i bytes is whole', async (bytes) => {
    const disk = slowDisk();
    const content = new ContentBuffer(0, disk);
    const sent = pattern(bytes);
    content.add(sent);
    const { spooled, tail } = await received(content);
    const whole = Buffer.concat([...spooled.map((id) => disk.chunks.get(id) ?? Buffer.alloc(0)), tail]);
    expect(whole.equals(sent)).toBe(true);
  });

  it('goes to disk in chunks while it comes, and waits for a slow one', async () => {
    const disk = slowDisk(false);
    const content = new ContentBuffer(0, disk);
    content.add(pattern(spoolChunkBytes + 1));
    expect([disk.waiting.length, disk.paused]).toEqual([1, false]);
    content.add(pattern(spoolChunkBytes));
    expect([disk.waiting.length, disk.paused]).toEqual([2, true]);
    disk.waiting.shift()?.();
    await settled();
    expect(disk.paused).toBe(false);
  });

  it('is whole only when its last chunk is on disk', async () => {
    const disk = slowDisk(false);
    const content = new ContentBuffer(0, disk);
    content.add(pattern(spoolChunkBytes + 1));
    let done = false;
    const end = received(content).then(() => {
      done = true;
    });
    await settled();
    expect(done).toBe(false);
    disk.waiting.shift()?.();
    await end;
  });

  it('over the limit is refused and leaves nothing on disk', async () => {
    const disk = slowDisk();
    const content = new ContentBuffer(2 * spoolChunkBytes, disk);
    content.add(pattern(spoolChunkBytes + 10));
    content.add(pattern(spoolChunkBytes));
    expect(content.end()).toBe('too_large');
    await settled();
    expect(disk.chunks.size).toBe(0);
  });

  it('that is dropped leaves nothing on disk, though a chunk was still on its way', async () => {
    const disk = slowDisk(false);
    const content = new ContentBuffer(0, disk);
    content.add(pattern(2 * spoolChunkBytes + 1));
    content.drop();
    for (const go of disk.waiting) go();
    await settled();
    expect(disk.chunks.size).toBe(0);
  });
});
