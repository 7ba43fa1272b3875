import { queryOptions } from '@tanstack/react-query';
import type { Clock } from '../../../core/api/schema.ts';
import { request } from './request.ts';

/** Somebody else may move the clock too: the command line, a test. */
const refetchMs = 15_000;

/** What the clock showed, and when it was asked (by this page's own time). */
export interface ClockReading extends Clock {
  readonly readAtMs: number;
}

export const clockQuery = queryOptions({
  queryKey: ['clock'],
  queryFn: async ({ signal }) => readAt(await request<Clock>('/clock', { signal })),
  refetchInterval: refetchMs,
  staleTime: 1_000,
});

export type ClockChange =
  | { readonly advanceMs: number }
  | { readonly toNext: true }
  | { readonly speed: number }
  | { readonly freeze: boolean }
  /** Back to wall time and its own speed. */
  | { readonly reset: true };

export const moveClock = async (change: ClockChange): Promise<ClockReading> =>
  readAt(await request<Clock>('/clock', { method: 'POST', json: change }));

const readAt = (clock: Clock): ClockReading => ({ ...clock, readAtMs: performance.now() });
