import { ActionIcon, Button, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconRefresh, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { InAppSettingsChange, ShownInAppSettings } from '../../../core/api/inapp-schema.ts';
import { changeInAppSettings, inAppSecretQuery, inAppSettingsQuery, makeInAppKeys } from '../api/inapp.ts';
import { ApiProblem } from '../api/request.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { Copy } from '../message/found-panel.tsx';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';
import { Section } from './section.tsx';
import roomClasses from './settings-room.module.css';

/** What the in-app door asks of whoever comes, and the keys. */
export function InAppSettings() {
  const { data, error, refetch } = useQuery(inAppSettingsQuery);
  if (error instanceof ApiProblem && error.status === 404) return null;
  return (
    <Section
      title="In-app"
      hint="By default any key is taken, and none, and any hash. Switch both checks on to see whether the app would pass at its provider."
    >
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Fields key={JSON.stringify(data)} saved={data} />}
    </Section>
  );
}

function Fields({ saved }: { readonly saved: ShownInAppSettings }) {
  const change = useChange();
  const [seconds, setSeconds] = useState(String(saved.retryAfterMs / 1_000));
  const asNumber = Number(seconds);
  const wrong = seconds.trim() === '' || Number.isNaN(asNumber) || asNumber < 0 || asNumber > 600;
  return (
    <>
      <Keys publishableKey={saved.publishableKey} />
      <Switch
        label="Ask for a key"
        description="Pages name the publishable key, the backend the secret one. Off: any key is taken, and none."
        checked={saved.requireKey}
        onChange={({ currentTarget: { checked } }) => change({ requireKey: checked })}
      />
      <Switch
        label="Ask for the hash of the user’s id"
        description="HMAC-SHA256 of the id with the secret key, in hex: X-User-Hash. It keeps one user from reading another’s messages; sending then needs the secret key too."
        checked={saved.requireHash}
        onChange={({ currentTarget: { checked } }) => change({ requireHash: checked })}
      />
      <Origins saved={saved.allowedOrigins} onChange={(allowedOrigins) => change({ allowedOrigins })} />
      <form
        className={roomClasses.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) change({ retryAfterMs: Math.round(asNumber * 1_000) });
        }}
      >
        <TextInput
          w={260}
          label="Clients that were cut off come back after, s"
          value={seconds}
          error={wrong ? '0 to 600' : null}
          onChange={({ currentTarget: { value } }) => setSeconds(value)}
        />
        <Button
          type="submit"
          variant="default"
          disabled={wrong || Math.round(asNumber * 1_000) === saved.retryAfterMs}
        >
          Save
        </Button>
      </form>
    </>
  );
}

function useChange(): (change: InAppSettingsChange) => void {
  const queries = useQueryClient();
  return (change) => {
    changeInAppSettings(change).then(
      (kept) => {
        queries.setQueryData(inAppSettingsQuery.queryKey, kept);
        toast('Saved');
      },
      (error: unknown) => toastProblem(error, 'The setting could not be saved'),
    );
  };
}

/** The secret one is masked until it is asked for. */
function Keys({ publishableKey }: { readonly publishableKey: string }) {
  const queries = useQueryClient();
  const [state, setState] = useState<'masked' | 'shown'>('masked');
  const secret = useQuery({ ...inAppSecretQuery, enabled: state === 'shown' }).data;
  const makeAnew = () => {
    makeInAppKeys().then(
      () => {
        void queries.invalidateQueries({ queryKey: ['inapp-settings'] });
        toast('Both keys are new');
      },
      (error: unknown) => toastProblem(error, 'The keys could not be made'),
    );
  };
  return (
    <PushPart title="Keys">
      <ul className={classes.known} aria-label="Keys of the in-app door">
        <li className={classes.entry}>
          <span className={classes.text}>
            <b>Publishable</b> <span className={classes.about}>for the app’s pages</span>
            <br />
            <span className={classes.name}>{publishableKey}</span>
            <Copy value={publishableKey} label="Copy the publishable key" />
          </span>
        </li>
        <li className={classes.entry}>
          <span className={classes.text}>
            <b>Secret</b> <span className={classes.about}>for the app’s backend alone</span>
            <br />
            <span className={classes.name}>
              {state === 'shown' && secret !== undefined ? secret : '••••••••'}
            </span>
            {state === 'shown' && secret !== undefined && <Copy value={secret} label="Copy the secret key" />}
          </span>
        </li>
      </ul>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => setState(state === 'masked' ? 'shown' : 'masked')}>
          {state === 'masked' ? 'Show the secret key' : 'Hide the secret key'}
        </Button>
        <Tooltip label="Those of before are not taken any more, where keys are asked for">
          <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={makeAnew}>
            Make both anew
          </Button>
        </Tooltip>
      </div>
    </PushPart>
  );
}

interface OriginsProps {
  readonly saved: readonly string[];
  readonly onChange: (origins: string[]) => void;
}

/** Pages of this machine may always ask. */
function Origins({ saved, onChange }: OriginsProps) {
  const [origin, setOrigin] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (origin.trim() !== '') onChange([...saved, origin.trim()]);
  };
  return (
    <PushPart title="Pages that may ask">
      {saved.length === 0 ? (
        <p className={classes.none}>Those of this machine alone.</p>
      ) : (
        <ul className={classes.known} aria-label="Allowed origins">
          {saved.map((one) => (
            <li key={one} className={classes.entry}>
              <span className={classes.text}>
                <span className={classes.name}>{one === '*' ? '* (all)' : one}</span>
              </span>
              <ActionIcon
                aria-label={`Take ${one} out`}
                onClick={() => onChange(saved.filter((other) => other !== one))}
              >
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <form className={classes.buttons} onSubmit={add}>
        <TextInput
          aria-label="Origin"
          placeholder="https://app.example, or * for all"
          w={260}
          value={origin}
          onChange={({ currentTarget: { value } }) => setOrigin(value)}
        />
        <Button type="submit" variant="default">
          Add
        </Button>
      </form>
    </PushPart>
  );
}
