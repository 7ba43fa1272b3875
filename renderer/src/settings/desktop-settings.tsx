import { Switch } from '@mantine/core';
import type { ShellPreferences } from '../../../electron/bridge.ts';
import { AddressField } from '../host/address-field.tsx';
import { bridge, can } from '../host/host.ts';
import { NotificationSettings } from '../host/notification-settings.tsx';
import { UpdateSettings } from '../host/update-settings.tsx';
import { usePreferences } from '../host/use-preferences.ts';
import { WorkspaceSettings } from '../host/workspace-settings.tsx';
import { Section } from './section.tsx';

/** What only the desktop app has; in a browser there is nothing to set. */
export function DesktopSettings() {
  const { preferences, change } = usePreferences();
  if (bridge === null || preferences === null) return null;
  return (
    <>
      <AppSettings preferences={preferences} onChange={change} />
      {can('notify') && <NotificationSettings preferences={preferences} onChange={change} />}
      {can('workspaces') && <WorkspaceSettings host={bridge} />}
      {can('updates') && <UpdateSettings host={bridge} preferences={preferences} onChange={change} />}
    </>
  );
}

interface AppSettingsProps {
  readonly preferences: ShellPreferences;
  readonly onChange: (wanted: Partial<ShellPreferences>) => void;
}

function AppSettings({ preferences, onChange }: AppSettingsProps) {
  return (
    <Section title="Desktop app">
      <Switch
        label="Keep running in the tray when the window is closed"
        checked={preferences.closeToTray}
        onChange={(event) => onChange({ closeToTray: event.currentTarget.checked })}
      />
      {can('startAtLogin') && (
        <>
          <Switch
            label="Start at login"
            checked={preferences.startAtLogin}
            onChange={(event) => onChange({ startAtLogin: event.currentTarget.checked })}
          />
          <Switch
            label="At login, start in the tray without a window"
            disabled={!preferences.startAtLogin}
            checked={preferences.startInTray}
            onChange={(event) => onChange({ startInTray: event.currentTarget.checked })}
          />
        </>
      )}
      <AddressField
        label="Attach to a core that already runs"
        description="Empty: the app runs a core of its own."
        placeholder="http://127.0.0.1:8025"
        saved={preferences.attachUrl}
        onSave={(attachUrl) => onChange({ attachUrl })}
      />
    </Section>
  );
}
