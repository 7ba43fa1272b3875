/** What a provider answers or reports, of which nobody can be sure: members are asked for one by one. Pure. */

/** @returns null for what is no JSON */
export function answeredJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Down a path of names and places. @returns undefined where it ends early */
export function memberAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, name);
  }
  return at;
}

/** Numbers too: providers write codes either way. */
export function wordAt(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = memberAt(value, ...path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' ? String(found) : null;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = memberAt(value, ...path);
  return Array.isArray(found) ? found : [];
}
