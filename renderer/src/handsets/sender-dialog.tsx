import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { SmsSenderView } from '../../../core/api/sms-schema.ts';
import { isSmsProvider, type SmsProvider, smsProviderNames, smsProviders } from '../../../core/model/sms.ts';
import { saveSender, sendersQuery } from '../api/handsets.ts';
import { useHandsetAction } from './use-handset-action.ts';

interface SenderDialogProps {
  readonly opened: boolean;
  readonly provider: SmsProvider;
  /** Empty: one that is not there yet. */
  readonly sender: string;
  readonly onClose: () => void;
}

/** Where answers to a sender go, where its reports go, and where it may be used. */
export function SenderDialog({ opened, provider, sender, onClose }: SenderDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={sender === '' ? 'Register a sender' : `Sender ${sender}`}>
      {opened && <Loaded provider={provider} sender={sender} onClose={onClose} />}
    </Modal>
  );
}

function Loaded({ provider, sender, onClose }: Omit<SenderDialogProps, 'opened'>) {
  const { data } = useQuery(sendersQuery);
  if (data === undefined) return null;
  const known = data.find((one) => one.provider === provider && one.sender === sender) ?? null;
  return <SenderForm known={known} provider={provider} sender={sender} onClose={onClose} />;
}

interface SenderFormProps extends Omit<SenderDialogProps, 'opened'> {
  readonly known: SmsSenderView | null;
}

function SenderForm({ known, provider, sender, onClose }: SenderFormProps) {
  const [by, setBy] = useState(provider);
  const [name, setName] = useState(sender);
  const [inboundUrl, setInboundUrl] = useState(known?.inboundUrl ?? '');
  const [inboundMethod, setMethod] = useState(known?.inboundMethod ?? 'POST');
  const [statusUrl, setStatusUrl] = useState(known?.statusUrl ?? '');
  const [countries, setCountries] = useState((known?.countries ?? ['*']).join(', '));
  const [service, setService] = useState(known?.service ?? '');
  const act = useHandsetAction();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const kept = await act(
      saveSender(
        { provider: by, sender: name.trim() },
        {
          inboundUrl: orNull(inboundUrl),
          inboundMethod,
          statusUrl: orNull(statusUrl),
          service: orNull(service),
          countries: countries
            .split(/[\s,]+/)
            .filter((one) => one !== '')
            .map((one) => one.toUpperCase()),
        },
      ),
      `${name.trim()} is kept`,
    );
    if (kept !== null) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        {sender === '' && (
          <>
            <NativeSelect
              label="Provider"
              value={by}
              data={smsProviders.map((value) => ({ value, label: smsProviderNames[value] }))}
              onChange={({ currentTarget: { value } }) => {
                if (isSmsProvider(value)) setBy(value);
              }}
            />
            <TextInput
              label="Sender"
              description="A number with its plus sign, a short code, a name, or the id of a messaging service. *: all that say nothing themselves."
              placeholder="+15005550006"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </>
        )}
        <TextInput
          data-autofocus
          label="Answers go to"
          description="The inbound webhook of your app. Empty: nowhere; answers are shown here only."
          placeholder="http://127.0.0.1:3000/sms/inbound"
          value={inboundUrl}
          onChange={(event) => setInboundUrl(event.currentTarget.value)}
        />
        <NativeSelect
          label="By"
          value={inboundMethod}
          data={['POST', 'GET']}
          onChange={({ currentTarget: { value } }) => setMethod(value === 'GET' ? 'GET' : 'POST')}
        />
        <TextInput
          label="Reports go to"
          description="Where a request names no address itself."
          placeholder="http://127.0.0.1:3000/sms/status"
          value={statusUrl}
          onChange={(event) => setStatusUrl(event.currentTarget.value)}
        />
        <TextInput
          label="Registered in"
          description="Country codes with commas between them; *: everywhere."
          value={countries}
          onChange={(event) => setCountries(event.currentTarget.value)}
        />
        <TextInput
          label="Messaging service or profile"
          description="Whose pool it is in. Empty: none."
          value={service}
          onChange={(event) => setService(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Keep it</Button>
        </Group>
      </Stack>
    </form>
  );
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
