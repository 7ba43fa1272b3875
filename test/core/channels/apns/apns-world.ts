/** The fake APNs without sockets: a far side and a desk that a test writes down, and what was stored. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { ApnsPorts } from '../../../../core/channels/apns/asked.ts';
import { openBroadcastChannels } from '../../../../core/channels/apns/broadcast-channels.ts';
import { type ApnsRoutes, createApnsRoutes } from '../../../../core/channels/apns/endpoint.ts';
import { type ApnsSettings, apnsSettingsSchema } from '../../../../core/channels/apns/schema.ts';
import type { CarriedOut } from '../../../../core/delivery/network.ts';
import type { OwnSendOrders } from '../../../../core/delivery/own-sends.ts';
import type {
  AcceptedPush,
  Addressee,
  Located,
  LocatedDevice,
  PushFarSide,
  PushPlan,
} from '../../../../core/delivery/push-far-side.ts';
import type {
  Fields,
  FinishedExchange,
  OwnSend,
  ProviderAnswer,
  ProviderConnection,
  ProviderReply,
  ProviderRequest,
} from '../../../../core/doors/http/provider-request.ts';
import type { Handover } from '../../../../core/intake/intake.ts';
import type { NewPush } from '../../../../core/model/phone.ts';
import { type Decision, type Facts, type FarSideOrders, noOrders } from '../../../../core/rules/decision.ts';
import type { Action } from '../../../../core/rules/schema.ts';

export const teamId = 'TEAM123456';
export const kid = 'KEY1234567';
export const app = 'com.example.shop';
export const token = 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90';
/** 2026-11-22T12:00:00Z */
export const startMs = 1_795_348_800_000;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

export interface JwtParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject;
}

