/**
 * What becomes of a user's queue, told as it happens to every client of that user: two tabs hear the same. By what wire it
 * goes is the line's affair.
 *
 * A client that comes back says up to where it heard (`after`); what it missed comes first, or it is told that it must
 * pull anew. Before the door closes a connection it says when to come back.
 */
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../model/app-error.ts';
import type { InAppRoom } from './room.ts';
import type { RealtimeEvent } from './wire.ts';

/** One client's connection. */
export interface Line {
  say(event: RealtimeEvent): void;
  /** What the client has not taken yet. */
  readonly bufferedBytes: number;
  /** Shows both ends that the other is there. @returns false when the client did not answer the one before */
  beat(): boolean;
  close(why: Goodbye): void;
  terminate(): void;
  onClose(run: () => void): void;
}

export type Goodbye = 'stopping' | 'tooMany' | 'tooSlow' | 'refused';

/** Who is at the line, and on what terms. */
export interface Joining {
  readonly user: string;
  /** `seq` of the last event that the client heard; null: it was not here before. */
  readonly after: number | null;
  readonly rules?: LineRules | null;
  /** Whether it would be let in as well by what is asked of clients now; left out: it would. */
  readonly mayStay?: () => boolean;
}

/** What rules make of one event on its way to one client. */
export type EventTrouble =
  /** `lateMs` is real time; what comes behind it waits as well, for a line keeps its order. */
  | { readonly do: 'pass'; readonly copies: number; readonly lateMs: number }
  | { readonly do: 'lose' }
  | { readonly do: 'cut' }
  | { readonly do: 'reconnect'; readonly retryAfterMs: number };

/** What rules do to one client's connection. */
export interface LineRules {
  /** Before it is greeted; real time. */
  readonly lateMs: number;
  /** Once it is greeted, before any event. */
  atOnce(): EventTrouble | null;
  /** Not asked of the greeting. */
  event(event: RealtimeEvent): EventTrouble;
}

const untroubled: EventTrouble = { do: 'pass', copies: 1, lateMs: 0 };

export interface RealtimeLimits {
  readonly linesMax: number;
  readonly linesPerUserMax: number;
  /** What a client may leave untaken. */
  readonly bufferedBytesMax: number;
  /** Events that rules hold up, of one line. */
  readonly delayedMax: number;
  readonly beatMs: number;
  /** How long a client may take to say goodbye. */
  readonly goodbyeMsMax: number;
}

export const realtimeLimits: RealtimeLimits = {
  linesMax: 5_000,
  linesPerUserMax: 20,
  bufferedBytesMax: 1024 * 1024,
  delayedMax: 1_000,
  beatMs: 25_000,
  goodbyeMsMax: 2_000,
};

export interface RealtimePorts {
  readonly room: Pick<InAppRoom, 'counts' | 'listen' | 'since' | 'lastSeq'>;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** When to come back, at the least; clients are spread over as much again. */
  readonly retryAfterMs: () => number;
  readonly limits?: Partial<RealtimeLimits>;
  readonly onProblem: (text: string) => void;
}

export interface Realtime {
  join(line: Line, joining: Joining): void;
  readonly lines: number;
  /** What is asked of clients changed: who would not be let in now is let go, and is told why when it comes back. */
  termsChanged(): void;
  /** Tells everybody when to come back, and lets them go; whoever joins later is told the same. */
  close(): void;
}

export function createRealtime(ports: RealtimePorts): Realtime {
  const limits = { ...realtimeLimits, ...ports.limits };
  const shared: Shared = { ...ports, limits };
  const clients = new Set<Client>();
  const ofUser = new Map<string, number>();
  let closed = false;
  let cancelBeat: () => void = () => undefined;

  function beatLater(): void {
    cancelBeat = ports.clock.after(limits.beatMs, () => {
      for (const client of clients) client.beat();
      if (clients.size > 0) beatLater();
    });
  }

  function left(client: Client): void {
    if (!clients.delete(client)) return;
    const rest = (ofUser.get(client.user) ?? 1) - 1;
    if (rest > 0) ofUser.set(client.user, rest);
    else ofUser.delete(client.user);
    if (clients.size === 0) cancelBeat();
  }

  return {
    join(line, joining) {
      const { user, after } = joining;
      const client = new Client(shared, line, joining);
      const others = ofUser.get(user) ?? 0;
      if (closed) return client.goodbye('stopping');
      // The terms may have changed while its connection was made.
      if (!client.mayStay()) return client.goodbye('refused');
      if (clients.size >= limits.linesMax || others >= limits.linesPerUserMax)
        return client.goodbye('tooMany');
      clients.add(client);
      ofUser.set(user, others + 1);
      if (clients.size === 1) beatLater();
      line.onClose(() => {
        client.stop();
        left(client);
      });
      client.begin(after).catch((error: unknown) => {
        ports.onProblem(`a client of ${user} cannot be told of in-app messages: ${messageOf(error)}`);
        client.goodbye('tooSlow');
      });
    },
    get lines() {
      return clients.size;
    },
    termsChanged() {
      for (const client of [...clients]) if (!client.mayStay()) client.goodbye('refused');
    },
    close() {
      closed = true;
      cancelBeat();
      for (const client of [...clients]) client.goodbye('stopping');
    },
  };
}

