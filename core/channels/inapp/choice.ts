/** Which message a visit is shown, why the others are not, and what of that is news. */
import type { VirtualClock } from '../../clock.ts';
import { judge, type Occasion, type PassedOver } from './eligibility.ts';
import { presentEntry } from './present.ts';
import type { Visit } from './room.ts';
import type { Sessions } from './sessions.ts';
import type { UserQueue } from './user-queue.ts';
import type { Eligible, PassedOverReason } from './wire.ts';

/** Of the messages that were passed over so many are named. */
const passedOverMax = 500;

/** What is asked at a visit. */
export type ChoiceVisit = Visit & {
  readonly event: string | null;
  readonly slot: string | null;
  /** Passes over the best one. */
  readonly second?: boolean;
};

export type Judged = ReturnType<typeof judge>;

export interface Choice {
  judgeFor(queue: UserQueue, visit: ChoiceVisit): Judged;
  /** Something is handed out for the first time, or passed over for a reason that was not told of it yet. */
  isNews(queue: UserQueue, judged: Judged): boolean;
  /** What is only in the inbox, held or to come is no choice that was made at this visit. */
  untold(queue: UserQueue, passedOver: readonly PassedOver[]): readonly PassedOver[];
  /** It is one fact in the message's journey, and told once. */
  tell(queue: UserQueue, passedOver: readonly PassedOver[]): void;
}

export function createChoice(ports: {
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly sessions: Pick<Sessions, 'get'>;
}): Choice {
  const { virtual, sessions } = ports;
  /** Reasons that were told of a message already: each is one fact in its journey. */
  const told = new WeakMap<UserQueue, Map<string, Set<PassedOverReason>>>();

  function judgeFor(queue: UserQueue, visit: ChoiceVisit): Judged {
    const first = judge(queue.rows(), occasionOf(queue, visit));
    if (visit.second !== true || first.chosen === null) return first;
    const others = [...queue.rows()].filter((row) => row !== first.chosen);
    const next = judge(others, occasionOf(queue, visit));
    return next.chosen === null ? first : next;
  }

  function occasionOf(queue: UserQueue, visit: ChoiceVisit): Occasion {
    return {
      nowMs: virtual.nowMs(),
      url: visit.url,
      event: visit.event,
      slot: visit.slot,
      session: sessions.get(queue.user, visit.session),
      lastShownMs: queue.lastShownMs,
    };
  }

  function isNews(queue: UserQueue, { chosen, inline, passedOver }: Judged): boolean {
    return (
      chosen?.state === 'waiting' ||
      inline.some((row) => row.state === 'waiting') ||
      untold(queue, passedOver).length > 0
    );
  }

  function untold(queue: UserQueue, passedOver: readonly PassedOver[]): readonly PassedOver[] {
    return passedOver
      .filter(
        ({ row, reason }) =>
          !['inbox_only', 'held', 'scheduled', 'expired', 'archived'].includes(reason) &&
          !reasonsOf(queue, row.id).has(reason),
      )
      .slice(0, passedOverMax);
  }

  function reasonsOf(queue: UserQueue, id: string): Set<PassedOverReason> {
    let ofQueue = told.get(queue);
    if (ofQueue === undefined) {
      ofQueue = new Map();
      told.set(queue, ofQueue);
    }
    let reasons = ofQueue.get(id);
    if (reasons === undefined) {
      reasons = new Set();
      ofQueue.set(id, reasons);
    }
    return reasons;
  }

  return {
    judgeFor,
    isNews,
    untold,
    tell(queue, passedOver) {
      for (const { row, reason } of passedOver) reasonsOf(queue, row.id).add(reason);
    },
  };
}

export function asEligible({ chosen, inline, passedOver }: Judged): Eligible {
  return {
    chosen: chosen === null ? null : presentEntry(chosen),
    inline: inline.map(presentEntry),
    ineligible: passedOver
      .slice(-passedOverMax)
      .map(({ row, reason, detail }) => ({ id: row.id, title: row.content.title, reason, detail })),
  };
}
