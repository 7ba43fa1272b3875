/** Patterns with `*` and `?`, case-insensitive, matched in linear time: no pattern of a user's can stall the loop. */
export function matchesPattern(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase();
  const t = text.toLowerCase();
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let resume = 0;
  while (at < t.length) {
    const wanted = p[inPattern];
    if (wanted === '*') {
      star = inPattern++;
      resume = at;
    } else if (wanted === '?' || (wanted !== undefined && wanted === t[at])) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (p[inPattern] === '*') inPattern++;
  return inPattern === p.length;
}
