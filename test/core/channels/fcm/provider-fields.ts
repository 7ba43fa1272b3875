import type { Fields } from '../../../../core/doors/http/provider-request.ts';

export function fieldsOf(given: readonly (readonly [name: string, value: string])[]): Fields {
  const entries = given.map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    entries,
    get: (name) => entries.find(([one]) => one === name)?.[1] ?? null,
    all: (name) => entries.filter(([one]) => one === name).map(([, value]) => value),
  };
}
