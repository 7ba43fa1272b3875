/**
 * Secrets that callbacks of SMS providers are signed with: those that requests carried, one for each account, those fixed by a
 * setting, and the sandbox's own, made once. On disk they are sealed.
 */
import { createHash, createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { ShownSmsSecret, SmsSecretsService } from '../api/sms-secrets-schema.ts';
import { telnyxPublicKey } from '../channels/sms/telnyx/report.ts';
import {
  type SmsCredential,
  type SmsOwnSecret,
  type SmsSecrets,
  smsOwnSecrets,
} from '../delivery/sms-far-side.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { isSmsProvider, type SmsProvider, smsProviderNames } from '../model/sms.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface SmsSecretsPorts {
  readonly store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>;
  readonly seal: Seal;
  readonly random: (count: number) => Uint8Array;
  /** What settings fix goes before what was seen. */
  readonly fixed?: () => Readonly<Partial<Record<SmsProvider, readonly SmsCredential[]>>>;
  readonly onProblem: (text: string) => void;
}

export interface SmsSecretsRoom extends SmsSecrets, SmsSecretsService {}

const seenDocuments = 'sms_secret';
const ownDocuments = 'sms_own_secret';
/** Accounts remembered; whose turn it was longest ago goes first. */
export const accountsMax = 10_000;
/** Nobody's token is longer. */
const secretCharsMax = 1_024;
const accountCharsMax = 256;

/** What each of them looks like where the provider shows it: letters and digits, or hexadecimal ones, so many. */
const ownLooks = {
  // https://www.twilio.com/docs/iam/api/authtoken
  twilio: { letters: 'hex', chars: 32 },
  // https://developer.vonage.com/en/getting-started/concepts/signing-messages
  vonage: { letters: 'alphanumeric', chars: 50 },
  // https://developers.messagebird.com/api/#verifying-http-requests
  messagebird: { letters: 'alphanumeric', chars: 32 },
  // https://developers.sinch.com/docs/sms/api-reference/sms/webhooks#callback-signature
  sinch: { letters: 'alphanumeric', chars: 40 },
  infobip: { letters: 'alphanumeric', chars: 40 },
  // https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks: an Ed25519 pair.
  telnyx: { letters: 'ed25519', chars: 0 },
} as const satisfies Record<SmsOwnSecret, { letters: 'hex' | 'alphanumeric' | 'ed25519'; chars: number }>;

const keptSchema = z.object({
  provider: z.string(),
  account: z.string(),
  sealed: z.string(),
});

interface Seen {
  readonly provider: SmsProvider;
  readonly account: string;
  readonly secret: string;
}

export async function openSmsSecrets(ports: SmsSecretsPorts): Promise<SmsSecretsRoom> {
  const { store, seal } = ports;
  const fixed: NonNullable<SmsSecretsPorts['fixed']> = ports.fixed ?? (() => ({}));
  // In the order of their last use, the oldest first.
  const seen = await loadSeen(ports);
  const saving = new Map<string, Promise<void>>();
  const own = await loadOwn(ports);

  function touch(key: string, one: Seen): void {
    seen.delete(key);
    seen.set(key, one);
  }

  function fixedSecret(provider: SmsProvider, account: string): string | null {
    return fixed()[provider]?.find((one) => one.account === account)?.secret ?? null;
  }

  /** In memory at once, so that a report that is due before it is on disk is signed with it. */
  async function keep(key: string, one: Seen, before: Seen | undefined): Promise<void> {
    try {
      const { provider, account, secret } = one;
      await store.saveDocument(seenDocuments, documentKey(one), {
        provider,
        account,
        sealed: seal.seal(secret),
      });
    } catch (error) {
      // Its message is refused for it: at the next try it is new again.
      if (before === undefined) seen.delete(key);
      else seen.set(key, before);
      throw error;
    }
    forgetOldest();
  }

  function forgetOldest(): void {
    for (const [key, one] of seen) {
      if (seen.size <= accountsMax) return;
      if (saving.has(key)) continue;
      seen.delete(key);
      store.deleteDocument(seenDocuments, documentKey(one)).catch((error: unknown) => {
        ports.onProblem(`an old secret of an SMS account is still kept: ${messageOf(error)}`);
      });
    }
  }

  function entries(): readonly ShownSmsSecret[] {
    const ofSettings = Object.entries(fixed()).flatMap(([provider, credentials]) =>
      isSmsProvider(provider)
        ? credentials.map(({ account, secret }) => shown({ provider, account, secret }, 'fixed'))
        : [],
    );
    return [
      ...smsOwnSecrets.map((name) => shownOwn(name, own[name])),
      ...ofSettings,
      ...[...seen.values()].reverse().map((one) => shown(one, 'seen')),
    ];
  }

  return {
    seen(provider, account, secret) {
      if (secret === '' || secret.length > secretCharsMax || account.length > accountCharsMax) return null;
      const key = keyOf(provider, account);
      const before = seen.get(key);
      const one = before?.secret === secret ? before : { provider, account, secret };
      touch(key, one);
      if (one === before) return saving.get(key) ?? null;
      const saved = keep(key, one, before).finally(() => {
        if (saving.get(key) === saved) saving.delete(key);
      });
      saving.set(key, saved);
      return saved;
    },

    of(provider, account) {
      const key = keyOf(provider, account);
      const one = seen.get(key);
      if (one !== undefined) touch(key, one);
      return fixedSecret(provider, account) ?? one?.secret ?? null;
    },

    own: (name) => own[name],

    list: (reveal) => entries().map((one) => (reveal ? one : masked(one))),

    async rotate(name) {
      const found = smsOwnSecrets.find((one) => one === name);
      if (found === undefined)
        throw new AppError(
          'not_found',
          `The sandbox has no secret ${name}; it has ${smsOwnSecrets.join(', ')}. What apps bring with their requests they change themselves.`,
        );
      const secret = makeOwn(found, ports.random);
      await store.saveDocument(ownDocuments, found, seal.seal(secret));
      own[found] = secret;
      return shownOwn(found, secret);
    },
  };
}

/** A document's key may not tell an account from another's secret, whatever stands in it. */
/** In memory; each request asks for it. */
function keyOf(provider: SmsProvider, account: string): string {
  return `${provider} ${account}`;
}

/** On disk, where an account, which may be a key, is not to be read. */
function documentKey({ provider, account }: Seen): string {
  return `${provider}:${createHash('sha256').update(account).digest('base64url')}`;
}

async function loadSeen({ store, seal, onProblem }: SmsSecretsPorts): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  for (const { key, value } of await store.documents(seenDocuments)) {
    const parsed = keptSchema.safeParse(value);
    if (!parsed.success || !isSmsProvider(parsed.data.provider)) {
      onProblem(
        `the secret ${key} of an SMS account cannot be read; it is taken again from the next request`,
      );
      continue;
    }
    const { provider, account, sealed } = parsed.data;
    seen.set(keyOf(provider, account), { provider, account, secret: seal.unseal(sealed) });
  }
  return seen;
}

