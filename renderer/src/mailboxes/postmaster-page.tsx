import { useQuery } from '@tanstack/react-query';
import type { PostmasterDomain } from '../../../core/api/mailbox-schema.ts';
import { postmasterQuery } from '../api/mailboxes.ts';
import classes from './mailboxes-room.module.css';

/** What the provider tells senders about themselves, a day a row, as Gmail's Postmaster Tools do. */
export function PostmasterPage({ provider }: { readonly provider: string }) {
  const { data = [] } = useQuery(postmasterQuery(provider));
  return (
    <section className={classes.part} aria-label="Page for postmasters">
      <h2 className={classes.heading}>Page for postmasters</h2>
      <p className={classes.hint}>
        The only place where this provider shows complaints. The rate is that of what reached the inbox:
        warned from 0.1 %, throttled from 0.3 %. Days are virtual.
      </p>
      {data.length === 0 && <p className={classes.dim}>Nobody sent anything to it yet.</p>}
      {data.map((domain) => (
        <DomainPage key={domain.domain} page={domain} />
      ))}
    </section>
  );
}

function DomainPage({ page }: { readonly page: PostmasterDomain }) {
  const byFeedbackId = page.days.flatMap((day) => day.feedback.map((one) => ({ ...one, day: day.day })));
  return (
    <div style={{ marginTop: 12 }}>
      <h3 className={classes.heading}>
        {page.domain}: {page.reputation} reputation ({page.score} of 100)
      </h3>
      <div className={classes.scrollX}>
        <table className={classes.table} aria-label={`Days of ${page.domain}`}>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" className={classes.number}>
                Delivered
              </th>
              <th scope="col" className={classes.number}>
                Refused
              </th>
              <th scope="col">Complaint rate</th>
              <th scope="col" className={classes.number}>
                SPF
              </th>
              <th scope="col" className={classes.number}>
                DKIM
              </th>
              <th scope="col" className={classes.number}>
                DMARC
              </th>
              <th scope="col" className={classes.number}>
                TLS
              </th>
            </tr>
          </thead>
          <tbody>
            {page.days.map((day) => (
              <tr key={day.day}>
                <th scope="row">{day.day}</th>
                <td className={classes.number}>{day.delivered}</td>
                <td className={classes.number}>{day.refused}</td>
                <td className={day.warned ? classes.bad : ''}>
                  {share(day.spamRate)}
                  {day.throttled ? ', throttled' : day.warned ? ', warned' : ''}
                </td>
                <td className={classes.number}>{share(day.spfRate)}</td>
                <td className={classes.number}>{share(day.dkimRate)}</td>
                <td className={classes.number}>{share(day.dmarcRate)}</td>
                <td className={classes.number}>{share(day.tlsRate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {byFeedbackId.length === 0 ? (
        <p className={classes.dim}>
          No message of it has a Feedback-ID, so complaints cannot be told apart by campaign.
        </p>
      ) : (
        <table className={classes.table} aria-label={`Feedback-IDs of ${page.domain}`}>
          <thead>
            <tr>
              <th scope="col">Feedback-ID</th>
              <th scope="col">Day</th>
              <th scope="col" className={classes.number}>
                Delivered
              </th>
              <th scope="col" className={classes.number}>
                Complaint rate
              </th>
            </tr>
          </thead>
          <tbody>
            {byFeedbackId.map((one) => (
              <tr key={`${one.day} ${one.id}`}>
                <th scope="row">
                  <code>{one.id}</code>
                </th>
                <td>{one.day}</td>
                <td className={classes.number}>{one.delivered}</td>
                <td className={classes.number}>{share(one.spamRate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const share = (value: number | null): string =>
  value === null ? '–' : `${Number((value * 100).toFixed(2))} %`;
