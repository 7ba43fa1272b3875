import { expect, it } from 'vitest';
import {
  defaultPreferences,
  parsePreferences,
  preferenceChangeSchema,
} from '../../../electron/preferences.ts';

it('takes the defaults for what is no settings file', () => {
  for (const value of [null, 'text', 7, []]) expect(parsePreferences(value)).toEqual(defaultPreferences);
});

it('keeps the good values beside a bad one', () => {
  const stored = {
    closeToTray: true,
    theme: 'purple',
    attachUrl: 'ftp://example.com',
    notifications: 'yes',
    notificationsPerMinuteMax: 0,
  };
  expect(parsePreferences(stored)).toEqual({ ...defaultPreferences, closeToTray: true });
});

it('takes an address with or without a scheme, and none for an empty one', () => {
  expect(preferenceChangeSchema.parse({ attachUrl: '127.0.0.1:8025' }).attachUrl).toBe(
    'http://127.0.0.1:8025/',
  );
  expect(preferenceChangeSchema.parse({ attachUrl: '' }).attachUrl).toBeNull();
  expect(preferenceChangeSchema.safeParse({ attachUrl: 'file:///etc/passwd' }).success).toBe(false);
});

it('refuses a change of what it does not know', () => {
  expect(preferenceChangeSchema.safeParse({ closeToTrey: true }).success).toBe(false);
});

it('reads what once was yes or no, and refuses rules that it does not know', () => {
  expect(parsePreferences({ notifications: false }).notifications).toBe('none');
  expect(parsePreferences({ notifications: true }).notifications).toBe('all');
  const rule = { channel: 'email', project: null, text: 'invoice' };
  expect(preferenceChangeSchema.parse({ notificationRules: [rule] }).notificationRules).toEqual([rule]);
  for (const wrong of [
    { ...rule, channel: 'fax' },
    { ...rule, more: 1 },
  ]) {
    expect(preferenceChangeSchema.safeParse({ notificationRules: [wrong] }).success).toBe(false);
  }
});
