/** The phones as the providers' doors see them: who has a token, and what becomes of what they accept. */
import type {
  AcceptedPush,
  Addressee,
  Audience,
  Located,
  LocatedDevice,
  PushFarSide,
} from '../delivery/push-far-side.ts';
import { fanOutMax } from '../delivery/push-far-side.ts';
import type { NewPush, Phone, PhoneApp, Platform } from '../model/phone.ts';
import type { PushProvider } from '../model/push.ts';
import { noContent } from '../model/push-content.ts';
import { byCause, type Decision, type DecisionOf } from '../rules/decision.ts';
import type { ActionKind } from '../rules/schema.ts';
import { Draft } from './draft.ts';
import {
  changePhone,
  collapse,
  comeOnline,
  commit,
  deletedMessages,
  deliverWaiting,
  dueOnlineMs,
  expiryAct,
  lateAct,
  type Memory,
  onlineAct,
  settle,
  show,
  showing,
  wait,
  waitingOf,
} from './memory.ts';
import { entryOf, phonesMax, tokenKey, withEntry } from './phone-book.ts';
import { uninstalled } from './phone-changes.ts';
import { collapseKeyOf, fcmStorageMsMax, policyFor, storedUntilMs } from './storage-policy.ts';
import { idOfToken } from './tokens.ts';
import { waitingMax } from './waiting.ts';

/** FCM: "2,000 topics per app instance" at the most; what joins more is left out. */
const topicsMax = 2_000;

