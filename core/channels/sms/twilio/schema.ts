/** What the door keeps with a message, and says of it again. */
import type { NewSms } from '../../../model/sms.ts';

export const apiVersion = '2010-04-01';

export type Direction = 'inbound' | 'outbound-api' | 'outbound-reply';

/** `NewSms.record`: what the request said and a message has no place of its own for. */
export interface TwilioRecord {
  /** The status that the first answer told. */
  readonly first: 'queued' | 'accepted' | 'scheduled';
  readonly direction: Direction;
  /** Where reports go: of the request, else of the service, else of the number. */
  readonly callback: string | null;
  readonly callbackMethod: 'POST' | 'GET';
  readonly validityS: number | null;
  /** The message's last change that no step tells of: redaction. */
  readonly changedAtMs: number | null;
  readonly feedback: 'confirmed' | 'unconfirmed' | null;
}

export const freshRecord: TwilioRecord = {
  first: 'queued',
  direction: 'outbound-api',
  callback: null,
  callbackMethod: 'POST',
  validityS: null,
  changedAtMs: null,
  feedback: null,
};

/** Messages that no request made (an answer to STOP, an answer of a handset) have no record: they are as it would be. */
export function recordOf({ record, direction }: Pick<NewSms, 'record' | 'direction'>): TwilioRecord {
  const { first, callback, callbackMethod, validityS, changedAtMs, feedback } = record;
  return {
    first: first === 'accepted' || first === 'scheduled' ? first : 'queued',
    direction: directionOf(record.direction, direction),
    callback: typeof callback === 'string' ? callback : null,
    callbackMethod: callbackMethod === 'GET' ? 'GET' : 'POST',
    validityS: typeof validityS === 'number' ? validityS : null,
    changedAtMs: typeof changedAtMs === 'number' ? changedAtMs : null,
    feedback: feedback === 'confirmed' || feedback === 'unconfirmed' ? feedback : null,
  };
}

function directionOf(said: unknown, direction: NewSms['direction']): Direction {
  if (direction === 'mo') return 'inbound';
  return said === 'outbound-api' ? 'outbound-api' : 'outbound-reply';
}
