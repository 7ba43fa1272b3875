/** What the person chose for the app itself; what concerns messages is the core's. */
import { z } from 'zod';
import type { BridgeCapability, ShellPreferences } from './bridge.ts';
import { readJson, writeJson } from './json-file.ts';
import { parseCoreAddress } from './start-arguments.ts';
import { parseFeedAddress } from './update-feed.ts';

export const themeSchema = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof themeSchema>;

export interface StoredPreferences extends ShellPreferences {
  readonly theme: Theme;
}

const rulesMax = 20;
const ruleTextCharsMax = 200;
const perMinuteMax = 60;

export const defaultPreferences: StoredPreferences = {
  notifications: 'all',
  notificationRules: [],
  notificationsPerMinuteMax: 6,
  notificationsPaused: false,
  quietInFocus: true,
  closeToTray: false,
  startAtLogin: false,
  startInTray: false,
  attachUrl: null,
  updateFeed: null,
  tourTaken: false,
  theme: 'system',
};

/** Empty text is none. */
function addressSchema(parse: (text: string | null) => string | null, message: string) {
  return z
    .string()
    .nullable()
    .transform((text, context) => {
      const address = parse(text === '' ? null : text);
      if (text !== null && text !== '' && address === null) {
        context.addIssue({ code: 'custom', message });
      }
      return address;
    });
}

export const notifiedChannelSchema = z.enum(['email', 'push', 'sms', 'inapp', 'multi']);

const ruleSchema = z.strictObject({
  channel: notifiedChannelSchema.nullable(),
  project: z.string().min(1).max(ruleTextCharsMax).nullable(),
  text: z.string().max(ruleTextCharsMax),
});

const fields = {
  notifications: z.enum(['all', 'none', 'rules']),
  notificationRules: z.array(ruleSchema).max(rulesMax),
  notificationsPerMinuteMax: z.int().min(1).max(perMinuteMax),
  notificationsPaused: z.boolean(),
  quietInFocus: z.boolean(),
  closeToTray: z.boolean(),
  startAtLogin: z.boolean(),
  startInTray: z.boolean(),
  attachUrl: addressSchema(parseCoreAddress, 'must be an http or https address'),
  updateFeed: addressSchema(
    parseFeedAddress,
    'must be an https address: what comes from there is run (http is for this machine alone)',
  ),
  tourTaken: z.boolean(),
};

/** A change as the page sends it; unknown keys are refused, so that a slip does not pass in silence. */
export const preferenceChangeSchema = z.strictObject(fields).partial();

/** What a page needs besides to change one of them. */
const neededFor: Readonly<Partial<Record<keyof ShellPreferences, BridgeCapability>>> = {
  updateFeed: 'updates',
  startAtLogin: 'startAtLogin',
  startInTray: 'startAtLogin',
};

/** @returns what the page would need for the change and has not, or null */
export function refusedChange(
  change: Readonly<Partial<Record<keyof ShellPreferences, unknown>>>,
  capabilities: readonly BridgeCapability[],
): BridgeCapability | null {
  const needed = preferenceChangeSchema
    .keyof()
    .options.flatMap((name) => (change[name] === undefined ? [] : (neededFor[name] ?? [])));
  return needed.find((capability) => !capabilities.includes(capability)) ?? null;
}

/** Each value by itself, so that one that an older or newer version wrote does not cost the others. */
const storedSchema = z.object({
  // Once it was yes or no.
  notifications: z
    .union([
      fields.notifications,
      z.boolean().transform((wanted): 'all' | 'none' => (wanted ? 'all' : 'none')),
    ])
    .catch(defaultPreferences.notifications),
  notificationRules: fields.notificationRules.catch([]),
  notificationsPerMinuteMax: fields.notificationsPerMinuteMax.catch(
    defaultPreferences.notificationsPerMinuteMax,
  ),
  notificationsPaused: fields.notificationsPaused.catch(defaultPreferences.notificationsPaused),
  quietInFocus: fields.quietInFocus.catch(defaultPreferences.quietInFocus),
  closeToTray: fields.closeToTray.catch(defaultPreferences.closeToTray),
  startAtLogin: fields.startAtLogin.catch(defaultPreferences.startAtLogin),
  startInTray: fields.startInTray.catch(defaultPreferences.startInTray),
  attachUrl: fields.attachUrl.catch(defaultPreferences.attachUrl),
  updateFeed: fields.updateFeed.catch(defaultPreferences.updateFeed),
  tourTaken: fields.tourTaken.catch(defaultPreferences.tourTaken),
  theme: themeSchema.catch(defaultPreferences.theme),
});

export function parsePreferences(value: unknown): StoredPreferences {
  const parsed = storedSchema.safeParse(value);
  return parsed.success ? parsed.data : defaultPreferences;
}

/** What the page may know and change; the theme it has already. */
export function shownPreferences({ theme: _, ...shown }: StoredPreferences): ShellPreferences {
  return shown;
}

export interface PreferencesStore {
  readonly current: () => StoredPreferences;
  change(change: Partial<StoredPreferences>): StoredPreferences;
}

export function openPreferences(file: string): PreferencesStore {
  let current = parsePreferences(readJson(file));
  return {
    current: () => current,
    change(change) {
      current = { ...current, ...change };
      writeJson(file, current);
      return current;
    },
  };
}
