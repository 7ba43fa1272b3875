/** Messages as they are kept, for bulks, reports and logs. */
import { type SmsRow, standingOf } from '../../../model/sms.ts';
import type { SmsFilter } from '../../../store/store.ts';
import type { SmsDoorPorts } from '../room.ts';
import { recordOf } from './schema.ts';

const pageRows = 500;
/** How far back is looked. */
const rowsMax = 20_000;

type StorePort = Pick<SmsDoorPorts, 'store'>;

/** Newest first; of what was put off to another time only what it is now. */
export async function rowsOf(filter: SmsFilter, { store }: StorePort): Promise<readonly SmsRow[]> {
  const rows: SmsRow[] = [];
  let after: number | null = null;
  while (rows.length < rowsMax) {
    const page: Awaited<ReturnType<typeof store.smses>> = await store.smses(
      { ...filter, provider: 'infobip' },
      { after, limit: pageRows },
    );
    rows.push(...page.entries);
    after = page.entries.at(-1)?.seq ?? null;
    if (page.entries.length < pageRows || after === null) break;
  }
  return rows.filter((row) => recordOf(row)?.superseded !== true);
}

export async function bulkOf(account: string, bulkId: string, ports: StorePort): Promise<readonly SmsRow[]> {
  const rows = await rowsOf({ account, batchId: bulkId, direction: 'mt' }, ports);
  return rows.toReversed();
}

/** Those that still wait for their time. */
export function scheduledOf(bulk: readonly SmsRow[]): readonly SmsRow[] {
  return bulk.filter((row) => standingOf(row).state === 'scheduled');
}
