import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type RelayKind, relayKinds } from '../../../core/model/live-relay.ts';
import { faultWithin } from '../api/faults.ts';
import { forgetCredential, type Relay, relaysQuery, saveRelay, setCredential } from '../api/live-relay.ts';
import { ApiProblem } from '../api/request.ts';
import { toast } from '../frame/toast-problem.ts';
import { CredentialFields, keptInWords } from './credential-fields.tsx';
import { kindNames } from './live-words.ts';
import { ProblemHelp } from './problem-help.tsx';
import classes from './relay-dialog.module.css';
import { RelayFields } from './relay-fields.tsx';
import {
  emptyValues,
  fieldRows,
  isRelayKind,
  missingOf,
  type ReadFile,
  type SecretRow,
  secretRows,
  settingsOf,
  type Values,
  valuesOf,
} from './relay-form.ts';

interface RelayDialogProps {
  /** Null: closed. */
  readonly open: Relay | 'new' | null;
  readonly onClose: () => void;
}

export function RelayDialog({ open, onClose }: RelayDialogProps) {
  return (
    <Modal
      opened={open !== null}
      onClose={onClose}
      size={560}
      title={open === 'new' || open === null ? 'Add a relay' : `Relay ${open.name}`}
    >
      {open !== null && <RelayForm relay={open === 'new' ? null : open} onClose={onClose} />}
    </Modal>
  );
}

const kinds = relayKinds.map((kind) => ({ value: kind, label: kindNames[kind] }));

function RelayForm({
  relay: opened,
  onClose,
}: {
  readonly relay: Relay | null;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  // Once it is saved it is there, even when its credential could not be.
  const [relay, setRelay] = useState(opened);
  const [kind, setKind] = useState<RelayKind>(opened?.settings.kind ?? 'smtp');
  const [name, setName] = useState(opened?.name ?? '');
  const [values, setValues] = useState<Values>(
    opened === null ? emptyValues('smtp') : valuesOf(opened.settings),
  );
  const [secrets, setSecrets] = useState<Values>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [state, setState] = useState<'still' | 'saving'>('still');
  const faults = problem instanceof ApiProblem ? problem.fields : [];
  const rows = secretRows(kind, values);
  const typed = Object.fromEntries(
    rows.flatMap(({ name: field }) => {
      const secret = secrets[field] ?? '';
      return secret === '' ? [] : [[field, secret]];
    }),
  );
  const missing = missingOf(kind, values);
  const half = halfGiven(rows, typed, relay);
  const complete = name.trim() !== '' && missing.length === 0 && half === null;
  const change = (next: Values) => {
    setValues(next);
    setProblem(null);
  };
  const save = async () => {
    setState('saving');
    setProblem(null);
    try {
      const saved = await saveRelay(relay?.id ?? null, {
        name: name.trim(),
        settings: settingsOf(kind, values),
      });
      setRelay(saved);
      if (Object.keys(typed).length > 0) await setCredential(saved.id, typed);
      toast(`The relay ${saved.name} is saved`);
      onClose();
    } catch (error) {
      setProblem(error);
    } finally {
      setState('still');
      void queries.invalidateQueries({ queryKey: relaysQuery.queryKey });
    }
  };
  const takeFile = (read: ReadFile) => {
    const known = new Set(fieldRows[kind].map((row) => row.name));
    const fitting = Object.entries(read.values).filter(([field]) => known.has(field));
    change({ ...values, ...Object.fromEntries(fitting) });
    setSecrets({ ...secrets, ...read.secrets });
  };
  const ofField = (field: string): boolean => field.startsWith('settings.') || field === 'name';
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
        <Group gap="sm" grow align="flex-start">
          <NativeSelect
            label="Kind"
            data={kinds}
            value={kind}
            disabled={relay !== null}
            data-autofocus={relay === null ? true : undefined}
            onChange={(event) => {
              const { value } = event.currentTarget;
              if (!isRelayKind(value)) return;
              setKind(value);
              setSecrets({});
              change(emptyValues(value));
            }}
          />
          <TextInput
            label="Name"
            placeholder="main"
            value={name}
            error={faultWithin(faults, 'name')}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setProblem(null);
            }}
          />
        </Group>
        <RelayFields rows={fieldRows[kind]} values={values} faults={faults} onChange={change} />
        {rows.length > 0 && (
          <Credential
            relay={relay}
            onForgotten={(changed) => {
              setRelay(changed);
              void queries.invalidateQueries({ queryKey: relaysQuery.queryKey });
            }}
            onProblem={setProblem}
          >
            <CredentialFields
              rows={rows}
              relayName={name.trim()}
              values={secrets}
              onChange={setSecrets}
              onFile={takeFile}
            />
            {half !== null && <p className={classes.bad}>{half}</p>}
          </Credential>
        )}
        {(faults.length === 0 || !faults.every(({ field }) => ofField(field))) && (
          <ProblemHelp problem={problem} onMended={() => setProblem(null)} />
        )}
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

/** What is given replaces all that was kept, so all of it is given. @returns what is missing, in words */
function halfGiven(rows: readonly SecretRow[], typed: Values, relay: Relay | null): string | null {
  if (Object.keys(typed).length === 0) return null;
  const missing = rows.filter(
    ({ name }) => typed[name] === undefined && relay?.credential[name] !== 'environment',
  );
  return missing.length === 0
    ? null
    : `Also needed, for it replaces all that was kept: ${missing.map(({ label }) => label.toLowerCase()).join(', ')}.`;
}

interface CredentialProps {
  readonly relay: Relay | null;
  readonly onForgotten: (relay: Relay) => void;
  readonly onProblem: (problem: unknown) => void;
  readonly children: ReactNode;
}

/** What is known is said, never shown; who replaces it gives all of it. */
function Credential({ relay, onForgotten, onProblem, children }: CredentialProps) {
  const set = relay !== null && Object.keys(relay.credential).length > 0;
  const kept = set && Object.values(relay.credential).some((where) => where !== 'environment');
  const [state, setState] = useState<'closed' | 'open'>(set ? 'closed' : 'open');
  return (
    <section className={classes.credential} aria-label="What opens it">
      <h3 className={classes.heading}>What opens it</h3>
      <p className={classes.say}>
        {set
          ? keptInWords(relay.credential)
          : 'Kept in the keychain of this system where there is one, else in a file that only you can read; never in the database, and never shown again.'}
      </p>
      {set && state === 'closed' && relay !== null ? (
        <Group gap="sm" mt="xs">
          <Button variant="default" size="compact-xs" onClick={() => setState('open')}>
            Replace…
          </Button>
          {kept && (
            <Button
              variant="subtle"
              color="red"
              size="compact-xs"
              onClick={() => {
                forgetCredential(relay.id).then(
                  (changed) => {
                    toast('It is forgotten');
                    setState('open');
                    onForgotten(changed);
                  },
                  (error: unknown) => onProblem(error),
                );
              }}
            >
              Forget it
            </Button>
          )}
        </Group>
      ) : (
        children
      )}
    </section>
  );
}
