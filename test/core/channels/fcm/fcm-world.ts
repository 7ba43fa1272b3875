/** The doors of FCM and Google with devices kept in memory, real rules, and an intake that remembers what it was handed. */
import {
  createAccessTokens,
  createFcmRoutes,
  defaultFcmSettings,
  type FcmPorts,
  type FcmRoutes,
  type FcmSettings,
} from '../../../../core/channels/fcm/index.ts';
import type { OwnSendOrders } from '../../../../core/delivery/own-sends.ts';
import type {
  AcceptedPush,
  Addressee,
  LocatedDevice,
  PushFarSide,
} from '../../../../core/delivery/push-far-side.ts';
import type {
  ProviderAnswer,
  ProviderReply,
  ProviderRequest,
} from '../../../../core/doors/http/provider-request.ts';
import type { Handover } from '../../../../core/intake/intake.ts';
import type { KeptPushes } from '../../../../core/model/message.ts';
import type { NewPush, Platform } from '../../../../core/model/phone.ts';
import type { Decision } from '../../../../core/rules/decision.ts';
import { Desk } from '../../../../core/rules/desk.ts';
import { readRules } from '../../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { fieldsOf } from './provider-fields.ts';

export interface MemoryDevice {
  readonly token: string;
  app: string;
  platform: Platform;
  project: string | null;
  topics: string[];
  online: boolean;
  goneSinceMs: number | null;
}

export interface FcmWorld {
  readonly routes: FcmRoutes;
  readonly ports: FcmPorts;
  readonly clock: FakeClock;
  readonly devices: Map<string, MemoryDevice>;
  /** Ahead of the wall clock by so much. */
  aheadMs: number;
  settings: FcmSettings;
  makePhones: boolean;
  readonly accepted: Handover[];
  readonly kept: KeptPushes[];
  readonly prepared: { readonly token: string; readonly decisions: readonly Decision[] }[];
  readonly undone: string[];
  readonly settled: string[];
  readonly owns: Map<string, OwnSendOrders>;
  /** Thrown at the next thing that is to be stored. */
  storeError: Error | null;
  device(token: string, about?: Partial<Omit<MemoryDevice, 'token'>>): MemoryDevice;
  rules(...rules: readonly RuleInput[]): void;
  /** Brings a request to a route as a door does, and stores what was accepted. */
  ask(route: keyof FcmRoutes, request: Asked): Promise<Told>;
  /** A message for FCM v1. */
  send(
    message: unknown,
    more?: {
      readonly validate_only?: boolean;
      readonly project?: string;
      readonly headers?: Readonly<Record<string, string>>;
    },
  ): Promise<Told>;
}

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly own?: { readonly messageId: string; readonly deliveryId: string };
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly answer: ProviderAnswer;
  json(): unknown;
}

export const anyToken = { authorization: 'Bearer ya29.any-token-will-do' };

export function fcmWorld(settings: Partial<FcmSettings> = {}, startMs?: number): FcmWorld {
  const clock = fakeClock(startMs);
  let lastId = 0;
  const time = { aheadMs: 0 };
  const virtualMs = (): number => clock.wallMs() + time.aheadMs;
  const newId = (): string => `id-${++lastId}`;
  const desk = new Desk(
    {
      wallMs: () => clock.wallMs(),
      virtualMs,
      monotonicMs: () => clock.monotonicMs(),
      hit: () => undefined,
    },
    { rules: [], magic: true, seed: 1 },
  );
  const ports: FcmPorts = {
    clock,
    virtualMs,
    newId,
    randomBytes: (bytes) => Uint8Array.from({ length: bytes }, (_, at) => (at * 37 + 1) % 256),
    desk,
    farSide: memoryFarSide(() => world, newId),
    intake: {
      accept(handover) {
        if (world.storeError !== null) return Promise.reject(world.storeError);
        world.accepted.push(handover);
        return Promise.resolve(handover.id ?? '');
      },
    },
    store: {
      keepPushes(pushes) {
        if (world.storeError !== null) return Promise.reject(world.storeError);
        world.kept.push(pushes);
        return Promise.resolve();
      },
    },
    ownOrders: ({ deliveryId }) => world.owns.get(deliveryId) ?? null,
    tokens: createAccessTokens(Buffer.alloc(32, 7)),
    settings: () => world.settings,
  };
  const world: FcmWorld = {
    routes: createFcmRoutes(ports),
    ports,
    clock,
    devices: new Map(),
    get aheadMs() {
      return time.aheadMs;
    },
    set aheadMs(ms) {
      time.aheadMs = ms;
    },
    settings: { ...defaultFcmSettings, ...settings },
    makePhones: true,
    accepted: [],
    kept: [],
    prepared: [],
    undone: [],
    settled: [],
    owns: new Map(),
    storeError: null,
    device(token, about = {}) {
      const device = { ...freshDevice(token), ...about };
      world.devices.set(token, device);
      return device;
    },
    rules(...rules) {
      desk.replace({ rules: readRules(rules), magic: true, seed: 1 });
    },
    async ask(route, asked) {
      const { handle } = world.routes[route];
      const answer = await handle(requestOf(asked, ++lastId));
      return told(answer, await replyTo(answer, asked));
    },
    send(message, { validate_only, project = 'demo', headers = anyToken } = {}) {
      return world.ask('fcm', {
        path: `/v1/projects/${project}/messages:send`,
        headers,
        body: JSON.stringify({ ...(validate_only === undefined ? {} : { validate_only }), message }),
      });
    },
  };
  return world;
}

