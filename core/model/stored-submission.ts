/**
 * What the send API takes is stored as JSON in UTF-8: the channel, then the members of the submission in their fixed order,
 * without those that say nothing. Pure.
 */
import type { Channel } from './message.ts';

/** @param members in the order in which they are written */
export function storedSubmission<Submission extends object>(
  channel: Channel,
  submission: Submission,
  members: readonly (keyof Submission)[],
): Uint8Array {
  const said = members.flatMap((name) => {
    const value = submission[name];
    return isUnsaid(value) ? [] : [[name, value] as const];
  });
  return Buffer.from(JSON.stringify(Object.fromEntries([['channel', channel], ...said])));
}

/** @returns what is said of it, without the channel; null: it is no submission of that channel */
export function readStored<Submission extends { readonly to: readonly unknown[] }>(
  channel: Channel,
  bytes: Uint8Array,
): Partial<Submission> | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // No JSON: not ours.
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('channel' in parsed)) return null;
  const { channel: of, ...said } = parsed;
  return of === channel && isSaid<Submission>(said) ? said : null;
}

function isUnsaid(value: unknown): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** What is stored was checked before: only whom it is for must be there. */
function isSaid<Submission>(value: object): value is Partial<Submission> {
  return 'to' in value && Array.isArray(value.to);
}
