/** What the tests of SMS of the send API share: a core, and what became of a message. */
import type { Delivery, DeliveryDetail, MessageDetail } from '../../../core/api/schema.ts';
import { openWorld, startWorld, type World } from './journey.ts';

export const number = '+14155550123';

export type SmsWorld = ReturnType<typeof smsWorldOf>;

export async function startSmsWorld(flags: readonly string[] = []): Promise<SmsWorld> {
  return smsWorldOf(await startWorld(flags));
}

export async function openSmsWorld(folder: string, flags: readonly string[] = []): Promise<SmsWorld> {
  return smsWorldOf(await openWorld(folder, flags));
}

function smsWorldOf(world: World) {
  const { call, core } = world;
  const sms = async (request: Readonly<Record<string, unknown>> = {}): Promise<MessageDetail> => {
    const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', {
      channel: 'sms',
      to: number,
      body: 'Your code is 482913',
      ...request,
    });
    await core.app.settled();
    return core.json<MessageDetail>(`/v1/messages/${id}`);
  };
  return {
    ...world,
    /** Sends, lets everything that is due be done, and reads the message. */
    sms,
    one: async (request: Readonly<Record<string, unknown>> = {}): Promise<Delivery> =>
      only(await sms(request)),
    async again(messageId: string): Promise<Delivery> {
      await core.app.settled();
      return only(await core.json<MessageDetail>(`/v1/messages/${messageId}`));
    },
    journey: (deliveryId: string) => core.json<DeliveryDetail>(`/v1/deliveries/${deliveryId}`),
    async typesOf(messageId: string): Promise<readonly string[]> {
      return (await world.events(messageId)).map(({ type }) => type);
    },
    rules: (...list: readonly Readonly<Record<string, unknown>>[]) =>
      call('PUT', '/v1/rules', {
        rules: list.map((rule, at) => ({ id: `r${at + 1}`, name: 'a bad day', stage: 'farSide', ...rule })),
      }),
  };
}

function only({ id, deliveries }: MessageDetail): Delivery {
  const [first] = deliveries;
  if (first === undefined || deliveries.length > 1)
    throw new Error(`the message ${id} has ${deliveries.length} deliveries`);
  return first;
}
