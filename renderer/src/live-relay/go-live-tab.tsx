import { Button } from '@mantine/core';
import { IconServerCog } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type LiveStatus, relaysQuery } from '../api/live-relay.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { GoLiveForm } from './go-live-form.tsx';
import { LiveNow } from './live-now.tsx';

/** While it is off the way to turn it on; while it is on what goes, and the way to stop it. */
export function GoLiveTab({ status }: { readonly status: LiveStatus }) {
  const { data: relays, error, refetch } = useQuery(relaysQuery);
  const [changing, setChanging] = useState<'no' | 'changing'>('no');
  if (status.live && changing === 'no')
    return <LiveNow status={status} onChange={() => setChanging('changing')} />;
  if (relays === undefined)
    return error === null ? (
      <LoadingState what="the relays" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  if (relays.length === 0) return <NoRelay />;
  return (
    <GoLiveForm
      relays={relays}
      status={status}
      onDone={() => setChanging('no')}
      onCancel={status.live ? () => setChanging('no') : null}
    />
  );
}

function NoRelay() {
  return (
    <RoomState icon={<IconServerCog size={28} stroke={1.5} aria-hidden />} title="No relay yet">
      <p style={{ margin: 0 }}>
        A relay is a provider of yours that takes messages for real: an SMTP server, APNs, FCM, Twilio. Add
        one, then choose to whom and how long it may send.
      </p>
      <Button renderRoot={(props) => <Link {...props} to="/live-relay" search={{ view: 'relays' }} />}>
        Add a relay
      </Button>
    </RoomState>
  );
}
