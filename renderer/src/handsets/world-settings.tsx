import { Button, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { SmsSettingsView } from '../../../core/api/sms-schema.ts';
import { changeSmsSettings, type SmsSettingsChange } from '../api/handsets.ts';
import { formatGap } from '../format.ts';
import overview from '../phones/phones-overview.module.css';
import { useHandsetAction } from './use-handset-action.ts';
import classes from './world-settings.module.css';

const hourMs = 3_600_000;
const latencies = [0, 1_000, 5_000, 30_000, 300_000] as const;
const stores = [hourMs, 24 * hourMs, 72 * hourMs] as const;
/** `DE 0.0935`, one a line. */
const priceLine = /^([A-Za-z]{2})[\s:=]+(\d+(?:\.\d+)?)$/;

/** How providers and carriers behave, where one may choose. */
export function WorldSettings({ saved }: { readonly saved: SmsSettingsView }) {
  const act = useHandsetAction();
  const change = (next: SmsSettingsChange) => void act(changeSmsSettings(next), 'Kept');
  const spans = (usual: readonly number[], now: number) =>
    [...new Set([...usual, now])]
      .sort((a, b) => a - b)
      .map((ms) => ({ value: String(ms), label: ms === 0 ? 'at once' : formatGap(ms) }));
  return (
    <section className={overview.part} aria-label="Settings of all handsets">
      <h2 className={overview.heading}>Settings</h2>
      <div className={overview.columns}>
        <NativeSelect
          label="A sender that was not seen before"
          description={
            saved.unknownSenders === 'register'
              ? 'It is registered, everywhere.'
              : 'It is refused as its provider does: 21606, 40305, ESME_RINVSRCADR …'
          }
          inputWrapperOrder={['label', 'input', 'description']}
          value={saved.unknownSenders}
          data={[
            { value: 'register', label: 'is registered' },
            { value: 'refuse', label: 'is refused' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            change({ unknownSenders: value === 'refuse' ? 'refuse' : 'register' })
          }
        />
        <NativeSelect
          label="From the provider’s yes to the handset"
          description="Of virtual time."
          inputWrapperOrder={['label', 'input', 'description']}
          value={String(saved.latencyMs)}
          data={spans(latencies, saved.latencyMs)}
          onChange={({ currentTarget: { value } }) => change({ latencyMs: Number(value) })}
        />
        <NativeSelect
          label="A carrier keeps a message for a handset that is off"
          description="At the longest. What the request says of its validity goes first."
          inputWrapperOrder={['label', 'input', 'description']}
          value={String(saved.storeMs)}
          data={spans(stores, saved.storeMs)}
          onChange={({ currentTarget: { value } }) => change({ storeMs: Number(value) })}
        />
      </div>
      <div className={classes.switches}>
        <Switch
          label="Strict numbers"
          description="Numbers must be in ranges that somebody was given. Off: a possible length is enough."
          checked={saved.strictNumbers}
          onChange={(event) => change({ strictNumbers: event.currentTarget.checked })}
        />
        <Switch
          label="Carriers filter"
          description="What looks like spam is kept away: 30007 and its kin."
          checked={saved.filter.on}
          onChange={(event) => change({ filter: { ...saved.filter, on: event.currentTarget.checked } })}
        />
        <Switch
          label="Messages cost something"
          checked={saved.prices.on}
          onChange={(event) => change({ prices: { ...saved.prices, on: event.currentTarget.checked } })}
        />
      </div>
      <Lists saved={saved} onKeep={change} />
      <p className={classes.note}>
        Reports that are lost, repeated, late or out of order are made by a{' '}
        <Link to="/rules" className={overview.link}>
          rule
        </Link>
        .
      </p>
    </section>
  );
}

interface ListsProps {
  readonly saved: SmsSettingsView;
  readonly onKeep: (next: SmsSettingsChange) => void;
}

function Lists({ saved, onKeep }: ListsProps) {
  const [words, setWords] = useState(saved.filter.words.join('\n'));
  const [blocked, setBlocked] = useState(saved.blockedCountries.join(', '));
  const [perPart, setPerPart] = useState(saved.prices.perPart);
  const [prices, setPrices] = useState(
    Object.entries(saved.prices.countries)
      .map(([country, amount]) => `${country} ${amount}`)
      .join('\n'),
  );
  const lines = linesOf(prices).map((line) => priceLine.exec(line));
  const bad = lines.indexOf(null);
  return (
    <form
      className={classes.lists}
      onSubmit={(event) => {
        event.preventDefault();
        onKeep({
          filter: { ...saved.filter, words: linesOf(words) },
          blockedCountries: blocked
            .split(/[\s,]+/)
            .filter((one) => one !== '')
            .map((one) => one.toUpperCase()),
          prices: {
            ...saved.prices,
            perPart: perPart.trim(),
            countries: Object.fromEntries(
              lines.flatMap((found) => {
                const [, country, amount] = found ?? [];
                return country === undefined || amount === undefined ? [] : [[country.toUpperCase(), amount]];
              }),
            ),
          },
        });
      }}
    >
      <div className={overview.columns}>
        <Textarea
          label="Phrases that carriers filter too"
          description="One a line, in either case."
          autosize
          minRows={2}
          maxRows={8}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <TextInput
          label="Countries that accounts may not send to"
          description="Codes with commas between them: the provider’s geographic permissions."
          placeholder="KP, CU"
          value={blocked}
          onChange={(event) => setBlocked(event.currentTarget.value)}
        />
        <TextInput
          label="Price of a part"
          description="Where no country says otherwise."
          value={perPart}
          onChange={(event) => setPerPart(event.currentTarget.value)}
        />
        <Textarea
          label="Prices by country"
          description="One a line: DE 0.0935"
          autosize
          minRows={2}
          maxRows={8}
          error={bad === -1 ? null : `Line ${bad + 1} is not like DE 0.0935`}
          value={prices}
          onChange={(event) => setPrices(event.currentTarget.value)}
        />
      </div>
      <Button type="submit" variant="default" disabled={bad !== -1}>
        Keep these
      </Button>
    </form>
  );
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
