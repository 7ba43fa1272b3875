import { Button, NativeSelect } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { PhoneSettings } from '../../../core/api/phones-schema.ts';
import { changePhoneSettings, phoneSettingsQuery } from '../api/phones.ts';
import { formatGap } from '../format.ts';
import { ProblemState } from '../frame/room-states.tsx';
import classes from './phones-overview.module.css';
import { usePhoneAction } from './use-phone-action.ts';

interface PhonesOverviewProps {
  readonly empty: boolean;
  readonly onNew: () => void;
  /** Devices to look around with. */
  readonly onExample: () => void;
}

const hourMs = 3_600_000;
const storageSpans = [30 * 24 * hourMs, 4 * hourMs] as const;

/** What holds for every device; and, while there is none, how to come by one. */
export function PhonesOverview({ empty, onNew, onExample }: PhonesOverviewProps) {
  const { data, error, refetch } = useQuery(phoneSettingsQuery);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="About the phones">
      <h1 className={classes.title}>{empty ? 'Nobody has a phone yet' : 'Phones and browsers'}</h1>
      <p className={classes.text}>
        {empty
          ? 'A push to any token makes a phone for it, so that nothing needs setting up. Or add the devices of your users yourself, and register your app on them as its first start would.'
          : 'Open one on the left to see its lock screen, what waits for it, and its switches.'}
      </p>
      <div className={classes.buttons}>
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
          Add a phone or browser
        </Button>
        {empty && (
          <Button variant="default" onClick={onExample}>
            Give Jane an iPhone, an Android and a browser
          </Button>
        )}
        <Link to="/connect" className={classes.link}>
          Point an app’s push client here
        </Link>
      </div>
      {data !== undefined && <Settings settings={data} />}
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
    </section>
  );
}

function Settings({ settings }: { readonly settings: PhoneSettings }) {
  const act = usePhoneAction();
  const change = (next: Partial<PhoneSettings>) =>
    void act(changePhoneSettings({ ...settings, ...next }), 'Kept');
  const spans = [...new Set<number>([...storageSpans, settings.apnsStorageMs])];
  return (
    <section className={classes.part} aria-label="Settings of all phones">
      <h2 className={classes.heading}>Settings</h2>
      <div className={classes.columns}>
        <NativeSelect
          label="A token that nobody has"
          description={
            settings.unknownTokens === 'make'
              ? 'A phone is made for it, which shows what came.'
              : 'Refused, as the provider refuses it: BadDeviceToken, UNREGISTERED, 410.'
          }
          inputWrapperOrder={['label', 'input', 'description']}
          value={settings.unknownTokens}
          data={[
            { value: 'make', label: 'makes a phone' },
            { value: 'refuse', label: 'is refused' },
          ]}
          onChange={(event) =>
            change({ unknownTokens: event.currentTarget.value === 'refuse' ? 'refuse' : 'make' })
          }
        />
        <NativeSelect
          label="APNs keeps a push for a device that is off"
          description="At the longest, and one for each app. What the request says of its end goes first."
          inputWrapperOrder={['label', 'input', 'description']}
          value={String(settings.apnsStorageMs)}
          data={spans.map((ms) => ({ value: String(ms), label: formatGap(ms) }))}
          onChange={(event) => change({ apnsStorageMs: Number(event.currentTarget.value) })}
        />
      </div>
    </section>
  );
}
