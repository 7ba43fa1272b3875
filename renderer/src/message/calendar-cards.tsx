import { IconCalendarEvent } from '@tabler/icons-react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { formatAppointment } from '../format.ts';
import classes from './calendar-cards.module.css';

/** The events of text/calendar parts, as a mail program would put them above the message. */
export function CalendarCards({ message }: { readonly message: MessageDetail }) {
  return message.calendar.map((event) => (
    <section key={`${event.part} ${event.summary}`} className={classes.card} aria-label="Calendar event">
      <IconCalendarEvent size={18} stroke={1.5} aria-hidden />
      <div>
        <div className={classes.title}>
          {event.summary ?? 'Event without a title'}
          {event.method !== null && <span className={classes.method}>{event.method.toLowerCase()}</span>}
        </div>
        <div className={classes.facts}>
          {[period(event.start, event.end), event.location, event.organizer]
            .filter((fact) => fact !== null)
            .join(' · ')}
        </div>
      </div>
    </section>
  ));
}

function period(start: string | null, end: string | null): string | null {
  if (start === null) return null;
  return end === null ? when(start) : `${when(start)} – ${when(end)}`;
}

/** A calendar may hold times that are no ISO dates (a whole day, a named zone); those are shown as they are. */
const when = (value: string): string => (Number.isNaN(Date.parse(value)) ? value : formatAppointment(value));
