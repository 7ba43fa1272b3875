import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { smsSettingsQuery } from '../api/handsets.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { SenderList } from '../handsets/sender-list.tsx';
import classes from './push-settings.module.css';
import { Section } from './section.tsx';
import { SmsCredentials } from './sms-credentials.tsx';
import { SmsSecrets } from './sms-secrets.tsx';

/** What callbacks are signed with, whom the doors let in, and where answers go. */
export function SmsSettings() {
  const { data, error, refetch } = useQuery(smsSettingsQuery);
  return (
    <Section
      title="SMS"
      hint="By default every credential is let in, and reports are signed by the secret that the request came with: the app’s own validator agrees. Where a request carries none, the sandbox’s own secret signs."
    >
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <SmsSecrets />
          <SmsCredentials saved={data.credentials} />
          <SenderList />
          <p className={classes.none}>
            Latency, prices, filters and the rest of the carriers are in the room{' '}
            <Link to="/phones/handsets">Phones, Handsets</Link>.
          </p>
        </>
      )}
    </Section>
  );
}
