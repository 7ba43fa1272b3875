/** Puts the carriers' memory together at the start: from the documents, and from what still waits in the store. */
import { type Handset, handsetDocuments, type SmsSender, senderDocuments } from '../../model/handset.ts';
import type { SmsRow } from '../../model/sms.ts';
import { smscNoteOf } from '../../model/smsc.ts';
import { handsetsMax } from './handset-book.ts';
import { deliverRest, numberOf } from './journey.ts';
import { commit, handsetFor, keepUnkept, type Memory, newDraft } from './memory.ts';
import { type Credentials, readSmsSettings, sealedCredentialsSchema } from './settings.ts';
import { waitingMax } from './waiting.ts';

export const settingsDocuments = 'sms_settings';
export const settingsKey = 'all';
export const credentialsKey = 'credentials';

const pageSize = 2_000;

export async function loadCarriers(memory: Memory): Promise<void> {
  const { store } = memory.ports;
  const kept = new Map((await store.documents(settingsDocuments)).map(({ key, value }) => [key, value]));
  memory.settings = readSmsSettings(kept.get(settingsKey) ?? null);
  memory.credentials = unsealed(memory, kept.get(credentialsKey));
  for (const { value } of await store.documents(senderDocuments)) memory.senders.put(value as SmsSender);
  const handsets = (await store.documents(handsetDocuments)).map(({ value }) => value as Handset);
  handsets.sort((a, b) => a.createdAtMs - b.createdAtMs);
  for (const handset of handsets.slice(0, handsetsMax)) memory.handsets.put(handset);
  await loadWaiting(memory);
}

async function loadWaiting(memory: Memory): Promise<void> {
  const back = new Set<string>();
  for await (const { seq, ...sms } of rows(memory)) {
    // A handset that was made on the fly goes with the plan that came first: it may be missing where that was not stored.
    const handset = handsetFor(memory, numberOf(sms.number));
    memory.waiting.add({ sms, order: seq, never: false });
    memory.nextOrder = Math.max(memory.nextOrder, seq + 1);
    if (handset.online && smscNoteOf(sms).waits === 'handset') back.add(sms.number);
  }
  await loadBatches(memory);
  const draft = newDraft(memory);
  keepUnkept(memory, draft);
  await commit(memory, draft);
  // What was kept as its handset came back, and Sandpost stopped before it got there.
  for (const number of back) await deliverRest(memory, number, memory.ports.virtual.nowMs());
}

/** What is reported as a whole is whole again, with those of its messages that ended before. */
async function loadBatches(memory: Memory): Promise<void> {
  const found = new Set<string>();
  for (const { sms } of memory.waiting.all()) {
    const { provider, batchId } = sms;
    if (batchId === null || found.has(`${provider} ${batchId}`)) continue;
    if (memory.ports.voices.get(provider)?.reportsWholeBatch?.(sms) !== true) continue;
    found.add(`${provider} ${batchId}`);
    const { entries } = await memory.ports.store.smses(
      { provider, batchId },
      { after: null, limit: pageSize },
    );
    memory.batches.load(entries.toReversed());
  }
}

/** Newest first. */
async function* rows(memory: Memory): AsyncGenerator<SmsRow> {
  let after: number | null = null;
  for (let count = 0; count < waitingMax; count += pageSize) {
    const page: { readonly entries: readonly SmsRow[]; readonly next: number | null } =
      await memory.ports.store.smses({ waiting: true }, { after, limit: pageSize });
    yield* page.entries;
    if (page.next === null) return;
    after = page.next;
  }
}

function unsealed({ ports }: Memory, value: unknown): Credentials {
  const parsed = sealedCredentialsSchema.safeParse(value ?? {});
  if (!parsed.success) return {};
  const found: Record<string, { readonly account: string; readonly secret: string }[]> = {};
  for (const [provider, entries = []] of Object.entries(parsed.data))
    found[provider] = entries.map(({ account, sealed }) => ({
      account,
      secret: ports.seal.unseal(sealed),
    }));
  return found as Credentials;
}
