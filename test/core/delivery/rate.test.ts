import { describe, expect, it } from 'vitest';
import { createRate } from '../../../core/delivery/rate.ts';

const minuteMs = 60_000;

describe('a rate', () => {
  it('tells each of those that wait a time of its own, so that they do not all come back for one place', () => {
    const rate = createRate(60);
    const told = Array.from({ length: 5 }, () => rate.take(0));
    expect(told).toEqual([null, minuteMs, 2 * minuteMs, 3 * minuteMs, 4 * minuteMs]);
    for (const at of told) if (at !== null) expect(rate.take(at)).toBeNull();
  });

  it('lets as many go in an hour as it says, whoever comes back when', () => {
    const rate = createRate(600);
    const waiting = Array.from({ length: 2_000 }, () => 0);
    const went: number[] = [];
    let asked = 0;
    while (waiting.length > 0) {
      const at = waiting.shift() ?? 0;
      asked++;
      const next = rate.take(at);
      if (next === null) went.push(at);
      else {
        const place = waiting.findIndex((one) => one > next);
        waiting.splice(place < 0 ? waiting.length : place, 0, next);
      }
    }
    expect(asked).toBeLessThanOrEqual(2 * 2_000);
    const burst = went.filter((at) => at === 0).length;
    expect(burst).toBe(10);
    expect(went.at(-1)).toBe((2_000 - burst) * 6_000);
    for (let from = 0; from < went.length; from += 50) {
      const start = went[from] ?? 0;
      expect(went.filter((at) => at >= start && at < start + 60 * minuteMs).length).toBeLessThanOrEqual(
        600 + burst,
      );
    }
  });

  it('gives a place that nobody came for to the next who asks', () => {
    const rate = createRate(60);
    for (let count = 0; count < 10_000; count++) rate.take(0);
    expect(rate.take(20 * minuteMs)).toBeNull();
    expect(rate.take(20 * minuteMs)).toBe(21 * minuteMs);
  });
});
