/** The set of rules as the screen keeps it: changed here first, and put right by what the core answers. Pure. */
import type { RuleEntry, RulesPage } from '../../../core/api/rules-schema.ts';

const renumbered = (page: RulesPage, entries: readonly RuleEntry[]): RulesPage => ({
  ...page,
  total: entries.length,
  entries: entries.map((entry, position) => (entry.position === position ? entry : { ...entry, position })),
});

export function withoutRule(page: RulesPage, id: string): RulesPage {
  return renumbered(
    page,
    page.entries.filter((entry) => entry.id !== id),
  );
}

export function withRule(page: RulesPage, rule: RuleEntry): RulesPage {
  const at = page.entries.findIndex((entry) => entry.id === rule.id);
  return renumbered(
    page,
    at === -1 ? page.entries.toSpliced(rule.position, 0, rule) : page.entries.with(at, rule),
  );
}

/** @param before id of the rule that it is to stand before; null: at the end */
export function moved(page: RulesPage, id: string, before: string | null): RulesPage {
  const rule = page.entries.find((entry) => entry.id === id);
  if (rule === undefined || before === id) return page;
  const others = page.entries.filter((entry) => entry.id !== id);
  const at = before === null ? others.length : others.findIndex((entry) => entry.id === before);
  return at === -1 ? page : renumbered(page, others.toSpliced(at, 0, rule));
}

/**
 * The rule before which another one has to stand to get to a gap of the list.
 *
 * @param gap 0: above the first one; as many as there are: below the last one
 * @returns 'same' when it would stay where it is
 */
export function beforeOfGap(ids: readonly string[], id: string, gap: number): string | null | 'same' {
  const at = ids.indexOf(id);
  if (gap === at || gap === at + 1) return 'same';
  return ids[gap] ?? null;
}

/** Lays fresh counts of some rules over the set. @returns 'stale' when the set itself is another one by now */
export function withCounts(page: RulesPage, part: RulesPage, whole: boolean): RulesPage | 'stale' {
  if (page.undo !== part.undo || page.scenario?.name !== part.scenario?.name) return 'stale';
  if (page.magicAddresses !== part.magicAddresses) return 'stale';
  if (whole && page.total !== part.total) return 'stale';
  const fresh = new Map(part.entries.map((entry) => [entry.id, entry]));
  let changed = false;
  for (const entry of part.entries) if (page.entries[entry.position]?.id !== entry.id) return 'stale';
  const entries = page.entries.map((entry) => {
    const now = fresh.get(entry.id);
    if (
      now === undefined ||
      (now.hits === entry.hits && now.matches === entry.matches && now.since === entry.since)
    )
      return entry;
    changed = true;
    return now;
  });
  return changed ? { ...page, entries } : page;
}

/** As the core searches: in all that the rule says, in either case. */
export function matching(entries: readonly RuleEntry[], q: string): readonly RuleEntry[] {
  const wanted = q.trim().toLowerCase();
  return wanted === ''
    ? entries
    : entries.filter(({ id, name, enabled, stage, when, then }) =>
        JSON.stringify({ id, name, enabled, stage, when, then }).toLowerCase().includes(wanted),
      );
}
