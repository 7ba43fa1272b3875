/** Times as SMPP writes them: `YYMMDDhhmmsstnnp`, absolute with quarters of an hour, or relative. SMPP 3.4 §7.1.1. Pure. */

const format = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d)(\d{2})([+\-R])$/;
const quarterMs = 15 * 60_000;
const quartersMax = 48;

/**
 * @param nowMs what a relative time counts from
 * @returns milliseconds since the epoch; null for an empty one; undefined for one that is none
 */
export function readSmppTime(text: string, nowMs: number): number | null | undefined {
  if (text === '') return null;
  const [, yy, mo, dd, hh, mi, ss, tenths, quarters, kind] = format.exec(text) ?? [];
  if (kind === undefined) return undefined;
  const [years, months, days, hours, minutes, seconds] = [yy, mo, dd, hh, mi, ss].map(Number);
  if (
    years === undefined ||
    months === undefined ||
    days === undefined ||
    hours === undefined ||
    minutes === undefined ||
    seconds === undefined
  )
    return undefined;
  if (kind === 'R') {
    const from = new Date(nowMs);
    return Date.UTC(
      from.getUTCFullYear() + years,
      from.getUTCMonth() + months,
      from.getUTCDate() + days,
      from.getUTCHours() + hours,
      from.getUTCMinutes() + minutes,
      from.getUTCSeconds() + seconds,
      from.getUTCMilliseconds(),
    );
  }
  const inRange =
    months >= 1 && months <= 12 && days >= 1 && days <= 31 && hours <= 23 && minutes <= 59 && seconds <= 59;
  if (!inRange || Number(quarters) > quartersMax) return undefined;
  const atMs = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, Number(tenths) * 100);
  const offsetMs = Number(quarters) * quarterMs;
  return kind === '+' ? atMs - offsetMs : atMs + offsetMs;
}

/** `YYMMDDhhmm`, as receipts have them. */
export function receiptTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\D/g, '').slice(2, 12);
}

/** Absolute, in UTC; of query_sm_resp's final_date. */
export function writeSmppTime(atMs: number): string {
  const digits = new Date(atMs).toISOString().replace(/\D/g, '');
  return `${digits.slice(2, 14)}${digits.slice(14, 15)}00+`;
}
