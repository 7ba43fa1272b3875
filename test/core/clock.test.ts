import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../core/clock.ts';
import { fakeClock } from '../fake-clock.ts';

const startMs = Date.UTC(2026, 0, 31, 10);

describe('the virtual clock', () => {
  it('is wall time until it is told otherwise', () => {
    const wall = fakeClock(startMs);
    const virtual = createVirtualClock(wall, null);
    wall.advance(5_000);
    expect(virtual.nowMs()).toBe(startMs + 5_000);
  });

  it('stands still, runs faster, and jumps', () => {
    const wall = fakeClock(startMs);
    const virtual = createVirtualClock(wall, null);
    virtual.setSpeed(0);
    wall.advance(60_000);
    expect(virtual.nowMs()).toBe(startMs);
    virtual.setSpeed(60);
    wall.advance(1_000);
    expect(virtual.nowMs()).toBe(startMs + 60_000);
    virtual.jumpTo(startMs + 3_600_000);
    wall.advance(1_000);
    expect(virtual.nowMs()).toBe(startMs + 3_660_000);
  });

  it('rings timers in the order of their times, at its own speed', () => {
    const wall = fakeClock(startMs);
    const virtual = createVirtualClock(wall, null);
    const rang: string[] = [];
    virtual.at(startMs + 7_200_000, () => rang.push('two hours'));
    virtual.at(startMs + 3_600_000, () => rang.push('an hour'));
    virtual.at(startMs + 1_800_000, () => rang.push('never'))();
    virtual.setSpeed(3_600);
    wall.advance(1_000);
    expect(rang).toEqual(['an hour']);
    virtual.setSpeed(0);
    wall.advance(60_000);
    expect(rang).toEqual(['an hour']);
    virtual.jumpTo(startMs + 7_200_000);
    expect(rang).toEqual(['an hour', 'two hours']);
  });

  it('goes on after a restart where it would be, and is not moved by a wall clock that was corrected', () => {
    const wall = fakeClock(startMs);
    const before = createVirtualClock(wall, null);
    before.jumpTo(startMs + 86_400_000);
    wall.advance(10_000);
    const after = createVirtualClock(wall, before.time());
    expect(after.nowMs()).toBe(before.nowMs());
    const earlier = createVirtualClock(fakeClock(startMs - 3_600_000), before.time());
    expect(earlier.nowMs()).toBe(startMs + 86_400_000);
  });

  it('never goes back, whatever it is told', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), by: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('speed' as const), by: fc.integer({ min: 0, max: 1_000 }) }),
      fc.record({ kind: fc.constant('jump' as const), by: fc.integer({ min: -1e9, max: 1e9 }) }),
      fc.record({ kind: fc.constant('restart' as const), by: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const wall = fakeClock(startMs);
        let virtual = createVirtualClock(wall, null);
        let last = virtual.nowMs();
        for (const { kind, by } of steps) {
          if (kind === 'wait') wall.advance(by);
          else if (kind === 'speed') virtual.setSpeed(by);
          else if (kind === 'jump') virtual.jumpTo(virtual.nowMs() + by);
          else virtual = createVirtualClock(wall, virtual.time());
          expect(virtual.nowMs()).toBeGreaterThanOrEqual(last);
          last = virtual.nowMs();
        }
      }),
    );
  });
});
