/** A room of in-app messages as the real-time doors see it: events are what the test says. */
import type { RealtimePorts } from '../../../../core/channels/inapp/realtime.ts';
import type { InAppCounts, RealtimeEvent } from '../../../../core/channels/inapp/wire.ts';

export interface FakeRoom {
  readonly room: RealtimePorts['room'];
  /** @returns its seq */
  tell(user: string, id: string): number;
  listeners(user: string): number;
}

export const noCounts: InAppCounts = { total: 0, unread: 0, unseen: 0 };

/** @param kept events of one user that are remembered */
export function fakeRoom(kept = 10): FakeRoom {
  let seq = 1_000;
  const heard = new Map<string, Set<(event: RealtimeEvent) => void>>();
  const events: { readonly user: string; readonly event: RealtimeEvent; readonly seq: number }[] = [];
  const of = (user: string) => events.filter((one) => one.user === user);
  return {
    room: {
      counts: () => Promise.resolve(noCounts),
      lastSeq: () => seq,
      listen(user, hear) {
        const all = heard.get(user) ?? new Set();
        heard.set(user, all.add(hear));
        return () => all.delete(hear);
      },
      since(user, after) {
        const dropped = of(user).at(-kept - 1)?.seq ?? 0;
        if (after < dropped) return null;
        return of(user)
          .filter((one) => one.seq > after)
          .map((one) => one.event);
      },
    },
    tell(user, id) {
      seq += 1;
      const event: RealtimeEvent = { type: 'message.expired', seq, id, counts: noCounts };
      events.push({ user, event, seq });
      for (const hear of heard.get(user) ?? []) hear(event);
      return seq;
    },
    listeners: (user) => heard.get(user)?.size ?? 0,
  };
}
