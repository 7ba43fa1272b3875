/** What may be set about providers and carriers, and the senders that are registered with them. */
import { AppError } from '../../model/app-error.ts';
import type { SmsSender } from '../../model/handset.ts';
import type { SmsPrice, SmsProvider } from '../../model/sms.ts';
import { credentialsKey, settingsDocuments, settingsKey } from './load.ts';
import { commit, keep, type Memory, newDraft } from './memory.ts';
import { priceOf } from './prices.ts';
import { countryRules } from './sender-rules.ts';
import { anyOfProvider, senderKey, sendersMax } from './senders.ts';
import { type CredentialsChange, type SmsWorldSettings, smsSettingsSchema } from './settings.ts';

export interface SmsSettingsService {
  settings(): SmsWorldSettings;
  change(wanted: Partial<SmsWorldSettings>): Promise<SmsWorldSettings>;
  /** Accounts that have fixed credentials, without their secrets. */
  accounts(): Readonly<Partial<Record<SmsProvider, readonly string[]>>>;
  /** Of the providers that are named; the others stay. @throws AppError `bad_request` for a new account without a secret */
  setCredentials(wanted: CredentialsChange): Promise<void>;
  senders(): readonly SmsSender[];
  saveSender(sender: SmsSender): Promise<SmsSender>;
  removeSender(provider: SmsProvider, sender: string): Promise<void>;
  price(message: {
    readonly provider: SmsProvider;
    readonly country: string | null;
    readonly parts: number;
  }): SmsPrice | null;
  countryRules: typeof countryRules;
}

export function createSettingsService(memory: Memory): SmsSettingsService {
  const { ports, senders } = memory;
  return {
    settings: () => memory.settings,
    async change(wanted) {
      const next = smsSettingsSchema.parse({ ...memory.settings, ...wanted });
      await ports.store.saveDocument(settingsDocuments, settingsKey, next);
      memory.settings = next;
      return next;
    },
    accounts: () =>
      Object.fromEntries(
        Object.entries(memory.credentials).map(([provider, entries]) => [
          provider,
          entries.map(({ account }) => account),
        ]),
      ),
    async setCredentials(wanted) {
      const next: Partial<Record<SmsProvider, { account: string; secret: string }[]>> = {};
      for (const provider of keysOf(wanted)) {
        const before = memory.credentials[provider] ?? [];
        next[provider] = (wanted[provider] ?? []).map(({ account, secret }) => {
          const known = secret ?? before.find((one) => one.account === account)?.secret;
          if (known === undefined)
            throw new AppError(
              'bad_request',
              `credentials.${provider}: ${account} has no secret yet; give one.`,
              {
                errors: [{ field: `credentials.${provider}`, code: 'no_secret', detail: 'give its secret' }],
              },
            );
          return { account, secret: known };
        });
      }
      const all = { ...memory.credentials, ...next };
      const sealed = Object.fromEntries(
        Object.entries(all).map(([provider, entries]) => [
          provider,
          entries.map(({ account, secret }) => ({ account, sealed: ports.seal.seal(secret) })),
        ]),
      );
      await ports.store.saveDocument(settingsDocuments, credentialsKey, sealed);
      memory.credentials = all;
    },
    senders: () => senders.all(),
    async saveSender(sender) {
      if (senders.kept(sender.provider, sender.sender) === null && senders.size >= sendersMax)
        throw new AppError('not_possible', `There are ${sendersMax} senders; delete some first.`);
      const before = senders.kept(sender.provider, sender.sender);
      const draft = newDraft(memory);
      senders.put(sender);
      memory.unkept.delete(senderKey(sender.provider, sender.sender));
      keep(memory, draft, {
        kind: 'sender',
        provider: sender.provider,
        sender: sender.sender,
        news: { changed: true },
      });
      draft.onUndo(() =>
        before === null ? senders.delete(sender.provider, sender.sender) : senders.put(before),
      );
      await commit(memory, draft);
      return sender;
    },
    async removeSender(provider, sender) {
      const before = senders.kept(provider, sender);
      if (before === null)
        throw new AppError(
          'not_found',
          `${provider} has no sender ${sender === anyOfProvider ? '* (any)' : sender}.`,
        );
      const draft = newDraft(memory);
      senders.delete(provider, sender);
      memory.unkept.delete(senderKey(provider, sender));
      keep(memory, draft, { kind: 'sender', provider, sender: before.sender, news: { deleted: true } });
      draft.onUndo(() => senders.put(before));
      await commit(memory, draft);
    },
    price: (message) => priceOf(memory.settings.prices, message),
    countryRules,
  };
}

function keysOf(wanted: CredentialsChange): readonly SmsProvider[] {
  return Object.keys(wanted) as SmsProvider[];
}
