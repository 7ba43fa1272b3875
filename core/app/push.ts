/**
 * Wires push: the doors of the providers, and the core as a client of those doors. What the clients speak to
 * is a matter of addresses and credentials alone.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import type { PushSettingsService } from '../api/services.ts';
import type { ApnsAddress } from '../channels/apns/client-connections.ts';
import { createApnsRoutes, openBroadcastChannels } from '../channels/apns/index.ts';
import { createAccessTokens, createFcmRoutes } from '../channels/fcm/index.ts';
import { createPushCarrier, type PushRequest } from '../channels/push/carrier.ts';
import { ruleFacts } from '../channels/push/rule-facts.ts';
import type { WebPushRequest } from '../channels/webpush/client.ts';
import { webPushRoutes } from '../channels/webpush/index.ts';
import { urgencies } from '../channels/webpush/parse.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import type { Carrier, ClaimedDelivery } from '../delivery/carrier.ts';
import type { Settled } from '../delivery/recording.ts';
import type { OtherHosts } from '../doors/http/connect-proxy.ts';
import type { Intake } from '../intake/intake.ts';
import { type PushEnvironment, type PushProvider, pushProviders } from '../model/push.ts';
import { readSubmission } from '../model/push-submission.ts';
import type { Phones } from '../phones/index.ts';
import type { ContentFacts, RuleDesk } from '../rules/decision.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import type { ProviderRoutes, Providers } from './providers.ts';
import { openPushKeys } from './push-keys.ts';
import { openPushSettings } from './push-settings.ts';

export interface Push {
  /** Brings pushes of the send API to their providers. */
  readonly carrier: Carrier;
  /** What stands behind the providers' doors. */
  readonly routes: ProviderRoutes;
  otherHosts(): OtherHosts;
  readonly settings: PushSettingsService;
  /** What is stored of a message; null when it is gone, or too much. */
  submissionOf(messageId: string): Promise<Uint8Array | null>;
  /** What the rules of the far side are told of a push of the send API; null when it is gone. */
  ruleFactsOf(
    messageId: string,
  ): Promise<{ readonly headers: string; readonly content: ContentFacts } | null>;
  /** The engine settled these: tokens that a provider called dead are dropped from their users' devices. */
  passedOn(ended: readonly Settled[]): Promise<void>;
}

export interface PushPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly providers: Providers;
  /** PEM of the local CA: the clients check our own doors as they would the real ones. */
  readonly ca: string;
  readonly phones: Phones;
  readonly seal: Seal;
  readonly desk: RuleDesk;
  readonly newId: () => string;
  /** What the start says that the proxy does with hosts that are no provider's. */
  readonly otherHosts: { readonly value: OtherHosts; readonly given: boolean };
  /** Where apps reach the providers' doors, by path; null: both the plain one and that of TLS are closed. */
  readonly providersUrl: () => string | null;
  readonly onProblem: (text: string) => void;
}

const submissionBytesMax = 1024 * 1024;

