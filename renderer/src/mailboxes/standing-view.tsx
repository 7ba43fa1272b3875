import { NativeSelect } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { DomainStanding } from '../../../core/api/standing-schema.ts';
import { domainsQuery } from '../api/domains.ts';
import { standingQuery } from '../api/mailboxes.ts';
import { plural } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import classes from './mailboxes-room.module.css';
import own from './standing-view.module.css';
import { harmOf, stageNames, worstFirst } from './standing-words.ts';

type Stage = DomainStanding['stages'][number];

/** How a fault of a sending domain compounds, from its records to its readers. */
export function StandingView({ domain }: { readonly domain: string }) {
  const { data, error, refetch } = useQuery(standingQuery(domain));
  if (data !== undefined) return <Standing standing={data} />;
  return error === null ? (
    <LoadingState what="how the domain stands" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function Standing({ standing }: { readonly standing: DomainStanding }) {
  const domains = useQuery(domainsQuery('')).data?.entries ?? [];
  const navigate = useNavigate();
  const ranked = worstFirst(standing.stages);
  const names = [...new Set([standing.domain, ...domains.map(({ name }) => name)])];
  return (
    <article className={classes.detail} aria-label={`How faults of ${standing.domain} compound`}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>How a fault compounds</h1>
          <p className={classes.dim}>
            {standing.domain}, by {plural(standing.copies, 'recent message', 'recent messages')} in mailboxes
          </p>
        </div>
        <NativeSelect
          aria-label="Sending domain"
          value={standing.domain}
          data={names}
          onChange={(event) =>
            void navigate({
              to: '/mailboxes/standing/$domain',
              params: { domain: event.currentTarget.value },
              search: (old) => old,
            })
          }
        />
      </header>
      <ol className={own.line} aria-label="The five stages">
        {standing.stages.map((stage, index) => (
          <Fragment key={stage.stage}>
            {index > 0 && (
              <li className={own.arrow} aria-hidden>
                <IconArrowRight size={14} />
              </li>
            )}
            <li className={own.stage} data-tone={harmOf(stage.harm).tone}>
              <span className={own.name}>{stageNames[stage.stage]}</span>
              <span className={own.harm}>
                <span aria-hidden>{harmOf(stage.harm).shape}</span> {harmOf(stage.harm).word}
                {stage.harm > 0 && ` · ${stage.harm}`}
              </span>
              <span className={own.bar} aria-hidden>
                <span style={{ width: `${stage.harm}%` }} />
              </span>
              <span className={own.summary}>{stage.summary}</span>
            </li>
          </Fragment>
        ))}
      </ol>
      <section className={classes.part} aria-label="What to mend, the worst first">
        <h2 className={classes.heading}>What to mend, the worst first</h2>
        <p className={classes.hint}>
          Mend from the left: what comes first in the line is behind what comes after it. Numbers are harm,
          out of 100 a stage.
        </p>
        {ranked.length === 0 && <p className={classes.dim}>Nothing: no stage does harm.</p>}
        {ranked.map((stage) => (
          <section key={stage.stage} className={own.block} aria-label={stageNames[stage.stage]}>
            <div className={own.blockHead}>
              <h3 className={own.blockName} data-tone={harmOf(stage.harm).tone}>
                {stageNames[stage.stage]} · {stage.harm}
              </h3>
              <Mend stage={stage} domain={standing.domain} />
            </div>
            <table className={classes.table} aria-label={`Findings: ${stageNames[stage.stage]}`}>
              <tbody>
                {stage.findings.map((finding) => (
                  <tr key={`${finding.what} ${finding.detail}`}>
                    <td className={`${classes.number} ${own.points}`}>{finding.harm}</td>
                    <th scope="row" className={own.what}>
                      {finding.what}
                    </th>
                    <td>{finding.detail}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ))}
      </section>
    </article>
  );
}

function Mend({ stage, domain }: { readonly stage: Stage; readonly domain: string }) {
  switch (stage.stage) {
    case 'dns':
    case 'authentication':
      return (
        <Link to="/domains/$name" params={{ name: domain }}>
          {stage.stage === 'dns' ? 'Mend its records' : 'Mend its records and keys'}
        </Link>
      );
    case 'reputation':
      return <Link to="/mailboxes">Providers and shared addresses</Link>;
    case 'filter':
      return stage.example === null ? (
        <Link to="/messages">Its messages</Link>
      ) : (
        <Link
          to="/mailboxes/$address/$copyId"
          params={{ address: stage.example.mailbox, copyId: stage.example.copyId }}
          search={{ view: 'filter' }}
        >
          A message that went to spam, with every reason
        </Link>
      );
    case 'engagement':
      return <Link to="/mailboxes">Act as its readers</Link>;
  }
}
