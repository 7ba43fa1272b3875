import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RuleHit } from '../../../core/api/rules-schema.ts';
import { ruleHitsQuery } from '../api/rules.ts';
import { formatCount, formatDateTime } from '../format.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { actionWords, pointWords } from './rule-words.ts';
import classes from './rules-pane.module.css';

/** What a rule did, newest first, each with the way to what it was done to. */
export function RuleHits({ id, total }: { readonly id: string; readonly total: number }) {
  const { data, error, refetch } = useQuery(ruleHitsQuery(id));
  if (data === undefined)
    return error === null ? null : <ProblemState error={error} onRetry={() => void refetch()} />;
  const { entries } = data;
  return (
    <section className={classes.part} aria-label="Hits">
      <h2 className={classes.heading}>
        Hits <span className={classes.count}>{formatCount(total)}</span>
      </h2>
      {entries.length === 0 ? (
        <p className={classes.dim}>
          {total === 0
            ? 'It hit nothing yet. What it does is listed here, with the way to the message.'
            : 'None is listed any more.'}
        </p>
      ) : (
        <div className={classes.scrollX}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Time (virtual)</th>
                <th scope="col">Did</th>
                <th scope="col">To</th>
                <th scope="col">Show</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((hit) => (
                <tr key={hit.seq}>
                  <td className={classes.nowrap}>
                    <time dateTime={hit.virtualAt}>{formatDateTime(hit.virtualAt)}</time>
                  </td>
                  <td className={classes.nowrap}>{didWords(hit)}</td>
                  <td>{hit.recipient ?? hit.sender ?? ''}</td>
                  <td>
                    <HitLinks hit={hit} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {total > entries.length && entries.length > 0 && (
        <p className={classes.dim}>The last {entries.length} are listed.</p>
      )}
    </section>
  );
}

const isWord = <T extends object>(words: T, key: string): key is Extract<keyof T, string> => key in words;

function didWords({ action, point }: RuleHit): string {
  const did = isWord(actionWords, action) ? actionWords[action].label.toLowerCase() : action;
  return `${did}, ${isWord(pointWords, point) ? pointWords[point] : point}`;
}

function HitLinks({ hit }: { readonly hit: RuleHit }) {
  const { messageId, deliveryId, exchangeId } = hit;
  return (
    <span className={classes.links}>
      {messageId !== null && (
        <Link
          to="/messages/$id"
          params={{ id: messageId }}
          search={deliveryId === null ? {} : { delivery: deliveryId, tab: 'journey' }}
          className={classes.link}
        >
          message
        </Link>
      )}
      {messageId === null && deliveryId !== null && (
        <Link to="/queue/$id" params={{ id: deliveryId }} search={{ status: 'any' }} className={classes.link}>
          delivery
        </Link>
      )}
      {exchangeId !== null && (
        <Link to="/exchanges/$id" params={{ id: exchangeId }} search={{}} className={classes.link}>
          exchange
        </Link>
      )}
      {messageId === null && deliveryId === null && exchangeId === null && (
        <span className={classes.dim}>the session was not kept</span>
      )}
    </span>
  );
}
