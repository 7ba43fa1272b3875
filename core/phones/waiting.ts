/** Pushes that wait at a provider, by the app and device that they are for, in the order of their coming. */
import type { PushProvider } from '../model/push.ts';
import type { Stored } from './storage-policy.ts';

/** In all. Beyond it a provider throws away what is new, and says so. */
export const waitingMax = 250_000;

export interface WaitingPush extends Stored {
  readonly order: number;
  readonly phoneId: string;
  readonly provider: PushProvider;
  readonly app: string;
  readonly messageId: string;
  readonly receivedAtMs: number;
  readonly expiresAtMs: number | null;
  /** Late on purpose: not before, on or off; null once it is that time. */
  lateUntilMs: number | null;
  readonly silent: boolean;
  readonly badge: number | null;
  /** What it takes the place of when it is shown; null: nothing. */
  readonly tag: string | null;
  /** Its message could not be stored: it never was. */
  never: boolean;
}

export interface WaitingRoom {
  readonly size: number;
  add(push: WaitingPush): void;
  /** @returns whether it was there */
  remove(push: WaitingPush): boolean;
  find(id: string): WaitingPush | null;
  of(phoneId: string, provider: PushProvider, app: string): readonly WaitingPush[];
  ofPhone(phoneId: string): readonly WaitingPush[];
  ofMessages(ids: ReadonlySet<string>): readonly WaitingPush[];
  all(): Iterable<WaitingPush>;
}

export function createWaitingRoom(): WaitingRoom {
  const byId = new Map<string, WaitingPush>();
  const byPhone = new Map<string, WaitingPush[]>();
  return {
    get size() {
      return byId.size;
    },
    add(push) {
      if (byId.has(push.id)) return;
      byId.set(push.id, push);
      const own = byPhone.get(push.phoneId);
      if (own === undefined) {
        byPhone.set(push.phoneId, [push]);
        return;
      }
      // Nearly always the last one; what is put back goes where it was.
      let at = own.length;
      while (at > 0 && (own[at - 1]?.order ?? 0) > push.order) at--;
      own.splice(at, 0, push);
    },
    remove(push) {
      if (!byId.delete(push.id)) return false;
      const own = byPhone.get(push.phoneId);
      const at = own?.indexOf(push) ?? -1;
      if (own !== undefined && at >= 0) own.splice(at, 1);
      if (own?.length === 0) byPhone.delete(push.phoneId);
      return true;
    },
    find: (id) => byId.get(id) ?? null,
    of: (phoneId, provider, app) =>
      (byPhone.get(phoneId) ?? []).filter((one) => one.provider === provider && one.app === app),
    ofPhone: (phoneId) => [...(byPhone.get(phoneId) ?? [])],
    ofMessages: (ids) => [...byId.values()].filter((one) => ids.has(one.messageId)),
    all: () => byId.values(),
  };
}
