/** The phones: what is on them, what waits for them, and acting as their owners. */
import type { PushFarSide } from '../delivery/push-far-side.ts';
import { AppError } from '../model/app-error.ts';
import type { Act } from '../model/delivery.ts';
import { type Phone, type PhoneApp, type Platform, type PushRow, phoneDocuments } from '../model/phone.ts';
import type { PushEnvironment, PushProvider } from '../model/push.ts';
import type { Fact, Page, PageRequest } from '../store/store.ts';
import { Draft } from './draft.ts';
import { createFarSide, newEntry, switchOff } from './far-side.ts';
import { loadPhones } from './load.ts';
import { changePhone, comeOnline, commit, createMemory, leave, trayKey } from './memory.ts';
import { performAct, phoneActs } from './perform-act.ts';
import { appsMax, entryOf, phonesMax, withEntry } from './phone-book.ts';
import { type Telling, uninstalled, withNewToken } from './phone-changes.ts';
import type { PhonePorts } from './ports.ts';
import { type PhoneSettings, phoneSettingsSchema } from './settings.ts';
import { policyFor } from './storage-policy.ts';
import { resolveTap, type Tapped } from './tap.ts';
import { newSubscriptionKeys, newToken } from './tokens.ts';
import { tagOf } from './tray.ts';

export interface Phones {
  readonly farSide: PushFarSide;
  /** Newest last. */
  list(): readonly Phone[];
  get(id: string): Phone | null;
  phonesOf(user: string): readonly Phone[];
  /** How many wait for it, or for one of its apps. */
  waiting(id: string, of?: Pick<PhoneApp, 'provider' | 'app'>): number;
  create(wanted: NewPhone): Promise<Phone>;
  /**
   * Takes one as it was elsewhere, in place of one of its id. Its subscriptions get new keys: private ones leave no data folder.
   *
   * @throws AppError `not_possible` where another phone has one of its tokens
   */
  adopt(phone: Phone): Promise<Phone>;
  change(id: string, wanted: Partial<Pick<Phone, 'name' | 'user'>>): Promise<Phone>;
  remove(id: string): Promise<void>;
  /** As an app's first start: it gets a token, or the one that it has. */
  register(id: string, wanted: Registration): Promise<PhoneApp>;
  /** A new token; the provider says of the old one that it is gone. */
  rotate(id: string, wanted: Pick<Registration, 'app' | 'provider'>): Promise<PhoneApp>;
  /** What waits gets there before this settles. */
  switchOn(id: string): Promise<Phone>;
  /** @param forMs null: until it is switched on */
  switchOff(id: string, forMs: number | null): Promise<Phone>;
  setPermission(id: string, app: string, permission: PhoneApp['permission']): Promise<Phone>;
  install(id: string, wanted: Pick<Registration, 'app'>): Promise<Phone>;
  uninstall(id: string, app: string, telling: Telling): Promise<Phone>;
  pushes(id: string, filter: PushesOf, page: PageRequest): Promise<Page<PushRow>>;
  tap(
    id: string,
    pushId: string,
    action: string | null,
  ): Promise<{ readonly push: PushRow; readonly tapped: Tapped }>;
  dismiss(id: string, pushId: string): Promise<PushRow>;
  /** Dismisses all that it shows. @returns how many */
  clear(id: string): Promise<number>;
  /** A provider says that the token is gone: the core's own sends leave it out from now on. @returns false: nobody has it */
  drop(
    token: { readonly provider: PushProvider; readonly token: string },
    why: string,
    deliveryId?: string | null,
  ): Promise<boolean>;
  endpointOf(subscriptionId: string): string;
  settings(): PhoneSettings;
  changeSettings(wanted: Partial<PhoneSettings>): Promise<PhoneSettings>;
  performs(kind: string): boolean;
  perform(act: Act): Promise<void>;
  /** Messages were deleted, and with them what waits of them. */
  messagesDeleted(ids: readonly string[]): void;
  /** Settles when nothing that nobody waits for is under way. */
  idle(): Promise<void>;
}

export interface NewPhone {
  readonly name: string;
  readonly user: string | null;
  readonly platform: Platform;
}

