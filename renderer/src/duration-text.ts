/** Durations as people write them: `90s`, `5m`, `4h`, `2d`. */
const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @returns milliseconds, or null when it is no duration */
export function readDuration(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([smhd])\s*$/i.exec(text);
  const unit = match?.[2]?.toLowerCase();
  if (match === null || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')) return null;
  return Math.round(Number(match[1]) * units[unit]);
}

/** In the largest unit that divides it. */
export function writeDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm'] as const)
    if (ms >= units[unit] && ms % units[unit] === 0) return `${ms / units[unit]}${unit}`;
  return `${Math.round(ms / 10) / 100}s`;
}

/** `1m, 5m, 1h`; null when one of them is no duration, or none is there. */
export function readDurations(text: string): readonly number[] | null {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const read = parts.map(readDuration);
  return read.length === 0 || read.includes(null) ? null : read.flatMap((one) => (one === null ? [] : [one]));
}
