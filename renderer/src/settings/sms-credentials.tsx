import { ActionIcon, Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { SmsSettingsView } from '../../../core/api/sms-schema.ts';
import { isSmsProvider, type SmsProvider, smsProviderNames, smsProviders } from '../../../core/model/sms.ts';
import { changeSmsSettings } from '../api/handsets.ts';
import { useHandsetAction } from '../handsets/use-handset-action.ts';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';

type Fixed = SmsSettingsView['credentials'];

/** Where a provider has some, only those are let in. */
export function SmsCredentials({ saved }: { readonly saved: Fixed }) {
  const act = useHandsetAction();
  const keep = (provider: SmsProvider, accounts: readonly { account: string; secret?: string }[]) =>
    act(changeSmsSettings({ credentials: { [provider]: accounts } }), 'Kept');
  const known = smsProviders.flatMap((provider) =>
    (saved[provider] ?? []).map((account) => ({ provider, account })),
  );
  return (
    <PushPart title="Fixed credentials">
      {known.length === 0 ? (
        <p className={classes.none}>None: every account and secret is let in.</p>
      ) : (
        <ul className={classes.known} aria-label="Fixed credentials">
          {known.map(({ provider, account }) => (
            <li key={`${provider} ${account}`} className={classes.entry}>
              <span className={classes.text}>
                {smsProviderNames[provider]} <span className={classes.name}>{account}</span>
              </span>
              <ActionIcon
                aria-label={`Forget ${account} of ${smsProviderNames[provider]}`}
                onClick={() =>
                  void keep(
                    provider,
                    (saved[provider] ?? []).filter((one) => one !== account).map((one) => ({ account: one })),
                  )
                }
              >
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <AddCredential
        onAdd={(provider, account, secret) =>
          keep(provider, [
            ...(saved[provider] ?? []).filter((one) => one !== account).map((one) => ({ account: one })),
            { account, secret },
          ])
        }
      />
    </PushPart>
  );
}

interface AddCredentialProps {
  readonly onAdd: (provider: SmsProvider, account: string, secret: string) => Promise<unknown>;
}

function AddCredential({ onAdd }: AddCredentialProps) {
  const [provider, setProvider] = useState<SmsProvider>('twilio');
  const [account, setAccount] = useState('');
  const [secret, setSecret] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await onAdd(provider, account.trim(), secret)) === null) return;
    setAccount('');
    setSecret('');
  };
  return (
    <form className={classes.buttons} onSubmit={(event) => void submit(event)}>
      <NativeSelect
        aria-label="Provider of the credential"
        value={provider}
        data={smsProviders.map((value) => ({ value, label: smsProviderNames[value] }))}
        onChange={({ currentTarget: { value } }) => {
          if (isSmsProvider(value)) setProvider(value);
        }}
      />
      <TextInput
        aria-label="Account, key or system_id"
        placeholder="Account, key or system_id"
        required
        value={account}
        onChange={(event) => setAccount(event.currentTarget.value)}
      />
      <PasswordInput
        aria-label="Secret"
        placeholder="Secret"
        required
        w={170}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Button type="submit" variant="default">
        Fix it
      </Button>
    </form>
  );
}
