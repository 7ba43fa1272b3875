/**
 * What can be set about the doors of the push providers while they are open, and credentials made for the apps that
 * use them. Kept as one document, so that a change is there as a whole or not at all. Of anybody's keys but the
 * sandbox's own only the public half is ever kept.
 */
import { randomBytes, randomInt } from 'node:crypto';
import {
  type PushSettings,
  type PushSettingsChange,
  pushSettingsSchema,
  type ServiceAccountFile,
  type ShownPushSettings,
} from '../api/push-schema.ts';
import type { PushSettingsService } from '../api/services.ts';
import type { ApnsSettings } from '../channels/apns/index.ts';
import type { FcmSettings } from '../channels/fcm/index.ts';
import type { OtherHosts } from '../doors/http/connect-proxy.ts';
import { AppError } from '../model/app-error.ts';
import type { Store } from '../store/store.ts';
import { type KeptPushKeys, newAccountKey, newAppleId, newSigningKey } from './push-keys.ts';

export interface PushSettingsRoom extends PushSettingsService {
  /** The sandbox's own key is among the known ones. */
  apns(): ApnsSettings;
  /** The sandbox's own account is among the known ones. */
  fcm(): FcmSettings;
  otherHosts(): OtherHosts;
}

export interface PushSettingsPorts {
  readonly store: Pick<Store, 'documents' | 'saveDocument'>;
  readonly keys: KeptPushKeys;
  /** What the start says of the proxy: over what was kept where it was `given`. */
  readonly otherHosts: { readonly value: OtherHosts; readonly given: boolean };
  /** Of the token endpoint, for apps; null: it is closed. */
  readonly tokenUrl: () => string | null;
  readonly onProblem: (text: string) => void;
}

const documents = 'push_provider_settings';
const documentKey = 'settings';
/** As Google's have. */
const keyIdBytes = 20;
const clientIdDigits = 21;
const nameLetters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const nameChars = 5;

export async function openPushSettings(ports: PushSettingsPorts): Promise<PushSettingsRoom> {
  const { store, keys } = ports;
  let current = await load(ports);
  let effective = withOwn(current, null);
  let changes: Promise<unknown> = Promise.resolve();

  /** One change after another: each rests on what the one before left. */
  function alone<T>(change: () => Promise<T>): Promise<T> {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  }

  /** On disk first, then in force. */
  async function keep(next: PushSettings): Promise<void> {
    await store.saveDocument(documents, documentKey, next);
    current = next;
    effective = withOwn(current, keys.known());
  }

  /** Asked for each request: put together anew only when the settings or the own keys are others. */
  function inForce(): Effective {
    const own = keys.known();
    if (effective.own !== own) effective = withOwn(current, own);
    return effective;
  }

  async function shown(): Promise<ShownPushSettings> {
    const { apns, fcm, vapid } = await keys.get();
    return {
      ...current,
      own: {
        apns: { kid: apns.kid, teamId: apns.teamId, publicKey: apns.publicKey },
        fcm: { clientEmail: fcm.clientEmail, projectId: fcm.projectId, publicKey: fcm.publicKey },
        vapid: { publicKey: vapid.publicKey, subject: vapid.subject },
      },
    };
  }

  return {
    apns: () => inForce().apns,
    fcm: () => inForce().fcm,
    otherHosts: () => current.proxy.otherHosts,
    settings: shown,

    changeSettings: (wanted) =>
      alone(async () => {
        await keep(changed(current, wanted));
        return await shown();
      }),

    makeApnsKey: ({ kid = newAppleId(), teamId, environment, topics }) =>
      alone(async () => {
        const own = (await keys.get()).apns;
        if (kid === own.kid || current.apns.keys.some((key) => key.kid === kid))
          throw new AppError('not_possible', `There is a key ${kid} already; give another id, or none.`);
        const { privateKey, publicKey } = await newSigningKey();
        const team = teamId ?? own.teamId;
        const key = { kid, teamId: team, publicKey, environment, topics };
        await keep(changed(current, { apns: { keys: [...current.apns.keys, key] } }));
        return { kid, teamId: team, fileName: `AuthKey_${kid}.p8`, privateKey, publicKey };
      }),

    makeServiceAccount: ({ projectId, name = `firebase-adminsdk-${randomName()}` }) =>
      alone(async () => {
        const tokenUrl = ports.tokenUrl();
        if (tokenUrl === null)
          throw new AppError(
            'not_possible',
            'The token endpoint is closed; open the door providers or tls, so that the account can get its tokens.',
          );
        const own = (await keys.get()).fcm;
        const project = projectId ?? own.projectId;
        const clientEmail = `${name}@${project}.iam.gserviceaccount.com`;
        const known = current.fcm.serviceAccounts;
        if (clientEmail === own.clientEmail || known.some((account) => account.clientEmail === clientEmail))
          throw new AppError(
            'not_possible',
            `There is a service account ${clientEmail} already; give another name, or none.`,
          );
        const { privateKey, publicKey } = await newAccountKey();
        const account = { clientEmail, projectId: project, publicKey };
        await keep(changed(current, { fcm: { serviceAccounts: [...known, account] } }));
        return accountFile({ clientEmail, project, privateKey, tokenUrl });
      }),
  };
}

