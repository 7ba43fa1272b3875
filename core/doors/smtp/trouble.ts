/** What a door does wrong on purpose, as far as a session carries it out. Why, and to whom, others decide. */
import type { Reply } from './reply.ts';
import type { SmtpSession } from './session.ts';

/** The moments of a session at which it asks, in their order. What comes behind the dot is the taker's affair. */
export type TroublePoint = 'connect' | 'ehlo' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'midData';

export interface Trouble {
  /** What is done and who wants it so, for the transcript, where no answer says it. */
  readonly notes: readonly string[];
  /** Whose doing it is: `by the rule “…”`. */
  readonly why: string;
  /** Said in place of the usual answer; `replies.hangUp` cuts the connection without a word. */
  readonly answer: Reply | null;
  /** The answer comes so much later. */
  readonly lateMs: number;
  /** Pace of the connection from here on, both ways. */
  readonly bytesPerSecond: number | null;
  /** At the connection: it is reset (RST) before anything is said. */
  readonly reset: boolean;
  /** `notOffered`: not in the answer to EHLO; `refuse`: 454 to STARTTLS; `cut`: in place of the handshake. */
  readonly tls: 'notOffered' | 'refuse' | 'cut' | null;
  /** Within DATA: the connection is cut as soon as the content has so many bytes. */
  readonly cutAfterBytes: number | null;
}

export interface Troublemaker {
  /** Cheap: whether there may be any trouble at that point. */
  asks(point: TroublePoint): boolean;
  /** Asked once for each time that the session gets to the point. @param recipient at RCPT: the one that is named */
  at(point: TroublePoint, session: SmtpSession, recipient: string | null): Trouble | null;
}

export const noTrouble: Trouble = {
  notes: [],
  why: '',
  answer: null,
  lateMs: 0,
  bytesPerSecond: null,
  reset: false,
  tls: null,
  cutAfterBytes: null,
};
