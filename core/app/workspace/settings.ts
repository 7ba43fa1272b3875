/** What is set, as one part of an exported workspace. It is never mixed: added to another workspace, that one's own stays. */
import { z } from 'zod';
import { inAppSettingsSchema } from '../../api/inapp-schema.ts';
import { pushSettingsSchema } from '../../api/push-schema.ts';
import type { InAppSettingsService, Services } from '../../api/services.ts';
import { settingsSchema } from '../../api/settings-schema.ts';
import { deliverySettingsSchema } from '../../delivery/settings.ts';
import { recipientFaultsSchema, recordsSchema } from '../../dns/stored-domain.ts';
import { isProviderKey } from '../../mailboxes/provider-key.ts';
import {
  mailboxSettingsSchema,
  neighbourBehaviours,
  providerSettingsSchema,
} from '../../mailboxes/settings.ts';
import { AppError } from '../../model/app-error.ts';
import { providerKeys } from '../../model/mail-provider.ts';
import type { Phones } from '../../phones/index.ts';
import { phoneSettingsSchema } from '../../phones/settings.ts';
import type { Carriers } from '../../phones/sms/index.ts';
import { smsSettingsSchema } from '../../phones/sms/settings.ts';
import { entryNames } from '../../workspace/format.ts';
import { readText } from '../../workspace/import.ts';
import { listSection, type Section, storeFails } from '../../workspace/section.ts';

export interface SettingsParts
  extends Required<Pick<Services, 'settings' | 'queue' | 'push' | 'domains' | 'mailboxes'>> {
  readonly inApp: Pick<InAppSettingsService, 'settings' | 'changeSettings'>;
  readonly phones: Phones;
  readonly carriers: Carriers;
}

/** One thing that is set, as a whole. */
interface Setting {
  readonly schema: z.ZodType;
  read(): unknown;
  /** @throws AppError */
  write(value: unknown): Promise<unknown>;
}

function setting<T>(
  schema: z.ZodType<T>,
  read: () => unknown,
  write: (value: T) => Promise<unknown>,
): Setting {
  return { schema, read, write: (value) => write(schema.parse(value)) };
}

export function settingsSection(parts: SettingsParts): Section {
  const all = settingsOf(parts);
  return {
    entry: entryNames.settings,
    part: 'settings',
    async *write() {
      const values: Record<string, unknown> = {};
      for (const [name, { read, schema }] of Object.entries(all)) values[name] = schema.parse(await read());
      yield `${JSON.stringify(values, null, 2)}\n`;
    },
    async take(content, { mode, dryRun, outcome, refuse }) {
      const given = z
        .record(z.string(), z.unknown())
        .safeParse(parsed(await readText(entryNames.settings, content)));
      if (!given.success) return refuse('', 'invalid', 'It is no JSON object.');
      for (const [name, value] of Object.entries(given.data)) {
        const one = all[name];
        // Of a newer Sandpost: what it sets is not there to be set here.
        if (one === undefined) continue;
        const read = one.schema.safeParse(value);
        if (!read.success) {
          for (const { path, message } of read.error.issues)
            refuse([name, ...path].join('.'), 'invalid', message);
        } else if (mode === 'add') outcome.kept++;
        else {
          try {
            if (!dryRun) await one.write(value);
            outcome.replaced++;
          } catch (error) {
            if (!(error instanceof AppError) || storeFails(error)) throw error;
            refuse(name, error.code, error.message);
          }
        }
      }
    },
  };
}

function settingsOf(parts: SettingsParts): Readonly<Record<string, Setting>> {
  const { settings, queue, push, inApp, domains, mailboxes, phones, carriers } = parts;
  return {
    general: setting(
      settingsSchema,
      () => settings.current(),
      (value) => settings.change(value),
    ),
    delivery: setting(
      deliverySettingsSchema,
      () => queue.settings(),
      (value) => queue.change(value),
    ),
    push: setting(
      // Of keys only the public half is ever kept; the sandbox's own stay here.
      z.object(pushSettingsSchema.shape),
      () => push.settings(),
      (value) => push.changeSettings(value),
    ),
    inApp: setting(
      z.object(inAppSettingsSchema.shape),
      () => inApp.settings(),
      async (value) => inApp.changeSettings(value),
    ),
    phones: setting(
      phoneSettingsSchema,
      () => phones.settings(),
      (value) => phones.changeSettings(value),
    ),
    sms: setting(
      smsSettingsSchema,
      () => carriers.settings.settings(),
      (value) => carriers.settings.change(value),
    ),
    mailboxProviders: setting(
      z.partialRecord(z.enum(providerKeys), providerSettingsSchema),
      () => Object.fromEntries(providerKeys.map((key) => [key, mailboxes.settings.provider(key)])),
      async (value) => {
        for (const [key, one] of Object.entries(value))
          if (isProviderKey(key) && one !== undefined) await mailboxes.settings.changeProvider(key, one);
      },
    ),
    neighbour: setting(
      z.enum(neighbourBehaviours),
      () => mailboxes.pool().neighbour,
      (value) => mailboxes.setNeighbour(value),
    ),
    recipientFaults: setting(
      recipientFaultsSchema,
      () => Object.fromEntries(domains.recipientFaults()),
      (value) => domains.setRecipientFaults(value),
    ),
    dnsRecords: setting(
      z.record(z.string(), recordsSchema),
      () => Object.fromEntries(domains.zoneState().extraRecords),
      async (value) => {
        for (const [domain, records] of Object.entries(value)) await domains.setExtraRecords(domain, records);
      },
    ),
  };
}

/** Mailboxes that have settings of their own. */
export function mailboxSection({ settings }: SettingsParts['mailboxes']): Section {
  return listSection({
    entry: 'mailboxes.json',
    part: 'mailboxes',
    schema: mailboxSettingsSchema.extend({ address: z.string().min(3).max(320).includes('@') }),
    rows: () => [...settings.setMailboxes()].map(([address, set]) => ({ address, ...set })),
    nameOf: ({ address }) => address,
    isKnown: ({ address }) => settings.setMailboxes().has(address),
    put: ({ address, ...set }) => settings.changeMailbox(address, set),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever asked says what is expected instead.
    return null;
  }
}
