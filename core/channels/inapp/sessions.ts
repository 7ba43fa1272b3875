/** What clients' sessions have had. In memory alone: a session that is forgotten begins anew, which shows too much at the worst. */
export interface SessionRecord {
  readonly seen: Set<string>;
  readonly dismissed: Set<string>;
}

export interface Sessions {
  get(user: string, session: string | null): SessionRecord | null;
  /** Made where it is not known. */
  of(user: string, session: string): SessionRecord;
  /** One display of a message, as the client names it. @returns false: it was counted before */
  count(id: string, visit: string): boolean;
}

const sessionsMax = 50_000;
/** Messages of one session; the oldest is forgotten first. */
const idsPerSessionMax = 200;
const visitsMax = 100_000;

export function createSessions(): Sessions {
  const sessions = new Map<string, SessionRecord>();
  const visits = new Set<string>();
  const keyOf = (user: string, session: string): string => `${user}\n${session}`;
  return {
    get: (user, session) => (session === null ? null : (sessions.get(keyOf(user, session)) ?? null)),

    of(user, session) {
      const key = keyOf(user, session);
      const record = sessions.get(key) ?? { seen: new Set(), dismissed: new Set() };
      // Behind all others: the one that was used least lately is the first.
      sessions.delete(key);
      sessions.set(key, record);
      for (const ids of [record.seen, record.dismissed]) dropOldest(ids, idsPerSessionMax - 1);
      dropOldest(sessions, sessionsMax);
      return record;
    },

    count(id, visit) {
      const key = `${id}\n${visit}`;
      if (visits.has(key)) return false;
      visits.add(key);
      dropOldest(visits, visitsMax);
      return true;
    },
  };
}

function dropOldest(
  kept: { readonly size: number; keys(): Iterable<string>; delete(key: string): boolean },
  max: number,
): void {
  for (const key of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(key);
  }
}
