export const points = (value: number): string => String(Math.round(value * 10) / 10);

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
export const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `userAgent` as `User agent`. */
export function wordsOf(name: string): string {
  const spaced = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.slice(0, 1).toUpperCase() + spaced.slice(1);
}
