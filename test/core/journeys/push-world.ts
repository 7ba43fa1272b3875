/** What the tests of pushes share: a core with phones of a user, and what became of a push of the send API. */
import type { Delivery, DeliveryDetail, MessageDetail } from '../../../core/api/schema.ts';
import { openWorld, startWorld, type World } from './journey.ts';

export const app = 'com.example.shop';
export const page = 'https://shop.example';

export interface PhoneView {
  readonly id: string;
  readonly apps: readonly {
    readonly app: string;
    readonly provider: string;
    readonly token: string;
    readonly dropped: { readonly why: string } | null;
  }[];
}

export interface PushView {
  readonly state: string;
  readonly shown: boolean;
  readonly reason: string | null;
  readonly content: MessageDetail['push'] extends infer V
    ? NonNullable<V> extends { content: infer C }
      ? C
      : never
    : never;
}

export type PushWorld = ReturnType<typeof pushWorldOf>;

export async function startPushWorld(flags: readonly string[] = []): Promise<PushWorld> {
  return pushWorldOf(await startWorld(flags));
}

export async function openPushWorld(folder: string): Promise<PushWorld> {
  return pushWorldOf(await openWorld(folder));
}

function pushWorldOf(world: World) {
  const { call, core } = world;
  const push = async (request: Readonly<Record<string, unknown>>): Promise<MessageDetail> => {
    const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', {
      channel: 'push',
      title: 'Your order',
      body: 'It is on its way.',
      ...request,
    });
    await core.app.settled();
    return core.json<MessageDetail>(`/v1/messages/${id}`);
  };
  return {
    ...world,
    /** A device with the app on it, registered as at its first start. */
    async phone(
      platform: 'ios' | 'android' | 'browser',
      about: { readonly user?: string; readonly topics?: readonly string[]; readonly token?: string } = {},
    ): Promise<{ readonly id: string; readonly token: string }> {
      const { user, ...registration } = about;
      const { id } = await call<PhoneView>('POST', '/v1/phones', {
        platform,
        ...(user === undefined ? {} : { user }),
      });
      const { token } = await call<{ readonly token: string }>('POST', `/v1/phones/${id}/register`, {
        app: platform === 'browser' ? page : app,
        ...registration,
      });
      return { id, token };
    },
    phoneOf: (id: string) => call<PhoneView>('GET', `/v1/phones/${id}`),
    /** Oldest first. */
    async pushesOn(id: string): Promise<readonly PushView[]> {
      const { entries } = await call<{ entries: PushView[] }>('GET', `/v1/phones/${id}/pushes`);
      return entries.toReversed();
    },
    /** Sends, lets everything that is due be done, and reads the message. */
    push,
    one: async (request: Readonly<Record<string, unknown>>): Promise<Delivery> => only(await push(request)),
    async again(messageId: string): Promise<Delivery> {
      return only(await core.json<MessageDetail>(`/v1/messages/${messageId}`));
    },
    journey: (deliveryId: string) => core.json<DeliveryDetail>(`/v1/deliveries/${deliveryId}`),
    rules: (...list: readonly Readonly<Record<string, unknown>>[]) =>
      call('PUT', '/v1/rules', {
        rules: list.map((rule, at) => ({ id: `r${at + 1}`, name: 'a bad day', stage: 'farSide', ...rule })),
      }),
  };
}

function only({ id, deliveries }: MessageDetail): Delivery {
  const [first] = deliveries;
  if (first === undefined || deliveries.length > 1)
    throw new Error(`${id} has ${deliveries.length} deliveries`);
  return first;
}
