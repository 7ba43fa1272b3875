import type { MailboxMessageDetail } from '../../../core/api/mailbox-schema.ts';
import { pointsInWords } from './copy-row.tsx';
import { placementNames } from './mailbox-groups.ts';
import classes from './mailboxes-room.module.css';

type Stage = MailboxMessageDetail['filter']['reasons'][number]['stage'];
const stages: Readonly<Record<Stage, string>> = {
  authentication: 'authentication',
  content: 'content',
  reputation: 'reputation',
  engagement: 'engagement',
  recipient: 'this recipient',
};

/** Why it went where it went: the score against the threshold, and every reason with its points. */
export function FilterTable({ copy }: { readonly copy: MailboxMessageDetail }) {
  const { score, spamAt, reasons } = copy.filter;
  const sorted = [...reasons].sort((a, b) => b.points - a.points);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.detail} tabIndex={0} aria-label="Verdict of the filter">
      <p className={classes.words} style={{ padding: 0 }}>
        <b className={score >= spamAt ? classes.bad : classes.good}>
          {pointsInWords(score)} points; spam from {spamAt} on
        </b>{' '}
        · it lies in {placementNames[copy.placement]} now
      </p>
      {sorted.length === 0 ? (
        <p className={classes.dim}>Nothing spoke for it or against it.</p>
      ) : (
        <table className={classes.table} style={{ marginTop: 8 }}>
          <caption className={classes.hint} style={{ textAlign: 'left', captionSide: 'top' }}>
            More points are worse; below zero, a reason speaks for the message.
          </caption>
          <thead>
            <tr>
              <th scope="col" className={classes.number}>
                Points
              </th>
              <th scope="col">Reason</th>
              <th scope="col">By</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((reason) => (
              <tr key={`${reason.code} ${reason.detail}`}>
                <td className={`${classes.number} ${reason.points > 0 ? classes.bad : classes.good}`}>
                  {reason.points > 0 ? '+' : ''}
                  {pointsInWords(reason.points)}
                </td>
                <th scope="row" className={classes.word}>
                  <code>{reason.code}</code>
                </th>
                <td className={classes.word}>{stages[reason.stage]}</td>
                <td>{reason.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
