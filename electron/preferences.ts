/** What the person chose for the app itself; what concerns messages is the core's. */
import { z } from 'zod';
import type { ShellPreferences } from './bridge.ts';
import { readJson, writeJson } from './json-file.ts';
import { parseCoreAddress } from './start-arguments.ts';

export const themeSchema = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof themeSchema>;

export interface StoredPreferences extends ShellPreferences {
  readonly theme: Theme;
}

export const defaultPreferences: StoredPreferences = {
  notifications: true,
  closeToTray: false,
  startAtLogin: false,
  attachUrl: null,
  theme: 'system',
};

const attachUrlSchema = z
  .string()
  .nullable()
  .transform((text, context) => {
    const address = parseCoreAddress(text === '' ? null : text);
    if (text !== null && text !== '' && address === null) {
      context.addIssue({ code: 'custom', message: 'must be an http or https address' });
    }
    return address;
  });

/** A change as the page sends it; unknown keys are refused, so that a slip does not pass in silence. */
export const preferenceChangeSchema = z
  .strictObject({
    notifications: z.boolean(),
    closeToTray: z.boolean(),
    startAtLogin: z.boolean(),
    attachUrl: attachUrlSchema,
  })
  .partial();

/** Each value by itself, so that one that an older or newer version wrote does not cost the others. */
const storedSchema = z.object({
  notifications: z.boolean().catch(defaultPreferences.notifications),
  closeToTray: z.boolean().catch(defaultPreferences.closeToTray),
  startAtLogin: z.boolean().catch(defaultPreferences.startAtLogin),
  attachUrl: attachUrlSchema.catch(defaultPreferences.attachUrl),
  theme: themeSchema.catch(defaultPreferences.theme),
});

export function parsePreferences(value: unknown): StoredPreferences {
  const parsed = storedSchema.safeParse(value);
  return parsed.success ? parsed.data : defaultPreferences;
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
