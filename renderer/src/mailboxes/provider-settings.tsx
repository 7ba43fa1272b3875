import { NativeSelect, Switch } from '@mantine/core';
import type { MailProvider } from '../../../core/api/mailbox-schema.ts';
import { changeProvider, type ProviderSettings as Settings } from '../api/mailboxes.ts';
import { isPlacement, placementNames, placementOrder } from './mailbox-groups.ts';
import classes from './mailboxes-room.module.css';
import { ChoiceField, NumberField } from './setting-fields.tsx';
import { disconnectChoices, tlsChoices } from './setting-words.ts';
import { useSettingAction } from './use-setting-action.ts';

const secondMs = 1_000;
const spanSecondsMax = 7 * 24 * 3_600;
const messagesMax = 1_000_000;
const minuteMs = 60_000;
const rateLimitUsual: NonNullable<Settings['rateLimit']> = { messages: 10, perMs: minuteMs, code: 421 };
const retryAfterUsualMs = 300_000;

/** How a provider is broken, each switch with what comes of it. */
export function ProviderSettings({ provider }: { readonly provider: MailProvider }) {
  const { key, settings, rules, hosts } = provider;
  const act = useSettingAction();
  const change = (next: Partial<Settings>) => act(changeProvider(key, next));
  const { greylisting, rateLimit } = settings;
  return (
    <section className={classes.part} aria-label="Break it">
      <h2 className={classes.heading}>Break it</h2>
      <p className={classes.hint}>
        Each change holds from the next connection on. Times are virtual: move the clock to get past them.
      </p>
      <div className={classes.columns}>
        <Switch
          label="Greylisting"
          description="451 4.7.1 for whoever is new; the next try after the wait gets in."
          checked={greylisting.enabled}
          onChange={(event) =>
            change({ greylisting: { ...greylisting, enabled: event.currentTarget.checked } })
          }
        />
        <NumberField
          label="Wait of the greylisting, in seconds"
          consequence="Who comes back sooner is refused again."
          disabled={!greylisting.enabled}
          value={greylisting.delayMs / secondMs}
          min={0}
          max={spanSecondsMax}
          onSave={(value) => change({ greylisting: { ...greylisting, delayMs: (value ?? 0) * secondMs } })}
        />
        <Switch
          label="Rate limit"
          description={`${rateLimit?.code ?? 421}: from one address, more than so many within the time are deferred.`}
          checked={rateLimit !== null}
          onChange={(event) => change({ rateLimit: event.currentTarget.checked ? rateLimitUsual : null })}
        />
        {rateLimit !== null && (
          <>
            <NumberField
              label="Messages that the limit lets through"
              consequence="The rest is told when to come back, and believes it."
              value={rateLimit.messages}
              min={0}
              max={messagesMax}
              onSave={(value) => change({ rateLimit: { ...rateLimit, messages: value ?? 0 } })}
            />
            <NumberField
              label="Within seconds"
              consequence="A new span begins when this one is over."
              value={rateLimit.perMs / secondMs}
              min={1}
              max={spanSecondsMax}
              onSave={(value) => change({ rateLimit: { ...rateLimit, perMs: (value ?? 1) * secondMs } })}
            />
          </>
        )}
        <Switch
          label="Throttles everybody"
          description="421 for every message: deferred until this is off again."
          checked={settings.throttle}
          onChange={(event) => change({ throttle: event.currentTarget.checked })}
        />
        {settings.throttle && (
          <NumberField
            label="Names a time to come back, in seconds"
            consequence={
              settings.retryAfterMs === null
                ? 'It names none: the usual schedule of retries holds.'
                : 'The next try is made then, not sooner.'
            }
            value={settings.retryAfterMs === null ? null : settings.retryAfterMs / secondMs}
            min={0}
            max={spanSecondsMax}
            emptyMeans={`none; ${retryAfterUsualMs / secondMs} is common`}
            onSave={(value) => change({ retryAfterMs: value === null ? null : value * secondMs })}
          />
        )}
        <Switch
          label="Blocks the address"
          description="554 5.7.1: nothing is taken, and every delivery to it bounces."
          checked={settings.rejectAll}
          onChange={(event) => change({ rejectAll: event.currentTarget.checked })}
        />
        <ChoiceField
          label="TLS"
          value={settings.tls}
          choices={tlsChoices}
          onChange={(tls) => change({ tls })}
        />
        <ChoiceField
          label="Cuts the connection"
          value={settings.disconnectAt}
          choices={disconnectChoices}
          onChange={(disconnectAt) => change({ disconnectAt })}
        />
        <NumberField
          label="Placed after seconds"
          consequence="Between the 250 and the mailbox: accepted is not yet seen."
          value={settings.placementDelayMs / secondMs}
          min={0}
          max={spanSecondsMax}
          onSave={(value) => change({ placementDelayMs: (value ?? 0) * secondMs })}
        />
        <NativeSelect
          label="Where all mail goes"
          description={settings.placeAll === null ? 'The filter decides.' : 'Whatever the filter says.'}
          inputWrapperOrder={['label', 'input', 'description']}
          value={settings.placeAll ?? ''}
          data={[
            { value: '', label: 'where the filter puts it' },
            ...placementOrder.map((place) => ({ value: place, label: `always ${placementNames[place]}` })),
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ placeAll: isPlacement(value) ? value : null });
          }}
        />
        <NumberField
          label="Messages a day that make a bulk sender"
          consequence="Set it low to meet the rules for bulk mail with a handful of messages."
          value={settings.bulkPerDay}
          min={1}
          max={messagesMax}
          emptyMeans={`${rules.bulkPerDay}, as it has it`}
          onSave={(bulkPerDay) => change({ bulkPerDay })}
        />
        <NumberField
          label="Messages that a complaint rate needs"
          consequence="With fewer delivered, a rate says nothing and costs nothing."
          value={settings.complaintSampleMin}
          min={1}
          max={messagesMax}
          onSave={(value) => change({ complaintSampleMin: value ?? 1 })}
        />
        <NumberField
          label="Bounces later after seconds"
          consequence="For mailboxes that accept and bounce afterwards."
          value={settings.outOfBandDelayMs / secondMs}
          min={0}
          max={spanSecondsMax}
          onSave={(value) => change({ outOfBandDelayMs: (value ?? 0) * secondMs })}
        />
      </div>
      <h3 className={classes.heading} style={{ marginTop: 16 }}>
        MX hosts
      </h3>
      <p className={classes.hint}>
        Tried in order of preference; with all of them down, deliveries wait until one is back.
      </p>
      <div className={classes.columns}>
        {hosts.map((host) => (
          <Switch
            key={host.name}
            label={host.name}
            description={`Preference ${host.preference}, ${host.address}${host.address6 === null ? '' : `, ${host.address6}`}: ${host.up ? 'up' : 'down'}`}
            checked={host.up}
            onChange={(event) =>
              change({
                downHosts: event.currentTarget.checked
                  ? settings.downHosts.filter((name) => name !== host.name)
                  : [...settings.downHosts, host.name],
              })
            }
          />
        ))}
        <Switch
          label="Hosts that are down do not answer"
          description="A timeout instead of a refused connection: the try takes as long as it waits."
          checked={settings.hostsTimeOut}
          onChange={(event) => change({ hostsTimeOut: event.currentTarget.checked })}
        />
      </div>
    </section>
  );
}
