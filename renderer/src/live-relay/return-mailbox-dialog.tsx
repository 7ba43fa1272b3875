import { Button, Group, Modal, Stack, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { returnMailboxName } from '../../../core/model/return-mailbox.ts';
import {
  type ReturnMailbox,
  returnMailboxQuery,
  saveReturnMailbox,
  setReturnCredential,
} from '../api/live-relay.ts';
import { ApiProblem } from '../api/request.ts';
import { toast } from '../frame/toast-problem.ts';
import { CredentialFields, keptInWords } from './credential-fields.tsx';
import { ProblemHelp } from './problem-help.tsx';
import classes from './relay-dialog.module.css';
import { RelayFields } from './relay-fields.tsx';
import type { Values } from './relay-form.ts';
import { emptyMailbox, mailboxSecrets, mailboxRows, settingsOfMailbox } from './return-form.ts';

interface ReturnMailboxDialogProps {
  readonly mailbox: ReturnMailbox;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function ReturnMailboxDialog({ mailbox, opened, onClose }: ReturnMailboxDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} size={560} title="Return mailbox">
      {opened && <MailboxForm mailbox={mailbox} onClose={onClose} />}
    </Modal>
  );
}

function MailboxForm({ mailbox, onClose }: Omit<ReturnMailboxDialogProps, 'opened'>) {
  const queries = useQueryClient();
  const [values, setValues] = useState<Values>(() => emptyMailbox(mailbox.settings));
  const [markSeen, setMarkSeen] = useState(mailbox.settings?.markSeen ?? true);
  const [secrets, setSecrets] = useState<Values>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [state, setState] = useState<'still' | 'saving'>('still');
  // The fields are those of a relay's form; the core names them without its prefix.
  const faults = (problem instanceof ApiProblem ? problem.fields : []).map(({ field, detail }) => ({
    field: `settings.${field}`,
    detail,
  }));
  const typed = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
  const complete = ['host', 'user'].every((name) => (values[name] ?? '').trim() !== '');
  const known = Object.keys(mailbox.credential).length > 0;
  const save = async () => {
    setState('saving');
    setProblem(null);
    try {
      let saved = await saveReturnMailbox(settingsOfMailbox(values, markSeen));
      if (Object.keys(typed).length > 0) saved = await setReturnCredential(typed);
      queries.setQueryData(returnMailboxQuery.queryKey, saved);
      toast('The return mailbox is saved');
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setState('still');
    }
  };
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) void save();
      }}
    >
      <Stack gap="sm">
        <RelayFields
          rows={mailboxRows}
          values={values}
          faults={faults}
          onChange={(next) => {
            setValues(next);
            setProblem(null);
          }}
        />
        <Switch
          label="Mark as seen what was tied to a delivery"
          description="Nothing else in it is touched."
          checked={markSeen}
          onChange={(event) => setMarkSeen(event.currentTarget.checked)}
        />
        <section className={classes.credential} aria-label="What opens it">
          <h3 className={classes.heading}>What opens it</h3>
          <p className={classes.say}>
            {known
              ? `${keptInWords(mailbox.credential)} What is written here replaces it.`
              : 'A password or, for XOAUTH2, an access token. Kept in the keychain of this system where there is one, else in a file that only you can read; never shown again.'}
          </p>
          <CredentialFields
            rows={mailboxSecrets}
            relayName={returnMailboxName}
            values={secrets}
            onChange={setSecrets}
            onFile={() => undefined}
          />
        </section>
        {faults.length === 0 && <ProblemHelp problem={problem} onMended={() => setProblem(null)} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!complete} loading={state === 'saving'}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
