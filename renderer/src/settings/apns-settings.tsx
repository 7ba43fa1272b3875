import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MadeApnsKey, PushSettings } from '../../../core/api/push-schema.ts';
import { makeApnsKey, pushSettingsQuery } from '../api/push.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { AddApnsKey } from './add-apns-key.tsx';
import { KnownCredentials } from './known-credentials.tsx';
import { MadeCredential } from './made-credential.tsx';
import { type ApnsForm, apnsForm, readApnsForm } from './push-form.ts';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';
import roomClasses from './settings-room.module.css';
import { useChangePush } from './use-change-push.ts';

type Saved = PushSettings['apns'];

export function ApnsSettings({ saved }: { readonly saved: Saved }) {
  const change = useChangePush();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeApnsKey | null>(null);
  const make = () => {
    makeApnsKey({}).then(
      (key) => {
        setMade(key);
        void queries.invalidateQueries({ queryKey: pushSettingsQuery.queryKey });
      },
      (error: unknown) => toastProblem(error, 'The key could not be made'),
    );
  };
  return (
    <PushPart title="APNs">
      <Switch
        label="Let only known signing keys in"
        description="Off: tokens of other keys are taken too, and shown as unchecked. On: 403 InvalidProviderToken."
        checked={saved.strict}
        onChange={(event) => void change({ apns: { strict: event.currentTarget.checked } })}
      />
      <KnownCredentials
        label="Signing keys that are known"
        none="No signing key of an app is known."
        entries={saved.keys.map((key) => ({ name: key.kid, about: aboutKey(key) }))}
        onRemove={(kid) => void change({ apns: { keys: saved.keys.filter((key) => key.kid !== kid) } })}
      />
      <div className={classes.buttons}>
        <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={make}>
          Make a signing key
        </Button>
        <Button variant="default" onClick={() => setAdding(true)}>
          Add your own…
        </Button>
      </div>
      <div className={roomClasses.row}>
        <NativeSelect
          w={240}
          label="Environment at localhost"
          value={saved.environment}
          data={[
            { value: 'either', label: 'either' },
            { value: 'development', label: 'development' },
            { value: 'production', label: 'production' },
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value === 'either' || value === 'development' || value === 'production')
              void change({ apns: { environment: value } });
          }}
        />
        <NativeSelect
          w={240}
          label="Another environment’s key is refused as"
          value={saved.environmentKeyReason}
          data={['BadEnvironmentKeyIdInToken', 'BadEnvironmentKeyInToken']}
          onChange={(event) =>
            void change({
              apns: {
                environmentKeyReason:
                  event.currentTarget.value === 'BadEnvironmentKeyInToken'
                    ? 'BadEnvironmentKeyInToken'
                    : 'BadEnvironmentKeyIdInToken',
              },
            })
          }
        />
      </div>
      <Switch
        label="One stream until the first valid token"
        description="As Apple announces it: what goes beyond is refused (REFUSED_STREAM). Some clients do not wait."
        checked={saved.oneStreamAtFirst}
        onChange={(event) => void change({ apns: { oneStreamAtFirst: event.currentTarget.checked } })}
      />
      <Fields key={JSON.stringify(apnsForm(saved))} saved={saved} onSave={(apns) => void change({ apns })} />
      <AddApnsKey opened={adding} known={saved.keys} onClose={() => setAdding(false)} />
      <MadeCredential
        title="A signing key for APNs"
        made={
          made === null
            ? null
            : {
                facts: [
                  ['Key id', made.kid],
                  ['Team id', made.teamId],
                ],
                fileName: made.fileName,
                text: made.privateKey,
              }
        }
        onClose={() => setMade(null)}
      />
    </PushPart>
  );
}

function Fields({
  saved,
  onSave,
}: {
  readonly saved: Saved;
  readonly onSave: (change: Partial<Saved>) => void;
}) {
  const [form, setForm] = useState(() => apnsForm(saved));
  const read = readApnsForm(form);
  const field = (name: keyof ApnsForm, label: string, width: number, placeholder: string) => (
    <TextInput
      w={width}
      label={label}
      placeholder={placeholder}
      value={form[name]}
      error={name === 'perDevicePerSecond' && read === null ? 'a whole number is expected' : null}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <div className={roomClasses.row}>
        {field('perDevicePerSecond', 'A second to one device', 152, 'no limit')}
        {field('topics', 'Bundle ids that there are', 200, 'all')}
        {field('broadcastApps', '… with broadcast enabled', 200, 'all')}
      </div>
      <Button
        variant="default"
        disabled={read === null || JSON.stringify(form) === JSON.stringify(apnsForm(saved))}
        onClick={() => read !== null && onSave(read)}
      >
        Save
      </Button>
    </>
  );
}

function aboutKey({ teamId, environment, topics, revoked }: Saved['keys'][number]): string {
  const parts = [
    `team ${teamId}`,
    ...(environment === undefined ? [] : [environment]),
    ...(topics === undefined ? [] : [topics.join(', ')]),
    ...(revoked === true ? ['revoked'] : []),
  ];
  return parts.join(' · ');
}
