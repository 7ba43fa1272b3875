import { Button, Group, Switch, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SandpostBridge, ShellPreferences } from '../../../electron/bridge.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { bridge, can } from '../host/host.ts';
import { Section } from './section.tsx';

/** What only the desktop app has; in a browser there is nothing to set. */
export function DesktopSettings() {
  if (bridge === null || !(can('notify') || can('startAtLogin') || can('attach'))) return null;
  return <Preferences host={bridge} />;
}

const preferencesKey = ['preferences'];

function Preferences({ host }: { readonly host: SandpostBridge }) {
  const queries = useQueryClient();
  const { data } = useQuery({ queryKey: preferencesKey, queryFn: () => host.preferences() });
  if (data === undefined) return null;
  const change = (wanted: Partial<ShellPreferences>) => {
    host.setPreferences(wanted).then(
      (saved) => queries.setQueryData(preferencesKey, saved),
      (error: unknown) => toastProblem(error, 'The setting could not be saved'),
    );
  };
  return (
    <Section title="Desktop app">
      {can('notify') && (
        <Switch
          label="Notify when mail arrives and the window is in the background"
          checked={data.notifications}
          onChange={(event) => change({ notifications: event.currentTarget.checked })}
        />
      )}
      {can('startAtLogin') && (
        <>
          <Switch
            label="Start at login"
            checked={data.startAtLogin}
            onChange={(event) => change({ startAtLogin: event.currentTarget.checked })}
          />
          <Switch
            label="Keep running in the tray when the window is closed"
            checked={data.closeToTray}
            onChange={(event) => change({ closeToTray: event.currentTarget.checked })}
          />
        </>
      )}
      {can('attach') && (
        <AttachAddress saved={data.attachUrl} onSave={(attachUrl) => change({ attachUrl })} />
      )}
    </Section>
  );
}

interface AttachAddressProps {
  readonly saved: string | null;
  readonly onSave: (url: string | null) => void;
}

function AttachAddress({ saved, onSave }: AttachAddressProps) {
  const [url, setUrl] = useState(saved ?? '');
  const valid = url.trim() === '' || /^https?:\/\/\S+$/i.test(url.trim());
  return (
    <Group align="flex-end" gap={8}>
      <TextInput
        w={320}
        label="Attach to a core that already runs"
        description="Empty: the app runs a core of its own. Takes effect at the next start."
        placeholder="http://127.0.0.1:8025"
        value={url}
        error={valid ? null : 'An address begins with http:// or https://'}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={!valid || url.trim() === (saved ?? '')}
        onClick={() => {
          onSave(url.trim() === '' ? null : url.trim());
          toast('Saved');
        }}
      >
        Save
      </Button>
    </Group>
  );
}
