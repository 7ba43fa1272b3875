/**
 * What the tests of relays share: a core that goes live, and the real providers, played by the doors of a second Sandpost in
 * a process of its own kind: another folder, another CA, other secrets.
 */
import type { RelayCheckShape, RelayShape } from '../../../core/api/live-relay-schema.ts';
import type { Attempt, Delivery, DeliveryDetail, List, MessageDetail } from '../../../core/api/schema.ts';
import type { ReadBackResult } from '../../../core/model/live-relay.ts';
import type { AppPorts } from '../../../core/app.ts';
import { startCore, type TestCore } from '../../start-core.ts';
import { type Peers, startPeers } from '../push/peers.ts';

export interface AuditView {
  readonly kind: string;
  readonly by: string;
  readonly recipient: string | null;
  readonly deliveryId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type LiveWorld = Awaited<ReturnType<typeof startLive>>;

/** Of the real providers one is enough for a test file: who opens it closes it. */
export const startProviders = (): Promise<Peers> => startPeers(['--deliver']);

export async function startLive(own: Partial<AppPorts> = {}) {
  const core: TestCore = await startCore(['--deliver'], own);

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await core.get(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    const value: T = text === '' ? null : JSON.parse(text);
    return value;
  }

  async function confirmed<T>(path: string, at: string, request: unknown): Promise<T> {
    const { confirmation } = await call<{ readonly confirmation: string }>('POST', path, request);
    return call<T>('POST', at, { confirmation });
  }

  const message = (id: string): Promise<MessageDetail> => core.json<MessageDetail>(`/v1/messages/${id}`);

  return {
    core,
    call,
    message,
    async relay(
      name: string,
      settings: Readonly<Record<string, unknown>>,
      credential: Readonly<Record<string, string>> | null,
    ): Promise<string> {
      const { id } = await call<RelayShape>('POST', '/v1/live-relay/relays', { name, settings });
      if (credential !== null) await call('PUT', `/v1/live-relay/relays/${id}/credential`, credential);
      return id;
    },
    verify: (id: string) => call<RelayCheckShape>('POST', `/v1/live-relay/relays/${id}/verify`),
    goLive: (
      channel: string,
      relayId: string,
      recipients: Readonly<Record<string, unknown>>,
      over: Readonly<Record<string, unknown>> = {},
    ) =>
      confirmed('/v1/live-relay/summary', '/v1/live-relay', {
        channels: { [channel]: { relayId, recipients, ...over } },
      }),
    stop: () => call('DELETE', '/v1/live-relay'),
    /** @returns the deliveries that were made, once all that is due was done */
    async release(messageIds: readonly string[], relayId: string, to: string): Promise<readonly Delivery[]> {
      const { deliveries } = await confirmed<{ readonly deliveries: readonly { readonly id: string }[] }>(
        '/v1/live-relay/releases/summary',
        '/v1/live-relay/releases',
        { messageIds, relayId, to },
      );
      await core.app.settled();
      return Promise.all(
        deliveries.map(({ id }) => core.json<DeliveryDetail>(`/v1/deliveries/${id}`)),
      );
    },
    /** Sends, lets everything that is due be done, and reads its one delivery. */
    async send(request: Readonly<Record<string, unknown>>): Promise<Delivery> {
      const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', request);
      await core.app.settled();
      return only(await message(id));
    },
    attempt: async (id: string): Promise<Attempt | undefined> =>
      (await core.json<DeliveryDetail>(`/v1/deliveries/${id}`)).attemptLog.at(-1),
    again: (id: string) => core.json<DeliveryDetail>(`/v1/deliveries/${id}`),
    readBack: async (deliveryIds: readonly string[]): Promise<readonly ReadBackResult[]> =>
      (
        await call<{ readonly results: readonly ReadBackResult[] }>('POST', '/v1/live-relay/read-back', {
          deliveryIds,
        })
      ).results,
    audit: async (kind: string): Promise<readonly AuditView[]> =>
      (await core.json<List<AuditView>>(`/v1/live-relay/audit?kind=${kind}&limit=500`)).entries,
  };
}

function only({ id, deliveries }: MessageDetail): Delivery {
  const [first] = deliveries;
  if (first === undefined || deliveries.length > 1)
    throw new Error(`the message ${id} has ${deliveries.length} deliveries`);
  return first;
}
