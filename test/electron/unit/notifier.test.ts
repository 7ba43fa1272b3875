import { expect, it } from 'vitest';
import type { ArrivedMessage, ShellPreferences } from '../../../electron/bridge.ts';
import { createNotifier } from '../../../electron/notifier.ts';
import { defaultPreferences } from '../../../electron/preferences.ts';

const message = (id: string, more: Partial<ArrivedMessage> = {}): ArrivedMessage => ({
  id,
  channel: 'email',
  project: 'shop',
  subject: `Subject ${id}`,
  from: 'app@example.com',
  recipients: ['jane@example.org'],
  ...more,
});

function start(change: Partial<ShellPreferences>) {
  let preferences: ShellPreferences = { ...defaultPreferences, ...change };
  const shown: string[] = [];
  const due: (() => void)[] = [];
  const world = { focused: false };
  const notifier = createNotifier({
    preferences: () => preferences,
    focused: () => world.focused,
    show: ({ title, body, messageId }) => shown.push([title, body, messageId].filter(Boolean).join('|')),
    after: (_delayMs, run) => due.push(run),
  });
  return {
    notifier,
    shown,
    world,
    change: (next: Partial<ShellPreferences>) => {
      preferences = { ...preferences, ...next };
    },
    minuteOver: () => {
      for (const run of due.splice(0)) run();
    },
  };
}

it('tells of every message by its subject, its sender and to whom it went', () => {
  const { notifier, shown } = start({});
  notifier.announce([message('1'), message('2', { subject: '', from: '' })], 0);
  expect(shown).toEqual([
    'Subject 1|app@example.com → jane@example.org|1',
    '(no subject)|no sender → jane@example.org|2',
  ]);
});

it('tells of none when that is chosen, while it is paused, and in focus unless asked to', () => {
  const { notifier, shown, world, change } = start({ notifications: 'none' });
  notifier.announce([message('1')], 5);
  change({ notifications: 'all', notificationsPaused: true });
  notifier.announce([message('2')], 0);
  change({ notificationsPaused: false });
  world.focused = true;
  notifier.announce([message('3')], 0);
  expect(shown).toEqual([]);
  change({ quietInFocus: false });
  notifier.announce([message('4')], 0);
  expect(shown).toHaveLength(1);
});

it('goes by rules: channel, project, and text in the subject or a recipient, whatever the case', () => {
  const { notifier, shown } = start({
    notifications: 'rules',
    notificationRules: [
      { channel: 'email', project: null, text: 'INVOICE' },
      { channel: null, project: 'crm', text: 'jane@' },
    ],
  });
  notifier.announce(
    [
      message('1', { subject: 'Your invoice' }),
      message('2', { subject: 'Your invoice', channel: 'push' }),
      message('3', { project: 'crm' }),
      message('4', { project: 'crm', recipients: ['bob@example.org'] }),
      message('5', { recipients: ['invoices@example.org'] }),
    ],
    0,
  );
  expect(shown.map((text) => text.split('|').at(-1))).toEqual(['1', '3', '5']);
});

it('tells of so many in a minute, and then how many more there were', () => {
  const { notifier, shown, minuteOver } = start({ notificationsPerMinuteMax: 2 });
  notifier.announce([message('1'), message('2'), message('3')], 40);
  notifier.announce([message('4')], 0);
  expect(shown).toHaveLength(2);
  minuteOver();
  expect(shown.at(-1)).toBe('42 more messages');
  // That one counts in the minute it begins.
  notifier.announce([message('5'), message('6')], 0);
  expect(shown).toHaveLength(4);
  minuteOver();
  expect(shown.at(-1)).toBe('1 more message');
});

it('says of messages too many to be held against the rules that nobody looked', () => {
  const { notifier, shown, minuteOver } = start({
    notifications: 'rules',
    notificationRules: [{ channel: null, project: null, text: '' }],
    notificationsPerMinuteMax: 1,
  });
  notifier.announce([message('1'), message('2')], 30);
  minuteOver();
  expect(shown.at(-1)).toBe('1 more message; 30 came too fast to look at');
});

it('begins a new minute in silence when nothing was left to say', () => {
  const { notifier, shown, minuteOver } = start({ notificationsPerMinuteMax: 1 });
  notifier.announce([message('1')], 0);
  minuteOver();
  notifier.announce([message('2')], 0);
  expect(shown).toHaveLength(2);
});