function freshDevice(token: string): MemoryDevice {
  return {
    token,
    app: 'com.example.shop',
    platform: 'android',
    project: null,
    topics: [],
    online: true,
    goneSinceMs: null,
  };
}

function requestOf(
  { method = 'POST', path, headers = {}, body = '', own }: Asked,
  number: number,
): ProviderRequest {
  const [bare = path, query = ''] = path.split('?');
  return {
    id: `exchange-${number}`,
    door: 'providers',
    method,
    path: bare,
    query,
    host: 'fcm.googleapis.com',
    fields: fieldsOf(Object.entries(headers)),
    body: Buffer.from(body),
    bodyTooLarge: false,
    httpVersion: '1.1',
    baseUrl: 'http://127.0.0.1:8026/google',
    connection: {
      id: 'connection',
      remoteAddress: '127.0.0.1',
      remotePort: 50_000,
      tls: null,
      clientCertificate: null,
      openedMs: 0,
      memory: new Map(),
      setConcurrentStreams: () => undefined,
    },
    startedAtMs: 0,
    own: own ?? null,
    gone: new AbortController().signal,
  };
}

async function replyTo(answer: ProviderAnswer, { body = '' }: Asked): Promise<ProviderReply> {
  if (answer.take === undefined) return answer.reply;
  try {
    const start = {
      id: 'exchange',
      door: 'fcm',
      kind: 'http',
      startedAtMs: 0,
      remoteAddress: '127.0.0.1',
      remotePort: 50_000,
      clientName: null,
      user: null,
      tls: null,
    } as const;
    const end = {
      start,
      endedAtMs: 1,
      outcome: 'accepted',
      reason: null,
      messages: 1,
      refusals: 0,
      bytesIn: body.length,
      bytesOut: 0,
      transcript: '',
    } as const;
    await answer.take({ part: { start, transcript: '' }, end });
    return answer.reply;
  } catch (error) {
    const reply = answer.unstored?.(error);
    if (reply === undefined) throw error;
    return reply;
  }
}

function told(answer: ProviderAnswer, reply: ProviderReply): Told {
  const text = typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body).toString('utf8');
  return {
    status: reply.status,
    headers: Object.fromEntries(reply.fields),
    text,
    answer,
    json: () => JSON.parse(text) as unknown,
  };
}

function memoryFarSide(world: () => FcmWorld, newId: () => string): PushFarSide {
  const located = ({ token, app, platform }: MemoryDevice): LocatedDevice => ({
    phoneId: `phone-of-${token}`,
    app,
    provider: 'fcm',
    platform,
    token,
    subscription: null,
  });
  const find = ({ token }: Addressee): MemoryDevice | null => {
    const { devices, makePhones } = world();
    return devices.get(token) ?? (makePhones ? world().device(token) : null);
  };
  const puts = ({
    id,
    device,
    messageId,
    deliveryId,
    content,
    collapseKey,
    priority,
    expiresAtMs,
    after,
  }: AcceptedPush): NewPush => {
    const { clock, aheadMs, devices } = world();
    const nowMs = clock.wallMs() + aheadMs;
    const online = devices.get(device.token)?.online ?? true;
    const lost = after.some(({ action }) => action.do === 'blackHole');
    return {
      id,
      phoneId: device.phoneId,
      app: device.app,
      provider: 'fcm',
      messageId,
      deliveryId,
      state: lost ? 'lost' : online ? 'delivered' : 'stored',
      shown: online && !content.silent,
      reason: online ? null : 'the device is off',
      collapseKey,
      priority,
      receivedAtMs: nowMs,
      expiresAtMs,
      deliveredAtMs: online ? nowMs : null,
      content,
    };
  };
  return {
    locate(addressee) {
      const device = find(addressee);
      if (device === null) return { kind: 'unknown' };
      if (device.goneSinceMs !== null) return { kind: 'unregistered', sinceMs: device.goneSinceMs };
      return device.project !== null && addressee.app !== null && device.project !== addressee.app
        ? { kind: 'otherApp', app: device.project }
        : { kind: 'found', device: located(device) };
    },
    prepare({ token }, decisions) {
      if (decisions.length > 0) world().prepared.push({ token, decisions });
    },
    members: ({ app, matches }) =>
      [...world().devices.values()]
        .filter((one) => one.goneSinceMs === null && (one.project === null || one.project === app))
        .filter(({ topics }) => matches(topics))
        .map(located),
    subscribe(addressee, topic) {
      const device = find(addressee);
      device?.topics.push(topic);
      return device !== null;
    },
    unsubscribe(addressee, topic) {
      const device = find(addressee);
      if (device !== null) device.topics = device.topics.filter((one) => one !== topic);
      return device !== null;
    },
    topicsOf: ({ token }) => world().devices.get(token)?.topics ?? null,
    written: () => {
      const { storeError } = world();
      return storeError === null ? Promise.resolve() : Promise.reject(storeError);
    },
    plan(pushes) {
      return {
        puts: pushes.map(puts),
        changes: [],
        acts: [],
        undo: () => world().undone.push(newId()),
      };
    },
    settled: () => world().settled.push(newId()),
    subscriptionKey: () => null,
  };
}
