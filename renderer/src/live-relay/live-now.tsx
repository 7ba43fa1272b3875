import { Button } from '@mantine/core';
import { IconPlayerStopFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { liveChannels } from '../../../core/model/live-relay.ts';
import type { LiveStatus } from '../api/live-relay.ts';
import { formatDateTime, plural } from '../format.ts';
import classes from './live-now.module.css';
import { actorNames, channelNames, recipientsInWords } from './live-words.ts';
import { useCountdown, useStopLive } from './use-live-relay.ts';

interface LiveNowProps {
  readonly status: LiveStatus;
  readonly onChange: () => void;
}

/** What goes out for real now, how much did, and the way to stop it. */
export function LiveNow({ status, onChange }: LiveNowProps) {
  const stop = useStopLive();
  const left = useCountdown(status.until ?? '');
  return (
    <>
      <section className={classes.banner} aria-label="Live now">
        <div className={classes.words}>
          <p className={classes.big}>
            Live, <span className={classes.left}>{left}</span> left
          </p>
          <p className={classes.small}>
            Until {formatDateTime(status.until ?? '')}, turned on by{' '}
            {actorNames[status.startedBy ?? 'sandpost']}
            {status.since !== null && ` at ${formatDateTime(status.since)}`}.
            {status.underWay > 0 && ` ${plural(status.underWay, 'attempt is', 'attempts are')} under way.`}
            {status.released > 0 &&
              ` ${plural(status.released, 'delivery', 'deliveries')} released by hand may still be tried.`}
          </p>
        </div>
        <Button
          size="md"
          className={classes.stop ?? ''}
          leftSection={<IconPlayerStopFilled size={16} aria-hidden />}
          onClick={stop}
        >
          Back to sandbox
        </Button>
      </section>
      <div className={classes.channels}>
        {liveChannels.map((channel) => {
          const one = status.channels[channel];
          return one === undefined ? null : (
            <section key={channel} className={classes.channel} aria-label={channelNames[channel]}>
              <h2 className={classes.heading}>{channelNames[channel]}</h2>
              <dl className={classes.facts}>
                <dt>By</dt>
                <dd>{one.relay.name}</dd>
                <dt>To</dt>
                <dd>{recipientsInWords(one.recipients)}</dd>
                <dt>Sent</dt>
                <dd>
                  {one.sentThisHour} of {one.perHourMax} in the last hour
                </dd>
                <dt>Held</dt>
                <dd>
                  {one.held}
                  {one.held > 0 && (
                    <>
                      {', '}
                      <Link to="/queue" search={{ status: 'held' }} className={classes.link}>
                        see them in the queue
                      </Link>
                    </>
                  )}
                </dd>
                <dt>App’s own requests</dt>
                <dd>{one.passThrough ? 'passed through' : 'stay in the sandbox'}</dd>
              </dl>
            </section>
          );
        })}
      </div>
      <div className={classes.foot}>
        <Button variant="default" onClick={onChange}>
          Change what goes…
        </Button>
        <Link to="/live-relay" search={{ view: 'log' }} className={classes.link}>
          Log of what went out
        </Link>
      </div>
    </>
  );
}