export function createFarSide(memory: Memory): PushFarSide {
  const { book, keeper, ports } = memory;
  const nowMs = (): number => ports.virtual.nowMs();

  function locate(addressee: Addressee): Located {
    const { provider, app, environment } = addressee;
    const holder = book.holder(provider, addressee.token);
    if (holder === null) return unknown(addressee);
    const { phone, entry, formerSinceMs } = holder;
    if (entry.environment !== null && environment !== null && entry.environment !== environment)
      return { kind: 'otherEnvironment', environment: entry.environment };
    const other = otherApp(entry, app);
    if (other !== null) return { kind: 'otherApp', app: other };
    if (formerSinceMs !== null) return { kind: 'unregistered', sinceMs: formerSinceMs };
    if (isKnownGone(entry, nowMs()))
      return { kind: 'unregistered', sinceMs: entry.uninstalledAtMs ?? nowMs() };
    return { kind: 'found', device: deviceOf(phone, entry) };
  }

  function unknown(addressee: Addressee): Located {
    const { provider, token } = addressee;
    // What comes for a subscription can only be read with the keys that were made with it: there is nothing to make here.
    if (provider === 'webpush' || token === '') return { kind: 'unknown' };
    if (memory.settings.unknownTokens === 'refuse') return { kind: 'unknown' };
    const made = makeOnTheFly(addressee);
    return { kind: 'found', device: made };
  }

  /** For the screen the token says enough; the app of an FCM token is not known, its project is. */
  function makeOnTheFly({ provider, token, app, environment }: Addressee): LocatedDevice {
    const platform = platformOf(provider);
    const named = app ?? unnamedApp;
    if (book.size >= phonesMax) return sharedDevice(provider, platform, named, token);
    const key = tokenKey(provider, token);
    const entry: PhoneApp = {
      ...newEntry(provider, named),
      token: provider === 'apns' ? token.toLowerCase() : token,
      environment: provider === 'apns' ? environment : null,
      project: provider === 'fcm' ? app : null,
    };
    const phone: Phone = {
      id: idOfToken(key),
      name: `${platformNames[platform]} …${token.slice(-nameTailChars)}`,
      user: null,
      platform,
      online: true,
      offlineUntilMs: null,
      createdAtMs: nowMs(),
      onTheFly: true,
      apps: [entry],
    };
    book.put(phone);
    keeper.later(phone.id, { made: true, onTheFly: true });
    return deviceOf(phone, entry);
  }

  /** Where there are too many, all further tokens of a provider are on one phone, that is always on. */
  function sharedDevice(
    provider: PushProvider,
    platform: Platform,
    app: string,
    token: string,
  ): LocatedDevice {
    const id = sharedId(provider);
    if (book.get(id) === null) {
      book.put({
        id,
        name: `Devices beyond ${phonesMax}`,
        user: null,
        platform,
        online: true,
        offlineUntilMs: null,
        createdAtMs: nowMs(),
        onTheFly: true,
        apps: [],
      });
      keeper.later(id, { made: true, onTheFly: true });
      ports.onProblem(
        `there are ${phonesMax} phones: further tokens that nobody knows share one; delete phones that you do not need`,
      );
    }
    return { phoneId: id, app, provider, platform, token, subscription: null };
  }

  function prepare(addressee: Addressee, decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (isOf(decision, 'uninstall')) {
        const holder = holderOrNew(addressee);
        if (holder === null || !holder.entry.installed) continue;
        const { tellAfterSends = null, tellAfterMs = null } = decision.action;
        const draft = new Draft(memory.unstored);
        uninstalled(memory, draft, holder.phone, holder.entry.app, { tellAfterSends, tellAfterMs });
        keeper.begin('an uninstalled app could not be kept', () => commit(memory, draft));
      } else if (isOf(decision, 'offline')) {
        const phone = holderOrNew(addressee)?.phone ?? null;
        if (phone === null) continue;
        present(phone);
        const current = book.get(phone.id);
        if (current?.online !== true) continue;
        const draft = new Draft(memory.unstored);
        switchOff(memory, draft, current, nowMs() + decision.action.forMs);
        keeper.begin('that a phone is off could not be kept', () => commit(memory, draft));
      }
    }
  }

  function holderOrNew(addressee: Addressee): { readonly phone: Phone; readonly entry: PhoneApp } | null {
    const find = () => {
      const holder = book.holder(addressee.provider, addressee.token);
      return holder?.formerSinceMs === null ? holder : null;
    };
    const known = find();
    if (known !== null) return known;
    locate(addressee);
    return find();
  }

  /** One that is due to be on is on: the act that says so may come a moment later. */
  function present(phone: Phone): void {
    const dueMs = dueOnlineMs(phone);
    const back = dueMs !== null && dueMs <= nowMs();
    if (!back && !(phone.online && memory.waiting.ofPhone(phone.id).some(canArrive))) return;
    const draft = new Draft(memory.unstored);
    if (back) comeOnline(memory, draft, phone, dueMs);
    else deliverWaiting(memory, draft, phone, nowMs());
    keeper.begin('what a phone got when it came back could not be kept', () => commit(memory, draft));
  }

  function canArrive(push: { readonly id: string; readonly lateUntilMs: number | null }): boolean {
    return push.lateUntilMs === null && !memory.unstored.has(push.id);
  }

  function plan(pushes: readonly AcceptedPush[]): Draft {
    const draft = new Draft(memory.unstored);
    // The last step back: what it had taken the place of may be due on a phone that came back meanwhile.
    draft.onUndo(() => {
      for (const { device } of pushes) {
        const phone = book.get(device.phoneId);
        if (phone?.online === true) present(phone);
      }
    });
    for (const push of pushes) {
      const phone = book.get(push.device.phoneId);
      if (phone !== null) present(phone);
      accept(draft, push);
    }
    draft.inOrderOf(pushes.map((push) => push.id));
    return draft;
  }

  function accept(draft: Draft, push: AcceptedPush): void {
    const atMs = nowMs();
    const { device } = push;
    const phone = book.get(device.phoneId);
    const shared = phone !== null && phone.id === sharedId(device.provider);
    const entry =
      phone === null
        ? null
        : (entryOf(phone, device.provider, device.app) ??
          (shared ? newEntry(device.provider, device.app) : null));
    const blackHole = push.after.find((decision) => isOf(decision, 'blackHole'));
    const base = newPush(push, atMs);
    if (blackHole !== undefined)
      return draft.put({ ...base, state: 'lost', reason: `lost on purpose ${byCause(blackHole.cause)}` });
    if (phone === null || entry === null)
      return draft.put({ ...base, state: 'lost', reason: 'the device is not there any more' });
    if (!entry.installed) {
      countSend(draft, phone, entry);
      return draft.put({
        ...base,
        state: 'lost',
        reason: `the app is not on the device any more, and ${providerNames[device.provider]} does not know it yet: it said yes, and nobody gets it`,
      });
    }
    const duplicate = push.after.find((decision) => isOf(decision, 'duplicate'));
    // The one that the delivery is of comes last: what replaces another replaces its twins.
    for (let copy = 1; copy < (duplicate?.action.copies ?? 1); copy++) {
      const reason = duplicate === undefined ? null : `it came more than once ${byCause(duplicate.cause)}`;
      reach(draft, phone, entry, push, { ...base, id: ports.newId(), deliveryId: null, reason }, atMs);
    }
    reach(draft, phone, entry, push, base, atMs);
  }

  /** On, it gets there; off, it waits as long as the provider keeps it. */
  function reach(
    draft: Draft,
    phone: Phone,
    entry: PhoneApp,
    push: AcceptedPush,
    base: NewPush,
    atMs: number,
  ): void {
    const hold = push.deliveryId === null ? undefined : push.after.find((decision) => isOf(decision, 'hold'));
    const delay = push.after.find((decision) => isOf(decision, 'delay'));
    const onPurpose = hold ?? delay;
    const policy = policyFor(base.provider, phone.platform);
    if (onPurpose === undefined && phone.online) {
      const { shown, reason } = showing(entry, base.content.silent);
      draft.put({ ...base, state: 'delivered', deliveredAtMs: atMs, shown, reason: reason ?? base.reason });
      const { badge, tag } = waitingOf(base, phone, { order: 0, lateUntilMs: null });
      return show(memory, draft, phone, { ...base, badge, tag, shown }, entry.permission, atMs);
    }
    const lateUntilMs =
      hold !== undefined ? untilReleasedMs : delay === undefined ? null : atMs + delayMs(delay);
    if (lateUntilMs === null && (push.nowOrNever || (push.expiresAtMs !== null && push.expiresAtMs <= atMs)))
      return draft.put({
        ...base,
        state: 'expired',
        reason: 'the device is off, and it was to be tried only once',
      });
    if (memory.waiting.size >= waitingMax)
      return draft.put({
        ...base,
        state: 'discarded',
        reason: `the device is off, and the sandbox lets ${waitingMax} pushes wait at the most`,
      });
    const wantedMs = push.nowOrNever ? null : push.expiresAtMs;
    const keptUntilMs = storedUntilMs(policy, atMs, wantedMs, memory.settings.apnsStorageMs);
    const expiresAtMs =
      // Tried once, when it comes; and then it is over.
      lateUntilMs !== null && push.nowOrNever && hold === undefined ? lateUntilMs + 1 : keptUntilMs;
    const stored: NewPush = {
      ...base,
      state: 'stored',
      expiresAtMs,
      deliveredAtMs: lateUntilMs,
      reason:
        onPurpose === undefined
          ? 'the device is off'
          : `${hold === undefined ? 'held up' : 'held'} on purpose ${byCause(onPurpose.cause)}`,
    };
    const waiting = waitingOf(stored, phone, { order: memory.nextOrder++, lateUntilMs });
    if (lateUntilMs === null) {
      const key = { collapseKey: base.collapseKey, app: base.app, silent: base.content.silent };
      const collapseKey = collapseKeyOf(policy, key);
      const next = { ...waiting, collapseKey, defaultKey: base.collapseKey === null };
      tellOfDeleted(memory, draft, phone, stored, collapse(memory, draft, phone, next, atMs).tell, atMs);
    }
    draft.put(stored);
    wait(memory, draft, waiting);
    draft.acts.push(
      { dueAtMs: expiresAtMs, kind: expiryAct, data: { pushId: stored.id, phoneId: phone.id } },
      ...(lateUntilMs === null
        ? []
        : [
            {
              // Null: the release of the delivery makes it due.
              dueAtMs: hold === undefined ? lateUntilMs : null,
              kind: lateAct,
              data: { pushId: stored.id, phoneId: phone.id },
              awaitedBy: push.deliveryId,
            },
          ]),
    );
  }

  /** One more that the provider lets through for an app that is gone. */
  function countSend(draft: Draft, phone: Phone, { provider, app }: PhoneApp): void {
    const count = (by: 1 | -1): void => {
      const current = book.get(phone.id);
      const entry = current === null ? null : entryOf(current, provider, app);
      if (current === null || entry === null || entry.installed || entry.tellAfterSends === null) return;
      book.put(withEntry(current, { ...entry, tellAfterSends: Math.max(0, entry.tellAfterSends - by) }));
    };
    if (entryOf(phone, provider, app)?.tellAfterSends == null) return;
    count(1);
    draft.onUndo(() => count(-1));
    draft.onSettle(() => keeper.later(phone.id, { app }));
  }

  function changeTopics(
    addressee: Addressee,
    change: (topics: readonly string[]) => readonly string[],
  ): boolean {
    const located = locate(addressee);
    if (located.kind !== 'found') return false;
    const phone = book.get(located.device.phoneId);
    const entry = phone === null ? null : entryOf(phone, addressee.provider, located.device.app);
    // On the phone that many share nobody can be told apart.
    if (phone === null || entry === null) return true;
    const topics = change(entry.topics);
    if (topics === entry.topics) return true;
    book.put(withEntry(phone, { ...entry, topics }));
    keeper.later(phone.id, { app: entry.app, topics: true });
    return true;
  }

  return {
    locate,
    prepare,
    plan,
    members(audience: Audience) {
      const members: LocatedDevice[] = [];
      const atMs = nowMs();
      for (const phone of book.all()) {
        for (const entry of phone.apps) {
          if (entry.provider !== audience.provider || otherApp(entry, audience.app) !== null) continue;
          if (!audience.matches(entry.topics) || isKnownGone(entry, atMs)) continue;
          members.push(deviceOf(phone, entry));
          if (members.length >= fanOutMax) return members;
        }
      }
      return members;
    },
    subscribe: (addressee, topic) =>
      changeTopics(addressee, (topics) =>
        topics.includes(topic) || topics.length >= topicsMax ? topics : [...topics, topic],
      ),
    unsubscribe: (addressee, topic) =>
      changeTopics(addressee, (topics) =>
        topics.includes(topic) ? topics.filter((one) => one !== topic) : topics,
      ),
    topicsOf(addressee) {
      // Only a look: nobody is made for it.
      const holder = book.holder(addressee.provider, addressee.token);
      return holder === null || locate(addressee).kind !== 'found' ? null : holder.entry.topics;
    },
    written: () => keeper.written(),
    settled(plan) {
      // What a door made up by itself, for a browser that can read nothing of it, has nothing waiting for it.
      if (!(plan instanceof Draft)) return;
      settle(memory, plan);
      // A phone that came back while they were being written could not get them yet.
      for (const { state, phoneId } of plan.puts) {
        const phone = state === 'stored' ? book.get(phoneId) : null;
        if (phone?.online === true) present(phone);
      }
    },
    subscriptionKey(id) {
      const sealed = memory.secrets.get(id);
      const keys = book.holder('webpush', id)?.entry.subscription ?? null;
      if (sealed === undefined || keys === null) return null;
      return { privateKey: Buffer.from(ports.seal.unseal(sealed), 'base64url'), keys };
    },
  };
}

