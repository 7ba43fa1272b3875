import { useQuery } from '@tanstack/react-query';
import { exchangeQuery } from '../api/exchanges.ts';
import { ExchangeView } from '../exchanges/exchange-view.tsx';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';

/** The session that brought the message. */
export function ExchangeTab({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(exchangeQuery(id));
  if (data !== undefined) return <ExchangeView exchange={data} />;
  return error === null ? (
    <LoadingState what="the exchange" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}
