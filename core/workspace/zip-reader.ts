/**
 * Reads a zip archive that anybody may have made. Its directory is looked at as a whole before a byte is unpacked: names
 * that lead out of it, more than it may hold, and sizes that no archive of its own has are refused. Nothing of it is ever
 * written to a file by its name.
 */
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { AppError, messageOf } from '../model/app-error.ts';

export interface ZipLimits {
  readonly entriesMax: number;
  /** Of all that it unpacks to. */
  readonly unpackedBytesMax: number;
  /** Beyond so much, it may unpack to `ratioMax` times its own size. */
  readonly freeBytes: number;
  readonly ratioMax: number;
}

export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
  /** @throws AppError `import_refused` where it is damaged, with its name */
  read(): AsyncGenerator<Uint8Array>;
}

export interface ZipArchive {
  /** By name, in the order of its directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  close(): void;
}

export const zipLimits: ZipLimits = {
  entriesMax: 250_000,
  unpackedBytesMax: 64 * 1024 ** 3,
  freeBytes: 1024 ** 3,
  ratioMax: 200,
};

const nameCharsMax = 500;
const stored = 0;
const deflated = 8;

/** @throws AppError `import_refused`, `too_large` */
export async function openZip(path: string, archiveBytes: number, limits: ZipLimits): Promise<ZipArchive> {
  const file = await open(path);
  try {
    return { entries: await readDirectory(file, archiveBytes, limits), close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function open(path: string): Promise<ZipFile> {
  try {
    // It refuses names with `..`, absolute ones and backslashes by itself, and ends an entry that is longer than it says.
    return await openPromise(path, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
      validateEntrySizes: true,
    });
  } catch (error) {
    throw refused(`It is no zip archive: ${messageOf(error)}`, error);
  }
}

async function readDirectory(
  file: ZipFile,
  archiveBytes: number,
  limits: ZipLimits,
): Promise<ReadonlyMap<string, ZipEntry>> {
  const { entriesMax, unpackedBytesMax, freeBytes, ratioMax } = limits;
  if (file.entryCount > entriesMax)
    throw new AppError(
      'too_large',
      `The archive has ${file.entryCount} entries; ${entriesMax} are the limit.`,
    );
  const unpackedMax = Math.min(unpackedBytesMax, Math.max(freeBytes, archiveBytes * ratioMax));
  const entries = new Map<string, ZipEntry>();
  let unpacked = 0;
  for await (const entry of directory(file)) {
    const name = entry.fileName;
    if (name.endsWith('/')) continue;
    if (name.length > nameCharsMax)
      throw refused(`A name in the archive has more than ${nameCharsMax} characters.`);
    if (entries.has(name)) throw refused(`${name}: it is in the archive twice.`);
    if (entry.isEncrypted()) throw refused(`${name}: it is encrypted; pack it without a password.`);
    if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
      throw refused(`${name}: it is packed by a method that is not known; pack it by Deflate.`);
    unpacked += entry.uncompressedSize;
    if (unpacked > unpackedMax)
      throw new AppError(
        'too_large',
        `${name}: with it the archive unpacks to more than ${unpackedMax} bytes, the limit for one of ${archiveBytes} bytes.`,
      );
    entries.set(name, { name, bytes: entry.uncompressedSize, read: () => readEntry(file, entry) });
  }
  return entries;
}

async function* directory(file: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* file.eachEntry();
  } catch (error) {
    throw refused(`The archive is refused: ${messageOf(error)}`, error);
  }
}

async function* readEntry(file: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  let bytes: AsyncIterable<unknown>;
  try {
    bytes = await file.openReadStreamPromise(entry);
    for await (const chunk of bytes) {
      if (!(chunk instanceof Uint8Array)) continue;
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refused(`${entry.fileName}: it is damaged: ${messageOf(error)}`, error);
  }
  if (sum !== entry.crc32) throw refused(`${entry.fileName}: it is damaged: its checksum is another.`);
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('import_refused', message, { cause });
}
