/** Whether a message may be shown on a page or screen, by its page rules. Pure. */
import type { PageRule } from '../../model/inapp.ts';

/** @returns null: it may; else why not, in a sentence */
export function pageRefusal(rules: readonly PageRule[], url: string | null): string | null {
  if (rules.length === 0) return null;
  const shows = rules.filter((rule) => rule.directive === 'show');
  if (url === null)
    return shows.length === 0
      ? null
      : `It is for some pages alone (${shows.map(spoken).join(' or ')}), and the app did not say which page this is.`;
  const names = namesOf(url);
  const hidden = rules.find((rule) => rule.directive === 'hide' && holds(rule, names));
  if (hidden !== undefined) return `It is hidden where the page ${spoken(hidden)}, and this is ${url}.`;
  if (shows.length === 0 || shows.some((rule) => holds(rule, names))) return null;
  return `It is shown where the page ${shows.map(spoken).join(' or ')}, and this is ${url}.`;
}

/** A page goes by its whole address, its path with the query, and its path alone; a screen by its name. */
function namesOf(url: string): readonly string[] {
  if (url.startsWith('/')) return [url, ...withoutQuery(url)];
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return [url];
  const parsed = URL.parse(url);
  if (parsed === null) return [url];
  return [...new Set([url, `${parsed.pathname}${parsed.search}`, parsed.pathname])];
}

function withoutQuery(path: string): readonly string[] {
  const end = path.search(/[?#]/);
  return end < 0 ? [] : [path.slice(0, end)];
}

function holds({ operator, argument }: PageRule, names: readonly string[]): boolean {
  switch (operator) {
    case 'equals':
      return names.includes(argument);
    case 'contains':
      return names.some((name) => name.includes(argument));
    case 'startsWith':
      return names.some((name) => name.startsWith(argument));
    case 'matches':
      return names.some((name) => matchesGlob(argument, name));
  }
}

function spoken({ operator, argument }: PageRule): string {
  switch (operator) {
    case 'equals':
      return `is “${argument}”`;
    case 'contains':
      return `contains “${argument}”`;
    case 'startsWith':
      return `starts with “${argument}”`;
    case 'matches':
      return `matches “${argument}”`;
  }
}

/**
 * `*` stands for anything within a segment of a path, `**` for anything. The places in the pattern that the text can have come
 * to are gone through together, letter by letter: no pattern needs longer than its length times the text's.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.match(/\*\*+|\*|[^*]/gs) ?? [];
  let places = reached(new Set([0]), parts);
  for (const letter of text) {
    const next = new Set<number>();
    for (const place of places) {
      const part = parts[place];
      if (part === undefined) continue;
      if (part.startsWith('**')) next.add(place);
      else if (part === '*') {
        if (letter !== '/') next.add(place);
      } else if (part === letter) next.add(place + 1);
    }
    if (next.size === 0) return false;
    places = reached(next, parts);
  }
  return places.has(parts.length);
}

/** A star may also stand for nothing. */
function reached(places: Set<number>, parts: readonly string[]): Set<number> {
  for (const place of places) if (parts[place]?.startsWith('*') === true) places.add(place + 1);
  return places;
}
