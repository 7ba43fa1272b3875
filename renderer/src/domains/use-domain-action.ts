import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { SendingDomain } from '../../../core/api/schema.ts';
import { domainQuery } from '../api/domains.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';

interface Texts {
  readonly done?: string;
  readonly failed: string;
}

/** Does something to a domain, then shows what it led to. */
export function useDomainAction(): (
  action: Promise<SendingDomain>,
  texts: Texts,
) => Promise<SendingDomain | null> {
  const queries = useQueryClient();
  return useCallback(
    async (action: Promise<SendingDomain>, { done, failed }: Texts) => {
      try {
        const domain = await action;
        queries.setQueryData(domainQuery(domain.name).queryKey, domain);
        void queries.invalidateQueries({ queryKey: ['domains'] });
        if (done !== undefined) toast(done);
        return domain;
      } catch (error) {
        toastProblem(error, failed);
        return null;
      }
    },
    [queries],
  );
}
