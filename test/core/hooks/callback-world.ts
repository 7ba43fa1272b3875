/** The queue with the carrier of callbacks, and receivers as apps are: some answer, some are down, slow, or never do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { callbackDelivery } from '../../../core/delivery/callback-deliveries.ts';
import type { EnginePorts } from '../../../core/delivery/engine.ts';
import type { CallbackHabit, SmppReceivers } from '../../../core/delivery/sms-far-side.ts';
import { createCallbackCarrier } from '../../../core/hooks/callback-carrier.ts';
import type { Callback, HttpCallback } from '../../../core/model/callback.ts';
import type { NewDelivery } from '../../../core/model/delivery.ts';
import type { Store } from '../../../core/store/store.ts';
import { openWorld, type World } from '../delivery/world.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  answer: (response: ServerResponse, request: Received) => void;
  /** Settles when so many have come. */
  heard(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(
  answer: Receiver['answer'] = (response) => response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const waiters = new Set<() => void>();
  const sockets = new Set<Socket>();
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const one: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body,
      };
      received.push(one);
      receiver.answer(response, one);
      for (const waiter of [...waiters]) waiter();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`,
    received,
    answer,
    async heard(count) {
      while (received.length < count) {
        await new Promise<void>((resolve) => {
          const waiter = (): void => {
            waiters.delete(waiter);
            resolve();
          };
          waiters.add(waiter);
        });
      }
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}

export const minuteMs = 60_000;

/** Tries again after a minute, three times; believes Retry-After; takes 410 for an end. */
export function testHabit(changed: Partial<CallbackHabit> = {}): CallbackHabit {
  return {
    provider: 'twilio',
    timeoutMs: 15_000,
    dress: ({ method, url, body, contentType }, { id, number, wallMs }) => ({
      method,
      url,
      fields: {
        ...(contentType === null ? {} : { 'content-type': contentType }),
        'x-signature': `signed ${id} ${number} ${wallMs}`,
      },
      body: method === 'GET' ? null : body,
    }),
    judge: (_, answer, { number }) => {
      if (answer !== null && answer.status >= 200 && answer.status < 300) return { kind: 'done' };
      if (answer?.status === 410) return { kind: 'over', why: 'the app wants no more of it' };
      if (number > 3) return { kind: 'over', why: 'four times are enough' };
      const asked = Number(answer?.retryAfter ?? '');
      return { kind: 'again', afterMs: asked > 0 ? asked * 1_000 : minuteMs };
    },
    ...changed,
  };
}

export interface CallbackWorld extends World {
  call(url: string, about?: Partial<HttpCallback>): Promise<string>;
  callAll(callbacks: readonly Callback[]): Promise<readonly string[]>;
}

let last = 0;

export function reportTo(url: string, about: Partial<HttpCallback> = {}): HttpCallback {
  return {
    kind: 'http',
    provider: 'twilio',
    account: 'AC1',
    purpose: 'report',
    tells: 'delivered',
    smsId: 'sms-1',
    method: 'POST',
    url,
    contentType: 'application/x-www-form-urlencoded',
    body: 'MessageStatus=delivered',
    ...about,
  };
}

export function newCallback(callback: Callback, nowMs: number, lifetimeMs = 24 * 60 * minuteMs): NewDelivery {
  return callbackDelivery(
    { callback, dueAtMs: nowMs, lifetimeMs },
    { id: `50000000-0000-7000-8000-${String(++last).padStart(12, '0')}`, about: callback.smsId, nowMs },
  );
}

export async function queueCallbacks(
  store: Store,
  callbacks: readonly Callback[],
  nowMs: number,
  lifetimeMs?: number,
): Promise<readonly string[]> {
  const deliveries = callbacks.map((one) => newCallback(one, nowMs, lifetimeMs));
  await store.addDeliveries({ nowMs, messageId: null, carriage: 'callback', deliveries });
  return deliveries.map(({ id }) => id);
}

export async function openCallbackWorld(
  about: {
    readonly habit?: CallbackHabit;
    readonly smpp?: SmppReceivers | null;
    readonly callbackHosts?: readonly string[];
    readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
    readonly ports?: Partial<EnginePorts>;
  } = {},
): Promise<CallbackWorld> {
  const habit = about.habit ?? testHabit();
  const late: { carrier: ReturnType<typeof createCallbackCarrier> | null } = { carrier: null };
  const scripted: { email: World['jobs'] } = { email: [] };
  const world = await openWorld({
    ports: {
      carriers: {
        email: {
          carry: (job) => {
            scripted.email.push({
              to: job.deliveries.map(({ delivery }) => delivery.recipient),
              atMs: job.nowMs,
            });
            return Promise.resolve({
              results: job.deliveries.map(({ delivery }) => ({
                deliveryId: delivery.id,
                outcome: { kind: 'sent' },
                class: null,
                code: 250,
                enhanced: null,
                text: '250 OK',
                nextHop: null,
                suppresses: 'never',
              })),
              evidence: { routing: [], changes: [], signatures: [], identity: null, transcript: [] },
            });
          },
          close: () => Promise.resolve(),
        },
        callback: {
          carry: (job) => late.carrier?.carry(job) ?? Promise.reject(new Error('no carrier')),
          close: () => late.carrier?.close() ?? Promise.resolve(),
        },
      },
      ...about.ports,
    },
  });
  late.carrier = createCallbackCarrier({
    clock: world.clock,
    fetch: about.fetch ?? fetch,
    callbackHosts: () => about.callbackHosts ?? [],
    habits: () => ({ [habit.provider]: habit }),
    smpp: () => about.smpp ?? null,
    version: '0.0.0',
  });
  const { close } = world;
  return Object.assign(world, {
    jobs: scripted.email,
    /** Calls that nobody answers are cut off a moment after the end, by a clock that stands still otherwise. */
    async close() {
      let over = false;
      const closed = close().finally(() => {
        over = true;
      });
      while (!over) {
        world.clock.advance(100);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await closed;
    },
    async call(url: string, changed: Partial<HttpCallback> = {}) {
      const [id = ''] = await queueCallbacks(world.store, [reportTo(url, changed)], world.virtual.nowMs());
      return id;
    },
    callAll: (callbacks: readonly Callback[]) =>
      queueCallbacks(world.store, callbacks, world.virtual.nowMs()),
  });
}

export async function attemptsOf(
  { store }: World,
  id: string,
): Promise<readonly { readonly outcome: string; readonly code: number | null; readonly text: string }[]> {
  const found = await store.delivery(id);
  return (found?.attempts ?? []).map(({ outcome, code, text }) => ({ outcome, code, text }));
}

export async function standing({ store }: World, id: string): Promise<string> {
  const found = await store.delivery(id);
  return found === null
    ? 'gone'
    : [found.delivery.status, found.delivery.substatus].filter(Boolean).join('/');
}
