/** What is handed in to be imported, on disk while it is read: an archive is read from its end, and everything twice. */
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import type { ImportSource } from './import.ts';
import { openZip, zipLimits } from './zip-reader.ts';

export const uploadBytesMax = 16 * 1024 ** 3;
/** Enough to tell an archive from an mbox. */
const headBytes = 64;
const readBytesAtOnce = 256 * 1024;

export interface Upload {
  readonly source: ImportSource;
  close(): Promise<void>;
}

/**
 * @param folder the data folder: what is imported ends there anyway, and nobody else can read it
 * @throws AppError `too_large`, `disk_full`, `import_refused`
 */
export async function openUpload(
  folder: string,
  body: AsyncIterable<Uint8Array>,
  bytesMax = uploadBytesMax,
): Promise<Upload> {
  const own = join(folder, 'import');
  // What an import left that was cut off is of no use.
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });
  const path = join(own, 'upload');
  try {
    const { bytes, head } = await write(path, body, bytesMax);
    const { source, close } = await sourceOf(path, bytes, head);
    return {
      source,
      async close() {
        close();
        await rm(own, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

async function write(path: string, body: AsyncIterable<Uint8Array>, bytesMax: number) {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bytesMax)
        throw new AppError('too_large', `What is imported has ${bytesMax} bytes at most.`);
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes)]);
      await file.write(chunk);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOSPC')
      throw new AppError('disk_full', `The disk of the data folder is full: ${messageOf(error)}`, {
        cause: error,
      });
    throw error;
  } finally {
    await file.close();
  }
  return { bytes, head: head.toString('latin1') };
}

async function sourceOf(
  path: string,
  bytes: number,
  head: string,
): Promise<{ readonly source: ImportSource; close(): void }> {
  const read = (): AsyncIterable<Uint8Array> => chunksOf(path);
  const nothing = (): void => undefined;
  // The second begins an archive of no entries.
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) {
    const archive = await openZip(path, bytes, zipLimits);
    return { source: { form: 'workspace', archive }, close: () => archive.close() };
  }
  if (/^[\r\n]*From /.test(head)) return { source: { form: 'mbox', read }, close: nothing };
  // RFC 5322 §2.2: a field's name, then a colon.
  if (/^(?:\xef\xbb\xbf)?[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(head))
    return { source: { form: 'message', read }, close: nothing };
  throw new AppError(
    'import_refused',
    'It is neither an exported workspace (.zip), nor an mbox, nor a message (.eml).',
  );
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: readBytesAtOnce }))
    if (chunk instanceof Uint8Array) yield chunk;
}
