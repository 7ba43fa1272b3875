import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { MailProvider, Reputation } from '../../../core/api/mailbox-schema.ts';
import { providersQuery, reputationQuery, resetProvider } from '../api/mailboxes.ts';
import { formatBytes } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import classes from './mailboxes-room.module.css';
import { PostmasterPage } from './postmaster-page.tsx';
import { ProviderSettings } from './provider-settings.tsx';
import { profileInWords, rateInWords, reputationKinds, standingTones } from './setting-words.ts';
import { useSettingAction } from './use-setting-action.ts';
import { IpPool } from './world-view.tsx';

/** A mailbox provider: what it is like, how it is broken, and what it thinks of whom. */
export function ProviderView({ name }: { readonly name: string }) {
  const { data, error, refetch } = useQuery(providersQuery);
  if (data === undefined)
    return error === null ? (
      <LoadingState what="the provider" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  const provider = data.find((one) => one.key === name);
  return provider === undefined ? (
    <RoomState icon={null} title={`There is no provider ${name}`} />
  ) : (
    <OneProvider provider={provider} />
  );
}

function OneProvider({ provider }: { readonly provider: MailProvider }) {
  const act = useSettingAction();
  const reset = () => act(resetProvider(provider.key), 'As usual again');
  return (
    <article className={classes.detail} aria-label={provider.title}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>{provider.title}</h1>
          <p className={classes.dim}>
            {provider.domains.length === 0
              ? provider.key === 'own'
                ? 'Keeps the domains that your app sends from'
                : 'Keeps every domain that no other provider keeps'
              : provider.domains.join(', ')}
            {' · '}messages up to {formatBytes(provider.messageBytesMax)}
          </p>
        </div>
        <Button variant="default" disabled={provider.changed.length === 0} onClick={reset}>
          Reset to usual
        </Button>
      </header>
      <ul className={classes.words}>
        {profileInWords(provider).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <ProviderSettings provider={provider} />
      <Reputations provider={provider} />
      {provider.complaints === 'postmaster' && <PostmasterPage provider={provider.key} />}
      <IpPool />
    </article>
  );
}

const rowsShownMax = 200;

function Reputations({ provider }: { readonly provider: MailProvider }) {
  const { data = [] } = useQuery(reputationQuery(provider.key));
  const worstFirst = [...data].sort((a, b) => a.score - b.score || a.subject.localeCompare(b.subject));
  return (
    <section className={classes.part} aria-label="Reputation">
      <h2 className={classes.heading}>Reputation</h2>
      <p className={classes.hint}>
        What it thinks of each sender, the worst first: 60 of 100 is where everybody begins. Counts fade with
        a half-life of a week of virtual time.
      </p>
      {worstFirst.length === 0 ? (
        <p className={classes.dim}>
          It knows nobody yet: the first message to one of its mailboxes begins it.
        </p>
      ) : (
        <div className={classes.scrollX}>
          <table className={classes.table} aria-label="Reputation by domain, address and stream">
            <thead>
              <tr>
                <th scope="col">Sender</th>
                <th scope="col">Kind</th>
                <th scope="col">Standing</th>
                <th scope="col" className={classes.number}>
                  Arrived
                </th>
                <th scope="col" className={classes.number}>
                  Opened
                </th>
                <th scope="col" className={classes.number}>
                  Bounced
                </th>
                <th scope="col" className={classes.number}>
                  Complained
                </th>
                <th scope="col" className={classes.number}>
                  Complaint rate
                </th>
              </tr>
            </thead>
            <tbody>
              {worstFirst.slice(0, rowsShownMax).map((one) => (
                <ReputationRow key={`${one.kind} ${one.subject}`} reputation={one} rules={provider.rules} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {worstFirst.length > rowsShownMax && (
        <p className={classes.dim}>
          The worst {rowsShownMax} of {worstFirst.length} are shown.
        </p>
      )}
    </section>
  );
}

function ReputationRow({
  reputation,
  rules,
}: {
  readonly reputation: Reputation;
  readonly rules: MailProvider['rules'];
}) {
  const { kind, subject, score, standing, drag, counts, complaintRate } = reputation;
  const tone = standingTones[standing];
  const count = (signal: string) => Math.round(counts[signal] ?? 0);
  const high = complaintRate !== null && complaintRate >= rules.complaintRateWarned;
  return (
    <tr>
      <th scope="row">{subject}</th>
      <td>{reputationKinds[kind]}</td>
      <td className={tone === 'quiet' ? '' : classes[tone]}>
        {standing}, {score} of 100
        {drag > 0 && ` (neighbours: −${drag})`}
      </td>
      <td className={classes.number}>{count('delivered')}</td>
      <td className={classes.number}>{count('opened')}</td>
      <td className={classes.number}>{count('bounced')}</td>
      <td className={classes.number}>{count('complained')}</td>
      <td className={`${classes.number} ${high ? classes.bad : ''}`}>{rateInWords(complaintRate)}</td>
    </tr>
  );
}
