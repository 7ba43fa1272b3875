/** What differs between two versions, member by member. Pure. */
import type { DraftContent } from './schema.ts';

export interface Change {
  /** `content.email.subject`, `locales.de.sms.body`, `variables.total`. */
  readonly field: string;
  /** Undefined: it was not there. */
  readonly before: unknown;
  readonly after: unknown;
}

export function changesBetween(before: DraftContent, after: DraftContent): readonly Change[] {
  return [
    ...differences('content', before.content, after.content),
    ...differences('locales', before.locales, after.locales),
    ...differences('variables', byName(before), byName(after)),
  ];
}

function byName({ variables }: DraftContent): Readonly<Record<string, unknown>> {
  return Object.fromEntries(variables.map((variable) => [variable.name, variable]));
}

/** As deep as a channel's own members; what lies below, or is there in one of them alone, is told as a whole. */
function differences(field: string, before: unknown, after: unknown, depth = 0): readonly Change[] {
  if (same(before, after)) return [];
  const wanted = field.startsWith('locales') ? 3 : field.startsWith('variables') ? 1 : 2;
  if (depth >= wanted || !isObject(before) || !isObject(after)) return [{ field, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => differences(`${field}.${name}`, before[name], after[name], depth + 1));
}

/** Whatever the order of its members. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, at) => same(one, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
