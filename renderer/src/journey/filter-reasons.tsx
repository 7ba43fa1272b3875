import type { FilterReport } from '../../../core/api/schema.ts';
import classes from './filter-reasons.module.css';
import { points } from './plain-values.ts';

/** Why a filter put a message where it did: every point explained. */
export function FilterReasons({ report }: { readonly report: FilterReport }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Points</th>
          <th scope="col">Looked at</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {report.reasons.map((reason, index) => (
          <tr key={index} data-against={reason.points > 0}>
            <td className={classes.points}>
              {reason.points > 0 ? '+' : ''}
              {points(reason.points)}
            </td>
            <td>{reason.stage}</td>
            <td>
              {reason.detail} <code className={classes.code}>{reason.code}</code>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td className={classes.points}>{points(report.score)}</td>
          <td colSpan={2}>
            {report.score >= report.spamAt
              ? `At ${points(report.spamAt)} or more it is taken for spam.`
              : `Spam begins at ${points(report.spamAt)}.`}
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
