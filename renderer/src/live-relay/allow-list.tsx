import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { type AllowEntry, type LiveChannel, liveLimits } from '../../../core/model/live-relay.ts';
import { shortToken } from '../status/recipient-name.ts';
import { keyOf, readEntries, withEntries } from './allow-entry.ts';
import classes from './go-live-form.module.css';
import { allowKindNames } from './live-words.ts';

interface AllowListProps {
  readonly channel: LiveChannel;
  readonly entries: readonly AllowEntry[];
  readonly error: string | null;
  readonly onChange: (entries: readonly AllowEntry[]) => void;
}

const hints: Readonly<Record<LiveChannel, string>> = {
  email: 'An address, a domain with its sub-domains (example.org), or a user of the app (user:42).',
  apns: 'A device token, or a user of the app (user:42) for all of that user’s devices.',
  fcm: 'A registration token, or a user of the app (user:42) for all of that user’s devices.',
  webpush: 'The endpoint of a subscription, or a user of the app (user:42).',
  sms: 'A number with its country (+14155550123), or a user of the app (user:42).',
};

/** Who may be written to; everybody else is held. */
export function AllowList({ channel, entries, error, onChange }: AllowListProps) {
  const [text, setText] = useState('');
  const id = useId();
  const add = (written: string) => {
    const read = readEntries(written, channel);
    if (read.length > 0) onChange(withEntries(entries, read));
    setText('');
  };
  return (
    <Input.Wrapper
      label="Who may be written to"
      labelProps={{ htmlFor: id }}
      description={hints[channel]}
      error={error}
    >
      {entries.length > 0 && (
        <ul className={classes.chips} aria-label="Who may be written to">
          {entries.map((entry) => (
            <li key={keyOf(entry)} className={classes.chip}>
              <span className={classes.chipKind}>{allowKindNames[entry.kind]}</span>
              <span className={classes.chipValue} title={entry.value}>
                {entry.kind === 'token' ? shortToken(entry.value) : entry.value}
              </span>
              <ActionIcon
                size={20}
                aria-label={`Take ${entry.value} off the list`}
                onClick={() => onChange(entries.filter((one) => keyOf(one) !== keyOf(entry)))}
              >
                <IconX size={12} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <TextInput
        id={id}
        error={error !== null}
        value={text}
        placeholder={entries.length === 0 ? 'Nobody yet' : 'Another one'}
        disabled={entries.length >= liveLimits.entriesMax}
        rightSectionWidth={56}
        rightSection={
          text.trim() === '' ? null : (
            <Button variant="subtle" size="compact-xs" onClick={() => add(text)}>
              Add
            </Button>
          )
        }
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (/[,;\n]/.test(value)) add(value);
          else setText(value);
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          if (!/[,;\n]/.test(pasted.trim())) return;
          event.preventDefault();
          add(pasted);
        }}
        onBlur={() => add(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && text.trim() !== '') {
            event.preventDefault();
            add(text);
          }
          if (event.key === 'Backspace' && text === '') onChange(entries.slice(0, -1));
        }}
      />
    </Input.Wrapper>
  );
}
