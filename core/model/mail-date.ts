/** Dates as mail writes them (RFC 5322 §3.3), in UTC. Pure. */
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
/** The last millisecond of the year 9999: the grammar has no room for more digits that anyone reads. */
const dateMsMax = 253_402_300_799_999;

/** `Sat, 31 Jan 2026 10:00:00 +0000` */
export function mailDate(atMs: number): string {
  const at = new Date(Math.min(Math.max(Number.isFinite(atMs) ? atMs : 0, 0), dateMsMax));
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(twoDigits).join(':');
  return `${days[at.getUTCDay()]}, ${twoDigits(at.getUTCDate())} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${time} +0000`;
}

/** @returns milliseconds since the epoch, or null for what is no date; comments behind it are passed over */
export function parseMailDate(text: string): number | null {
  const ms = Date.parse(
    text
      .slice(0, dateCharsMax)
      .replace(/\([^()]*\)/g, ' ')
      .trim(),
  );
  return Number.isNaN(ms) ? null : ms;
}
const dateCharsMax = 200;

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
