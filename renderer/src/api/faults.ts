/** What the API finds wrong, put to the fields that it names. Pure. */
export interface Fault {
  /** `content.inapp.actions[0].url`; where a request could not be read at all, `content.inapp.actions.0.url`. */
  readonly field: string;
  readonly detail: string;
}

/** @returns what is wrong with that member itself, in one text; null: nothing */
export function faultAt(faults: readonly Fault[], field: string): string | null {
  return joined(faults.filter((fault) => plain(fault.field) === field));
}

/** @returns what is wrong with that member, or with anything in it */
export function faultWithin(faults: readonly Fault[], field: string): string | null {
  return joined(
    faults.filter((fault) => {
      const named = plain(fault.field);
      return named === field || named.startsWith(`${field}.`) || named.startsWith(`${field}[`);
    }),
  );
}

const plain = (field: string): string => field.replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');

const joined = (faults: readonly Fault[]): string | null =>
  faults.length === 0 ? null : [...new Set(faults.map(({ detail }) => detail))].join(' ');
