/** What the carriers ask of a store, in memory: for trying a great many orders of events, where a disk would take long. */
import type { KeptSms } from '../../../../core/model/message.ts';
import { isSmsEnd, type SmsChange, type SmsRow, standingOf } from '../../../../core/model/sms.ts';
import type { CarrierPorts } from '../../../../core/phones/sms/ports.ts';
import type { NewAct, SmsFilter } from '../../../../core/store/store.ts';

export interface SmsTable {
  readonly store: CarrierPorts['store'];
  rows(): readonly SmsRow[];
  /** What the app is told, by the ids of messages. */
  readonly callbacks: readonly { readonly about: string; readonly tells: string }[];
  /** The act that is due first. */
  due(untilMs: number): { readonly seq: number; readonly act: NewAct; readonly dueAtMs: number } | null;
  finish(seq: number): void;
}

export function smsTable(): SmsTable {
  const rows = new Map<string, SmsRow>();
  const documents = new Map<string, Map<string, unknown>>();
  const acts = new Map<number, NewAct>();
  const callbacks: { about: string; tells: string }[] = [];
  let lastSeq = 0;

  function kind(name: string): Map<string, unknown> {
    const found = documents.get(name) ?? new Map<string, unknown>();
    documents.set(name, found);
    return found;
  }

  function change({ id, steps = [], record, nowMs: _nowMs, delivery: _delivery, ...next }: SmsChange): void {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`a change of ${id}, which is not there`);
    rows.set(id, { ...row, ...next, steps: [...row.steps, ...steps], record: { ...row.record, ...record } });
  }

  function matches(row: SmsRow, { number, sender, provider, waiting }: SmsFilter): boolean {
    return (
      (number === undefined || row.number === number) &&
      (sender === undefined || row.sender === sender) &&
      (provider === undefined || row.provider === provider) &&
      (waiting !== true || !isSmsEnd(standingOf(row).state))
    );
  }

  async function keepSms(kept: KeptSms): Promise<void> {
    for (const { kind: name, key, value } of kept.documents ?? [])
      if (value === null) kind(name).delete(key);
      else kind(name).set(key, structuredClone(value));
    for (const one of kept.changes) change(one);
    for (const put of kept.puts) rows.set(put.id, { ...put, seq: ++lastSeq });
    for (const act of kept.acts) acts.set(++lastSeq, act);
    for (const { about = '', parameters } of kept.callbacks)
      callbacks.push({ about, tells: String(parameters?.callback) });
  }

  return {
    rows: () => [...rows.values()],
    callbacks,
    due(untilMs) {
      let first: { seq: number; act: NewAct; dueAtMs: number } | null = null;
      for (const [seq, act] of acts) {
        const { dueAtMs } = act;
        if (dueAtMs === null || dueAtMs > untilMs || (first !== null && first.dueAtMs <= dueAtMs)) continue;
        first = { seq, act, dueAtMs };
      }
      return first;
    },
    finish: (seq) => acts.delete(seq),
    store: {
      documents: async (name) => [...kind(name)].map(([key, value]) => ({ key, value })),
      async saveDocument(name, key, value) {
        kind(name).set(key, value);
      },
      keepSms,
      async smses(filter, { limit }) {
        const found = [...rows.values()].filter((row) => matches(row, filter)).reverse();
        return { entries: found.slice(0, limit), next: null, total: found.length };
      },
      sms: async (id) => rows.get(id) ?? null,
      smsOf: async () => null,
      smsThreads: async () => [],
      deliveries: async () => ({ entries: [], next: null, total: 0 }),
      delivery: async () => null,
    },
  };
}