/** @throws AppError `bad_configuration` when the start names a host that is none */
async function load({ store, otherHosts, onProblem }: PushSettingsPorts): Promise<PushSettings> {
  const proxy = pushSettingsSchema.shape.proxy.safeParse({ otherHosts: otherHosts.value });
  if (!proxy.success)
    throw new AppError(
      'bad_configuration',
      `--proxy-allow: ${proxy.error.issues.map(({ message }) => message).join('; ')}`,
    );
  const start = { apns: {}, fcm: {}, proxy: proxy.data };
  const kept = (await store.documents(documents)).find(({ key }) => key === documentKey)?.value;
  const parsed = pushSettingsSchema.safeParse(kept ?? start);
  if (!parsed.success)
    onProblem('the settings of the push providers cannot be read: those of a first start are in force');
  const settings = parsed.success ? parsed.data : pushSettingsSchema.parse(start);
  return otherHosts.given ? { ...settings, proxy: proxy.data } : settings;
}

/** What is left out stays as it is; a list takes the place of the one before. */
function changed(current: PushSettings, { apns, fcm, proxy }: PushSettingsChange): PushSettings {
  const parsed = pushSettingsSchema.safeParse({
    apns: { ...current.apns, ...apns },
    fcm: { ...current.fcm, ...fcm },
    proxy: { ...current.proxy, ...proxy },
  });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, code, message }) => ({
    field: path.join('.'),
    code,
    detail: message,
  }));
  throw new AppError('bad_request', errors.map(({ field, detail }) => `${field}: ${detail}`).join('; '), {
    errors,
  });
}

interface Effective {
  readonly own: ReturnType<KeptPushKeys['known']>;
  readonly apns: ApnsSettings;
  readonly fcm: FcmSettings;
}

function withOwn({ apns, fcm }: PushSettings, own: Effective['own']): Effective {
  if (own === null) return { own, apns, fcm };
  const { kid, teamId, publicKey } = own.apns;
  const { clientEmail, projectId, publicKey: accountKey } = own.fcm;
  return {
    own,
    apns: { ...apns, keys: [...apns.keys, { kid, teamId, publicKey }] },
    fcm: {
      ...fcm,
      serviceAccounts: [...fcm.serviceAccounts, { clientEmail, projectId, publicKey: accountKey }],
    },
  };
}

function accountFile(about: {
  readonly clientEmail: string;
  readonly project: string;
  readonly privateKey: string;
  readonly tokenUrl: string;
}): ServiceAccountFile {
  const { clientEmail, project, privateKey, tokenUrl } = about;
  return {
    type: 'service_account',
    project_id: project,
    private_key_id: randomBytes(keyIdBytes).toString('hex'),
    private_key: privateKey,
    client_email: clientEmail,
    client_id: Array.from({ length: clientIdDigits }, (_, at) => randomInt(at === 0 ? 1 : 0, 10)).join(''),
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: tokenUrl,
    auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(clientEmail)}`,
    universe_domain: 'googleapis.com',
  };
}

function randomName(): string {
  return Array.from({ length: nameChars }, () => nameLetters[randomInt(nameLetters.length)] ?? 'a').join('');
}
