/**
 * Parts of long messages, until all are there. Each is on disk before it is acknowledged; they may come in any order, over any
 * session of the same system_id. What is never completed is taken as it is when its time is over.
 */
import { z } from 'zod';
import type { Clock } from '../../../clock.ts';
import type { KeptDocument } from '../../../model/message.ts';
import type { Store } from '../../../store/store.ts';
import type { PartOf } from './schema.ts';

export const partDocuments = 'smpp_part';

export interface ReassemblyLimits {
  /** Messages of which parts are missing. */
  readonly groupsMax: number;
  /** Of all parts that wait. */
  readonly bytesMax: number;
  /** Since the last part came; wall time. */
  readonly waitMsMax: number;
}

/** What has come of a part: the unit itself, and what it was called. */
export interface KeptPart {
  readonly sequence: number;
  readonly messageId: string;
  readonly pdu: Buffer;
}

export interface Group {
  readonly key: string;
  /** What the ids of its parts begin with. */
  readonly base: string;
  readonly systemId: string;
  readonly total: number;
  readonly parts: Map<number, KeptPart>;
  lastMs: number;
  /** Somebody makes a message of it: nothing more is taken in meanwhile. */
  busy: boolean;
}

const partSchema = z.object({
  key: z.string(),
  base: z.string(),
  systemId: z.string(),
  total: z.number(),
  sequence: z.number(),
  messageId: z.string(),
  pdu: z.string(),
});

export interface Reassembly {
  /** @returns null: there is no room for more */
  group(
    key: string,
    about: { readonly systemId: string; readonly total: number; readonly base: () => string },
  ): Group | null;
  /** Keeps it on disk. @throws AppError where that failed; it is as if it had not come then */
  add(group: Group, part: KeptPart): Promise<void>;
  /** What is to go from disk with the message that its parts became. */
  removals(group: Group, nowMs: number): readonly KeptDocument[];
  /** It became a message. */
  finished(group: Group): void;
  /** Those that nothing came for any more. */
  overdue(): readonly Group[];
  readonly size: number;
}

/** From whom to whom, and what joins them: parts of two messages are told apart by it. */
export function groupKey(
  systemId: string,
  part: PartOf,
  about: { readonly source: string; readonly destination: string },
): string {
  return [systemId, about.source, about.destination, part.by, part.reference, part.total].join(' ');
}

export async function openReassembly(
  store: Pick<Store, 'documents' | 'saveDocument'>,
  clock: Clock,
  limits: ReassemblyLimits,
): Promise<Reassembly> {
  const groups = new Map<string, Group>();
  let bytes = 0;
  for (const { value } of await store.documents(partDocuments)) {
    const read = partSchema.safeParse(value);
    if (!read.success) continue;
    const { key, base, systemId, total, sequence, messageId, pdu } = read.data;
    const group = groups.get(key) ?? freshGroup({ key, base, systemId, total }, clock);
    groups.set(key, group);
    const unit = Buffer.from(pdu, 'base64');
    bytes += unit.length;
    group.parts.set(sequence, { sequence, messageId, pdu: unit });
  }
  const documentKey = ({ base }: Group, sequence: number): string => `${base} ${sequence}`;
  return {
    group(key, { systemId, total, base }) {
      const known = groups.get(key);
      if (known !== undefined) return known;
      if (groups.size >= limits.groupsMax) return null;
      const group = freshGroup({ key, base: base(), systemId, total }, clock);
      groups.set(key, group);
      return group;
    },
    async add(group, part) {
      if (bytes + part.pdu.length > limits.bytesMax) {
        // One that nothing came of is nothing to wait for.
        if (group.parts.size === 0) groups.delete(group.key);
        throw new Error('too many parts wait for others');
      }
      const before = group.parts.get(part.sequence);
      group.parts.set(part.sequence, part);
      group.lastMs = clock.monotonicMs();
      bytes += part.pdu.length - (before?.pdu.length ?? 0);
      const { key, base, systemId, total } = group;
      try {
        await store.saveDocument(partDocuments, documentKey(group, part.sequence), {
          key,
          base,
          systemId,
          total,
          sequence: part.sequence,
          messageId: part.messageId,
          pdu: part.pdu.toString('base64'),
        });
      } catch (error) {
        if (before === undefined) group.parts.delete(part.sequence);
        else group.parts.set(part.sequence, before);
        bytes -= part.pdu.length - (before?.pdu.length ?? 0);
        if (group.parts.size === 0) groups.delete(key);
        throw error;
      }
    },
    removals: (group, nowMs) =>
      [...group.parts.keys()].map((sequence) => ({
        kind: partDocuments,
        key: documentKey(group, sequence),
        value: null,
        news: { provider: 'smpp', joined: group.base },
        nowMs,
      })),
    finished(group) {
      if (groups.get(group.key) !== group) return;
      groups.delete(group.key);
      for (const { pdu } of group.parts.values()) bytes -= pdu.length;
    },
    overdue() {
      const nowMs = clock.monotonicMs();
      return [...groups.values()].filter(({ lastMs, busy }) => !busy && nowMs - lastMs >= limits.waitMsMax);
    },
    get size() {
      return groups.size;
    },
  };
}

function freshGroup(about: Pick<Group, 'key' | 'base' | 'systemId' | 'total'>, clock: Clock): Group {
  return { ...about, parts: new Map(), lastMs: clock.monotonicMs(), busy: false };
}
