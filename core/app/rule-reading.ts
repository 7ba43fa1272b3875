/** What the rules of the far side are given of a message that is stored: its head, and what a look into its body finds. */
import { headerBlock, headerBlockBytesMax } from '../model/header-block.ts';
import type { Store } from '../store/store.ts';

/** @returns the header block as latin1; null when the message is gone */
export async function headOf(store: Pick<Store, 'raw'>, messageId: string): Promise<string | null> {
  const raw = await store.raw(messageId);
  if (raw === null) return null;
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of raw.chunks) {
    read.push(chunk);
    bytes += chunk.length;
    if (bytes >= headerBlockBytesMax) break;
  }
  return headerBlock(Buffer.concat(read));
}
