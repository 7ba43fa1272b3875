/** Messages that have not come to their end: by their ids, and by the handset in the order of their coming. */
import type { NewSms } from '../../model/sms.ts';

/** In all. Beyond it a carrier takes no more for handsets that are off, and says so. */
export const waitingMax = 100_000;

export interface WaitingSms {
  readonly order: number;
  /** As it is now; a new step makes a new one. */
  sms: NewSms;
  /** It could not be stored: it never was. */
  never: boolean;
}

export interface WaitingRoom {
  readonly size: number;
  add(one: WaitingSms): void;
  /** @returns whether it was there */
  remove(one: WaitingSms): boolean;
  find(id: string): WaitingSms | null;
  of(number: string): readonly WaitingSms[];
  ofMessages(ids: ReadonlySet<string>): readonly WaitingSms[];
  all(): Iterable<WaitingSms>;
}

export function createWaitingRoom(): WaitingRoom {
  const byId = new Map<string, WaitingSms>();
  const byNumber = new Map<string, WaitingSms[]>();
  return {
    get size() {
      return byId.size;
    },
    add(one) {
      const { id, number } = one.sms;
      if (byId.has(id)) return;
      byId.set(id, one);
      const own = byNumber.get(number);
      if (own === undefined) {
        byNumber.set(number, [one]);
        return;
      }
      // Nearly always the last one; what is put back goes where it was.
      let at = own.length;
      while (at > 0 && (own[at - 1]?.order ?? 0) > one.order) at--;
      own.splice(at, 0, one);
    },
    remove(one) {
      const { id, number } = one.sms;
      if (byId.get(id) !== one) return false;
      byId.delete(id);
      const own = byNumber.get(number);
      const at = own?.indexOf(one) ?? -1;
      if (own !== undefined && at >= 0) own.splice(at, 1);
      if (own?.length === 0) byNumber.delete(number);
      return true;
    },
    find: (id) => byId.get(id) ?? null,
    of: (number) => [...(byNumber.get(number) ?? [])],
    ofMessages: (ids) =>
      [...byId.values()].filter(({ sms }) => sms.messageId !== null && ids.has(sms.messageId)),
    all: () => byId.values(),
  };
}
