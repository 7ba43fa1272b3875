/** Made when first used: the first one costs the browser tens of milliseconds, which the first list can do without. */
function lazily(options: Intl.DateTimeFormatOptions): (at: Date) => string {
  let format: Intl.DateTimeFormat | null = null;
  return (at) => {
    format ??= new Intl.DateTimeFormat(undefined, options);
    return format.format(at);
  };
}

const day = lazily({ day: 'numeric', month: 'short' });
const dayAndYear = lazily({ day: 'numeric', month: 'short', year: 'numeric' });
const whole = lazily({ dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
const toTheMinute = lazily({ dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
let count: Intl.NumberFormat | null = null;

export function formatCount(value: number): string {
  if (value < 1_000) return String(value);
  count ??= new Intl.NumberFormat();
  return count.format(value);
}

export const formatDateTime = (iso: string): string => whole(new Date(iso));

const isoTimes = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Sentences of the core name times as machines do: `until 2026-11-25T19:19:59.496Z`. */
export const withLocalTimes = (text: string): string => text.replace(isoTimes, formatDateTime);

/** Without seconds, for what people agree on: an appointment. */
export const formatAppointment = (iso: string): string => toTheMinute(new Date(iso));

/** For a list: the time for today, the day for this year, the whole date beyond. */
export function formatWhen(iso: string, now: Date): string {
  const at = new Date(iso);
  if (at.getFullYear() !== now.getFullYear()) return dayAndYear(at);
  const sameDay = at.getMonth() === now.getMonth() && at.getDate() === now.getDate();
  return sameDay ? clock(at) : day(at);
}

/** The time for today, the day and the time for any other. */
export function formatWhenExactly(iso: string, now: Date): string {
  const at = new Date(iso);
  return at.toDateString() === now.toDateString() ? clock(at) : `${formatWhen(iso, now)} ${clock(at)}`;
}

const clock = (at: Date): string => `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** In steps of 1024, as the search language counts them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 ** 2) return `${short(bytes / 1_024)} kB`;
  if (bytes < 1_024 ** 3) return `${short(bytes / 1_024 ** 2)} MB`;
  return `${short(bytes / 1_024 ** 3)} GB`;
}

const short = (value: number): string => (value < 10 ? value.toFixed(1).replace('.0', '') : value.toFixed(0));

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

export const plural = (value: number, one: string, many: string): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`;

/** A span of any length in two units at the most: `4 h 30 min`, `2 d 1 h`. */
export function formatGap(ms: number): string {
  if (ms < 60_000) return formatDuration(ms);
  const minutes = Math.round(ms / 60_000);
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor((minutes % 1_440) / 60), 'h'],
    [minutes % 60, 'min'],
  ];
  const first = units.findIndex(([value]) => value > 0);
  return units
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
