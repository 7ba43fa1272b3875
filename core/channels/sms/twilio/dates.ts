/** Dates as Twilio writes and reads them. */

/** One a second is made at the most. */
let madeForS = Number.NaN;
let made = '';

/** RFC 2822, in GMT: `Thu, 24 Aug 2023 05:01:45 +0000`. */
export function rfc2822(ms: number): string {
  const s = Math.floor(ms / 1000);
  if (s !== madeForS) {
    made = new Date(s * 1000).toUTCString().replace('GMT', '+0000');
    madeForS = s;
  }
  return made;
}

/** Without milliseconds: `2023-08-24T05:01:45Z`. */
export function iso8601(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const isoDay = /^\d{4}-\d\d-\d\d$/;
const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;

/** @returns milliseconds since the epoch, or null; a time without a zone is in UTC */
export function readTime(text: string): number | null {
  if (isoDay.test(text)) return checked(Date.parse(`${text}T00:00:00Z`));
  if (!isoTime.test(text)) return null;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(10)) ? text : `${text}Z`;
  return checked(Date.parse(zoned.replace(' ', 'T')));
}

export function isDay(text: string): boolean {
  return isoDay.test(text);
}

function checked(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}

/** As carriers' receipts have it (RawDlrDoneDate): YYMMDDhhmm, in UTC. */
export function receiptTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\D/g, '').slice(2, 12);
}
