/** Ids: UUIDv7 (RFC 9562 §5.7), in the order of their making. Randomness is drawn in blocks: a call for each id costs. */
import { v7 } from 'uuid';

const idBytes = 16;
const blockBytes = 4096;

/** @param fill fills a block with randomness */
export function idMaker(fill: (block: Uint8Array) => void): () => string {
  const block = new Uint8Array(blockBytes);
  let at = blockBytes;
  return () => {
    if (at === blockBytes) {
      fill(block);
      at = 0;
    }
    const random = block.subarray(at, at + idBytes);
    at += idBytes;
    return v7({ random });
  };
}
