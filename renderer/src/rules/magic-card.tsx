import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { MagicWord } from '../../../core/api/rules-schema.ts';
import { magicWordsQuery } from '../api/rules.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { Copy } from '../message/found-panel.tsx';
import classes from './magic-card.module.css';
import type { Stage } from './rule-words.ts';
import paneClasses from './rules-pane.module.css';

interface MagicCardProps {
  readonly on: boolean;
  readonly onSwitch: (on: boolean) => void;
}

/** Several words one after the other do several things. */
const several = 'jane+defer-421-x2+spam@gmail.com';
const parts: readonly {
  readonly of: MagicWord['of'];
  readonly stage: Stage;
  readonly title: string;
}[] = [
  { of: 'address', stage: 'farSide', title: 'Addresses, at the far side: what the delivery sees' },
  { of: 'address', stage: 'door', title: 'Addresses, at our door: what your app sees' },
  { of: 'token', stage: 'farSide', title: 'Tokens: what becomes of a push' },
  { of: 'number', stage: 'farSide', title: 'Numbers: what becomes of an SMS' },
  { of: 'user', stage: 'farSide', title: 'Users: what their in-app client meets' },
];

/** All the words that an address may have behind a plus and that a push token may be, and the ends of numbers. */
export function MagicCard({ on, onSwitch }: MagicCardProps) {
  const { data, error, refetch } = useQuery(magicWordsQuery);
  if (data === undefined)
    return error === null ? (
      <LoadingState what="magic words" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return (
    <>
      <div className={paneClasses.bar}>
        <p className={`${paneClasses.hint} ${paneClasses.grow}`}>
          No rule is needed: a word behind a <code>+</code> in the recipient’s address does it, a push token
          that is the word, plain or as hex where a token must be hex, a phone number that ends so, or a word
          behind a <code>+</code> in a user’s id. For tests that can set nothing up. Words go together, as in{' '}
          <code>{several}</code>; what is no word of this card is left alone.
        </p>
        <Switch
          label={on ? 'On' : 'Off'}
          aria-label="Magic addresses, tokens, numbers and users"
          checked={on}
          onChange={(event) => onSwitch(event.currentTarget.checked)}
        />
      </div>
      <div className={classes.card} data-on={on}>
        {parts.map(({ of, stage, title }) => (
          <section key={title} aria-label={title}>
            <h3 className={classes.part}>{title}</h3>
            <table className={classes.table}>
              <thead className={classes.unseen}>
                <tr>
                  <th scope="col">Word</th>
                  <th scope="col">What becomes of the message</th>
                  <th scope="col">Example</th>
                </tr>
              </thead>
              <tbody>
                {data
                  .filter((word) => word.of === of && word.stage === stage)
                  .map((word) => (
                    <Row key={word.form} word={word} />
                  ))}
              </tbody>
            </table>
          </section>
        ))}
        <p className={classes.several}>
          <span>
            Together: <code>{several}</code> is put off twice, and then gets into spam.
          </span>
          <Copy value={several} label={`Copy ${several}`} />
        </p>
      </div>
    </>
  );
}

function Row({ word }: { readonly word: MagicWord }) {
  return (
    <tr>
      <th scope="row">
        <code>
          {word.of === 'address' || word.of === 'user' ? '+' : word.of === 'number' ? '…' : ''}
          {word.form}
        </code>
      </th>
      <td>{word.does}</td>
      <td className={classes.example}>
        <code>{word.example}</code>
        <Copy value={word.example} label={`Copy ${word.example}`} />
        {word.hex !== null && (
          <>
            <span title={word.hex}>hex</span>
            <Copy value={word.hex} label={`Copy ${word.example} as hex`} />
          </>
        )}
        {word.countries.length > 1 && (
          <div>
            {word.countries.slice(1).map(({ country, example }) => (
              <span key={country} title={example} className={classes.country}>
                {country}
                <Copy value={example} label={`Copy ${example}`} />
              </span>
            ))}
          </div>
        )}
      </td>
    </tr>
  );
}
