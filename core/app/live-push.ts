/** Relays that lead to APNs, FCM and the push services. */
import { randomBytes } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import type { ApnsAddress } from '../channels/apns/client-connections.ts';
import type { SigningKey } from '../channels/apns/provider-token.ts';
import type { FcmCredentials } from '../channels/fcm/client.ts';
import { createPushCarrier, type PushCarrier, type PushRequest } from '../channels/push/carrier.ts';
import type { VapidKeys, WebPushRequest } from '../channels/webpush/client.ts';
import { urgencies } from '../channels/webpush/parse.ts';
import type { Carrier, ClaimedDelivery } from '../delivery/carrier.ts';
import type {
  ApnsRelaySettings,
  FcmRelaySettings,
  RelaySettings,
  WebPushRelaySettings,
} from '../model/live-relay.ts';
import type { PushEnvironment } from '../model/push.ts';
import { subscriptionFault } from '../model/web-push-subscription.ts';
import type { Credential } from '../store/credential-vault.ts';
import type { RelayMaker } from './live-carriers.ts';
import { withCredential } from './live-credentials.ts';
import { storedPush } from './live-stored-push.ts';
import { addressFault, pemOf, serverName, trusting, trustOnce } from './live-trust.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

type PushRelaySettings = ApnsRelaySettings | FcmRelaySettings | WebPushRelaySettings;

const appleHosts: Readonly<Record<PushEnvironment, string>> = {
  production: 'https://api.push.apple.com',
  development: 'https://api.sandbox.push.apple.com',
};

export function pushRelays(ports: RelayMakerPorts): RelayMaker {
  const { ground, rooms, channels } = ports;
  const { clock, store } = ground;

  async function clientOf(
    settings: PushRelaySettings,
    credential: () => Promise<Credential>,
    requestOf: PushCarrier['requestOf'],
  ): Promise<Carrier> {
    switch (settings.kind) {
      case 'apns':
        return await apnsClient(settings, credential, requestOf);
      case 'fcm':
        return await fcmClient(settings, credential, requestOf);
      case 'webpush':
        return await webPushClient(settings, credential, requestOf);
      default:
        return settings satisfies never;
    }
  }

  async function apnsClient(
    settings: ApnsRelaySettings,
    credential: () => Promise<Credential>,
    requestOf: PushCarrier['requestOf'],
  ): Promise<Carrier> {
    const { createApnsClient } = await import('../channels/apns/client.ts');
    const own = await credential();
    return createApnsClient({
      clock,
      ownSends: () => null,
      credentials: async () => apnsKey(settings, await credential()),
      address: apnsAddresses(settings, own),
      render(claimed) {
        const { target, environment, payload, fields } = needRequest(requestOf(claimed));
        if (!fields.some(([name, value]) => name === 'apns-topic' && value !== ''))
          return Promise.resolve({
            fault:
              'It does not say for which app it is: APNs wants its bundle id. Send it with `app`, or to a device that has one.',
          });
        return Promise.resolve({
          token: target.value,
          environment: settings.environment ?? environment,
          payload,
          fields,
        });
      },
    });
  }

  async function fcmClient(
    settings: FcmRelaySettings,
    credential: () => Promise<Credential>,
    requestOf: PushCarrier['requestOf'],
  ): Promise<Carrier> {
    const [{ createFcmClient }, { createPost }] = await Promise.all([
      import('../channels/fcm/client.ts'),
      import('../delivery/post.ts'),
    ]);
    const { post, close } = createPost(trustOnce(settings.ca));
    return createFcmClient({
      clock,
      post,
      close,
      ownSends: () => null,
      address: () => fcmAddress(settings),
      credentials: async () => fcmAccount(settings, await credential()),
      render: (claimed) => Promise.resolve({ payload: needRequest(requestOf(claimed)).payload }),
    });
  }

  async function webPushClient(
    settings: WebPushRelaySettings,
    credential: () => Promise<Credential>,
    requestOf: PushCarrier['requestOf'],
  ): Promise<Carrier> {
    const [{ createWebPushClient }, { createPost }] = await Promise.all([
      import('../channels/webpush/client.ts'),
      import('../delivery/post.ts'),
    ]);
    const { post, close } = createPost(trustOnce(settings.ca));
    return createWebPushClient({
      clock,
      random: (bytes) => randomBytes(bytes),
      vapid: async () => vapidKeys(settings, await credential()),
      post,
      close,
      ownSends: () => null,
      endpointFault: ({ href }) => addressFault(href),
      render: (claimed) => Promise.resolve(webPushRequest(needRequest(requestOf(claimed)), claimed)),
    });
  }

  return {
    async carrier(relay, credential) {
      const settings = pushSettings(relay.settings);
      let client: Promise<Carrier> | null = null;
      const carrier: PushCarrier = createPushCarrier({
        submissionOf: (messageId) => channels.push.submissionOf(messageId),
        otherRequest: (claimed, provider) =>
          storedPush(claimed, provider, channels.push, store, clock.wallMs()),
        clientOf() {
          client ??= clientOf(settings, credential, (claimed) => carrier.requestOf(claimed)).catch(
            (error: unknown) => {
              client = null;
              throw error;
            },
          );
          return client;
        },
        virtual: rooms.virtual,
        wallMs: () => clock.wallMs(),
        close: async () => (await client?.catch(() => null))?.close(),
      });
      return withCredential(
        relay,
        carrier,
        async () => settingsFault(settings) ?? (await credentialFault(settings, await credential())),
      );
    },

    async verify(relay, credential) {
      const settings = pushSettings(relay.settings);
      const fault = settingsFault(settings) ?? (await credentialFault(settings, credential));
      if (fault !== null) return { ok: false, text: fault, steps: [] };
      const { verifyApns, verifyFcm, verifyWebPush } = await import('./live-push-verify.ts');
      switch (settings.kind) {
        case 'apns':
          return verifyApns(
            {
              key: apnsKey(settings, credential),
              address: apnsAddresses(settings, credential)(settings.environment ?? 'production'),
            },
            clock,
          );
        case 'fcm':
          return verifyFcm(fcmAccount(settings, credential), fcmAddress(settings), settings.ca, clock);
        case 'webpush':
          return verifyWebPush(settings, vapidKeys(settings, credential));
        default:
          return settings satisfies never;
      }
    },
  };
}

