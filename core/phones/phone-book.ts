/** All phones in memory, found by their id, by a token of theirs, by whose they are. Phones are values: a change puts a new one in. */
import type { Phone, PhoneApp } from '../model/phone.ts';
import type { PushProvider } from '../model/push.ts';

/** Phones, those made on the fly among them. Further tokens that nobody knows share a phone, see `far-side.ts`. */
export const phonesMax = 100_000;
/** Apps on one phone. */
export const appsMax = 200;
/** Tokens of one app that it had before; of older ones a provider knows nothing any more. */
export const formerTokensMax = 50;

/** Who has a token, or had it. */
export interface Holder {
  readonly phone: Phone;
  readonly entry: PhoneApp;
  /** Null: it is the one that counts now. */
  readonly formerSinceMs: number | null;
}

export interface PhoneBook {
  readonly size: number;
  get(id: string): Phone | null;
  put(phone: Phone): void;
  delete(id: string): void;
  /** In the order in which they came to be known. */
  all(): Iterable<Phone>;
  of(user: string): readonly Phone[];
  holder(provider: PushProvider, token: string): Holder | null;
}

/** APNs tokens are bytes in hex: `A1` and `a1` are the same one. */
export function tokenKey(provider: PushProvider, token: string): string {
  return `${provider} ${provider === 'apns' ? token.toLowerCase() : token}`;
}

export function entryOf(phone: Phone, provider: PushProvider, app: string): PhoneApp | null {
  return phone.apps.find((one) => one.provider === provider && one.app === app) ?? null;
}

export function withEntry(phone: Phone, entry: PhoneApp): Phone {
  const at = phone.apps.findIndex((one) => one.provider === entry.provider && one.app === entry.app);
  const apps = at < 0 ? [...phone.apps, entry] : phone.apps.with(at, entry);
  return { ...phone, apps };
}

export function createPhoneBook(): PhoneBook {
  const phones = new Map<string, Phone>();
  /** A current token goes before a former one. */
  const holders = new Map<string, { readonly phoneId: string; readonly app: string }>();
  const users = new Map<string, Set<string>>();

  function index(phone: Phone): void {
    for (const { provider, app, token, formerTokens } of phone.apps) {
      for (const former of formerTokens) {
        const key = tokenKey(provider, former.token);
        if (!holders.has(key)) holders.set(key, { phoneId: phone.id, app });
      }
      holders.set(tokenKey(provider, token), { phoneId: phone.id, app });
    }
    if (phone.user === null) return;
    const own = users.get(phone.user);
    if (own === undefined) users.set(phone.user, new Set([phone.id]));
    else own.add(phone.id);
  }

  function forget(phone: Phone): void {
    for (const { provider, token, formerTokens } of phone.apps)
      for (const one of [token, ...formerTokens.map((former) => former.token)]) {
        const key = tokenKey(provider, one);
        if (holders.get(key)?.phoneId === phone.id) holders.delete(key);
      }
    if (phone.user === null) return;
    const own = users.get(phone.user);
    own?.delete(phone.id);
    if (own?.size === 0) users.delete(phone.user);
  }

  return {
    get size() {
      return phones.size;
    },
    get: (id) => phones.get(id) ?? null,
    put(phone) {
      const before = phones.get(phone.id);
      // Most changes leave the tokens alone, and there are many of those.
      const known = before !== undefined && before.apps === phone.apps && before.user === phone.user;
      if (before !== undefined && !known) forget(before);
      phones.set(phone.id, phone);
      if (!known) index(phone);
    },
    delete(id) {
      const phone = phones.get(id);
      if (phone === undefined) return;
      forget(phone);
      phones.delete(id);
    },
    all: () => phones.values(),
    of(user) {
      return [...(users.get(user) ?? [])].flatMap((id) => phones.get(id) ?? []);
    },
    holder(provider, token) {
      const key = tokenKey(provider, token);
      const found = holders.get(key);
      if (found === undefined) return null;
      const phone = phones.get(found.phoneId);
      const entry = phone === undefined ? null : entryOf(phone, provider, found.app);
      if (phone === undefined || entry === null) return null;
      if (tokenKey(provider, entry.token) === key) return { phone, entry, formerSinceMs: null };
      const former = entry.formerTokens.find((one) => tokenKey(provider, one.token) === key);
      return former === undefined ? null : { phone, entry, formerSinceMs: former.sinceMs };
    },
  };
}
