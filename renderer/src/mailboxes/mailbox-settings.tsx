import { Button, NativeSelect, Switch, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Mailbox } from '../../../core/api/mailbox-schema.ts';
import { changeMailbox, resetMailbox, type MailboxSettings as Settings } from '../api/mailboxes.ts';
import { isPlacement, placementNames, placementOrder } from './mailbox-groups.ts';
import classes from './mailboxes-room.module.css';
import { ChoiceField } from './setting-fields.tsx';
import { mailboxHabits, mailboxStates } from './setting-words.ts';
import { useSettingAction } from './use-setting-action.ts';

/** How a mailbox and its owner behave. */
export function MailboxSettings({
  mailbox,
  providerTitle,
}: {
  readonly mailbox: Mailbox;
  readonly providerTitle: string;
}) {
  const { address, settings, changed, provider } = mailbox;
  const act = useSettingAction();
  const change = (next: Partial<Settings>) => act(changeMailbox(address, next));
  return (
    <section className={classes.detail} aria-label={`Settings of ${address}`}>
      <div className={classes.head}>
        <p className={`${classes.dim} ${classes.about}`}>
          Kept by the provider{' '}
          <Link to="/mailboxes/provider/$provider" params={{ provider }}>
            {providerTitle}
          </Link>
          , which has settings of its own.
        </p>
        <Button
          variant="default"
          disabled={changed.length === 0}
          onClick={() => act(resetMailbox(address), 'As usual again')}
        >
          Reset to usual
        </Button>
      </div>
      <div className={classes.part}>
        <div className={classes.columns}>
          <ChoiceField
            label="The mailbox"
            value={settings.state}
            choices={mailboxStates}
            onChange={(state) => change({ state })}
          />
          <ChoiceField
            label="Its owner"
            value={settings.habit}
            choices={mailboxHabits}
            onChange={(habit) => change({ habit })}
          />
          <NativeSelect
            label="Where mail goes"
            description={
              settings.place === null
                ? 'The filter decides.'
                : 'Every message goes there, whatever the filter says.'
            }
            inputWrapperOrder={['label', 'input', 'description']}
            value={settings.place ?? ''}
            data={[
              { value: '', label: 'where the filter puts it' },
              ...placementOrder.map((place) => ({ value: place, label: `always ${placementNames[place]}` })),
            ]}
            onChange={(event) => {
              const { value } = event.currentTarget;
              change({ place: isPlacement(value) ? value : null });
            }}
          />
          <Switch
            label="Bounces later"
            description="Says 250, and sends a bounce minutes after: the sender learns of it by a message only."
            checked={settings.outOfBandBounce}
            onChange={(event) => change({ outOfBandBounce: event.currentTarget.checked })}
          />
          <Switch
            label="Always complains"
            description="Reports each message as spam: a suppression, and a worse reputation, for the sender."
            checked={settings.complainsAlways}
            onChange={(event) => change({ complainsAlways: event.currentTarget.checked })}
          />
        </div>
      </div>
      <AutoReply
        key={settings.autoReply ?? ''}
        saved={settings.autoReply}
        onSave={(autoReply) => change({ autoReply })}
      />
    </section>
  );
}

const autoReplyCharsMax = 5_000;

function AutoReply({
  saved,
  onSave,
}: {
  readonly saved: string | null;
  readonly onSave: (text: string | null) => void;
}) {
  const [text, setText] = useState(saved ?? '');
  const wanted = text.trim() === '' ? null : text;
  return (
    <form
      className={classes.part}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(wanted);
      }}
    >
      <Textarea
        size="xs"
        label="Auto-reply"
        description="Goes to the sender of each message, once in a while and never to a program (RFC 3834). Empty: none."
        placeholder="I am away until Monday."
        autosize
        minRows={3}
        maxRows={10}
        maw={640}
        maxLength={autoReplyCharsMax}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" mt={8} disabled={wanted === saved}>
        Save the auto-reply
      </Button>
    </form>
  );
}
