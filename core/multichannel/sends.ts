/** Sends over several channels as they were stored, the last ones kept read: each of their users asks for the same. */
import { type MultiSubmission, readMultiSubmission } from '../model/multi-submission.ts';
import type { Store } from '../store/store.ts';
import type { SaidOfUser } from './profile.ts';

export interface ReadSend {
  readonly send: MultiSubmission;
  /** By the user's id. */
  readonly said: ReadonlyMap<string, SaidOfUser>;
}

export interface Sends {
  /** @returns null when it was deleted, or cannot be read */
  of(messageId: string): Promise<ReadSend | null>;
}

const keptMax = 16;
const keptBytesMax = 64 * 1024 * 1024;

export function createSends(store: Pick<Store, 'raw'>): Sends {
  const kept = new Map<string, { readonly bytes: number; readonly read: Promise<ReadSend | null> }>();
  let keptBytes = 0;

  async function load(
    messageId: string,
  ): Promise<{ readonly bytes: number; readonly read: ReadSend | null }> {
    const raw = await store.raw(messageId);
    if (raw === null) return { bytes: 0, read: null };
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    const send = readMultiSubmission(Buffer.concat(chunks));
    if (send === null) return { bytes: raw.bytes, read: null };
    const said = new Map(send.to.flatMap((one) => ('user' in one ? [[one.user, one] as const] : [])));
    return { bytes: raw.bytes, read: { send, said } };
  }

  function forget(messageId: string): void {
    keptBytes -= kept.get(messageId)?.bytes ?? 0;
    kept.delete(messageId);
  }

  function keep(messageId: string, bytes: number, read: Promise<ReadSend | null>): void {
    forget(messageId);
    kept.set(messageId, { bytes, read });
    keptBytes += bytes;
    for (const oldest of kept.keys()) {
      if (kept.size <= 1 || (kept.size <= keptMax && keptBytes <= keptBytesMax)) break;
      forget(oldest);
    }
  }

  return {
    of(messageId) {
      const known = kept.get(messageId);
      if (known !== undefined) {
        keep(messageId, known.bytes, known.read);
        return known.read;
      }
      const loading = load(messageId);
      const read = loading.then((loaded) => loaded.read);
      keep(messageId, 0, read);
      loading.then(
        ({ bytes }) => {
          if (kept.get(messageId)?.read === read) keep(messageId, bytes, read);
        },
        // Whoever asked is told; the next one asks the disk again.
        () => forget(messageId),
      );
      return read;
    },
  };
}
