type Members = Readonly<Record<string, unknown>>;

/**
 * What a merge patch has to say so that one object becomes another: what went away is null.
 *
 * Source: RFC 7396 §2.
 */
export function mergePatch(before: Members, after: Members): Members {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (isMembers(value) && isMembers(old)) {
      const inner = mergePatch(old, value);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (JSON.stringify(value) !== JSON.stringify(old)) patch[name] = value;
  }
  return patch;
}

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the object that the text holds, or what is wrong with it */
export function readMembers(text: string): { readonly members: Members } | { readonly problem: string } {
  if (text.trim() === '') return { members: {} };
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? { members: value } : { problem: 'Write an object: { "plan": "pro" }' };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'This is no JSON' };
  }
}
