import { describe, expect, it } from 'vitest';
import { PacedLane } from '../../../../core/doors/smtp/slow-link.ts';
import { fakeClock } from '../../../fake-clock.ts';

function lane(bytesPerSecond: number) {
  const clock = fakeClock();
  const passed: { readonly atMs: number; readonly bytes: string }[] = [];
  return {
    clock,
    passed,
    lane: new PacedLane(clock, bytesPerSecond, (piece) =>
      passed.push({ atMs: clock.monotonicMs(), bytes: piece.toString() }),
    ),
    all: () => passed.map(({ bytes }) => bytes).join(''),
  };
}

describe('a slow lane', () => {
  it('lets bytes through in order, at its pace', () => {
    const { lane: slow, clock, all } = lane(100);
    slow.push(Buffer.from('a'.repeat(60)));
    slow.push(Buffer.from('b'.repeat(60)));
    clock.advance(500);
    expect(all()).toHaveLength(50);
    clock.advance(700);
    expect(all()).toBe('a'.repeat(60) + 'b'.repeat(60));
    expect(slow.empty).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it('waits once for a piece, however slow it is', () => {
    const { lane: slow, clock, all } = lane(16);
    slow.push(Buffer.from('abc'));
    expect(clock.waiting).toBe(1);
    clock.advance(62);
    expect(all()).toBe('');
    clock.advance(1_000);
    expect(all()).toBe('abc');
  });

  it('stands still while it is held, and does not catch up afterwards', () => {
    const { lane: slow, clock, all } = lane(100);
    slow.push(Buffer.from('x'.repeat(100)));
    slow.hold();
    clock.advance(10_000);
    expect(all()).toBe('');
    slow.goOn();
    clock.advance(500);
    expect(all()).toHaveLength(50);
  });

  it('takes a new pace for the pieces to come', () => {
    const { lane: slow, clock, all } = lane(20);
    slow.push(Buffer.from('x'.repeat(1_000)));
    slow.setPace(10_000);
    clock.advance(200);
    expect(all()).toHaveLength(1_000);
  });

  it('forgets what is in it when it is closed', () => {
    const { lane: slow, clock, all } = lane(100);
    slow.push(Buffer.from('x'));
    slow.close();
    clock.advance(1_000);
    expect(all()).toBe('');
    expect(clock.waiting).toBe(0);
  });
});