export interface Registration {
  readonly app: string;
  /** Left out: the platform's own. */
  readonly provider?: PushProvider | undefined;
  readonly environment?: PushEnvironment | undefined;
  readonly topics?: readonly string[] | undefined;
  readonly applicationServerKey?: string | null | undefined;
  /** Chosen, instead of one that is made. */
  readonly token?: string | undefined;
  readonly project?: string | null | undefined;
  readonly linkSchemes?: readonly string[] | undefined;
  readonly linkDomains?: readonly string[] | undefined;
}

export interface PushesOf {
  readonly app: string | null;
  readonly state: PushRow['state'] | null;
  readonly shown: boolean;
}

const settingsDocuments = 'phone_settings';
const clearStep = 500;
const clearStepsMax = 1_000;

export async function openPhones(ports: PhonePorts): Promise<Phones> {
  const memory = createMemory(ports);
  const { book, keeper, waiting } = memory;
  const farSide = createFarSide(memory);
  await loadPhones(memory, { phones: phoneDocuments, settings: settingsDocuments });
  const nowMs = (): number => ports.virtual.nowMs();

  function existing(id: string): Phone {
    const phone = book.get(id);
    if (phone === null) throw new AppError('not_found', `There is no phone ${id}.`);
    return phone;
  }

  function entriesOf(phone: Phone, app: string): readonly PhoneApp[] {
    const entries = phone.apps.filter((one) => one.app === app);
    if (entries.length === 0)
      throw new AppError('not_found', `${app} never was on the phone ${phone.name}; register it first.`, {
        errors: [{ field: 'app', code: 'unknown_app', detail: 'register it first' }],
      });
    return entries;
  }

  /** Changes a phone's apps, and keeps it. */
  async function changeApps(
    phone: Phone,
    entries: readonly PhoneApp[],
    news: Readonly<Record<string, unknown>>,
    deliveryId: string | null = null,
  ): Promise<Phone> {
    const before = phone.apps;
    const draft = new Draft(memory.unstored);
    const next = entries.reduce(withEntry, phone);
    changePhone(memory, draft, next, {
      news,
      deliveryId,
      back: (current) => ({
        ...current,
        apps: current.apps.flatMap((one) => {
          const changed = entries.some((entry) => entry.provider === one.provider && entry.app === one.app);
          if (!changed) return [one];
          return before.find((old) => old.provider === one.provider && old.app === one.app) ?? [];
        }),
      }),
    });
    await commit(memory, draft);
    return next;
  }

  function madeToken(provider: PushProvider, wanted: Registration): Pick<PhoneApp, 'token' | 'subscription'> {
    const token =
      wanted.token === undefined
        ? newToken(provider, ports.random)
        : provider === 'apns'
          ? wanted.token.toLowerCase()
          : wanted.token;
    const holder = book.holder(provider, token);
    if (holder !== null)
      throw new AppError('not_possible', `The token ${token} is taken by the phone ${holder.phone.name}.`, {
        errors: [{ field: 'token', code: 'taken', detail: 'choose another one' }],
      });
    if (provider !== 'webpush') return { token, subscription: null };
    const { p256dh, auth, privateKey } = newSubscriptionKeys(ports.random);
    memory.secrets.set(token, ports.seal.seal(Buffer.from(privateKey).toString('base64url')));
    return {
      token,
      subscription: { p256dh, auth, applicationServerKey: wanted.applicationServerKey ?? null },
    };
  }

  async function register(id: string, wanted: Registration): Promise<PhoneApp> {
    const phone = existing(id);
    const provider = providerFor(phone, wanted.provider);
    const known = entryOf(phone, provider, wanted.app);
    if (known === null && phone.apps.length >= appsMax)
      throw new AppError('not_possible', `The phone has ${appsMax} apps; take another phone.`);
    checkKey(known, wanted);
    const environment =
      provider === 'apns' ? (wanted.environment ?? known?.environment ?? 'development') : null;
    const base: PhoneApp = {
      ...(known ?? newEntry(provider, wanted.app)),
      environment,
      topics: [...new Set([...(known?.topics ?? []), ...(wanted.topics ?? [])])],
      linkSchemes: (wanted.linkSchemes ?? known?.linkSchemes ?? []).map((one) => one.toLowerCase()),
      linkDomains: (wanted.linkDomains ?? known?.linkDomains ?? []).map((one) => one.toLowerCase()),
      project: wanted.project === undefined ? (known?.project ?? null) : wanted.project,
    };
    const stays =
      known?.installed === true &&
      known.environment === environment &&
      (wanted.token === undefined || sameToken(provider, wanted.token, known.token));
    const entry =
      known === null
        ? { ...base, ...madeToken(provider, wanted) }
        : stays
          ? { ...base, dropped: null }
          : withNewToken(base, madeToken(provider, wanted), nowMs());
    await changeApps(phone, [entry], { app: wanted.app, registered: true });
    return entry;
  }

  /** A page that asks for another key than it subscribed with gets an InvalidStateError (Push API, subscribe()). */
  function checkKey(known: PhoneApp | null, { applicationServerKey }: Registration): void {
    const has = known?.installed === true ? known.subscription : null;
    if (
      applicationServerKey === undefined ||
      has === null ||
      has.applicationServerKey === applicationServerKey
    )
      return;
    throw new AppError(
      'not_possible',
      'The page has subscribed with another applicationServerKey; uninstall (unsubscribe) it first.',
      {
        errors: [
          { field: 'applicationServerKey', code: 'other_key', detail: 'it subscribed with another one' },
        ],
      },
    );
  }

  async function noteOn(pushes: readonly PushRow[], type: Fact['type'], data: Fact['data']): Promise<void> {
    const facts = pushes.flatMap(({ id, phoneId, deliveryId }): Fact[] =>
      deliveryId === null
        ? []
        : [{ deliveryId, type, nowMs: nowMs(), data: { phoneId, pushId: id, ...data }, change: null }],
    );
    if (facts.length > 0) await ports.store.note(facts);
  }

  async function onScreen(
    id: string,
    pushId: string,
  ): Promise<{ readonly phone: Phone; readonly push: PushRow }> {
    const phone = existing(id);
    const push = await ports.store.push(pushId);
    if (push === null || push.phoneId !== id)
      throw new AppError('not_found', `There is no push ${pushId} on the phone ${phone.name}.`);
    const { dismissed, opened } = push.flags;
    if (push.state !== 'delivered' || !push.shown || dismissed || opened)
      throw new AppError(
        'not_possible',
        `The phone does not show it: ${opened ? 'it was tapped already' : dismissed ? 'it was dismissed' : (push.reason ?? push.state)}.`,
      );
    return { phone, push };
  }

  function takenOff(phone: Phone, push: PushRow): void {
    const tag = tagOf(policyFor(push.provider, phone.platform), push);
    if (tag !== null) memory.tray.gone(trayKey(phone.id, push.provider, push.app, tag), push.id);
  }

  return {
    farSide,
    list: () => [...book.all()],
    get: (id) => book.get(id),
    phonesOf: (user) => book.of(user),
    waiting: (id, of) =>
      (of === undefined ? waiting.ofPhone(id) : waiting.of(id, of.provider, of.app)).length,
    endpointOf: (id) => ports.endpointOf(id),

    async create({ name, user, platform }) {
      if (book.size >= phonesMax)
        throw new AppError('not_possible', `There are ${phonesMax} phones; delete some first.`);
      const phone: Phone = {
        id: ports.newId(),
        name,
        user,
        platform,
        online: true,
        offlineUntilMs: null,
        createdAtMs: nowMs(),
        onTheFly: false,
        apps: [],
      };
      const draft = new Draft(memory.unstored);
      changePhone(memory, draft, phone, { news: { made: true }, back: (current) => current });
      draft.onUndo(() => book.delete(phone.id));
      await commit(memory, draft);
      return phone;
    },

    async adopt(given) {
      const before = book.get(given.id);
      if (before === null && book.size >= phonesMax)
        throw new AppError('not_possible', `There are ${phonesMax} phones; delete some first.`);
      for (const { provider, token } of given.apps) {
        const holder = book.holder(provider, token);
        if (holder !== null && holder.phone.id !== given.id)
          throw new AppError(
            'not_possible',
            `The token ${token} is taken by the phone ${holder.phone.name}.`,
          );
      }
      const apps = given.apps.map((entry): PhoneApp => {
        if (entry.subscription === null) return entry;
        const { applicationServerKey } = entry.subscription;
        const { p256dh, auth, privateKey } = newSubscriptionKeys(ports.random);
        memory.secrets.set(entry.token, ports.seal.seal(Buffer.from(privateKey).toString('base64url')));
        return { ...entry, subscription: { p256dh, auth, applicationServerKey } };
      });
      // What would bring it back stayed where it was: it is on, or off until somebody switches it on.
      const phone: Phone = { ...given, offlineUntilMs: null, apps };
      const draft = new Draft(memory.unstored);
      changePhone(memory, draft, phone, { news: { made: true }, back: (current) => before ?? current });
      if (before === null) draft.onUndo(() => book.delete(phone.id));
      await commit(memory, draft);
      return phone;
    },

    async change(id, { name, user }) {
      const phone = existing(id);
      const draft = new Draft(memory.unstored);
      const next = {
        ...phone,
        ...(name === undefined ? {} : { name }),
        ...(user === undefined ? {} : { user }),
      };
      changePhone(memory, draft, next, {
        news: { name: next.name, user: next.user },
        back: (current) => ({ ...current, name: phone.name, user: phone.user }),
      });
      await commit(memory, draft);
      return next;
    },

    async remove(id) {
      const phone = existing(id);
      const draft = new Draft(memory.unstored);
      for (const push of waiting.ofPhone(id))
        leave(memory, draft, push, {
          nowMs: nowMs(),
          state: 'lost',
          reason: 'the device was deleted while the push waited',
        });
      book.delete(id);
      draft.phones.push({ phoneId: id, document: null, news: { deleted: true }, nowMs: nowMs() });
      draft.onUndo(() => book.put(phone));
      await commit(memory, draft);
      for (const { token } of phone.apps) memory.secrets.delete(token);
    },

    register,

    async rotate(id, { app, provider: wanted }) {
      const phone = existing(id);
      const provider = wanted ?? entriesOf(phone, app)[0]?.provider ?? providerFor(phone, undefined);
      const entry = entryOf(phone, provider, app);
      if (entry === null || !entry.installed)
        throw new AppError('not_possible', `${app} is not on the phone ${phone.name}; register it first.`);
      const applicationServerKey = entry.subscription?.applicationServerKey ?? null;
      const next = withNewToken(entry, madeToken(provider, { app, applicationServerKey }), nowMs());
      await changeApps(phone, [next], { app, rotated: true });
      return next;
    },

    async switchOn(id) {
      const phone = existing(id);
      const draft = new Draft(memory.unstored);
      comeOnline(memory, draft, phone, Math.min(phone.offlineUntilMs ?? nowMs(), nowMs()));
      await commit(memory, draft);
      return existing(id);
    },

    async switchOff(id, forMs) {
      const draft = new Draft(memory.unstored);
      switchOff(memory, draft, existing(id), forMs === null ? null : nowMs() + forMs);
      await commit(memory, draft);
      return existing(id);
    },

    async setPermission(id, app, permission) {
      const phone = existing(id);
      const entries = entriesOf(phone, app).map((entry) => ({ ...entry, permission }));
      return changeApps(phone, entries, { app, permission });
    },

    async install(id, { app }) {
      const phone = existing(id);
      const gone = phone.apps.filter((entry) => entry.app === app && !entry.installed);
      if (!phone.apps.some((entry) => entry.app === app)) await register(id, { app });
      else if (gone.length > 0) {
        const entries = gone.map((entry) =>
          withNewToken(
            entry,
            madeToken(entry.provider, {
              app,
              applicationServerKey: entry.subscription?.applicationServerKey ?? null,
            }),
            nowMs(),
          ),
        );
        await changeApps(phone, entries, { app, installed: true });
      }
      return existing(id);
    },

    async uninstall(id, app, telling) {
      const phone = existing(id);
      if (!entriesOf(phone, app).some((entry) => entry.installed))
        throw new AppError('not_possible', `${app} is not on the phone ${phone.name} any more.`);
      const draft = new Draft(memory.unstored);
      uninstalled(memory, draft, phone, app, telling);
      await commit(memory, draft);
      return existing(id);
    },

    pushes(id, { app, state, shown }, page) {
      existing(id);
      return ports.store.pushes(
        { phoneId: id, app, state, messageId: null, deliveryId: null, ...(shown ? { shown } : {}) },
        page,
      );
    },

    async tap(id, pushId, action) {
      const { phone, push } = await onScreen(id, pushId);
      const known = push.content.actions.map((one) => one.id);
      if (action !== null && known.length > 0 && !known.includes(action))
        throw new AppError(
          'bad_request',
          `The notification has no action "${action}", only ${known.join(', ')}.`,
          {
            errors: [{ field: 'action', code: 'unknown_action', detail: `one of ${known.join(', ')}` }],
          },
        );
      const entry = entryOf(phone, push.provider, push.app) ?? newEntry(push.provider, push.app);
      const tapped = resolveTap(phone, entry, push.content.link);
      await ports.store.changePush({ id: pushId, nowMs: nowMs(), flags: { opened: true } });
      takenOff(phone, push);
      await noteOn([push], 'opened', { app: push.app });
      if (tapped.link !== null || action !== null)
        await noteOn([push], 'clicked', {
          ...(tapped.link === null ? {} : { url: tapped.link }),
          ...(action === null ? {} : { action }),
          opens: tapped.opens,
          app: tapped.app,
        });
      return { push: { ...push, flags: { ...push.flags, opened: true } }, tapped };
    },

    async dismiss(id, pushId) {
      const { phone, push } = await onScreen(id, pushId);
      await ports.store.changePush({ id: pushId, nowMs: nowMs(), flags: { dismissed: true } });
      takenOff(phone, push);
      await noteOn([push], 'dismissed', { app: push.app });
      return { ...push, flags: { ...push.flags, dismissed: true } };
    },

    async clear(id) {
      const phone = existing(id);
      let cleared = 0;
      const shown = { phoneId: id, app: null, state: null, messageId: null, deliveryId: null, shown: true };
      for (let step = 0; step < clearStepsMax; step++) {
        const { entries } = await ports.store.pushes(shown, { after: null, limit: clearStep });
        if (entries.length === 0) break;
        const changes = entries.map((push) => ({ id: push.id, nowMs: nowMs(), flags: { dismissed: true } }));
        await ports.store.keepPushes({ puts: [], changes, acts: [] });
        for (const push of entries) takenOff(phone, push);
        await noteOn(entries, 'dismissed', {});
        cleared += entries.length;
      }
      return cleared;
    },

    async drop({ provider, token }, why, deliveryId = null) {
      const holder = book.holder(provider, token);
      if (holder === null || holder.formerSinceMs !== null) return false;
      const { phone, entry } = holder;
      if (entry.dropped != null) return true;
      const dropped = { ...entry, dropped: { atMs: nowMs(), why } };
      await changeApps(
        phone,
        [dropped],
        { app: entry.app, dropped: entry.token, why, user: phone.user },
        deliveryId,
      );
      return true;
    },

    settings: () => memory.settings,
    async changeSettings(wanted) {
      const next = phoneSettingsSchema.parse({ ...memory.settings, ...wanted });
      await ports.store.saveDocument(settingsDocuments, settingsKey, next);
      memory.settings = next;
      return next;
    },

    performs: (kind) => phoneActs.includes(kind),
    perform: (act) => performAct(memory, act),
    messagesDeleted(ids) {
      if (waiting.size === 0) return;
      for (const push of waiting.ofMessages(new Set(ids))) {
        push.never = true;
        waiting.remove(push);
      }
    },
    idle: () => keeper.idle(),
  };
}

export const settingsKey = 'all';

/** What a platform's apps are reached by; a web app on an iPhone's home screen has a subscription. */
const providersOf: Readonly<Record<Platform, readonly [PushProvider, ...PushProvider[]]>> = {
  ios: ['apns', 'fcm', 'webpush'],
  android: ['fcm', 'webpush'],
  browser: ['webpush', 'fcm'],
};

function providerFor({ platform }: Pick<Phone, 'platform'>, wanted: PushProvider | undefined): PushProvider {
  const [usual, ...others] = providersOf[platform];
  if (wanted === undefined || wanted === usual) return usual;
  if (others.includes(wanted)) return wanted;
  throw new AppError('bad_request', `provider: apps on ${platform} are not reached by ${wanted}.`, {
    errors: [
      { field: 'provider', code: 'wrong_platform', detail: `one of ${providersOf[platform].join(', ')}` },
    ],
  });
}

function sameToken(provider: PushProvider, wanted: string, has: string): boolean {
  return provider === 'apns' ? wanted.toLowerCase() === has : wanted === has;
}
