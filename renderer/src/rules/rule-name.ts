import type { RuleEntry } from '../../../core/api/rules-schema.ts';

/** As the core calls it, too: by its name, or by its id where it has none. */
export const nameOf = ({ name, id }: Pick<RuleEntry, 'name' | 'id'>): string =>
  `“${name === '' ? id : name}”`;
