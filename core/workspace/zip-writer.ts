/** A zip archive as it is made, entry by entry: an entry is asked for when the one before it was taken, and is made as it is read. */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export interface NewEntry {
  readonly name: string;
  readonly modifiedAtMs: number;
  readonly content: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
}

/** An error of an entry ends the archive where it is: without its directory no program takes it for a whole one. */
export async function* zipOf(entries: AsyncIterable<NewEntry>): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const output = endable(zip.outputStream);
  zip.on('error', (error: Error) => output.destroy(error));
  let current: Readable | null = null;

  async function write(): Promise<void> {
    for await (const { name, modifiedAtMs, content } of entries) {
      current = Readable.from(content);
      zip.addReadStream(current, name, { mtime: new Date(modifiedAtMs), mode: 0o100_644 });
      await finished(current, { writable: false });
      if (output.destroyed) return;
    }
    zip.end();
  }

  const writing = write().catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of output) if (chunk instanceof Uint8Array) yield chunk;
  } finally {
    output.destroy();
    // Nobody reads on: what the entry rests on is let go.
    (current as Readable | null)?.destroy();
    await writing;
  }
}

/** Its types promise less than it is. */
function endable(stream: NodeJS.ReadableStream): Readable {
  if (!(stream instanceof Readable)) throw new Error('yazl writes to a stream that cannot be ended');
  return stream;
}
