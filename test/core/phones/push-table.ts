/** What the phones ask of a store, in memory: for trying a great many orders of events, where a disk would take long. */
import type { KeptPushes, StoredEvent } from '../../../core/model/message.ts';
import { noFlags, type PushChange, type PushRow, phoneDocuments } from '../../../core/model/phone.ts';
import type { PhonePorts } from '../../../core/phones/ports.ts';
import type { NewAct, PushFilter } from '../../../core/store/store.ts';

export interface PushTable {
  readonly store: PhonePorts['store'];
  readonly events: readonly StoredEvent[];
  rows(): readonly PushRow[];
  /** Acts that are due, oldest first. */
  due(nowMs: number): readonly { readonly seq: number; readonly act: NewAct }[];
  nextDueMs(): number | null;
  finish(seq: number): void;
}

export function pushTable(): PushTable {
  const rows = new Map<string, PushRow>();
  const documents = new Map<string, Map<string, unknown>>();
  const acts = new Map<number, NewAct>();
  let lastSeq = 0;

  function kind(name: string): Map<string, unknown> {
    const found = documents.get(name) ?? new Map<string, unknown>();
    documents.set(name, found);
    return found;
  }

  function change({ id, nowMs, flags, deliveredAtMs, ...next }: PushChange): boolean {
    const row = rows.get(id);
    if (row === undefined) return false;
    const comes = next.state === 'delivered' && row.state !== 'delivered';
    rows.set(id, {
      ...row,
      ...next,
      deliveredAtMs: comes ? nowMs : deliveredAtMs === undefined ? row.deliveredAtMs : deliveredAtMs,
      flags: { ...row.flags, ...flags },
    });
    return true;
  }

  function matches(row: PushRow, { phoneId, app, state, shown }: PushFilter): boolean {
    const onScreen = row.state === 'delivered' && row.shown && !row.flags.dismissed && !row.flags.opened;
    return (
      (phoneId === null || row.phoneId === phoneId) &&
      (app === null || row.app === app) &&
      (state === null || row.state === state) &&
      (shown !== true || onScreen)
    );
  }

  return {
    events: [],
    rows: () => [...rows.values()],
    due: (nowMs) =>
      [...acts]
        .map(([seq, act]) => ({ seq, act }))
        .filter(({ act }) => act.dueAtMs !== null && act.dueAtMs <= nowMs)
        .sort((a, b) => (a.act.dueAtMs ?? 0) - (b.act.dueAtMs ?? 0) || a.seq - b.seq),
    nextDueMs: () =>
      [...acts.values()].reduce<number | null>(
        (next, { dueAtMs }) => (dueAtMs === null ? next : Math.min(next ?? dueAtMs, dueAtMs)),
        null,
      ),
    finish: (seq) => acts.delete(seq),
    store: {
      documents: async (name) => [...kind(name)].map(([key, value]) => ({ key, value })),
      async saveDocument(name, key, value) {
        kind(name).set(key, value);
      },
      async keepPushes({ puts, changes, acts: more, phones = [] }: KeptPushes) {
        for (const { phoneId, document } of phones)
          if (document === null) kind(phoneDocuments).delete(phoneId);
          else kind(phoneDocuments).set(phoneId, document);
        for (const one of changes) change(one);
        for (const put of puts) rows.set(put.id, { ...put, seq: ++lastSeq, flags: noFlags });
        for (const act of more) acts.set(++lastSeq, act);
      },
      changePush: async (one) => change(one),
      async pushes(filter, { limit }) {
        const found = [...rows.values()].filter((row) => matches(row, filter)).reverse();
        return { entries: found.slice(0, limit), next: null, total: found.length };
      },
      push: async (id) => rows.get(id) ?? null,
      message: async () => null,
      note: async () => undefined,
    },
  };
}
