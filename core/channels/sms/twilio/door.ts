/** What the parts of this door share. */
import type { SmsDoorPorts } from '../room.ts';
import type { NumberBook } from './number-book.ts';
import type { ServiceBook } from './service-book.ts';
import type { NewSid } from './sids.ts';

export interface TwilioDoor extends SmsDoorPorts {
  readonly newSid: NewSid;
  readonly services: ServiceBook;
  readonly numbers: NumberBook;
}
