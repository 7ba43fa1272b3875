import { useQuery } from '@tanstack/react-query';
import { pushSettingsQuery } from '../api/push.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { ApnsSettings } from './apns-settings.tsx';
import { FcmSettings } from './fcm-settings.tsx';
import { OwnPushKeys } from './own-push-keys.tsx';
import { ProxySettings } from './proxy-settings.tsx';
import { Section } from './section.tsx';

/** What the doors of the push providers take, and the credentials that they know. */
export function PushSettings() {
  const { data, error, refetch } = useQuery(pushSettingsQuery);
  return (
    <Section
      title="Push"
      hint="By default every credential is let in, and one that is known is checked too. Of private keys that you add, only the public half is kept."
    >
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <ApnsSettings saved={data.apns} />
          <FcmSettings saved={data.fcm} />
          <ProxySettings saved={data.proxy} />
          <OwnPushKeys own={data.own} />
        </>
      )}
    </Section>
  );
}