/** Of one that is held: longer than any clock goes. */
const untilReleasedMs = Number.MAX_SAFE_INTEGER;
/** The app of which nothing is known but its token. */
export const unnamedApp = 'unknown';
const nameTailChars = 6;
const platformNames: Readonly<Record<Platform, string>> = {
  ios: 'iPhone',
  android: 'Android phone',
  browser: 'Browser',
};
const providerNames: Readonly<Record<PushProvider, string>> = {
  apns: 'APNs',
  fcm: 'FCM',
  webpush: 'the push service',
};

function platformOf(provider: PushProvider): Platform {
  return provider === 'apns' ? 'ios' : provider === 'fcm' ? 'android' : 'browser';
}

export function newEntry(provider: PushProvider, app: string): PhoneApp {
  return {
    app,
    provider,
    token: '',
    environment: null,
    permission: 'granted',
    installed: true,
    uninstalledAtMs: null,
    tellAfterSends: null,
    tellAtMs: null,
    formerTokens: [],
    topics: [],
    badge: 0,
    subscription: null,
    linkSchemes: [],
    linkDomains: [],
    project: null,
    dropped: null,
  };
}

/** Its app, where it is another than the one that is asked for; of FCM the project is what counts. */
function otherApp(entry: PhoneApp, app: string | null): string | null {
  if (app === null) return null;
  if (entry.provider === 'fcm') {
    const { project = null } = entry;
    return project === null || project === app ? null : project;
  }
  return entry.app === app ? null : entry.app;
}

