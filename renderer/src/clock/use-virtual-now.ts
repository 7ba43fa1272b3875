import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type ClockReading, clockQuery } from '../api/clock.ts';
import { virtualNowMs } from './virtual-now.ts';

const tickMsMin = 250;
const tickMsMax = 10_000;

/** Ticks as often as the shown minute may change, not more. */
export function useTicking(clock: ClockReading | null): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const tick = () => setNowMs(virtualNowMs(clock, performance.now(), Date.now()));
    tick();
    const speed = clock?.speed ?? 1;
    if (speed === 0) return;
    const timer = setInterval(tick, Math.max(tickMsMin, Math.min(tickMsMax, tickMsMax / speed)));
    return () => clearInterval(timer);
  }, [clock]);
  return nowMs;
}

/** What the virtual clock shows, for whatever shows it again. */
export const useVirtualNow = (): number => useTicking(useQuery(clockQuery).data ?? null);
