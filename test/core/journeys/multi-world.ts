/** What the tests of sends over several channels share: a core, and what became of a send, way by way. */
import type { Delivery, MessageDetail } from '../../../core/api/schema.ts';
import { openWorld, startWorld, type World } from './journey.ts';

export interface PartView {
  readonly step: number;
  readonly channel: string;
  readonly user: string;
  readonly deliveryId: string;
  readonly messageId: string | null;
  readonly message: { readonly id: string; readonly subject: string } | null;
  readonly status: string;
  readonly class: string | null;
  readonly reason: string | null;
  readonly why: string;
  readonly passedOver: string | null;
}

export type MultiWorld = ReturnType<typeof multiWorldOf>;

export async function startMultiWorld(flags: readonly string[] = []): Promise<MultiWorld> {
  return multiWorldOf(await startWorld(flags));
}

export async function openMultiWorld(folder: string, flags: readonly string[] = []): Promise<MultiWorld> {
  return multiWorldOf(await openWorld(folder, flags));
}

export const words = {
  email: { subject: 'Your order', text: 'It is on its way.', from: 'hello@shop.example' },
  push: { title: 'Your order', body: 'It is on its way.' },
  sms: { body: 'Your order is on its way.' },
  inapp: { title: 'Your order', body: 'It is on its way.' },
} as const;

function multiWorldOf(world: World) {
  const { call, core } = world;
  const ask = async (request: Readonly<Record<string, unknown>>): Promise<string> => {
    const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', {
      content: words,
      ...request,
    });
    return id;
  };
  return {
    ...world,
    /** Only handed over. */
    ask,
    /** Handed over, and everything that is due done. @returns the send's id */
    async multi(request: Readonly<Record<string, unknown>>): Promise<string> {
      const id = await ask(request);
      await core.app.settled();
      return id;
    },
    read: (id: string) => core.json<MessageDetail>(`/v1/messages/${id}`),
    async of(id: string): Promise<Delivery> {
      await core.app.settled();
      const { deliveries } = await core.json<MessageDetail>(`/v1/messages/${id}`);
      const [first] = deliveries;
      if (first === undefined || deliveries.length > 1)
        throw new Error(`${id} has ${deliveries.length} deliveries`);
      return first;
    },
    async parts(id: string, query = ''): Promise<readonly PartView[]> {
      return (await core.json<{ entries: readonly PartView[] }>(`/v1/messages/${id}/parts${query}`)).entries;
    },
    user: (id: string, profile: Readonly<Record<string, unknown>>) =>
      call('PUT', `/v1/users/${encodeURIComponent(id)}`, profile),
    rules: (...list: readonly Readonly<Record<string, unknown>>[]) =>
      call('PUT', '/v1/rules', {
        rules: list.map((rule, at) => ({ id: `r${at + 1}`, name: 'a bad day', stage: 'farSide', ...rule })),
      }),
  };
}
