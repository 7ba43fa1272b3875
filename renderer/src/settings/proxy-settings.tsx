import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PushSettings } from '../../../core/api/push-schema.ts';
import { readWords } from '../word-list.ts';
import { PushPart } from './push-part.tsx';
import { useChangePush } from './use-change-push.ts';

type OtherHosts = PushSettings['proxy']['otherHosts'];

/** Where the CONNECT proxy leads to besides the providers. */
export function ProxySettings({ saved }: { readonly saved: PushSettings['proxy'] }) {
  return <Fields key={JSON.stringify(saved)} saved={saved.otherHosts} />;
}

function Fields({ saved }: { readonly saved: OtherHosts }) {
  const change = useChangePush();
  const savedKind = typeof saved === 'object' ? 'list' : saved;
  const savedText = typeof saved === 'object' ? saved.list.join('\n') : '';
  const [kind, setKind] = useState<'refuse' | 'tunnel' | 'list'>(savedKind);
  const [text, setText] = useState(savedText);
  const save = (otherHosts: OtherHosts) => void change({ proxy: { otherHosts } });
  return (
    <PushPart title="Proxy">
      <NativeSelect
        w={320}
        label="Hosts that are no provider’s"
        description={sayings[kind]}
        inputWrapperOrder={['label', 'input', 'description']}
        value={kind}
        data={[
          { value: 'refuse', label: 'are refused' },
          { value: 'list', label: 'are refused but for those listed' },
          { value: 'tunnel', label: 'are reached, all of them' },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value === 'list') {
            setKind(value);
          } else if (value === 'refuse' || value === 'tunnel') {
            setKind(value);
            save(value);
          }
        }}
      />
      {kind === 'list' && (
        <>
          <Textarea
            w={320}
            size="xs"
            label="Hosts that the proxy leads to"
            autosize
            minRows={2}
            maxRows={8}
            placeholder={'api.stripe.com\n*.example.com\nlocalhost:3000'}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={savedKind === 'list' && text === savedText}
            onClick={() => save({ list: readWords(text) })}
          >
            Save the list
          </Button>
        </>
      )}
    </PushPart>
  );
}

const sayings = {
  refuse: 'With a clear 403, so that nothing leaves this machine by accident.',
  list: 'For an app that calls its payment or storage service too.',
  tunnel: 'The app’s calls to anything else leave this machine.',
} as const;