interface Shared extends RealtimePorts {
  readonly limits: RealtimeLimits;
}

class Client {
  readonly user: string;
  readonly mayStay: () => boolean;
  readonly #ports: Shared;
  readonly #line: Line;
  readonly #rules: LineRules | null;
  #unlisten: () => void = () => undefined;
  #greeted = false;
  #delayed: { readonly event: RealtimeEvent; readonly copies: number; readonly dueMs: number }[] = [];
  #cancelDelayed: (() => void) | null = null;
  #over = false;

  constructor(ports: Shared, line: Line, { user, rules = null, mayStay = () => true }: Joining) {
    this.#ports = ports;
    this.#line = line;
    this.#rules = rules;
    this.mayStay = mayStay;
    this.user = user;
  }

  async begin(after: number | null): Promise<void> {
    const { room } = this.#ports;
    // What happens before the greeting the room remembers, or the client pulls it.
    this.#unlisten = room.listen(this.user, (event) => {
      if (this.#greeted) this.#pass(event);
    });
    const counts = await room.counts(this.user);
    if (this.#over) return;
    this.#greeted = true;
    const lastSeq = room.lastSeq();
    const missed = after === null || after > lastSeq ? null : room.since(this.user, after);
    const rules = this.#rules;
    this.#late({
      event: {
        type: 'hello',
        // Where the client is with what it has by now.
        seq: missed === null || after === null ? lastSeq : after,
        resumed: missed !== null,
        counts,
      },
      copies: 1,
      lateMs: rules?.lateMs ?? 0,
    });
    const atOnce = rules?.atOnce() ?? null;
    if (atOnce !== null && this.#isEnded(atOnce)) return;
    for (const event of missed ?? []) this.#pass(event);
  }

  #pass(event: RealtimeEvent): void {
    const trouble = this.#rules?.event(event) ?? untroubled;
    if (trouble.do === 'pass') this.#late({ event, ...trouble });
    else this.#isEnded(trouble);
  }

  /** @returns whether the line is over by it */
  #isEnded(trouble: EventTrouble): boolean {
    if (trouble.do === 'cut') this.#line.terminate();
    else if (trouble.do === 'reconnect') this.goodbye('stopping', trouble.retryAfterMs);
    else return false;
    return true;
  }

  #late({ event, copies, lateMs }: { event: RealtimeEvent; copies: number; lateMs: number }): void {
    if (this.#over) return;
    if (lateMs <= 0 && this.#delayed.length === 0) {
      this.#say(event, copies);
      return;
    }
    const { clock, limits } = this.#ports;
    if (this.#delayed.length >= limits.delayedMax) {
      this.goodbye('tooSlow');
      return;
    }
    const last = this.#delayed.at(-1)?.dueMs ?? 0;
    this.#delayed.push({ event, copies, dueMs: Math.max(last, clock.monotonicMs() + lateMs) });
    this.#sayDelayed();
  }

  #sayDelayed(): void {
    const { clock } = this.#ports;
    for (;;) {
      const [first] = this.#delayed;
      if (first === undefined || this.#over || this.#cancelDelayed !== null) return;
      const waitMs = first.dueMs - clock.monotonicMs();
      if (waitMs > 0) {
        this.#cancelDelayed = clock.after(waitMs, () => {
          this.#cancelDelayed = null;
          this.#sayDelayed();
        });
        return;
      }
      this.#delayed.shift();
      this.#say(first.event, first.copies);
    }
  }

  #say(event: RealtimeEvent, copies: number): void {
    for (let said = 0; said < copies && !this.#over; said++) {
      if (this.#line.bufferedBytes > this.#ports.limits.bufferedBytesMax) this.goodbye('tooSlow');
      else this.#line.say(event);
    }
  }

  beat(): void {
    if (this.#line.bufferedBytes > this.#ports.limits.bufferedBytesMax) this.goodbye('tooSlow');
    else if (!this.#line.beat()) this.#line.terminate();
  }

  /** @param retryAfterMs a rule's; else the door's, spread over time */
  goodbye(why: Goodbye, retryAfterMs?: number): void {
    if (this.#over) return;
    this.stop();
    const { limits, random, clock, retryAfterMs: usual } = this.#ports;
    this.#line.say({
      type: 'reconnect',
      retryAfterMs: retryAfterMs ?? Math.round(usual() * (1 + random())),
    });
    this.#line.close(why);
    const cancel = clock.after(limits.goodbyeMsMax, () => this.#line.terminate());
    this.#line.onClose(cancel);
  }

  stop(): void {
    this.#over = true;
    this.#unlisten();
    this.#cancelDelayed?.();
    this.#cancelDelayed = null;
    this.#delayed = [];
  }
}
