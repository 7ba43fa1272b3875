/** What the send API checks alike for every channel: every fault at once, each naming its field. Pure. */
import type { FieldError } from '../model/app-error.ts';

const tagsMax = 32;
const tagCharsMax = 64;
const metadataMax = 50;
const metadataKeyCharsMax = 64;
const metadataValueCharsMax = 1_000;
const sendAtAheadMsMax = 90 * 24 * 3_600_000;
/** A clock may be behind, and a request under way for a while. */
const sendAtBehindMsMax = 60 * 60_000;
const errorsMax = 100;

export class Faults {
  readonly errors: FieldError[] = [];

  add(field: string, code: string, detail: string): void {
    if (this.errors.length < errorsMax) this.errors.push({ field, code, detail });
  }
}

export function checkTags(faults: Faults, tags: readonly string[]): readonly string[] {
  if (tags.length > tagsMax) faults.add('tags', 'too_many', `At most ${tagsMax} tags.`);
  const trimmed = tags.map((tag) => tag.trim());
  trimmed.forEach((tag, at) => {
    if (tag === '' || tag.length > tagCharsMax || hasControls(tag))
      faults.add(`tags[${at}]`, 'bad_tag', `A tag has 1 to ${tagCharsMax} characters.`);
  });
  return [...new Set(trimmed)];
}

export function checkMetadata(
  faults: Faults,
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata);
  if (entries.length > metadataMax) faults.add('metadata', 'too_many', `At most ${metadataMax} entries.`);
  for (const [key, value] of entries) {
    if (key === '' || key.length > metadataKeyCharsMax)
      faults.add(
        `metadata.${key.slice(0, metadataKeyCharsMax)}`,
        'bad_key',
        `A key has 1 to ${metadataKeyCharsMax} characters.`,
      );
    if (value.length > metadataValueCharsMax)
      faults.add(
        `metadata.${key.slice(0, metadataKeyCharsMax)}`,
        'too_long',
        `A value has at most ${metadataValueCharsMax} characters.`,
      );
  }
  return metadata;
}

/** @param nowMs wall time: what an app writes is its own clock's */
export function checkSendAt(faults: Faults, text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const atMs = iso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    faults.add('sendAt', 'bad_time', 'Write the time as 2026-01-31T10:00:00Z, or with an offset as +01:00.');
    return null;
  }
  if (atMs < nowMs - sendAtBehindMsMax) faults.add('sendAt', 'in_the_past', 'The time is over already.');
  if (atMs > nowMs + sendAtAheadMsMax)
    faults.add('sendAt', 'too_far', `At most ${sendAtAheadMsMax / 86_400_000} days ahead.`);
  return atMs;
}

export function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]/.test(text);
}
