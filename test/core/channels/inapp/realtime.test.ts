/** What clients hear of their queue as it happens: in order, none lost, none twice, and when to come back. */
import { describe, expect, it } from 'vitest';
import {
  createRealtime,
  type EventTrouble,
  type Goodbye,
  type Line,
  type LineRules,
  type RealtimePorts,
} from '../../../../core/channels/inapp/realtime.ts';
import type { RealtimeEvent } from '../../../../core/channels/inapp/wire.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { fakeRoom } from './fake-room.ts';

class TestLine implements Line {
  readonly said: RealtimeEvent[] = [];
  readonly ends: (Goodbye | 'terminated')[] = [];
  readonly #closes: (() => void)[] = [];
  bufferedBytes = 0;
  isThere = true;

  say(event: RealtimeEvent): void {
    this.said.push(event);
  }
  beat(): boolean {
    return this.isThere;
  }
  close(why: Goodbye): void {
    this.ends.push(why);
  }
  terminate(): void {
    this.ends.push('terminated');
    this.leave();
  }
  onClose(run: () => void): void {
    this.#closes.push(run);
  }
  leave(): void {
    for (const run of this.#closes.splice(0)) run();
  }
  get shown(): readonly (string | number)[] {
    return this.said.map((event) =>
      event.type === 'hello'
        ? `hello ${event.resumed}`
        : event.type === 'message.expired'
          ? event.id
          : event.type,
    );
  }
}

function start(over: Partial<RealtimePorts> = {}) {
  const clock = fakeClock();
  const room = fakeRoom();
  const problems: string[] = [];
  const realtime = createRealtime({
    room: room.room,
    clock,
    random: () => 0.5,
    retryAfterMs: () => 1_000,
    onProblem: (text) => problems.push(text),
    ...over,
  });
  const join = async (
    user = 'jane',
    after: number | null = null,
    rules: LineRules | null = null,
  ): Promise<TestLine> => {
    const line = new TestLine();
    realtime.join(line, { user, after, rules });
    // The counts are read first.
    await Promise.resolve();
    await Promise.resolve();
    return line;
  };
  return { clock, room, realtime, join, problems };
}

describe('a client', () => {
  it('is greeted, then hears what happens, as the other tab does', async () => {
    const { room, join } = start();
    const [one, other] = [await join(), await join()];
    const stranger = await join('joe');
    room.tell('jane', 'a');
    room.tell('jane', 'b');
    expect(one.shown).toEqual(['hello false', 'a', 'b']);
    expect(other.said.slice(1)).toEqual(one.said.slice(1));
    expect(stranger.shown).toEqual(['hello false']);
  });

  it('gets what it missed first, and nothing twice', async () => {
    const { room, join } = start();
    const first = await join();
    const seq = room.tell('jane', 'a');
    first.leave();
    room.tell('jane', 'b');
    const second = await join('jane', seq);
    room.tell('jane', 'c');
    expect(second.said[0]).toMatchObject({ type: 'hello', seq, resumed: true });
    expect(second.shown.slice(1)).toEqual(['b', 'c']);
  });

  it('loses nothing that happens while it is being greeted', async () => {
    const { room, realtime } = start();
    const seq = room.tell('jane', 'a');
    const line = new TestLine();
    realtime.join(line, { user: 'jane', after: seq });
    room.tell('jane', 'b');
    await Promise.resolve();
    await Promise.resolve();
    expect(line.shown).toEqual(['hello true', 'b']);
  });

  it.each([
    ['too long ago', 1],
    ['never', 9_999_999],
  ])('is told to pull anew when it was here %s', async (_when, after) => {
    const { room, join } = start();
    let last = 0;
    for (let told = 0; told < 12; told++) last = room.tell('jane', `${told}`);
    const line = await join('jane', after);
    expect(line.said).toEqual([expect.objectContaining({ type: 'hello', resumed: false, seq: last })]);
  });

  it('that went away is listened for no more', async () => {
    const { room, join, realtime } = start();
    const line = await join();
    expect(room.listeners('jane')).toBe(1);
    line.leave();
    expect(room.listeners('jane')).toBe(0);
    expect(realtime.lines).toBe(0);
  });
});

describe('the door', () => {
  it('says when to come back before it closes, spread over time, and ends those that stay', async () => {
    const { clock, realtime, join } = start();
    const [polite, deaf] = [await join(), await join()];
    realtime.close();
    polite.leave();
    expect(polite.said.at(-1)).toEqual({ type: 'reconnect', retryAfterMs: 1_500 });
    clock.advance(2_000);
    expect(polite.ends).toEqual(['stopping']);
    expect(deaf.ends).toEqual(['stopping', 'terminated']);
    const late = await join();
    expect(late.shown).toEqual(['reconnect']);
  });

  it('lets a client go that does not take what is sent', async () => {
    const { room, join } = start({ limits: { bufferedBytesMax: 100 } });
    const line = await join();
    room.tell('jane', 'a');
    line.bufferedBytes = 101;
    room.tell('jane', 'b');
    room.tell('jane', 'c');
    expect(line.shown).toEqual(['hello false', 'a', 'reconnect']);
    expect(line.ends).toEqual(['tooSlow']);
    expect(room.listeners('jane')).toBe(0);
  });

  it.each([
    ['of one user', { linesPerUserMax: 1 }, 'jane'],
    ['of all', { linesMax: 1 }, 'joe'],
  ])('takes no more lines %s than its limit', async (_whose, limits, second) => {
    const { join, realtime } = start({ limits });
    const first = await join();
    const line = await join(second);
    expect(line.shown).toEqual(['reconnect']);
    expect(line.ends).toEqual(['tooMany']);
    first.leave();
    expect((await join(second)).shown).toEqual(['hello false']);
    expect(realtime.lines).toBe(1);
  });

  it('lets go who would not be let in by what is asked now, and nobody else', async () => {
    const { realtime, room, clock } = start();
    const lines = new Map<string, TestLine>();
    let admitted = ['jane', 'joe'];
    for (const user of admitted) {
      const line = new TestLine();
      lines.set(user, line);
      realtime.join(line, { user, after: null, mayStay: () => admitted.includes(user) });
    }
    await Promise.resolve();
    await Promise.resolve();
    admitted = ['joe'];
    realtime.termsChanged();
    room.tell('jane', 'a');
    room.tell('joe', 'b');
    expect(lines.get('jane')?.shown).toEqual(['hello false', 'reconnect']);
    clock.advance(2_000);
    expect(lines.get('jane')?.ends).toEqual(['refused', 'terminated']);
    expect([lines.get('joe')?.shown, lines.get('joe')?.ends]).toEqual([['hello false', 'b'], []]);
    expect(realtime.lines).toBe(1);
  });

  it('cuts off who does not answer a beat', async () => {
    const { clock, join, realtime } = start();
    const [there, gone] = [await join(), await join()];
    gone.isThere = false;
    clock.advance(25_000);
    expect(gone.ends).toEqual(['terminated']);
    expect(there.ends).toEqual([]);
    expect(realtime.lines).toBe(1);
  });

  it('says that the queue cannot be read, and when to come back', async () => {
    const { room } = fakeRoom();
    const { join, problems } = start({
      room: { ...room, counts: () => Promise.reject(new Error('the disk is full')) },
    });
    const line = await join();
    expect(line.shown).toEqual(['reconnect']);
    expect(problems[0]).toContain('the disk is full');
  });
});

describe('rules', () => {
  const pass: EventTrouble = { do: 'pass', copies: 1, lateMs: 0 };
  /** What becomes of one event after the other. */
  const ruled = (given: readonly EventTrouble[], over: Partial<LineRules> = {}): LineRules => {
    const rest = [...given];
    return { lateMs: 0, atOnce: () => null, event: () => rest.shift() ?? pass, ...over };
  };

  it('lose an event, or double it', async () => {
    const { room, join } = start();
    const line = await join('jane', null, ruled([{ do: 'lose' }, { ...pass, copies: 2 }]));
    for (const id of ['a', 'b', 'c']) room.tell('jane', id);
    expect(line.shown).toEqual(['hello false', 'b', 'b', 'c']);
  });

  it('hold one up, and what comes behind it waits', async () => {
    const { clock, room, join } = start();
    const line = await join(
      'jane',
      null,
      ruled([{ ...pass, lateMs: 3_000 }, pass, { ...pass, lateMs: 1_000 }]),
    );
    for (const id of ['a', 'b', 'c']) room.tell('jane', id);
    clock.advance(2_999);
    expect(line.shown).toEqual(['hello false']);
    clock.advance(1);
    expect(line.shown).toEqual(['hello false', 'a', 'b', 'c']);
  });

  it('hold up so many and no more', async () => {
    const { room, join } = start({ limits: { delayedMax: 2 } });
    const late: EventTrouble = { ...pass, lateMs: 60_000 };
    const line = await join('jane', null, ruled([late, late, late]));
    for (const id of ['a', 'b', 'c']) room.tell('jane', id);
    expect(line.shown).toEqual(['hello false', 'reconnect']);
    expect(line.ends).toEqual(['tooSlow']);
  });

  it('greet late, and send away at once', async () => {
    const { clock, room, join } = start();
    const late = await join('jane', null, ruled([], { lateMs: 5_000 }));
    room.tell('jane', 'a');
    expect(late.shown).toEqual([]);
    clock.advance(5_000);
    expect(late.shown).toEqual(['hello false', 'a']);
    const sent = await join(
      'jane',
      null,
      ruled([], { atOnce: () => ({ do: 'reconnect', retryAfterMs: 7 }) }),
    );
    expect(sent.said.at(-1)).toEqual({ type: 'reconnect', retryAfterMs: 7 });
  });

  it('cut a connection at an event, which is lost with it', async () => {
    const { room, join, realtime } = start();
    const line = await join('jane', null, ruled([pass, { do: 'cut' }]));
    for (const id of ['a', 'b', 'c']) room.tell('jane', id);
    expect(line.shown).toEqual(['hello false', 'a']);
    expect(line.ends).toEqual(['terminated']);
    expect(realtime.lines).toBe(0);
  });
});
