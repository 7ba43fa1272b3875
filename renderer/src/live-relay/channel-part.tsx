import { NativeSelect, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { LiveChannel } from '../../../core/model/live-relay.ts';
import type { Relay } from '../api/live-relay.ts';
import { AllowList } from './allow-list.tsx';
import classes from './go-live-form.module.css';
import { channelNames, recipientWords } from './live-words.ts';
import { type ChannelFaults, type ChannelForm, canPassThrough, relayOf, relaysOf } from './setup-form.ts';

interface ChannelPartProps {
  readonly channel: LiveChannel;
  readonly form: ChannelForm;
  readonly relays: readonly Relay[];
  readonly faults: ChannelFaults;
  readonly onChange: (next: ChannelForm) => void;
}

/** One channel: whether it goes live, by what and to whom. */
export function ChannelPart({ channel, form, relays, faults, onChange }: ChannelPartProps) {
  const fitting = relaysOf(relays, channel);
  const name = channelNames[channel];
  return (
    <section className={classes.channel} data-on={form.on} aria-label={name}>
      <div className={classes.channelHead}>
        <Switch
          label={name}
          checked={form.on && fitting.length > 0}
          disabled={fitting.length === 0}
          onChange={(event) => onChange({ ...form, on: event.currentTarget.checked })}
        />
        {fitting.length === 0 && (
          <span className={classes.none}>
            No relay takes it.{' '}
            <Link to="/live-relay" search={{ view: 'relays' }} className={classes.link}>
              Add one
            </Link>
          </span>
        )}
      </div>
      {form.on && fitting.length > 0 && (
        <ChannelFields
          channel={channel}
          form={form}
          relays={relays}
          fitting={fitting}
          faults={faults}
          onChange={onChange}
        />
      )}
    </section>
  );
}

function ChannelFields({
  channel,
  form,
  relays,
  fitting,
  faults,
  onChange,
}: ChannelPartProps & { readonly fitting: readonly Relay[] }) {
  const { one, example } = recipientWords[channel];
  const relay = relayOf(form, relays, channel);
  return (
    <div className={classes.fields}>
      <div className={classes.row}>
        <NativeSelect
          label="Relay"
          value={relay?.id ?? ''}
          error={faults.relay ?? null}
          data={[
            ...(relay === null ? [{ value: '', label: 'Pick one' }] : []),
            ...fitting.map(({ id, name, address }) => ({ value: id, label: `${name} (${address})` })),
          ]}
          onChange={(event) => onChange({ ...form, relayId: event.currentTarget.value })}
        />
        <TextInput
          label="At most in an hour"
          inputMode="numeric"
          value={form.perHourMax}
          error={faults.perHourMax ?? null}
          onChange={(event) => onChange({ ...form, perHourMax: event.currentTarget.value })}
        />
      </div>
      <SegmentedControl
        aria-label="To whom"
        value={form.recipients}
        data={[
          { value: 'allow', label: 'Only to those on the list' },
          { value: 'rewrite', label: 'Everything to me' },
        ]}
        style={{ alignSelf: 'flex-start' }}
        onChange={(value) => onChange({ ...form, recipients: value === 'rewrite' ? 'rewrite' : 'allow' })}
      />
      {form.recipients === 'allow' ? (
        <AllowList
          channel={channel}
          entries={form.entries}
          error={faults.recipients ?? null}
          onChange={(entries) => onChange({ ...form, entries })}
        />
      ) : (
        <TextInput
          label={`My ${one}`}
          description="Whoever a message is for, this is where it goes."
          placeholder={example}
          value={form.to}
          error={faults.recipients ?? null}
          onChange={(event) => onChange({ ...form, to: event.currentTarget.value })}
        />
      )}
      {canPassThrough(channel) && (
        <Switch
          label="Pass through what the app sends itself"
          description={
            form.recipients === 'rewrite'
              ? 'It would be held: a request of the app can be handed on to those on a list, not to somebody else.'
              : 'A request that the app brings to the provider’s door goes on to the real one as it is, with the app’s own credentials, when all it is for are on the list.'
          }
          checked={form.passThrough}
          onChange={(event) => onChange({ ...form, passThrough: event.currentTarget.checked })}
        />
      )}
    </div>
  );
}
