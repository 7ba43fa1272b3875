/** Joins lines of code and leaves out those that are not needed. */
export const code = (...lines: readonly (string | null)[]): string =>
  lines.filter((line) => line !== null).join('\n');
