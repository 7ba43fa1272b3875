/** What the phones' room has in memory, and the steps that all of it is changed by: a push waits, arrives, is gone. */
import type { KeptPhone } from '../model/message.ts';
import type { NewPush, Phone, PhoneApp, PushChange } from '../model/phone.ts';
import type { PushContent } from '../model/push.ts';
import { type Draft, Unstored } from './draft.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { createPhoneBook, entryOf, type PhoneBook, withEntry } from './phone-book.ts';
import type { PhonePorts } from './ports.ts';
import { type PhoneSettings, usualPhoneSettings } from './settings.ts';
import { collapseKeyOf, makeRoom, policyFor } from './storage-policy.ts';
import { createTray, type Tray, tagOf } from './tray.ts';
import { createWaitingRoom, type WaitingPush, type WaitingRoom } from './waiting.ts';

/** Acts of this room. */
export const expiryAct = 'push_expiry';
export const onlineAct = 'phone_online';
export const lateAct = 'push_late';

/** What Android tells an app whose stored messages were thrown away (`FirebaseMessagingService.onDeletedMessages`). */
export const deletedMessages = 'deleted_messages';

/** A document of the kind `phone`: beside the phone the private keys of its subscriptions, sealed. */
export interface PhoneDocument {
  readonly phone: Phone;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Memory {
  readonly ports: PhonePorts;
  readonly book: PhoneBook;
  readonly waiting: WaitingRoom;
  readonly tray: Tray;
  readonly unstored: Unstored;
  readonly keeper: Keeper;
  /** Sealed private keys, by the ids of subscriptions. */
  readonly secrets: Map<string, string>;
  settings: PhoneSettings;
  nextOrder: number;
}

export function createMemory(ports: PhonePorts): Memory {
  const book = createPhoneBook();
  const secrets = new Map<string, string>();
  const nowMs = (): number => ports.virtual.nowMs();
  return {
    ports,
    book,
    waiting: createWaitingRoom(),
    tray: createTray(),
    unstored: new Unstored(),
    keeper: createKeeper(
      ports.store,
      (id) => {
        const phone = book.get(id);
        return phone === null ? null : documentOf(phone, secrets);
      },
      nowMs,
      ports.onProblem,
    ),
    secrets,
    settings: usualPhoneSettings,
    nextOrder: 1,
  };
}

function documentOf(phone: Phone, secrets: ReadonlyMap<string, string>): KeptPhone['document'] {
  const own: Record<string, string> = {};
  for (const { token, subscription } of phone.apps) {
    const sealed = subscription === null ? undefined : secrets.get(token);
    if (sealed !== undefined) own[token] = sealed;
  }
  return { phone, secrets: own } satisfies PhoneDocument;
}

/** Puts a phone in its new state; taken back, what else happened to it meanwhile stays. */
export function changePhone(
  memory: Memory,
  draft: Draft,
  next: Phone,
  about: {
    readonly news: Readonly<Record<string, unknown>>;
    readonly back: (current: Phone) => Phone;
    readonly deliveryId?: string | null;
  },
): void {
  const { book, keeper, ports } = memory;
  book.put(next);
  draft.phones.push({
    phoneId: next.id,
    document: documentOf(next, memory.secrets),
    news: about.news,
    nowMs: ports.virtual.nowMs(),
    ...(about.deliveryId == null ? {} : { deliveryId: about.deliveryId }),
  });
  draft.onUndo(() => {
    const current = book.get(next.id);
    if (current === null) return;
    book.put(about.back(current));
    keeper.later(next.id, {});
  });
}

/** Keeps it, and takes it back where that fails. @throws AppError `disk_full`, `store_failed`, `store_busy` */
export async function commit(memory: Memory, draft: Draft): Promise<void> {
  if (!draft.empty) {
    const { puts, changes, acts, phones } = draft;
    try {
      await memory.ports.store.keepPushes({ puts, changes, acts, phones });
    } catch (error) {
      draft.undo();
      throw error;
    }
  }
  settle(memory, draft);
}

export function settle(memory: Memory, draft: Draft): void {
  for (const change of draft.settle())
    memory.keeper.begin('what became of a push could not be kept', () =>
      memory.ports.store.changePush(change),
    );
}

/** One that waits does so no longer. */
export function leave(memory: Memory, draft: Draft, push: WaitingPush, change: Omit<PushChange, 'id'>): void {
  const { waiting } = memory;
  if (!waiting.remove(push)) return;
  draft.change({ id: push.id, ...change });
  draft.onUndo(() => {
    if (!push.never) waiting.add(push);
  });
}

/** A push that is stored by now, or will be, waits in memory too. */
export function wait(memory: Memory, draft: Draft, push: WaitingPush): void {
  const { waiting } = memory;
  waiting.add(push);
  draft.onUndo(() => {
    push.never = true;
    waiting.remove(push);
  });
}

/** Those that wait make room for a new one, as the provider has it. */
export function collapse(
  memory: Memory,
  draft: Draft,
  phone: Phone,
  next: Pick<WaitingPush, 'id' | 'provider' | 'app' | 'collapseKey'> & { readonly defaultKey: boolean },
  nowMs: number,
): { readonly tell: number } {
  const waiting = memory.waiting
    .of(phone.id, next.provider, next.app)
    .filter((one) => one.lateUntilMs === null && one.id !== next.id && !isOver(one, nowMs));
  const { gone, tell } = makeRoom(policyFor(next.provider, phone.platform), waiting, next);
  for (const { one, state, reason } of gone) leave(memory, draft, one, { nowMs, state, reason });
  return { tell };
}

export function isOver(push: WaitingPush, nowMs: number): boolean {
  return push.expiresAtMs !== null && push.expiresAtMs <= nowMs;
}

/** Its time passed while it waited. */
export function expire(memory: Memory, draft: Draft, push: WaitingPush): void {
  leave(memory, draft, push, {
    nowMs: push.expiresAtMs ?? memory.ports.virtual.nowMs(),
    state: 'expired',
    reason:
      push.lateUntilMs === null
        ? 'its time passed while the device was off'
        : 'its time passed while it was held up on purpose',
  });
}

/** What a device does with one that reaches it. */
export function showing(
  entry: Pick<PhoneApp, 'permission'>,
  silent: boolean,
): { readonly shown: boolean; readonly reason: string | null } {
  if (silent) return { shown: false, reason: 'there is nothing to show: the app gets it in the background' };
  if (entry.permission === 'denied')
    return {
      shown: false,
      reason:
        'notifications of this app are switched off on the device: the provider said yes, nobody sees it, and the sender is not told',
    };
  return { shown: true, reason: null };
}

/** It is on the screen: what it takes the place of is not any more, and the icon shows its number. */
export function show(
  memory: Memory,
  draft: Draft,
  phone: Phone,
  push: Pick<WaitingPush, 'id' | 'provider' | 'app' | 'badge' | 'tag'> & { readonly shown: boolean },
  permission: PhoneApp['permission'],
  nowMs: number,
): void {
  const { tray, book, keeper } = memory;
  if (push.shown && push.tag !== null) {
    const shown = tray.show(trayKey(phone.id, push.provider, push.app, push.tag), push.id);
    if (shown.before !== null)
      draft.change({
        id: shown.before.id,
        nowMs,
        shown: false,
        reason: 'it was shown, until a newer one took its place',
      });
    draft.onSettle(() => tray.settled(shown));
    draft.onUndo(() => {
      const hidden = tray.undo(shown);
      if (hidden !== null)
        keeper.begin('what a device shows could not be kept', () =>
          memory.ports.store.changePush({ id: hidden, nowMs, shown: false }),
        );
    });
  }
  const { badge } = push;
  if (badge === null || permission === 'denied') return;
  draft.onSettle(() => {
    const current = book.get(phone.id);
    const entry = current === null ? null : entryOf(current, push.provider, push.app);
    if (current === null || entry === null || entry.badge === badge) return;
    book.put(withEntry(current, { ...entry, badge }));
    keeper.later(phone.id, { badge, app: push.app });
  });
}

export function trayKey(phoneId: string, provider: string, app: string, tag: string): string {
  return `${phoneId} ${provider} ${app} ${tag}`;
}

/** What of a push is kept in mind while it waits. */
export function waitingOf(
  push: NewPush,
  phone: Pick<Phone, 'platform'>,
  about: { readonly order: number; readonly lateUntilMs: number | null },
): WaitingPush {
  const policy = policyFor(push.provider, phone.platform);
  const { silent, badge } = push.content;
  const tells = tellsOfDeleted(push.content);
  return {
    id: push.id,
    order: about.order,
    phoneId: push.phoneId,
    provider: push.provider,
    app: push.app,
    messageId: push.messageId,
    receivedAtMs: push.receivedAtMs,
    expiresAtMs: push.expiresAtMs,
    lateUntilMs: about.lateUntilMs,
    collapseKey: collapseKeyOf(policy, { collapseKey: push.collapseKey, app: push.app, silent }),
    tells,
    silent,
    badge,
    tag: tagOf(policy, push),
    never: false,
  };
}

export function tellsOfDeleted(content: PushContent): boolean {
  return content.silent && content.data.message_type === deletedMessages;
}

/**
 * All that waits for a phone gets there, in the order of its coming, but what is over by then. What is not on disk yet
 * follows when it is.
 */
export function deliverWaiting(memory: Memory, draft: Draft, phone: Phone, atMs: number): void {
  for (const push of memory.waiting.ofPhone(phone.id)) {
    if (push.lateUntilMs !== null || memory.unstored.has(push.id)) continue;
    const nowMs = Math.max(atMs, push.receivedAtMs);
    if (isOver(push, nowMs)) expire(memory, draft, push);
    else arrive(memory, draft, phone, push, nowMs);
  }
}

export function arrive(memory: Memory, draft: Draft, phone: Phone, push: WaitingPush, nowMs: number): void {
  const permission = entryOf(phone, push.provider, push.app)?.permission ?? 'granted';
  const { shown, reason } = showing({ permission }, push.silent);
  leave(memory, draft, push, { nowMs, state: 'delivered', shown, reason });
  show(memory, draft, phone, { ...push, shown }, permission, nowMs);
}

/** It is on again. */
export function comeOnline(memory: Memory, draft: Draft, phone: Phone, atMs: number): void {
  const next: Phone = { ...phone, online: true, offlineUntilMs: null };
  changePhone(memory, draft, next, {
    news: { online: true },
    back: (current) => ({ ...current, online: phone.online, offlineUntilMs: phone.offlineUntilMs }),
  });
  deliverWaiting(memory, draft, next, atMs);
}

/** When it is due to be on by itself, or null: it is on, or stays off. */
export function dueOnlineMs({ online, offlineUntilMs }: Phone): number | null {
  return online ? null : offlineUntilMs;
}
