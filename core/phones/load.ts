/** Puts the phones' memory together at the start: from the documents, and from what still waits in the store. */
import type { Phone, PushRow } from '../model/phone.ts';
import type { Page } from '../store/store.ts';
import { Draft } from './draft.ts';
import { newEntry } from './far-side.ts';
import {
  changePhone,
  commit,
  deliverWaiting,
  type Memory,
  type PhoneDocument,
  trayKey,
  waitingOf,
} from './memory.ts';
import { tokenKey } from './phone-book.ts';
import { readPhoneSettings } from './settings.ts';
import { policyFor } from './storage-policy.ts';
import { idOfToken } from './tokens.ts';
import { tagOf } from './tray.ts';
import { waitingMax } from './waiting.ts';

const pageSize = 2_000;
/** Of the pushes that came last, those that a later one may take the place of are remembered. */
const shownMax = 2_000;

export async function loadPhones(
  memory: Memory,
  kinds: { readonly phones: string; readonly settings: string },
): Promise<void> {
  const { store } = memory.ports;
  const [set] = await store.documents(kinds.settings);
  memory.settings = readPhoneSettings(set?.value ?? null);
  const documents = (await store.documents(kinds.phones)).map(({ value }) => value as PhoneDocument);
  documents.sort((a, b) => a.phone.createdAtMs - b.phone.createdAtMs);
  for (const { phone, secrets } of documents) {
    memory.book.put(phone);
    for (const [token, sealed] of Object.entries(secrets)) memory.secrets.set(token, sealed);
  }
  await loadWaiting(memory);
  // A start need not wait for it: what comes first is known by itself.
  memory.keeper.begin('what the phones show could not be read', () => loadShown(memory));
}

async function loadWaiting(memory: Memory): Promise<void> {
  const { book, waiting } = memory;
  for await (const push of rows(memory, 'stored', waitingMax)) {
    const phone = book.get(push.phoneId) ?? (await phoneMadeAnew(memory, push));
    if (phone === null) {
      await lose(memory, push);
      continue;
    }
    // The time that it was to come at may have passed: its act is due then, and knows when that was.
    waiting.add(waitingOf(push, phone, { order: push.seq, lateUntilMs: push.deliveredAtMs }));
    memory.nextOrder = Math.max(memory.nextOrder, push.seq + 1);
  }
  // What was stored as its phone came back, and Sandpost stopped before it got there.
  const back = new Set([...waiting.all()].map((push) => push.phoneId));
  for (const id of back) {
    const phone = book.get(id);
    if (phone?.online !== true) continue;
    const draft = new Draft(memory.unstored);
    deliverWaiting(memory, draft, phone, memory.ports.virtual.nowMs());
    await commit(memory, draft);
  }
}

/** A phone that was made on the fly is not waited for: it may be missing where its push is on disk. */
async function phoneMadeAnew(memory: Memory, push: PushRow): Promise<Phone | null> {
  const { store, virtual } = memory.ports;
  const message = await store.message(push.messageId);
  const details = message?.details?.push;
  const token = details?.target.kind === 'token' ? details.target.value : message?.envelopeTo[0];
  if (token === undefined || idOfToken(tokenKey(push.provider, token)) !== push.phoneId) return null;
  const phone: Phone = {
    id: push.phoneId,
    name: `Device …${token.slice(-6)}`,
    user: null,
    platform: push.provider === 'apns' ? 'ios' : push.provider === 'fcm' ? 'android' : 'browser',
    online: true,
    offlineUntilMs: null,
    createdAtMs: virtual.nowMs(),
    onTheFly: true,
    apps: [
      {
        ...newEntry(push.provider, push.app),
        token: push.provider === 'apns' ? token.toLowerCase() : token,
        environment: details?.environment ?? null,
      },
    ],
  };
  const draft = new Draft(memory.unstored);
  changePhone(memory, draft, phone, { news: { made: true, onTheFly: true }, back: (current) => current });
  await commit(memory, draft);
  return phone;
}

async function lose(memory: Memory, push: PushRow): Promise<void> {
  const draft = new Draft(memory.unstored);
  draft.change({
    id: push.id,
    nowMs: memory.ports.virtual.nowMs(),
    state: 'lost',
    reason: 'the device that it waited for is not there any more',
  });
  await commit(memory, draft);
}

async function loadShown(memory: Memory): Promise<void> {
  const { book, tray } = memory;
  for await (const push of rows(memory, 'delivered', shownMax)) {
    const phone = book.get(push.phoneId);
    if (phone === null || !push.shown || push.flags.dismissed || push.flags.opened) continue;
    const tag = tagOf(policyFor(push.provider, phone.platform), push);
    if (tag !== null) tray.remember(trayKey(phone.id, push.provider, push.app, tag), push.id);
  }
}

/** Newest first. */
async function* rows(memory: Memory, state: PushRow['state'], countMax: number): AsyncGenerator<PushRow> {
  const filter = { phoneId: null, app: null, state, messageId: null, deliveryId: null };
  let after: number | null = null;
  for (let count = 0; count < countMax; count += pageSize) {
    const page: Page<PushRow> = await memory.ports.store.pushes(filter, { after, limit: pageSize });
    yield* page.entries;
    if (page.next === null) return;
    after = page.next;
  }
}
