import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect } from 'react';
import { countsIntervalMs, fetchRules, rulesQuery } from '../api/rules.ts';
import { withCounts } from './rules-page.ts';

export interface ShownRules {
  /** Place of the first one that is shown. */
  readonly from: number;
  readonly count: number;
}

const countMin = 20;

/** Asks for what the shown rules hit, while somebody looks; of ten thousand rules not all each time. */
export function useFreshCounts(q: string, shown: RefObject<ShownRules>): void {
  const queries = useQueryClient();
  useEffect(() => {
    const abort = new AbortController();
    let asking = false;
    const ask = async () => {
      if (asking || document.visibilityState === 'hidden') return;
      const { from, count } = shown.current;
      asking = true;
      try {
        const part = await fetchRules(q, from, Math.max(countMin, count), abort.signal);
        const page = queries.getQueryData(rulesQuery.queryKey);
        if (
          page === undefined ||
          abort.signal.aborted ||
          queries.isFetching({ queryKey: rulesQuery.queryKey }) > 0
        )
          return;
        const fresh = withCounts(page, part, q === '');
        if (fresh === 'stale') void queries.invalidateQueries({ queryKey: ['rules'] });
        else if (fresh !== page) queries.setQueryData(rulesQuery.queryKey, fresh);
      } catch {
        // What was shown stays; the frame says it when the core is away, and the next round asks again.
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(() => void ask(), countsIntervalMs);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [q, queries, shown]);
}
