/** Which rows are marked. Pure. */
export interface Marks {
  readonly ids: ReadonlySet<string>;
  /** The one marked last: a range begins there. */
  readonly anchor: string | null;
}

export const noMarks: Marks = { ids: new Set(), anchor: null };

/** Marks one, or takes its mark away. */
export function toggled(marks: Marks, id: string): Marks {
  const ids = new Set(marks.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** Marks all from the anchor to this one, in the order of the list; alone when there is no anchor. */
export function rangeTo(marks: Marks, id: string, order: readonly string[]): Marks {
  const from = marks.anchor === null ? -1 : order.indexOf(marks.anchor);
  const to = order.indexOf(id);
  if (to === -1) return marks;
  const first = from === -1 ? to : Math.min(from, to);
  const between = order.slice(first, Math.max(from, to) + 1);
  return { ids: new Set([...marks.ids, ...between]), anchor: from === -1 ? id : marks.anchor };
}

/** Without those that left the list: nobody sees them, and nothing is done to what nobody sees. */
export function stillListed(marks: Marks, order: ReadonlySet<string>): Marks {
  if ([...marks.ids].every((id) => order.has(id))) return marks;
  return {
    ids: new Set([...marks.ids].filter((id) => order.has(id))),
    anchor: marks.anchor !== null && order.has(marks.anchor) ? marks.anchor : null,
  };
}
