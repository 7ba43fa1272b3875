import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Phone, PhoneApp } from '../../../core/api/phones-schema.ts';
import { registerApp } from '../api/phones.ts';
import { ApiProblem } from '../api/request.ts';
import { Copy } from '../message/found-panel.tsx';
import { readWords } from '../word-list.ts';
import classes from './register-dialog.module.css';
import { usePhoneAction } from './use-phone-action.ts';

interface RegisterDialogProps {
  readonly opened: boolean;
  readonly phone: Phone;
  readonly onClose: () => void;
}

/** What an app does at its first start: it asks the platform for a token, and tells its server. */
export function RegisterDialog({ opened, phone, onClose }: RegisterDialogProps) {
  const browser = phone.platform === 'browser';
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={browser ? `Subscribe a page in ${phone.name}` : `Register an app on ${phone.name}`}
      size={browser ? 560 : 480}
    >
      {opened && <RegisterForm phone={phone} onClose={onClose} />}
    </Modal>
  );
}

const fields = {
  ios: { label: 'Bundle id', placeholder: 'com.example.shop' },
  android: { label: 'Package', placeholder: 'com.example.shop' },
  browser: { label: 'Origin of the page', placeholder: 'https://shop.example' },
} as const;

function RegisterForm({ phone, onClose }: Omit<RegisterDialogProps, 'opened'>) {
  const { platform } = phone;
  const [app, setApp] = useState('');
  const [provider, setProvider] = useState<'apns' | 'fcm'>('apns');
  const [environment, setEnvironment] = useState<'development' | 'production'>('development');
  const [serverKey, setServerKey] = useState('');
  const [topics, setTopics] = useState('');
  const [links, setLinks] = useState('');
  const [token, setToken] = useState('');
  const [registered, setRegistered] = useState<PhoneApp | null>(null);
  const [faults, setFaults] = useState<readonly { readonly field: string; readonly detail: string }[]>([]);
  const act = usePhoneAction();
  const faultOf = (field: string) => faults.find((one) => one.field === field)?.detail ?? null;
  const apns = platform === 'ios' && provider === 'apns';

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFaults([]);
    const opens = readWords(links);
    const asked = registerApp(phone.id, {
      app: app.trim(),
      ...(platform === 'ios' ? { provider } : {}),
      ...(apns ? { environment } : {}),
      ...(topics.trim() === '' ? {} : { topics: readWords(topics) }),
      ...(platform === 'browser' && serverKey.trim() !== ''
        ? { applicationServerKey: serverKey.trim() }
        : {}),
      ...(token.trim() === '' ? {} : { token: token.trim() }),
      linkSchemes: opens.filter((one) => !one.includes('.')).map((one) => one.replace(/:.*$/, '')),
      linkDomains: opens.filter((one) => one.includes('.')).map((one) => one.replace(/^https?:\/\//, '')),
    });
    const result = await act(
      asked.catch((error: unknown) => {
        if (error instanceof ApiProblem) setFaults(error.fields);
        throw error;
      }),
    );
    if (result !== null) setRegistered(result);
  };

  if (registered !== null) return <Done registered={registered} platform={platform} onClose={onClose} />;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          {...fields[platform]}
          value={app}
          error={faultOf('app')}
          onChange={(event) => setApp(event.currentTarget.value)}
        />
        {platform === 'ios' && (
          <Group grow gap="sm">
            <NativeSelect
              label="Token of"
              value={provider}
              data={[
                { value: 'apns', label: 'APNs' },
                { value: 'fcm', label: 'FCM (Firebase on iOS)' },
              ]}
              onChange={(event) => setProvider(event.currentTarget.value === 'fcm' ? 'fcm' : 'apns')}
            />
            {apns && (
              <NativeSelect
                label="Environment"
                value={environment}
                data={['development', 'production']}
                onChange={(event) =>
                  setEnvironment(event.currentTarget.value === 'production' ? 'production' : 'development')
                }
              />
            )}
          </Group>
        )}
        {platform === 'browser' ? (
          <TextInput
            label="Application server key"
            description="Your VAPID public key, base64url. Empty: any server may push to it."
            value={serverKey}
            error={faultOf('applicationServerKey')}
            onChange={(event) => setServerKey(event.currentTarget.value)}
          />
        ) : (
          <>
            <TextInput
              label="Links that open it"
              description="Schemes and domains, with spaces between. A tap is resolved by them."
              placeholder="myshop shop.example"
              value={links}
              error={faultOf('linkSchemes') ?? faultOf('linkDomains')}
              onChange={(event) => setLinks(event.currentTarget.value)}
            />
            {!apns && (
              <TextInput
                label="Topics"
                placeholder="news offers"
                value={topics}
                error={faultOf('topics')}
                onChange={(event) => setTopics(event.currentTarget.value)}
              />
            )}
            <TextInput
              label="Token"
              description="Empty: one is made, as the platform would. Magic ones fail on purpose: unregistered-1, offline-2h-jane."
              value={token}
              error={faultOf('token')}
              onChange={(event) => setToken(event.currentTarget.value)}
            />
          </>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={app.trim() === ''}>
            {platform === 'browser' ? 'Subscribe' : 'Register'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Done({
  registered,
  platform,
  onClose,
}: {
  readonly registered: PhoneApp;
  readonly platform: Phone['platform'];
  readonly onClose: () => void;
}) {
  const { subscription } = registered;
  const text = subscription === null ? registered.token : JSON.stringify(subscription, null, 2);
  const what = subscription === null ? 'token' : 'subscription';
  return (
    <Stack gap="sm">
      <p className={classes.say}>
        {platform === 'browser'
          ? 'This is what PushSubscription.toJSON() gives. Give it to your server as the page would.'
          : 'This is the token that the app would send to your server. Give it to your server as the app would.'}
      </p>
      <div className={classes.code}>
        <pre>{text}</pre>
        <Copy value={text} label={`Copy the ${what}`} />
      </div>
      <Group justify="flex-end">
        <Button data-autofocus onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
