/** Handsets by their numbers and their owners, in the order of their coming. */
import type { Handset } from '../../model/handset.ts';

/** Beyond it nobody is remembered: a number that nobody knows is a mobile that is on. */
export const handsetsMax = 100_000;

export interface HandsetBook {
  readonly size: number;
  get(number: string): Handset | null;
  of(user: string): readonly Handset[];
  put(handset: Handset): void;
  delete(number: string): void;
  all(): Iterable<Handset>;
}

export function createHandsetBook(): HandsetBook {
  const byNumber = new Map<string, Handset>();
  const byUser = new Map<string, Set<string>>();

  function leaveUser({ user, number }: Handset): void {
    if (user === null) return;
    const numbers = byUser.get(user);
    numbers?.delete(number);
    if (numbers?.size === 0) byUser.delete(user);
  }

  return {
    get size() {
      return byNumber.size;
    },
    get: (number) => byNumber.get(number) ?? null,
    of: (user) =>
      [...(byUser.get(user) ?? [])].flatMap((number) => {
        const handset = byNumber.get(number);
        return handset === undefined ? [] : [handset];
      }),
    put(handset) {
      const before = byNumber.get(handset.number);
      if (before !== undefined && before.user !== handset.user) leaveUser(before);
      byNumber.set(handset.number, handset);
      if (handset.user === null) return;
      const numbers = byUser.get(handset.user) ?? new Set<string>();
      numbers.add(handset.number);
      byUser.set(handset.user, numbers);
    },
    delete(number) {
      const handset = byNumber.get(number);
      if (handset === undefined) return;
      leaveUser(handset);
      byNumber.delete(number);
    },
    all: () => byNumber.values(),
  };
}
