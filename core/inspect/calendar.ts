/** Events of text/calendar parts (RFC 5545), as far as a person wants them at a glance. Pure. */
export interface CalendarEvent {
  readonly method: string | null;
  readonly summary: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly location: string | null;
  readonly organizer: string | null;
}

const eventsMax = 20;

export function readCalendar(text: string): CalendarEvent[] {
  // RFC 5545 §3.1: a line that begins with white space goes on where the last one stopped.
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const events: CalendarEvent[] = [];
  let method: string | null = null;
  let fields: Map<string, string> | null = null;
  for (const line of lines) {
    const match = /^([A-Za-z-]+)((?:;[^:]*)?):(.*)$/.exec(line);
    if (match === null) continue;
    const [, rawName = '', , value = ''] = match;
    const name = rawName.toUpperCase();
    if (name === 'METHOD') method = value;
    else if (name === 'BEGIN' && value === 'VEVENT') fields = new Map();
    else if (name === 'END' && value === 'VEVENT' && fields !== null) {
      events.push(toEvent(method, fields));
      fields = null;
      if (events.length >= eventsMax) return events;
    } else if (fields !== null && !fields.has(name)) fields.set(name, value);
  }
  return events;
}

function toEvent(method: string | null, fields: ReadonlyMap<string, string>): CalendarEvent {
  const text = (name: string): string | null => {
    const value = fields.get(name);
    return value === undefined ? null : value.replace(/\\n/gi, '\n').replace(/\\([,;\\])/g, '$1');
  };
  return {
    method,
    summary: text('SUMMARY'),
    start: time(fields.get('DTSTART')),
    end: time(fields.get('DTEND')),
    location: text('LOCATION'),
    organizer: text('ORGANIZER')?.replace(/^mailto:/i, '') ?? null,
  };
}

/** `20260131T100000Z` → `2026-01-31T10:00:00Z`; a local time stays without zone. */
function time(value: string | undefined): string | null {
  if (value === undefined) return null;
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(value);
  if (match === null) return value;
  const [, year, month, day, hour, minute, second, zone] = match;
  return hour === undefined
    ? `${year}-${month}-${day}`
    : `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`;
}
