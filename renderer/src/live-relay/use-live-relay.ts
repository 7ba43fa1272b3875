import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { type LiveStatus, liveQuery, turnLiveOff } from '../api/live-relay.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { countdownWords } from './live-words.ts';

/** Null while it is not known. */
export const useLiveRelay = (): LiveStatus | null => useQuery(liveQuery).data ?? null;

const tickMs = 1_000;

/** `14:22`, counting down. */
export function useCountdown(until: string): string {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return countdownWords(Date.parse(until) - nowMs);
}

/** The kill switch: back to the sandbox, releases by hand included. */
export function useStopLive(): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    const before = queries.getQueryData(liveQuery.queryKey);
    turnLiveOff().then(
      (status) => {
        queries.setQueryData(liveQuery.queryKey, status);
        void queries.invalidateQueries({ queryKey: ['queues'] });
        // That it ended is said by what watches over it.
        if (before?.live !== true) toast('Nothing more goes out for real');
      },
      (error: unknown) => toastProblem(error, 'It could not be stopped; the core may be gone'),
    );
  }, [queries]);
}