function pushSettings(settings: RelaySettings): PushRelaySettings {
  switch (settings.kind) {
    case 'apns':
    case 'fcm':
    case 'webpush':
      return settings;
    default:
      throw new Error(`a relay of the kind ${settings.kind} brings no pushes`);
  }
}

function settingsFault(settings: PushRelaySettings): string | null {
  switch (settings.kind) {
    case 'apns':
      if (settings.auth === 'token' && (settings.keyId === null || settings.teamId === null))
        return 'A key for APNs has a key id and a team id: give the relay both.';
      return settings.url === null ? null : addressFault(settings.url);
    case 'fcm':
      return (
        [settings.url, settings.tokenUrl]
          .map((url) => (url === null ? null : addressFault(url)))
          .find(Boolean) ?? null
      );
    case 'webpush':
      return null;
    default:
      return settings satisfies never;
  }
}

/** Before anything is connected: what is missing would else show as a fault of ours. */
async function credentialFault(settings: PushRelaySettings, credential: Credential): Promise<string | null> {
  if ((credential.privateKey ?? '') === '')
    return 'There is no private key: set `privateKey` of the relay’s credential.';
  try {
    switch (settings.kind) {
      case 'apns': {
        const key = apnsKey(settings, credential);
        if (key === 'certificate') {
          if ((credential.certificate ?? '') === '')
            return 'There is no certificate: set `certificate` of the relay’s credential.';
          trusting(settings.ca, certificateOf(credential));
          return null;
        }
        const { createProviderTokens } = await import('../channels/apns/provider-token.ts');
        createProviderTokens(() => 0).current(key);
        return null;
      }
      case 'fcm': {
        const { createPrivateKey } = await import('node:crypto');
        createPrivateKey(fcmAccount(settings, credential).privateKey);
        return null;
      }
      case 'webpush': {
        const { vapidFault } = await import('./live-push-verify.ts');
        return vapidFault(vapidKeys(settings, credential));
      }
      default:
        return settings satisfies never;
    }
  } catch {
    // What it says of a key may have a part of the key in it.
    return settings.kind === 'apns' && settings.auth === 'certificate'
      ? 'The certificate and its private key cannot be read, or do not belong together: both are PEM.'
      : 'The private key cannot be read: it is the text of the file, as it was given out (PEM).';
  }
}

