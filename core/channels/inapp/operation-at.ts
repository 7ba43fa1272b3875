/** Whose request it is, by its method and path. Pure. */
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';

/** @returns whose request it is, with what its path says in the place of `{names}`; null: nobody's */
export function operationAt(method: string, segments: readonly string[]): FoundOperation | null {
  for (const operation of operations) {
    if (operation.method !== method) continue;
    const wanted = segmentsOf(operation.path);
    if (wanted.length !== segments.length) continue;
    const said: Record<string, string> = {};
    const fits = wanted.every((one, at) => {
      const segment = segments[at] ?? '';
      if (!one.startsWith('{')) return one === segment;
      said[one.slice(1, -1)] = segment;
      return segment !== '';
    });
    if (fits) return { operation, said };
  }
  return null;
}

export interface FoundOperation {
  readonly operation: Operation;
  readonly said: Readonly<Record<string, string>>;
}

const known = new Map<string, readonly string[]>();

function segmentsOf(path: string): readonly string[] {
  const split = known.get(path) ?? path.slice(1).split('/');
  known.set(path, split);
  return split;
}
