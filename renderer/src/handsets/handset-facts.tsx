import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HandsetView } from '../../../core/api/sms-schema.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import { carriersQuery, changeHandset, type HandsetChange } from '../api/handsets.ts';
import { formatDateTime } from '../format.ts';
import classes from './handset-view.module.css';
import { lineWords } from './handset-words.ts';
import { useHandsetAction } from './use-handset-action.ts';

const lines = ['mobile', 'landline', 'unknown'] as const;
const firstCarrier = '';

/** What holds for one number: whose it is, its line, its carrier, and whom its owner wrote STOP to. */
export function HandsetFacts({ handset }: { readonly handset: HandsetView }) {
  const { number, carrier, portedFrom } = handset;
  const carriers = useQuery(carriersQuery).data ?? [];
  const act = useHandsetAction();
  const change = (next: HandsetChange, said?: string) => void act(changeHandset(number, next), said);
  const first = portedFrom ?? carrier;
  return (
    <aside className={classes.facts} aria-label={`Switches of ${handset.name}`}>
      <h2 className={classes.heading}>Whether messages get there</h2>
      <div className={classes.fields}>
        <Switch
          label="Blocked"
          description="Its owner or its carrier takes nothing of anybody."
          checked={handset.blocked}
          onChange={(event) => change({ blocked: event.currentTarget.checked })}
        />
        <Switch
          label="Unreachable"
          description="Off, and nothing is kept for it: it fails at once."
          checked={handset.unreachable}
          onChange={(event) => change({ unreachable: event.currentTarget.checked })}
        />
        <NativeSelect
          label="Line"
          value={handset.line}
          data={lines.map((value) => ({ value, label: lineWords[value] }))}
          onChange={({ currentTarget: { value } }) => {
            const line = lines.find((one) => one === value);
            if (line !== undefined) change({ line });
          }}
        />
        <NativeSelect
          label="Carrier"
          description={
            portedFrom === null ? 'Choose another one to port the number.' : `Ported from ${portedFrom.name}.`
          }
          inputWrapperOrder={['label', 'input', 'description']}
          value={portedFrom === null ? firstCarrier : carrier.network}
          data={[
            { value: firstCarrier, label: `${first.name} (its first)` },
            ...carriers
              .filter(({ network }) => network !== first.network)
              .map(({ name, network }) => ({ value: network, label: `${name} · ${network}` })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            change({ portedTo: value === firstCarrier ? null : value })
          }
        />
      </div>
      <h2 className={classes.heading}>Opted out</h2>
      {handset.optOuts.length === 0 ? (
        <p className={classes.note}>Its owner wrote STOP to nobody.</p>
      ) : (
        <>
          <ul className={classes.stops} aria-label="Senders that its owner wrote STOP to">
            {handset.optOuts.map(({ provider, account, sender, word, at }) => (
              <li key={`${provider} ${account} ${sender}`}>
                <b>{sender}</b> at {smsProviderNames[provider]}, by “{word}”, {formatDateTime(at)}
              </li>
            ))}
          </ul>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => change({ optOuts: [] }, 'Every sender may write again')}
          >
            Opt in again
          </Button>
          <p className={classes.note}>
            Nobody is told of it. START, written in the thread, is what an owner does.
          </p>
        </>
      )}
      <h2 className={classes.heading}>Whose it is</h2>
      <Owner handset={handset} onChange={(next) => change(next, 'Kept')} />
    </aside>
  );
}

interface OwnerProps {
  readonly handset: HandsetView;
  readonly onChange: (next: HandsetChange) => void;
}

function Owner({ handset, onChange }: OwnerProps) {
  const [name, setName] = useState(handset.name);
  const [user, setUser] = useState(handset.user ?? '');
  const same = name.trim() === handset.name && user.trim() === (handset.user ?? '');
  return (
    <form
      className={classes.fields}
      onSubmit={(event) => {
        event.preventDefault();
        onChange({
          name: name.trim() === '' ? handset.number : name.trim(),
          user: user.trim() === '' ? null : user.trim(),
        });
      }}
    >
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="User"
        description="The user’s id as your app knows it; the send API can name it."
        placeholder="jane"
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" size="compact-sm" disabled={same}>
        Keep
      </Button>
    </form>
  );
}