/** A provider token; what is given takes the place of what is usual. */
export function jwt(
  { header = {}, claims = {}, key = pair.privateKey }: JwtParts = {},
  nowMs = startMs,
): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'ES256', kid, ...header })}.${part({ iss: teamId, iat: Math.floor(nowMs / 1000), ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

export class TestFields implements Fields {
  readonly entries: readonly (readonly [string, string])[];
  constructor(entries: readonly (readonly [string, string])[]) {
    this.entries = entries;
  }
  get(name: string): string | null {
    return this.entries.find(([one]) => one === name)?.[1] ?? null;
  }
  all(name: string): readonly string[] {
    return this.entries.filter(([one]) => one === name).map(([, value]) => value);
  }
}

export interface TestConnection extends ProviderConnection {
  readonly streams: number[];
}

export function connection(clientCertificate: Uint8Array | null = null): TestConnection {
  const streams: number[] = [];
  return {
    id: 'connection-1',
    remoteAddress: '127.0.0.1',
    remotePort: 50_000,
    tls: null,
    clientCertificate,
    openedMs: 0,
    memory: new Map(),
    streams,
    setConcurrentStreams: (count) => streams.push(count),
  };
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** Null: this one is left out. */
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly more?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  readonly bodyTooLarge?: boolean;
  readonly on?: ProviderConnection;
  readonly own?: ProviderRequest['own'];
}

export interface Answered {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: ProviderAnswer;
}

export interface ApnsWorld {
  readonly routes: ApnsRoutes;
  settings: ApnsSettings;
  nowMs: number;
  virtualAheadMs: number;
  /** What the desk orders from now on. */
  script: readonly Action[];
  readonly asked: Facts[];
  /** After the desk was asked, before it answers. */
  whenAsked: () => void;
  readonly located: Map<string, Located>;
  readonly handovers: Handover[];
  readonly kept: PushPlan[];
  readonly plans: PushPlan[];
  readonly prepared: (readonly Decision[])[];
  readonly undone: PushPlan[];
  readonly settled: PushPlan[];
  readonly carriedOut: CarriedOut[];
  members: readonly LocatedDevice[];
  readonly taken: string[];
  failing: Error | null;
  push(asking?: Asking): Promise<Answered>;
  manage(asking: Asking): Promise<Answered>;
}

/**
 * @param desk the rules' own, in place of the test's script
 * @param own whatever else is real
 */
export async function apnsWorld(
  settings: Partial<ApnsSettings> = {},
  desk: ApnsPorts['desk'] | null = null,
  own: Partial<ApnsPorts> = {},
): Promise<ApnsWorld> {
  const documents = new Map<string, unknown>();
  const store = {
    documents: () => Promise.resolve([...documents].map(([key, value]) => ({ key, value }))),
    async saveDocument(_kind: string, key: string, value: unknown) {
      await fail();
      documents.set(key, value);
    },
    async deleteDocument(_kind: string, key: string) {
      await fail();
      documents.delete(key);
    },
  };
  let ids = 0;
  let exchanges = 0;
  const fail = (): Promise<void> =>
    world.failing === null ? Promise.resolve() : Promise.reject(world.failing);
  const farSide: PushFarSide = {
    locate: ({ token: asked }) => world.located.get(asked) ?? found(asked),
    prepare: (_addressee, decisions) => world.prepared.push(decisions),
    members: () => world.members,
    subscribe: () => true,
    unsubscribe: () => true,
    topicsOf: ({ token: asked }: Addressee) => (world.located.has(asked) ? [] : null),
    written: () => Promise.resolve(),
    plan(pushes) {
      const plan: PushPlan = {
        puts: pushes.map(putOf),
        changes: [],
        acts: [],
        undo: () => world.undone.push(plan),
      };
      world.plans.push(plan);
      return plan;
    },
    settled: (plan) => world.settled.push(plan),
    subscriptionKey: () => null,
  };
  const ports: ApnsPorts = {
    desk: desk ?? {
      orders(facts) {
        world.asked.push(facts);
        world.whenAsked();
        return ordersOf(world.script);
      },
      needs: () => ({ headers: true, content: true }),
      taken: (keys) => world.taken.push(...keys),
    },
    farSide,
    intake: {
      async accept(handover) {
        await fail();
        world.handovers.push(handover);
        return handover.id ?? 'made';
      },
    },
    store: {
      async keepPushes(pushes) {
        await fail();
        const plan = world.plans.find(({ puts }) => puts === pushes.puts);
        if (plan !== undefined) world.kept.push(plan);
      },
    },
    channels: await openBroadcastChannels(store),
    clock: { wallMs: () => world.nowMs },
    virtual: { nowMs: () => world.nowMs + world.virtualAheadMs },
    newId: () => `id-${++ids}`,
    newUuid: randomUUID,
    settings: () => world.settings,
    ownOrders: (given) =>
      isOrders(given)
        ? given
        : { ...given, orders: ordersOf(world.script), carriedOut: (done) => world.carriedOut.push(done) },
    ...own,
  };
  const routes = createApnsRoutes(ports);
  const ask = async (handle: ApnsRoutes['push']['handle'], request: ProviderRequest): Promise<Answered> => {
    const answer = await handle(request);
    let { reply } = answer;
    if (answer.take !== undefined) {
      try {
        await answer.take(finished(`exchange-${++exchanges}`));
      } catch (error) {
        reply = answer.unstored?.(error) ?? unanswered;
      }
    }
    return {
      status: reply.status,
      fields: Object.fromEntries(reply.fields),
      body: reply.body.toString(),
      answer,
    };
  };
  const world: ApnsWorld = {
    routes,
    settings: apnsSettingsSchema.parse(settings),
    nowMs: startMs,
    virtualAheadMs: 0,
    script: [],
    asked: [],
    whenAsked: () => undefined,
    located: new Map(),
    handovers: [],
    kept: [],
    plans: [],
    prepared: [],
    undone: [],
    settled: [],
    carriedOut: [],
    members: [],
    taken: [],
    failing: null,
    push: (asking = {}) => ask(routes.push.handle, pushRequest(asking, world.nowMs)),
    manage: (asking) => ask(routes.manage.handle, manageRequest(asking, world.nowMs)),
  };
  return world;
}

/** Found by its secret, at a real door, it comes with its orders. */
function isOrders(own: OwnSend): own is OwnSendOrders {
  return 'orders' in own && 'carriedOut' in own;
}

export function found(of: string): Located {
  return { kind: 'found', device: deviceOf(of) };
}

export function deviceOf(of: string): LocatedDevice {
  return { phoneId: `phone-${of.slice(0, 4)}`, app, provider: 'apns', token: of, subscription: null };
}

function putOf(push: AcceptedPush): NewPush {
  const { id, device, messageId, deliveryId, content, collapseKey, priority, expiresAtMs } = push;
  return {
    id,
    phoneId: device.phoneId,
    app: device.app,
    provider: 'apns',
    messageId,
    deliveryId,
    state: 'delivered',
    shown: true,
    reason: null,
    collapseKey,
    priority,
    receivedAtMs: startMs,
    expiresAtMs,
    deliveredAtMs: startMs,
    content,
  };
}

const farSideKinds: readonly Action['do'][] = [
  'blackHole',
  'duplicate',
  'delay',
  'offline',
  'uninstall',
  'hold',
];
const answerKinds: readonly Action['do'][] = ['answer', 'goAway', 'disconnect', 'refuseConnection'];

/** As the desk puts them: what is said last, what is done after the yes by itself. */
export function ordersOf(actions: readonly Action[]): FarSideOrders {
  if (actions.length === 0) return noOrders;
  const decisions = actions.map(
    (action): Decision => ({
      cause: { ruleId: 'rule-1', label: 'test' },
      action,
      point: 'endOfData',
      chance: 0,
    }),
  );
  const answers = decisions.filter(({ action }) => answerKinds.includes(action.do));
  return {
    ...noOrders,
    connection: [...decisions.filter(({ action }) => action.do === 'slow'), ...answers],
    after: decisions.filter(({ action }) => farSideKinds.includes(action.do)),
  };
}

function pushRequest(asking: Asking, nowMs: number): ProviderRequest {
  return requestOf(
    {
      'apns-topic': app,
      'apns-push-type': 'alert',
      'apns-priority': '10',
      ...bearer(asking, nowMs),
    },
    {
      path: `/3/device/${token}`,
      body: '{"aps":{"alert":{"title":"Order 7","body":"It is on its way"}}}',
      ...asking,
    },
  );
}

function bearer({ fields }: Asking, nowMs: number): Readonly<Record<string, string>> {
  return fields !== undefined && 'authorization' in fields
    ? {}
    : { authorization: `bearer ${jwt({}, nowMs)}` };
}

function manageRequest(asking: Asking, nowMs: number): ProviderRequest {
  return requestOf(bearer(asking, nowMs), { path: `/1/apps/${app}/channels`, ...asking });
}

function requestOf(usual: Readonly<Record<string, string>>, asking: Asking): ProviderRequest {
  const fields: Readonly<Record<string, string | null>> = { ...usual, ...asking.fields };
  const entries = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return {
    id: 'exchange-1',
    door: 'apns',
    method: asking.method ?? 'POST',
    path: asking.path ?? '/',
    query: '',
    host: asking.host ?? 'localhost',
    fields: new TestFields([...entries, ...(asking.more ?? [])]),
    body: Buffer.from(asking.body ?? ''),
    bodyTooLarge: asking.bodyTooLarge ?? false,
    httpVersion: '2',
    baseUrl: 'https://localhost:2197',
    connection: asking.on ?? connection(),
    startedAtMs: startMs,
    own: asking.own ?? null,
    gone: new AbortController().signal,
  };
}

const unanswered: ProviderReply = { status: 599, fields: [], body: '' };

function finished(id: string): FinishedExchange {
  const start: FinishedExchange['end']['start'] = {
    id,
    door: 'apns',
    kind: 'http',
    startedAtMs: startMs,
    remoteAddress: '127.0.0.1',
    remotePort: 50_000,
    clientName: null,
    user: null,
    tls: null,
  };
  const end: FinishedExchange['end'] = {
    start,
    endedAtMs: startMs,
    outcome: 'accepted',
    reason: null,
    messages: 1,
    refusals: 0,
    bytesIn: 0,
    bytesOut: 0,
    transcript: '',
  };
  return { part: { start, transcript: '' }, end };
}
