/** Lists that are written by hand, a step at a time. Pure. */
export const replaced = <T>(list: readonly T[], at: number, next: T): T[] =>
  list.map((one, index) => (index === at ? next : one));

export const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, index) => index !== at);

/** @param by -1: before the one above it */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const [one, other] = [list[at], list[at + by]];
  if (one === undefined || other === undefined) return [...list];
  return list.map((each, index) => (index === at ? other : index === at + by ? one : each));
}
