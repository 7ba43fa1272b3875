/** The settings of the providers and of their mailboxes: which apply, and how they change. */
import { AppError } from '../model/app-error.ts';
import { mailProviders, type ProviderHosts, type ProviderKey } from '../model/mail-provider.ts';
import { mailboxOf } from './address.ts';
import { DocumentMap, type Documents } from './document-map.ts';
import {
  type MailboxSettings,
  mailboxSettingsSchema,
  type ProviderSettings,
  providerSettingsSchema,
  usualMailboxSettings,
  usualProviderSettings,
} from './settings.ts';

/** What was left out stays as it is. */
export type Change<T> = { readonly [K in keyof T]?: T[K] | undefined };

const mailboxesMax = 100_000;

export class ProviderBook {
  readonly #providers: DocumentMap<ProviderSettings>;
  readonly #mailboxes: DocumentMap<MailboxSettings>;

  constructor(documents: Documents) {
    this.#providers = new DocumentMap(
      documents,
      'provider_settings',
      // What a newer version added is as usual.
      (value) =>
        providerSettingsSchema.safeParse({ ...usualProviderSettings, ...objectOf(value) }).data ?? null,
      mailProviders.length,
    );
    this.#mailboxes = new DocumentMap(
      documents,
      'mailbox_settings',
      (value) =>
        mailboxSettingsSchema.safeParse({ ...usualMailboxSettings, ...objectOf(value) }).data ?? null,
      mailboxesMax,
    );
  }

  async load(): Promise<void> {
    await Promise.all([this.#providers.load(), this.#mailboxes.load()]);
  }

  provider(key: ProviderKey): ProviderSettings {
    return this.#providers.get(key) ?? usualProviderSettings;
  }

  mailbox(address: string): MailboxSettings {
    return this.#mailboxes.get(mailboxOf(address)) ?? usualMailboxSettings;
  }

  /** Mailboxes with settings of their own. */
  setMailboxes(): ReadonlyMap<string, MailboxSettings> {
    return this.#mailboxes.entries();
  }

  /** @throws AppError `bad_request` naming a host that the provider has not */
  async changeProvider(key: ProviderKey, change: Change<ProviderSettings>): Promise<ProviderSettings> {
    const known = new Set(hostsOf(key).mx.map((host) => host.name));
    const unknown = change.downHosts?.find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new AppError(
        'bad_request',
        `${unknown} is no MX host of ${key}; it has ${[...known].join(', ')}.`,
      );
    const next = providerSettingsSchema.parse({ ...this.provider(key), ...said(change) });
    await this.#providers.save(key, next);
    return next;
  }

  async changeMailbox(address: string, change: Change<MailboxSettings>): Promise<MailboxSettings> {
    const next = mailboxSettingsSchema.parse({ ...this.mailbox(address), ...said(change) });
    await this.#mailboxes.save(mailboxOf(address), next);
    return next;
  }
}

export function hostsOf(key: ProviderKey): ProviderHosts {
  const found = mailProviders.find((provider) => provider.key === key);
  if (found === undefined) throw new Error(`there is no provider ${key}`);
  return found;
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function said(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