const sharedIds: Readonly<Record<PushProvider, string>> = {
  apns: idOfToken('shared apns'),
  fcm: idOfToken('shared fcm'),
  webpush: idOfToken('shared webpush'),
};

function sharedId(provider: PushProvider): string {
  return sharedIds[provider];
}

function deviceOf(phone: Phone, entry: PhoneApp): LocatedDevice {
  const { app, provider, token, subscription } = entry;
  return { phoneId: phone.id, app, provider, platform: phone.platform, token, subscription };
}

/** The provider knows by now that the app is gone. */
export function isKnownGone(entry: PhoneApp, nowMs: number): boolean {
  if (entry.installed) return false;
  const { tellAfterSends, tellAtMs } = entry;
  if (tellAfterSends === null && tellAtMs === null) return true;
  return (tellAfterSends !== null && tellAfterSends <= 0) || (tellAtMs !== null && tellAtMs <= nowMs);
}

/** @param untilMs null: until somebody switches it on */
export function switchOff(memory: Memory, draft: Draft, phone: Phone, untilMs: number | null): void {
  changePhone(
    memory,
    draft,
    { ...phone, online: false, offlineUntilMs: untilMs },
    {
      news: { online: false },
      back: (current) => ({ ...current, online: phone.online, offlineUntilMs: phone.offlineUntilMs }),
    },
  );
  if (untilMs !== null) draft.acts.push({ dueAtMs: untilMs, kind: onlineAct, data: { phoneId: phone.id } });
}