async function loadOwn(ports: SmsSecretsPorts): Promise<Record<SmsOwnSecret, string>> {
  const { store, seal } = ports;
  const kept = new Map((await store.documents(ownDocuments)).map(({ key, value }) => [key, value]));
  const fresh: Promise<void>[] = [];
  const of = (name: SmsOwnSecret): string => {
    const sealed = kept.get(name);
    if (typeof sealed === 'string') return seal.unseal(sealed);
    const secret = makeOwn(name, ports.random);
    fresh.push(store.saveDocument(ownDocuments, name, seal.seal(secret)));
    return secret;
  };
  const own = {
    twilio: of('twilio'),
    vonage: of('vonage'),
    messagebird: of('messagebird'),
    sinch: of('sinch'),
    infobip: of('infobip'),
    telnyx: of('telnyx'),
  };
  await Promise.all(fresh);
  return own;
}

function makeOwn(name: SmsOwnSecret, random: SmsSecretsPorts['random']): string {
  const { letters, chars } = ownLooks[name];
  switch (letters) {
    case 'hex':
      return Buffer.from(random(chars / 2)).toString('hex');
    case 'alphanumeric':
      return alphanumeric(chars, random);
    case 'ed25519':
      return ed25519Key(random(ed25519SeedBytes));
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Two bytes a letter: what is left over after dividing is as good as even. */
function alphanumeric(chars: number, random: SmsSecretsPorts['random']): string {
  const bytes = Buffer.from(random(chars * 2));
  return Array.from(
    { length: chars },
    (_, at) => alphabet[bytes.readUInt16BE(at * 2) % alphabet.length] ?? '',
  ).join('');
}

const ed25519SeedBytes = 32;
/** PKCS #8 of an Ed25519 key up to its seed (RFC 8410 §7). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519Key(seed: Uint8Array): string {
  return createPrivateKey({
    key: Buffer.concat([ed25519Prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function shownOwn(name: SmsOwnSecret, secret: string): ShownSmsSecret {
  return {
    name,
    provider: name,
    providerName: smsProviderNames[name],
    account: null,
    kind: 'own',
    value: secret,
    publicKey: name === 'telnyx' ? telnyxPublicKey(secret) : null,
  };
}

function shown({ provider, account, secret }: Seen, kind: 'seen' | 'fixed'): ShownSmsSecret {
  return {
    name: null,
    provider,
    providerName: smsProviderNames[provider],
    account,
    kind,
    value: secret,
    publicKey: null,
  };
}

const maskedTailChars = 4;

/** Who has it in front of them can tell which one it is; of a private key nothing shows. */
function masked(one: ShownSmsSecret): ShownSmsSecret {
  const { value } = one;
  const tail =
    one.publicKey === null && value.length > 3 * maskedTailChars ? value.slice(-maskedTailChars) : '';
  return { ...one, value: `••••••••${tail}` };
}
