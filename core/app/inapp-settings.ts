/** What the in-app door asks of whoever comes, and its keys: made once, and sealed on disk. */
import { z } from 'zod';
import {
  type InAppSettings,
  type InAppSettingsChange,
  inAppSettingsSchema,
  type ShownInAppSettings,
} from '../api/inapp-schema.ts';
import type { InAppSettingsService } from '../api/services.ts';
import { userHash } from '../channels/inapp/access.ts';
import type { InAppDoorSettings } from '../channels/inapp/settings.ts';
import { messageOf } from '../model/app-error.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface InAppSettingsRoom extends Omit<InAppSettingsService, 'expire'> {
  /** Another object whenever something of it changed. */
  door(): InAppDoorSettings;
  /** Runs after each change. @returns ends it */
  onChange(run: () => void): () => void;
}

export interface InAppSettingsPorts {
  readonly store: Pick<Store, 'documents' | 'saveDocument'>;
  readonly seal: Seal;
  readonly random: (count: number) => Uint8Array;
  readonly onProblem: (text: string) => void;
}

const documents = 'inapp_settings';
const settingsKey = 'settings';
const keysKey = 'keys';
const keyBytes = 24;

const usualSettings: InAppSettings = {
  requireKey: false,
  requireHash: false,
  allowedOrigins: [],
  retryAfterMs: 1_000,
};

const keysSchema = z.object({ publishableKey: z.string(), sealedSecretKey: z.string() });

interface Keys {
  readonly publishableKey: string;
  readonly secretKey: string;
}

export async function openInAppSettings(ports: InAppSettingsPorts): Promise<InAppSettingsRoom> {
  const { store, seal } = ports;
  const kept = new Map((await store.documents(documents)).map(({ key, value }) => [key, value]));
  let current = readSettings(kept.get(settingsKey), ports);
  let keys = readKeys(kept.get(keysKey), ports) ?? (await newKeys());
  let door: InAppDoorSettings = { ...current, ...keys };
  let changes: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();

  /** One change after another: each rests on what the one before left. */
  function alone<T>(change: () => Promise<T>): Promise<T> {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  }

  async function newKeys(): Promise<Keys> {
    const made = { publishableKey: newKey('pk_', ports.random), secretKey: newKey('sk_', ports.random) };
    await store.saveDocument(documents, keysKey, {
      publishableKey: made.publishableKey,
      sealedSecretKey: seal.seal(made.secretKey),
    });
    return made;
  }

  function changed(): void {
    door = { ...current, ...keys };
    for (const run of listeners) run();
  }

  function shown(): ShownInAppSettings {
    return { ...current, publishableKey: keys.publishableKey };
  }

  return {
    door: () => door,
    onChange(run) {
      listeners.add(run);
      return () => listeners.delete(run);
    },
    settings: shown,
    secretKey: () => keys.secretKey,
    hashOf: (user) => userHash(user, keys.secretKey),

    changeSettings: (wanted: InAppSettingsChange) =>
      alone(async () => {
        const next: InAppSettings = {
          requireKey: wanted.requireKey ?? current.requireKey,
          requireHash: wanted.requireHash ?? current.requireHash,
          allowedOrigins: wanted.allowedOrigins ?? current.allowedOrigins,
          retryAfterMs: wanted.retryAfterMs ?? current.retryAfterMs,
        };
        await store.saveDocument(documents, settingsKey, next);
        current = next;
        changed();
        return shown();
      }),

    makeKeys: () =>
      alone(async () => {
        keys = await newKeys();
        changed();
        return shown();
      }),
  };
}

function newKey(prefix: string, random: InAppSettingsPorts['random']): string {
  return `${prefix}${Buffer.from(random(keyBytes)).toString('base64url')}`;
}

function readSettings(value: unknown, { onProblem }: InAppSettingsPorts): InAppSettings {
  if (value === undefined) return usualSettings;
  const read = inAppSettingsSchema.safeParse(value);
  if (read.success) return read.data;
  onProblem('the settings of the in-app door cannot be read; the usual ones hold');
  return usualSettings;
}

function readKeys(value: unknown, { seal, onProblem }: InAppSettingsPorts): Keys | null {
  if (value === undefined) return null;
  const read = keysSchema.safeParse(value);
  if (!read.success) return null;
  try {
    const { publishableKey, sealedSecretKey } = read.data;
    return { publishableKey, secretKey: seal.unseal(sealedSecretKey) };
  } catch (error) {
    onProblem(`the keys of the in-app door are made anew: ${messageOf(error)}`);
    return null;
  }
}
