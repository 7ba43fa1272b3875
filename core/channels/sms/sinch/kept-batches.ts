/** Batches as they are kept: each of their messages is a row, the first has what the batch itself says. */
import type { SmsRow } from '../../../model/sms.ts';
import type { SmsFilter } from '../../../store/store.ts';
import type { SmsDoorPorts } from '../room.ts';
import { newestRevision } from './report.ts';
import { type BatchState, recipientsMax, recordOf } from './schema.ts';

export interface Batch {
  readonly state: BatchState;
  readonly revision: number;
  /** The one that has the state. */
  readonly head: SmsRow;
  /** In the order of its recipients. */
  readonly messages: readonly SmsRow[];
}

const pageRows = 500;
/** How far back a list looks, and how many replaced versions of one batch are passed over. */
const rowsMax = 20 * recipientsMax;

type StorePort = Pick<SmsDoorPorts, 'store'>;

export async function batchOf(account: string, id: string, ports: StorePort): Promise<Batch | null> {
  const rows = await rowsOf({ provider: 'sinch', account, batchId: id, direction: 'mt' }, ports);
  const messages = [...newestRevision(rows)].sort((one, other) => one.seq - other.seq);
  for (const head of messages) {
    const record = recordOf(head);
    if (record?.batch !== undefined)
      return { state: record.batch, revision: record.revision, head, messages };
  }
  return null;
}

/** Newest first. */
export async function rowsOf(filter: SmsFilter, { store }: StorePort): Promise<readonly SmsRow[]> {
  const rows: SmsRow[] = [];
  let after: number | null = null;
  while (rows.length < rowsMax) {
    const page: Awaited<ReturnType<typeof store.smses>> = await store.smses(filter, {
      after,
      limit: pageRows,
    });
    rows.push(...page.entries);
    after = page.entries.at(-1)?.seq ?? null;
    if (page.entries.length < pageRows || after === null) break;
  }
  return rows;
}
