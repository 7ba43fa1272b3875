/** `@infobip-api/sdk`, unmodified, against the door on a real listener. */
import { AuthType, Infobip } from '@infobip-api/sdk';
import { describe, expect, it } from 'vitest';
import { infobip } from '../../../../../core/channels/sms/infobip/index.ts';
import { type AggregatorWorld, aggregatorWorld } from '../aggregator-world.ts';

const accepted = {
  groupId: 1,
  groupName: 'PENDING',
  id: 26,
  name: 'PENDING_ACCEPTED',
  description: 'Message sent to next instance',
};

async function client(): Promise<{
  readonly world: AggregatorWorld;
  readonly sms: Infobip['channels']['sms'];
}> {
  const world = await aggregatorWorld(infobip);
  const { channels } = new Infobip({ baseUrl: world.url, authType: AuthType.ApiKey, apiKey: 'my-key' });
  return { world, sms: channels.sms };
}

/** The SDK hands errors back in place of answers. */
function dataOf(answer: unknown): unknown {
  const at = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined;
  return at(answer, 'data') ?? at(at(answer, 'response'), 'data');
}

describe('the Infobip SDK', () => {
  it('sends texts, and fetches each report once, and the logs', async () => {
    const { sms, world } = await client();
    world.endings.set('+41793026834', [['undelivered', 'unreachable']]);
    const sent = await sms.send({
      type: 'text',
      bulkId: 'BULK-ID-123-xyz',
      messages: [
        {
          from: 'InfoSMS',
          text: 'This is a sample message',
          destinations: [{ to: '41793026727', messageId: 'MESSAGE-ID-123-xyz' }, { to: '41793026834' }],
          callbackData: 'DLR callback data',
        },
      ],
    });
    expect(dataOf(sent)).toEqual({
      bulkId: 'BULK-ID-123-xyz',
      messages: [
        { messageId: 'MESSAGE-ID-123-xyz', status: accepted, to: '41793026727' },
        { messageId: expect.stringMatching(/^\d{19}$/), status: accepted, to: '41793026834' },
      ],
    });
    expect(world.accepted[0]?.details?.sms).toMatchObject({
      provider: 'infobip',
      sender: 'InfoSMS',
      providerId: 'BULK-ID-123-xyz',
      reference: 'DLR callback data',
    });
    expect(JSON.stringify(world.accepted[0])).not.toContain('my-key');
    const reports = dataOf(await sms.reports.get({ bulkId: 'BULK-ID-123-xyz' }));
    expect(reports).toMatchObject({
      results: [
        {
          messageId: 'MESSAGE-ID-123-xyz',
          to: '41793026727',
          smsCount: 1,
          callbackData: 'DLR callback data',
          price: { pricePerMessage: 0.01, currency: 'EUR' },
          status: { groupId: 3, groupName: 'DELIVERED', id: 5, name: 'DELIVERED_TO_HANDSET' },
          error: { groupId: 0, groupName: 'OK', id: 0, name: 'NO_ERROR', permanent: false },
        },
        {
          status: { groupId: 2, groupName: 'UNDELIVERABLE', id: 9, name: 'UNDELIVERABLE_NOT_DELIVERED' },
          error: { groupId: 1, groupName: 'HANDSET_ERRORS', id: 27, name: 'EC_ABSENT_SUBSCRIBER' },
        },
      ],
    });
    expect(dataOf(await sms.reports.get({ bulkId: 'BULK-ID-123-xyz' }))).toEqual({ results: [] });
    expect(dataOf(await sms.logs.get({ generalStatus: 'UNDELIVERABLE' }))).toMatchObject({
      results: [{ to: '41793026834', text: 'This is a sample message', from: 'InfoSMS', smsCount: 1 }],
    });
  });

  it('sends binary', async () => {
    const { sms, world } = await client();
    await sms.send({
      type: 'binary',
      messages: [
        {
          from: 'InfoSMS',
          destinations: [{ to: '41793026727' }],
          binary: { hex: '54 65 73 74', dataCoding: 0, esmClass: 0 },
        },
      ],
    });
    expect(world.rows[0]).toMatchObject({ encoding: 'binary', text: '54657374', parts: 1 });
  });

  it('schedules, puts off and calls back', async () => {
    const { sms, world } = await client();
    const bulkId = 'later';
    const at = (minutes: number): string =>
      new Date(world.clock.wallMs() + minutes * 60_000).toISOString().replace('Z', '+0000');
    await sms.send({
      bulkId,
      messages: [
        {
          from: 'InfoSMS',
          text: 'Later',
          sendAt: at(60),
          notifyUrl: 'http://127.0.0.1:9/dlr',
          destinations: [{ to: '41793026727' }],
        },
      ],
    });
    expect(dataOf(await sms.scheduled.get(bulkId))).toEqual({ bulkId, sendAt: at(60) });
    expect(dataOf(await sms.status.get(bulkId))).toEqual({ bulkId, status: 'PENDING' });
    expect(dataOf(await sms.scheduled.reschedule(bulkId, at(90)))).toEqual({ bulkId, sendAt: at(90) });
    expect(dataOf(await sms.scheduled.get(bulkId))).toEqual({ bulkId, sendAt: at(90) });
    expect(world.callbacks).toEqual([]);
    expect(dataOf(await sms.status.update(bulkId, 'CANCELED'))).toEqual({ bulkId, status: 'CANCELED' });
    expect(dataOf(await sms.status.get(bulkId))).toEqual({ bulkId, status: 'CANCELED' });
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['UNDELIVERABLE_NOT_SENT']);
    expect(dataOf(await sms.status.update(bulkId, 'PENDING'))).toMatchObject({
      requestError: { serviceException: { messageId: 'BAD_REQUEST' } },
    });
    expect(dataOf(await sms.scheduled.get('nobody'))).toEqual({
      requestError: { serviceException: { messageId: 'NOT_FOUND', text: 'Bulk not found' } },
    });
  });

  it('fetches answers of handsets, each once', async () => {
    const { sms, world } = await client();
    const first = await world.answer({
      from: '+385916242493',
      to: '+385921004026',
      text: 'QUIZ Correct answer is Paris',
    });
    await world.answer({ from: '+385916242493', to: '+385921004026', text: 'and more' });
    expect(dataOf(await sms.get(1))).toEqual({
      results: [
        {
          messageId: first.providerId,
          from: '385916242493',
          to: '385921004026',
          text: 'QUIZ Correct answer is Paris',
          cleanText: 'Correct answer is Paris',
          keyword: 'QUIZ',
          receivedAt: expect.stringMatching(/\+0000$/),
          smsCount: 1,
          price: { pricePerMessage: 0, currency: 'EUR' },
        },
      ],
      messageCount: 1,
      pendingMessageCount: 1,
    });
    expect(dataOf(await sms.get(10))).toMatchObject({ messageCount: 1, pendingMessageCount: 0 });
    expect(dataOf(await sms.get(10))).toEqual({ results: [], messageCount: 0, pendingMessageCount: 0 });
  });

  it('previews', async () => {
    const { sms } = await client();
    const text = "Let's see how many characters remain unused in this message.";
    expect(dataOf(await sms.preview({ text }))).toEqual({
      originalText: text,
      previews: [{ textPreview: text, messageCount: 1, charactersRemaining: 100, configuration: {} }],
    });
  });

  it('is refused for what the settings do not know', async () => {
    const { sms, world } = await client();
    world.settings = { strictNumbers: false, credentials: { infobip: [{ account: 'me', secret: 'other' }] } };
    const message = { messages: [{ from: 'InfoSMS', text: 'x', destinations: [{ to: '41793026727' }] }] };
    expect(dataOf(await sms.send(message))).toEqual({
      requestError: { serviceException: { messageId: 'UNAUTHORIZED', text: 'Unauthorized' } },
    });
    const basic = new Infobip({
      baseUrl: world.url,
      authType: AuthType.Basic,
      username: 'me',
      password: 'other',
    });
    expect(dataOf(await basic.channels.sms.send(message))).toMatchObject({
      messages: [{ status: accepted }],
    });
    expect(world.rows[0]?.account).toBe('me');
  });

  it('is told of a destination that is none, and of a text that is too long', async () => {
    const { sms, world } = await client();
    const answer = await sms.send({
      messages: [
        { from: 'InfoSMS', text: 'x', destinations: [{ to: 'nobody' }, { to: '41793026727' }] },
        { from: 'InfoSMS', text: 'x'.repeat(4_100), destinations: [{ to: '41793026727' }] },
      ],
    });
    expect(dataOf(answer)).toMatchObject({
      messages: [
        { to: 'nobody', status: { groupName: 'REJECTED', id: 52, name: 'REJECTED_DESTINATION' } },
        { to: '41793026727', status: accepted },
        { status: { id: 25, name: 'REJECTED_MESSAGE_TOO_LONG' } },
      ],
    });
    expect(world.rows).toHaveLength(1);
  });

  it('is refused by a rule, in the shape of its interface', async () => {
    const { sms, world } = await client();
    const message = { messages: [{ from: 'InfoSMS', text: 'x', destinations: [{ to: '41793026727' }] }] };
    world.rules({
      name: 'limit',
      stage: 'farSide',
      when: { provider: 'infobip' },
      then: { do: 'answer', reason: 'TOO_MANY_REQUESTS' },
    });
    expect(dataOf(await sms.send(message))).toEqual({
      requestError: { serviceException: { messageId: 'TOO_MANY_REQUESTS', text: 'Too many requests' } },
    });
    world.rules({
      name: 'credits',
      stage: 'farSide',
      when: { provider: 'infobip' },
      then: { do: 'answer', reason: 'REJECTED_NOT_ENOUGH_CREDITS' },
    });
    expect(dataOf(await sms.send(message))).toMatchObject({
      messages: [
        { status: { groupId: 5, groupName: 'REJECTED', id: 12, name: 'REJECTED_NOT_ENOUGH_CREDITS' } },
      ],
    });
    expect(world.accepted).toEqual([]);
  });
});
