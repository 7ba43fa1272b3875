/** A core with its in-app door, as an app and its pages see it. */
import { startCore, type TestCore } from '../../start-core.ts';

export interface InAppWorld {
  readonly core: TestCore;
  /** At the in-app door. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** At the API. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Sends by the door. @returns ids: of the message, and of each user’s own */
  send(
    user: string | readonly string[],
    message: object,
  ): Promise<{ readonly id: string; readonly rows: readonly string[] }>;
  delivery(messageId: string): Promise<DeliveryView>;
  events(messageId: string): Promise<readonly EventView[]>;
  advance(ms: number): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly body: any;
}

export interface DeliveryView {
  readonly id: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly class: string | null;
  readonly reason: string | null;
}

export interface EventView {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export async function inAppWorld(flags: readonly string[] = ['--deliver']): Promise<InAppWorld> {
  return worldOf(await startCore(flags));
}

export function worldOf(core: TestCore): InAppWorld {
  const door = `http://127.0.0.1:${core.port('providers')}/inapp`;
  async function ask(
    base: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  }
  const world: InAppWorld = {
    core,
    call: (method, path, body, headers) => ask(door, method, path, body, headers),
    api: (method, path, body, headers) => ask(core.app.url, method, path, body, headers),
    async send(user, message) {
      const { status, body } = await world.call('POST', '/v1/messages', { user, ...message });
      if (status !== 202) throw new Error(`not taken: ${JSON.stringify(body)}`);
      return { id: body.id, rows: body.messages.map((one: { id: string }) => one.id) };
    },
    async delivery(messageId) {
      const { body } = await world.api('GET', `/v1/messages/${messageId}`);
      return body.deliveries[0];
    },
    async events(messageId) {
      const { body } = await world.api('GET', `/v1/messages/${messageId}/events`);
      return body.entries;
    },
    async advance(ms) {
      await world.api('POST', '/v1/clock', { advanceMs: ms });
      await core.app.settled();
    },
  };
  return world;
}