function apnsKey(settings: ApnsRelaySettings, credential: Credential): SigningKey | 'certificate' {
  if (settings.auth === 'certificate') return 'certificate';
  return {
    kid: settings.keyId ?? '',
    teamId: settings.teamId ?? '',
    privateKey: pemOf(credential.privateKey ?? ''),
  };
}

function certificateOf(credential: Credential): { readonly cert: string; readonly key: string } {
  return { cert: pemOf(credential.certificate ?? ''), key: pemOf(credential.privateKey ?? '') };
}

function apnsAddresses(
  settings: ApnsRelaySettings,
  credential: Credential,
): (environment: PushEnvironment) => ApnsAddress {
  let context: ReturnType<typeof trusting> | null = null;
  return (environment) => {
    const { origin, hostname, port } = new URL(settings.url ?? appleHosts[environment]);
    const host = hostname.replace(/^\[|\]$/g, '');
    return {
      origin,
      open() {
        context ??= trusting(settings.ca, settings.auth === 'certificate' ? certificateOf(credential) : null);
        return connectTls({
          host,
          port: port === '' ? 443 : Number(port),
          servername: serverName(host),
          secureContext: context,
          rejectUnauthorized: true,
          ALPNProtocols: ['h2'],
        });
      },
    };
  };
}

function fcmAddress({ url }: FcmRelaySettings): string {
  return url ?? 'https://fcm.googleapis.com';
}

function fcmAccount(
  { projectId, clientEmail, privateKeyId, tokenUrl }: FcmRelaySettings,
  credential: Credential,
): FcmCredentials & { readonly kind: 'serviceAccount' } {
  return {
    kind: 'serviceAccount',
    projectId,
    clientEmail,
    privateKeyId,
    privateKey: pemOf(credential.privateKey ?? ''),
    tokenUrl: tokenUrl ?? 'https://oauth2.googleapis.com/token',
  };
}

function vapidKeys({ publicKey, subject }: WebPushRelaySettings, credential: Credential): VapidKeys {
  return { publicKey, subject, privateKey: credential.privateKey ?? '' };
}

function needRequest(request: PushRequest | null): PushRequest {
  if (request === null) throw new Error('a push is asked for that nobody sends');
  return request;
}

function webPushRequest(
  { target, payload, fields }: PushRequest,
  { parameters }: ClaimedDelivery,
): WebPushRequest | { readonly fault: string } {
  const said = (name: string): string => {
    const value = parameters?.[name];
    return typeof value === 'string' ? value : '';
  };
  const subscription = { endpoint: target.value, keys: { p256dh: said('p256dh'), auth: said('auth') } };
  const fault = subscriptionFault(subscription);
  if (fault !== null)
    return {
      fault: `${target.value} is no subscription of a real browser (${fault}): give the whole of it, {"endpoint": …, "keys": {"p256dh": …, "auth": …}}.`,
    };
  const field = (name: string): string | null => fields.find(([one]) => one === name)?.[1] ?? null;
  return {
    subscription,
    payload: payload.length === 0 ? null : Buffer.from(payload).toString('utf8'),
    ttlS: Number(field('ttl') ?? 0),
    urgency: urgencies.find((one) => one === field('urgency')) ?? null,
    topic: field('topic'),
  };
}
