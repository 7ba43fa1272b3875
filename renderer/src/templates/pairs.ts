/** Members that are written name by name, as rows: a name that stands twice, or not yet, is no member. Pure. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

export type Pairs = Readonly<Record<string, string>>;

export const pairsOf = (members: Pairs): readonly Pair[] =>
  Object.entries(members).map(([name, value]) => ({ name, value }));

/** Of a name that stands twice the first one counts. */
export function membersOf(pairs: readonly Pair[]): Record<string, string> {
  const members = new Map<string, string>();
  for (const { name, value } of pairs) if (name !== '' && !members.has(name)) members.set(name, value);
  return Object.fromEntries(members);
}

export function pairFault(pairs: readonly Pair[], at: number): string | null {
  const name = pairs[at]?.name ?? '';
  if (name === '') return 'It is not kept without a name';
  return pairs.findIndex((pair) => pair.name === name) < at ? 'This name is there already' : null;
}

/** Rows that are being written stay while they mean what is kept; else it was changed elsewhere. */
export function rowsFor(kept: Pairs, written: readonly Pair[]): readonly Pair[] {
  const meant = membersOf(written);
  const names = Object.keys(meant);
  const same = names.length === Object.keys(kept).length && names.every((name) => kept[name] === meant[name]);
  return same ? written : pairsOf(kept);
}
