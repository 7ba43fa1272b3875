import { ActionIcon, Button, Group, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { NotificationRule, ShellPreferences } from '../../../electron/bridge.ts';
import { Section } from '../settings/section.tsx';

interface NotificationSettingsProps {
  readonly preferences: ShellPreferences;
  readonly onChange: (wanted: Partial<ShellPreferences>) => void;
}

const choices = [
  { value: 'all', label: 'Every message' },
  { value: 'rules', label: 'Messages that a rule names' },
  { value: 'none', label: 'None' },
] as const;

const perMinuteMax = 60;

/** Which messages the desktop tells of, and how often. */
export function NotificationSettings({ preferences, onChange }: NotificationSettingsProps) {
  const { notifications, notificationRules, notificationsPerMinuteMax } = preferences;
  return (
    <Section
      title="Notifications"
      hint="Of messages that arrive. What comes beyond the limit is counted and told once the minute is over."
    >
      <NativeSelect
        label="Notify of"
        data={[...choices]}
        value={notifications}
        onChange={(event) => {
          const chosen = choices.find(({ value }) => value === event.currentTarget.value);
          if (chosen !== undefined) onChange({ notifications: chosen.value });
        }}
      />
      {notifications === 'rules' && (
        <Rules rules={notificationRules} onChange={(rules) => onChange({ notificationRules: rules })} />
      )}
      {notifications !== 'none' && (
        <>
          <NumberInput
            label="At most, in a minute"
            size="xs"
            w={180}
            min={1}
            max={perMinuteMax}
            allowDecimal={false}
            clampBehavior="strict"
            value={notificationsPerMinuteMax}
            onChange={(value) => {
              if (typeof value === 'number' && value >= 1) onChange({ notificationsPerMinuteMax: value });
            }}
          />
          <Switch
            label="Quiet while the window is in front"
            checked={preferences.quietInFocus}
            onChange={(event) => onChange({ quietInFocus: event.currentTarget.checked })}
          />
          <Switch
            label="Paused"
            description="Also in the tray’s menu. Stays so until it is resumed."
            checked={preferences.notificationsPaused}
            onChange={(event) => onChange({ notificationsPaused: event.currentTarget.checked })}
          />
        </>
      )}
    </Section>
  );
}

const channels = [
  { value: '', label: 'Any channel' },
  { value: 'email', label: 'Mail' },
  { value: 'push', label: 'Push' },
  { value: 'sms', label: 'SMS' },
  { value: 'inapp', label: 'In-app' },
  { value: 'multi', label: 'Several channels' },
] as const;

interface RulesProps {
  readonly rules: readonly NotificationRule[];
  readonly onChange: (rules: readonly NotificationRule[]) => void;
}

function Rules({ rules, onChange }: RulesProps) {
  const replace = (index: number, next: NotificationRule) =>
    onChange(rules.map((rule, at) => (at === index ? next : rule)));
  return (
    <>
      {rules.map((rule, index) => (
        // A rule has no name; its place is what it is known by.
        <Group key={index} gap={8} role="group" aria-label={`Rule ${index + 1}`}>
          <NativeSelect
            aria-label="Channel"
            data={[...channels]}
            value={rule.channel ?? ''}
            onChange={(event) => {
              const chosen = channels.find(({ value }) => value === event.currentTarget.value)?.value ?? '';
              replace(index, { ...rule, channel: chosen === '' ? null : chosen });
            }}
          />
          <SavedText
            label="Project"
            placeholder="Any project"
            saved={rule.project ?? ''}
            onSave={(project) => replace(index, { ...rule, project: project === '' ? null : project })}
          />
          <SavedText
            label="Text in the subject or a recipient"
            placeholder="Any subject or recipient"
            saved={rule.text}
            onSave={(text) => replace(index, { ...rule, text })}
          />
          <ActionIcon
            aria-label={`Remove rule ${index + 1}`}
            onClick={() => onChange(rules.filter((_, at) => at !== index))}
          >
            <IconTrash size={15} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {rules.length === 0 && <span>Without a rule there is no notification.</span>}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...rules, { channel: null, project: null, text: '' }])}
      >
        Add a rule
      </Button>
    </>
  );
}

interface SavedTextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly saved: string;
  readonly onSave: (text: string) => void;
}

/** Kept when the person is done with it, not at every letter. */
function SavedText({ label, placeholder, saved, onSave }: SavedTextProps) {
  const [text, setText] = useState(saved);
  const save = () => {
    if (text.trim() !== saved) onSave(text.trim());
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
      }}
    />
  );
}