/** @throws AppError `bad_configuration` */
export async function openPush(ports: PushPorts): Promise<Push> {
  const { store, clock, virtual, phones, desk, newId, intake, providers, ca, onProblem } = ports;
  const { ownSends } = providers;
  const keys = await openPushKeys(store, ports.seal);
  const settings = await openPushSettings({
    store,
    keys,
    otherHosts: ports.otherHosts,
    tokenUrl() {
      const url = ports.providersUrl();
      return url === null ? null : `${url}/google/token`;
    },
    onProblem,
  });
  const shared = {
    desk,
    farSide: phones.farSide,
    intake,
    store,
    newId,
    ownOrders: providers.ownOrders,
  };
  const apns = createApnsRoutes({
    ...shared,
    clock,
    virtual,
    newUuid: randomUUID,
    channels: await openBroadcastChannels(store),
    settings: settings.apns,
  });
  const fcm = createFcmRoutes({
    ...shared,
    clock,
    virtualMs: () => virtual.nowMs(),
    randomBytes,
    tokens: createAccessTokens(keys.tokenSecret),
    settings: settings.fcm,
  });
  const webpush = webPushRoutes({
    ...shared,
    wallMs: () => clock.wallMs(),
    virtualMs: () => virtual.nowMs(),
  });
  const clients = new Map<PushProvider, Promise<Carrier>>();
  const carrier = createPushCarrier({
    submissionOf,
    clientOf(provider) {
      const known = clients.get(provider);
      if (known !== undefined) return known;
      const made = clientFor(provider);
      clients.set(provider, made);
      // What stood in the way may be gone at the next attempt.
      made.catch(() => clients.delete(provider));
      return made;
    },
    virtual,
    wallMs: () => clock.wallMs(),
    async close() {
      const made = await Promise.allSettled(clients.values());
      await Promise.all(made.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  });

  async function submissionOf(messageId: string): Promise<Uint8Array | null> {
    const raw = await store.raw(messageId);
    if (raw === null || raw.bytes > submissionBytesMax) return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  function requestOf(claimed: ClaimedDelivery): PushRequest {
    const request = carrier.requestOf(claimed);
    if (request === null) throw new Error('a push is asked for that nobody sends');
    return request;
  }

  /** Loaded with the first push: most starts never need them. */
  async function clientFor(provider: PushProvider): Promise<Carrier> {
    const own = await keys.get();
    switch (provider) {
      case 'apns': {
        const { createApnsClient } = await import('../channels/apns/client.ts');
        const port = await providers.reach('apns');
        return createApnsClient({
          clock,
          ownSends: () => ownSends,
          credentials: () => own.apns,
          address: (environment) => apnsAddress(environment, port),
          render(claimed) {
            const { target, environment, payload, fields } = requestOf(claimed);
            return Promise.resolve({ token: target.value, environment, payload, fields });
          },
        });
      }
      case 'fcm': {
        const [{ createFcmClient }, { createPost }] = await Promise.all([
          import('../channels/fcm/client.ts'),
          import('../delivery/post.ts'),
        ]);
        const base = `http://127.0.0.1:${await providers.reach('providers')}`;
        const { projectId, clientEmail, privateKey } = own.fcm;
        const { post, close } = createPost(() => ca);
        return createFcmClient({
          clock,
          post,
          close,
          ownSends: () => ownSends,
          address: () => `${base}/fcm`,
          credentials: () => ({
            kind: 'serviceAccount',
            projectId,
            clientEmail,
            privateKey,
            privateKeyId: null,
            tokenUrl: `${base}/google/token`,
          }),
          render: (claimed) => Promise.resolve({ payload: requestOf(claimed).payload }),
        });
      }
      case 'webpush': {
        const [{ createWebPushClient }, { createPost }] = await Promise.all([
          import('../channels/webpush/client.ts'),
          import('../delivery/post.ts'),
        ]);
        const { post, close } = createPost(() => ca);
        const origin = `https://127.0.0.1:${await providers.reach('tls')}`;
        return createWebPushClient({
          clock,
          random: (bytes) => randomBytes(bytes),
          vapid: () => own.vapid,
          post,
          close,
          ownSends: () => ownSends,
          endpointFault: (endpoint) =>
            endpoint.origin === origin
              ? null
              : `${endpoint.origin} is not this sandbox, and nothing leaves it`,
          render: (claimed) => Promise.resolve(webPushRequest(requestOf(claimed), origin)),
        });
      }
      default:
        return provider satisfies never;
    }
  }

  /** The name is Apple's, as the real client has it; the socket leads to our own door. */
  function apnsAddress(environment: PushEnvironment, port: number): ApnsAddress {
    const host = environment === 'development' ? 'api.sandbox.push.apple.com' : 'api.push.apple.com';
    return {
      origin: `https://${host}`,
      open: () => connectTls({ host: '127.0.0.1', port, servername: host, ca: ca, ALPNProtocols: ['h2'] }),
    };
  }

  function webPushRequest(
    { target, payload, fields }: PushRequest,
    origin: string,
  ): WebPushRequest | { readonly fault: string } {
    const subscription = subscriptionOf(target.value);
    if (subscription === null)
      return {
        fault: URL.canParse(target.value)
          ? `${target.value} is the subscription of a real browser, and nothing leaves the sandbox: go live with a relay to push services to reach it`
          : `the sandbox has no keys of the subscription ${target.value}, so nothing can be encrypted for it`,
      };
    const field = (name: string): string | null => fields.find(([one]) => one === name)?.[1] ?? null;
    const urgency = urgencies.find((one) => one === field('urgency')) ?? null;
    return {
      subscription: { endpoint: `${origin}/webpush/v1/${target.value}`, keys: subscription },
      payload: Buffer.from(payload).toString('utf8'),
      ttlS: Number(field('ttl') ?? 0),
      urgency,
      topic: field('topic'),
    };
  }

  function subscriptionOf(id: string): { readonly p256dh: string; readonly auth: string } | null {
    return phones.farSide.subscriptionKey(id)?.keys ?? null;
  }

  return {
    carrier,
    routes: {
      routes: [apns.push, apns.manage, fcm.fcm, fcm.bare, fcm.google, ...webpush],
      apns: [apns.push],
      apnsManage: [apns.manage],
      metadata: [fcm.metadata],
    },
    otherHosts: () => settings.otherHosts(),
    settings,
    submissionOf,
    async ruleFactsOf(messageId) {
      const bytes = await submissionOf(messageId);
      const submission = bytes === null ? null : readSubmission(bytes);
      return submission === null ? null : ruleFacts(submission, desk.questions?.('farSide', 'push') ?? []);
    },
    async passedOn(ended) {
      for (const { row, result, unregistered, live } of ended) {
        const { delivery } = row;
        // A real provider knows nothing of the simulated phones.
        if (
          live === true ||
          unregistered !== true ||
          delivery.carriage !== 'push' ||
          result.change.kind !== 'fail'
        )
          continue;
        const provider = pushProviders.find((one) => one === delivery.provider);
        if (provider !== undefined)
          await phones.drop({ provider, token: delivery.recipient }, result.text, delivery.id);
      }
    },
  };
}
