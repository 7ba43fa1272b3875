/** An entry of the log of live relay in one line, and in all its facts. Pure. */

import { liveActors, liveChannels, liveEnds } from '../../../core/model/live-relay.ts';
import type { AuditEntry } from '../api/live-relay.ts';
import { formatDateTime, formatGap } from '../format.ts';
import { shortToken } from '../status/recipient-name.ts';
import { isRecord, textOf, wordsOf } from '../journey/plain-values.ts';
import { channelNames, endWords } from './live-words.ts';

/** As a list has it: lists go by an id. */
export interface AuditLine extends AuditEntry {
  readonly id: string;
}

export const lineOf = (entry: AuditEntry): AuditLine => ({ ...entry, id: String(entry.seq) });

/** What there is to say besides the kind. */
export function lineWords({ kind, relay, recipient, detail, by }: AuditEntry): string {
  const to = recipient === null ? '' : `to ${shortToken(recipient)}`;
  const via = relay === null ? '' : `by ${relay}`;
  switch (kind) {
    case 'turned_off':
      return endOf(detail.why, by) ?? '';
    case 'answer':
      return joined(to, textOf(detail.outcome), textOf(detail.text));
    case 'verified':
      return joined(
        relay,
        detail.ok === undefined ? 'asked' : detail.ok === true ? 'it works' : 'it does not work',
        textOf(detail.text) ?? textOf(detail.asked),
      );
    case 'relay_changed':
    case 'relay_deleted':
    case 'credential_changed':
      return relay ?? '';
    case 'held':
      return joined(to, textOf(detail.reason));
    default:
      return joined(to, via);
  }
}

const joined = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join(', ');

function endOf(why: unknown, by: AuditEntry['by']): string | null {
  const end = liveEnds.find((one) => one === why);
  const actor = liveActors.find((one) => one === by);
  return end === undefined || actor === undefined ? null : endWords(end, actor);
}

/** Everything else that was entered, by name; what is nested as JSON. */
export function detailFacts({ kind, detail, by }: AuditEntry): readonly (readonly [string, string])[] {
  return Object.entries(detail).flatMap(([name, value]): (readonly [string, string])[] => {
    if (value === null || value === undefined || value === '') return [];
    if (kind === 'turned_off' && name === 'why') return [['Why', endOf(value, by) ?? String(value)]];
    if (name === 'setup') return [...setupFacts(value)];
    if (name.endsWith('Ms') && typeof value === 'number') {
      const words = name === 'durationMs' ? formatGap(value) : formatDateTime(new Date(value).toISOString());
      return [[wordsOf(name.slice(0, -2)), words]];
    }
    return [[wordsOf(name), typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)]];
  });
}

/** One line for each channel that was turned on. */
function setupFacts(value: unknown): readonly (readonly [string, string])[] {
  if (!isRecord(value) || !isRecord(value.channels)) return [];
  const { channels } = value;
  return liveChannels.flatMap((channel): (readonly [string, string])[] => {
    const one = channels[channel];
    if (!isRecord(one)) return [];
    const parts = [
      recipientsOf(one.recipients),
      `at most ${String(one.perHourMax)} in an hour`,
      ...(one.passThrough === true ? ['the app’s own requests passed through'] : []),
    ];
    return [[channelNames[channel], parts.join('; ')]];
  });
}

function recipientsOf(value: unknown): string {
  if (!isRecord(value)) return 'nobody';
  if (value.kind === 'rewrite') return `everything to ${String(value.to)}`;
  const entries = Array.isArray(value.entries) ? value.entries : [];
  return entries.map((entry) => (isRecord(entry) ? String(entry.value) : '')).join(', ');
}
