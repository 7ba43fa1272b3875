/** Tags that a message brings along in its header `X-Tags`, comma separated, as Mailpit reads it. Pure. */
import { headerFields, unfold } from './header-block.ts';

export const tagsMax = 32;
export const tagCharsMax = 64;

const none: readonly string[] = [];

/** Trimmed, each once, in their order; what is empty or too long for a tag is left out. @param block see header-block */
export function tagsOf(block: string): readonly string[] {
  // Most messages have none, and every message comes by here before it is stored.
  if (!/^x-tags:/im.test(block)) return none;
  const tags = new Set<string>();
  for (const { name, raw } of headerFields(block)) {
    if (name.toLowerCase() !== 'x-tags') continue;
    for (const tag of Buffer.from(unfold(raw), 'latin1').toString('utf8').split(',')) {
      const trimmed = tag.trim();
      if (trimmed !== '' && trimmed.length <= tagCharsMax && tags.size < tagsMax) tags.add(trimmed);
    }
  }
  return [...tags];
}
