/** The push service behind a listener with TLS, with one browser subscribed, and what it stored. */
import { createECDH, randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type WebPushPorts, webPushRoutes } from '../../../../core/channels/webpush/index.ts';
import type { Located, PushPlan } from '../../../../core/delivery/push-far-side.ts';
import type { ProviderDoors } from '../../../../core/doors/http/provider-doors.ts';
import type {
  Fields,
  ProviderAnswer,
  ProviderRequest,
} from '../../../../core/doors/http/provider-request.ts';
import type { Handover } from '../../../../core/intake/intake.ts';
import type { NewPush, PushSubscriptionKeys } from '../../../../core/model/phone.ts';
import { startDoors } from '../../doors/http/doors.ts';
import { deskWorld } from '../../rules/desk-world.ts';

export interface Browser {
  readonly id: string;
  readonly keys: PushSubscriptionKeys;
  readonly privateKey: Buffer;
}

export function makeBrowser(applicationServerKey: string | null = null): Browser {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return {
    id: randomUUID(),
    privateKey: pair.getPrivateKey(),
    keys: {
      p256dh: pair.getPublicKey('base64url'),
      auth: Buffer.alloc(16, 9).toString('base64url'),
      applicationServerKey,
    },
  };
}

export const nowMs = Date.parse('2026-11-22T12:00:00Z');

export interface FarSide {
  readonly accepted: Handover[];
  readonly kept: PushPlan[];
  readonly settled: PushPlan[];
  readonly undone: PushPlan[];
  readonly ports: WebPushPorts;
}

/** @param other what takes the place of the ordinary ports */
export function farSideWith(
  browsers: readonly Browser[],
  other: Partial<WebPushPorts> = {},
  located: (id: string) => Located | null = () => null,
): FarSide {
  const accepted: Handover[] = [];
  const kept: PushPlan[] = [];
  const settled: PushPlan[] = [];
  const undone: PushPlan[] = [];
  const find = (id: string) => browsers.find((one) => one.id === id);
  const ports: WebPushPorts = {
    wallMs: () => Date.now(),
    virtualMs: () => nowMs,
    newId: randomUUID,
    desk: deskWorld().desk,
    ownOrders: () => null,
    intake: {
      accept(handover) {
        accepted.push(handover);
        return Promise.resolve(handover.id ?? '');
      },
    },
    store: { keepPushes: () => Promise.resolve() },
    farSide: {
      prepare: () => undefined,
      members: () => [],
      subscribe: () => false,
      unsubscribe: () => false,
      topicsOf: () => null,
      written: () => Promise.resolve(),
      settled: (plan) => settled.push(plan),
      subscriptionKey(id) {
        const browser = find(id);
        return browser === undefined ? null : { privateKey: browser.privateKey, keys: browser.keys };
      },
      locate({ token }) {
        const special = located(token);
        if (special !== null) return special;
        const browser = find(token);
        return browser === undefined
          ? { kind: 'unknown' }
          : {
              kind: 'found',
              device: {
                phoneId: 'browser-1',
                app: 'https://shop.example',
                provider: 'webpush',
                token,
                subscription: browser.keys,
              },
            };
      },
      plan(pushes) {
        const puts = pushes.map(
          (push): NewPush => ({
            id: push.id,
            phoneId: push.device.phoneId,
            app: push.device.app,
            provider: 'webpush',
            messageId: push.messageId,
            deliveryId: push.deliveryId,
            state: 'delivered',
            shown: !push.content.silent,
            reason: null,
            collapseKey: push.collapseKey,
            priority: push.priority,
            receivedAtMs: nowMs,
            expiresAtMs: push.expiresAtMs,
            deliveredAtMs: nowMs,
            content: push.content,
          }),
        );
        const plan: PushPlan = { puts, changes: [], acts: [], undo: () => undone.push(plan) };
        kept.push(plan);
        return plan;
      },
    },
    ...other,
  };
  return { accepted, kept, settled, undone, ports };
}

export interface Service extends FarSide {
  readonly port: number;
  readonly ca: string;
  readonly doorPorts: ProviderDoors['ports'];
  /** Why requests were refused. */
  refusals(): readonly (string | null)[];
  endpoint(id: string): string;
}

/** Ends with the test. */
export async function startService(farSide: FarSide): Promise<Service> {
  const doors = await startDoors({ routes: webPushRoutes(farSide.ports) });
  onTestFinished(() => doors.close());
  const port = doors.ports.tls ?? 0;
  return {
    ...farSide,
    port,
    doorPorts: doors.ports,
    ca: doors.ca,
    refusals: () => doors.ended.map(({ reason }) => reason),
    endpoint: (id) => `https://localhost:${port}/webpush/v1/${id}`,
  };
}

/** What the door does: the reply goes out when what was accepted is stored. */
export async function taken(answer: ProviderAnswer): Promise<ProviderAnswer['reply']> {
  try {
    await answer.take?.({
      part: { start, transcript: '' },
      end: {
        start,
        transcript: '',
        endedAtMs: nowMs,
        outcome: 'accepted',
        reason: null,
        messages: 1,
        refusals: 0,
        bytesIn: 0,
        bytesOut: 0,
      },
    });
    return answer.reply;
  } catch (error) {
    return answer.unstored?.(error) ?? answer.reply;
  }
}

const start = {
  id: 'exchange-1',
  door: 'webpush',
  kind: 'http',
  startedAtMs: nowMs,
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  clientName: null,
  user: null,
  tls: null,
} as const;

export function providerRequest(about: {
  readonly method?: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
  readonly host?: string;
  readonly baseUrl?: string;
  readonly own?: ProviderRequest['own'];
}): ProviderRequest {
  const [path = '', query = ''] = about.target.split('?');
  return {
    id: 'exchange-1',
    door: 'tls',
    method: about.method ?? 'POST',
    path,
    query,
    host: about.host ?? 'localhost',
    fields: fieldsOf(about.fields),
    body: about.body ?? Buffer.alloc(0),
    bodyTooLarge: false,
    httpVersion: '1.1',
    baseUrl: about.baseUrl ?? `https://${about.host ?? 'localhost'}`,
    connection: {
      id: 'connection-1',
      remoteAddress: '127.0.0.1',
      remotePort: 1,
      tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', servername: null },
      clientCertificate: null,
      openedMs: 0,
      memory: new Map(),
      setConcurrentStreams: () => undefined,
    },
    startedAtMs: nowMs,
    own: about.own ?? null,
    gone: new AbortController().signal,
  };
}

function fieldsOf(entries: readonly (readonly [string, string])[]): Fields {
  const lower = entries.map(([name, value]) => [name.toLowerCase(), value] as const);
  const all = (name: string): string[] => lower.flatMap(([one, value]) => (one === name ? [value] : []));
  return { entries: lower, get: (name) => all(name)[0] ?? null, all };
}
