import { Button, FileButton, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { PushSettings } from '../../../core/api/push-schema.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { KnownCredentials } from './known-credentials.tsx';
import { MakeServiceAccount } from './make-service-account.tsx';
import { type FcmForm, fcmForm, readAccountFile, readFcmForm } from './push-form.ts';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';
import roomClasses from './settings-room.module.css';
import { useChangePush } from './use-change-push.ts';

type Saved = PushSettings['fcm'];

export function FcmSettings({ saved }: { readonly saved: Saved }) {
  const change = useChangePush();
  const [making, setMaking] = useState(false);
  const toggle = (
    name: 'strict' | 'strictTokens' | 'deviceRates' | 'collapsibleRate' | 'projectRate',
    label: string,
    description: string,
  ) => (
    <Switch
      label={label}
      description={description}
      checked={saved[name]}
      onChange={(event) => void change({ fcm: { [name]: event.currentTarget.checked } })}
    />
  );
  const add = async (file: File | null) => {
    if (file === null) return;
    const account = readAccountFile(await file.text());
    if (account === null) {
      toast(`${file.name} is no service account: client_email or private_key is missing`);
      return;
    }
    const { clientEmail, projectId, privateKey } = account;
    const others = saved.serviceAccounts.filter((one) => one.clientEmail !== clientEmail);
    await change(
      { fcm: { serviceAccounts: [...others, { clientEmail, projectId, publicKey: privateKey }] } },
      `${clientEmail} is known now`,
    );
  };
  return (
    <PushPart title="FCM">
      {toggle(
        'strict',
        'Let only known service accounts in',
        'Off: any access token is taken. On: only tokens that the sandbox gave out, to accounts that it knows.',
      )}
      <KnownCredentials
        label="Service accounts that are known"
        none="No service account of an app is known."
        entries={saved.serviceAccounts.map(({ clientEmail, projectId, publicKey }) => ({
          name: clientEmail,
          about: [
            projectId === null ? 'project of its address' : `project ${projectId}`,
            ...(publicKey === null ? ['signatures are not checked'] : []),
          ].join(' · '),
        }))}
        onRemove={(email) =>
          void change({
            fcm: { serviceAccounts: saved.serviceAccounts.filter((one) => one.clientEmail !== email) },
          })
        }
      />
      <div className={classes.buttons}>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          Make a service account…
        </Button>
        <FileButton
          accept=".json,application/json"
          onChange={(file) => {
            add(file).catch((error: unknown) => toastProblem(error, 'The file could not be read'));
          }}
        >
          {(props) => (
            <Button {...props} variant="default">
              Add yours from its JSON file…
            </Button>
          )}
        </FileButton>
      </div>
      {toggle(
        'strictTokens',
        'Refuse tokens that FCM would not have made',
        'Off: a token may be any text, which is handy in tests.',
      )}
      {toggle(
        'deviceRates',
        'Limit what a device gets',
        '240 a minute and 5,000 an hour to an Android device.',
      )}
      {toggle(
        'collapsibleRate',
        'Limit collapsible messages',
        '20 at once to an app on a device, then one in 3 minutes.',
      )}
      {toggle('projectRate', 'Limit what a project sends', '600,000 a minute.')}
      <Fields key={JSON.stringify(fcmForm(saved))} saved={saved} onSave={(fcm) => void change({ fcm })} />
      <MakeServiceAccount opened={making} onClose={() => setMaking(false)} />
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
  const [form, setForm] = useState(() => fcmForm(saved));
  const field = (name: keyof FcmForm, label: string, width: number, placeholder = '') => (
    <TextInput
      w={width}
      label={label}
      placeholder={placeholder}
      value={form[name]}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      {field('projects', 'Projects that there are', 320, 'all')}
      <div className={roomClasses.row}>
        {field('metadataProject', 'Project of the metadata server', 190)}
        {field('metadataNumber', '… its number', 130)}
        {field('metadataEmail', '… its service account', 230, 'the usual one')}
      </div>
      <Button
        variant="default"
        disabled={JSON.stringify(form) === JSON.stringify(fcmForm(saved))}
        onClick={() => onSave(readFcmForm(form, saved))}
      >
        Save
      </Button>
    </>
  );
}
