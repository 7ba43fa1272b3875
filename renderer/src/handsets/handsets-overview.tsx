import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { smsSettingsQuery } from '../api/handsets.ts';
import { ProblemState } from '../frame/room-states.tsx';
import classes from '../phones/phones-overview.module.css';
import { SenderList } from './sender-list.tsx';
import { WorldSettings } from './world-settings.tsx';

interface HandsetsOverviewProps {
  readonly empty: boolean;
  readonly onNew: () => void;
}

/** What holds for every handset and carrier; and, while there is none, how to come by one. */
export function HandsetsOverview({ empty, onNew }: HandsetsOverviewProps) {
  const { data, error, refetch } = useQuery(smsSettingsQuery);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="About the handsets">
      <h1 className={classes.title}>{empty ? 'No handset yet' : 'Handsets'}</h1>
      <p className={classes.text}>
        {empty
          ? 'An SMS to any number makes a handset for it, so that nothing needs setting up. Or add the numbers of your users yourself.'
          : 'Open one on the left to read its threads, to answer as its owner, and to switch it off.'}
      </p>
      <div className={classes.buttons}>
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
          Add a handset
        </Button>
        <Link to="/connect" className={classes.link}>
          Point an app’s SMS client here
        </Link>
      </div>
      <SenderList />
      {data !== undefined && <WorldSettings key={JSON.stringify(data)} saved={data} />}
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
    </section>
  );
}