/** FCM threw messages away: the app is told when its device comes back, once however often it was so. */
export function tellOfDeleted(
  memory: Memory,
  draft: Draft,
  phone: Phone,
  cause: Pick<NewPush, 'app' | 'provider' | 'messageId' | 'priority'>,
  tell: number,
  atMs: number,
): void {
  const { waiting, ports } = memory;
  if (tell === 0 || waiting.of(phone.id, cause.provider, cause.app).some((one) => one.tells)) return;
  const push: NewPush = {
    id: ports.newId(),
    phoneId: phone.id,
    app: cause.app,
    provider: cause.provider,
    messageId: cause.messageId,
    deliveryId: null,
    state: 'stored',
    shown: false,
    reason: `FCM tells the app that it threw away ${tell} messages`,
    collapseKey: null,
    priority: cause.priority,
    receivedAtMs: atMs,
    expiresAtMs: atMs + fcmStorageMsMax,
    deliveredAtMs: null,
    content: { ...noContent, data: { message_type: deletedMessages } },
  };
  draft.put(push);
  wait(memory, draft, waitingOf(push, phone, { order: memory.nextOrder++, lateUntilMs: null }));
  draft.acts.push({
    dueAtMs: push.expiresAtMs,
    kind: expiryAct,
    data: { pushId: push.id, phoneId: phone.id },
  });
}

function newPush(push: AcceptedPush, atMs: number): NewPush {
  const { device } = push;
  return {
    id: push.id,
    phoneId: device.phoneId,
    app: device.app,
    provider: device.provider,
    messageId: push.messageId,
    deliveryId: push.deliveryId,
    state: 'lost',
    shown: false,
    reason: null,
    collapseKey: push.collapseKey,
    priority: push.priority,
    receivedAtMs: atMs,
    expiresAtMs: push.expiresAtMs,
    deliveredAtMs: null,
    content: push.content,
  };
}

function delayMs({ action, chance }: DecisionOf<'delay'>): number {
  const { ms, msMax = ms } = action;
  return Math.round(ms + chance * Math.max(0, msMax - ms));
}

function isOf<K extends ActionKind>(decision: Decision, kind: K): decision is DecisionOf<K> {
  return decision.action.do === kind;
}
