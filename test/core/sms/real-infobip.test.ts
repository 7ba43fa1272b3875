/** `@infobip-api/sdk`, unmodified, against a whole Sandpost. It has no validator of calls: Infobip does not sign these. */
import { AuthType, Infobip } from '@infobip-api/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, type SmsPeers, startSmsPeers } from './peers.ts';

const to = '447911123456';
const from = '447700900001';

let peers: SmsPeers;
beforeAll(async () => {
  peers = await startSmsPeers();
});
afterAll(() => peers.close());

function sms(apiKey = 'any-key') {
  const { channels } = new Infobip({ baseUrl: peers.base('infobip'), authType: AuthType.ApiKey, apiKey });
  return channels.sms;
}

/** The SDK hands errors back in place of answers. */
function dataOf(answer: unknown): unknown {
  const { data, response } = Object(answer);
  return data ?? Object(response).data;
}

function statusOf(answer: unknown): unknown {
  return Object(answer).status ?? Object(Object(answer).response).status;
}

function heard({ method, headers, body }: Call): unknown {
  expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
  return JSON.parse(body);
}

function send(about: Readonly<Record<string, unknown>> = {}, apiKey?: string): Promise<unknown> {
  return sms(apiKey).send({
    messages: [{ from, text: 'Hello', destinations: [{ to }], ...about }],
  });
}

describe('the SDK of Infobip', () => {
  it('sends, reads back, and hears of it in the shape of its reports', async () => {
    const app = await openWebhook();
    const sent = dataOf(await send({ notifyUrl: app.url, callbackData: 'order 7' }));
    expect(sent).toMatchObject({
      messages: [{ to, status: { groupId: 1, groupName: 'PENDING', name: 'PENDING_ACCEPTED' } }],
    });
    const { messageId } = Object(sent).messages[0];
    expect(heard(await app.next())).toEqual({
      results: [
        {
          bulkId: expect.any(String),
          messageId,
          to,
          from,
          sentAt: expect.stringMatching(/\+0000$/),
          doneAt: expect.stringMatching(/\+0000$/),
          smsCount: 1,
          mccMnc: expect.any(String),
          callbackData: 'order 7',
          price: { pricePerMessage: expect.any(Number), currency: 'EUR' },
          status: {
            groupId: 3,
            groupName: 'DELIVERED',
            id: 5,
            name: 'DELIVERED_TO_HANDSET',
            description: 'Message delivered to handset',
          },
          error: {
            groupId: 0,
            groupName: 'OK',
            id: 0,
            name: 'NO_ERROR',
            description: 'No Error',
            permanent: false,
          },
        },
      ],
    });
    expect(dataOf(await sms().logs.get({ messageId: [messageId] }))).toMatchObject({
      results: [{ messageId, status: { name: 'DELIVERED_TO_HANDSET' } }],
    });
    expect(await peers.newest(`+${to}`)).toMatchObject({
      door: 'infobip',
      deliveries: [{ status: 'delivered' }],
    });
  });

  it('is refused for what is wrong, by rules, and where credentials are fixed', async () => {
    expect(dataOf(await send({ destinations: [{ to: 'nobody' }] }))).toMatchObject({
      messages: [{ status: { groupId: 5, groupName: 'REJECTED', name: 'REJECTED_DESTINATION' } }],
    });
    const empty = await sms().send({ messages: [] });
    expect([statusOf(empty), dataOf(empty)]).toMatchObject([
      400,
      { requestError: { serviceException: { messageId: 'BAD_REQUEST' } } },
    ]);
    const codes = [
      ['TOO_MANY_REQUESTS', 429],
      ['GENERAL_ERROR', 500],
      ['FORBIDDEN', 403],
    ] as const;
    await peers.smsRules(
      ...codes.map(([reason], at) => ({
        name: reason,
        when: { recipient: `+44791112341${at}` },
        then: { do: 'answer', reason },
      })),
    );
    for (const [at, [messageId, status]] of codes.entries()) {
      const answer = await send({ destinations: [{ to: `44791112341${at}` }] });
      expect([statusOf(answer), dataOf(answer)]).toMatchObject([
        status,
        { requestError: { serviceException: { messageId } } },
      ]);
    }
    await peers.smsSettings({ credentials: { infobip: [{ account: 'shop', secret: 'the-right-one' }] } });
    const wrong = await send();
    expect([statusOf(wrong), dataOf(wrong)]).toMatchObject([
      401,
      { requestError: { serviceException: { messageId: 'UNAUTHORIZED' } } },
    ]);
    expect(statusOf(await send({}, 'the-right-one'))).toBe(200);
  });

  it('hears what the carrier says: of a landline, of nobody, of a filter, of a sender', async () => {
    const app = await openWebhook();
    await peers.newHandset('+442079460001', { line: 'landline' });
    await peers.newHandset('+447911000005', { line: 'unknown' });
    await peers.newHandset('+447911000004', { blocked: true });
    for (const [number, about, groupName, error] of [
      ['442079460001', {}, 'UNDELIVERABLE', 11],
      ['447911000005', {}, 'UNDELIVERABLE', 1],
      ['447911000004', {}, 'UNDELIVERABLE', 13],
      ['447911000007', { text: 'Free spins at our online casino' }, 'UNDELIVERABLE', 607],
      ['12025550123', { from: 'Shop' }, 'REJECTED', 0],
    ] as const) {
      await send({ destinations: [{ to: number }], notifyUrl: app.url, ...about });
      expect(heard(await app.next()), number).toMatchObject({
        results: [{ to: number, status: { groupName }, error: { id: error } }],
      });
    }
  });

  it('hears an answer; after STOP the report says no, and after START yes', async () => {
    const app = await openWebhook();
    await send();
    await peers.reply(`+${to}`, `+${from}`, 'BOOK a table');
    // Where nothing is called, the app fetches them.
    expect(dataOf(await sms().get(10))).toMatchObject({
      results: [{ from: to, to: from, text: 'BOOK a table', keyword: 'BOOK', cleanText: 'a table' }],
    });
    await peers.sender('infobip', from, { inboundUrl: app.url });
    await peers.reply(`+${to}`, `+${from}`, 'Thanks');
    expect(heard(await app.next())).toMatchObject({
      results: [{ messageId: expect.any(String), from: to, to: from, text: 'Thanks', smsCount: 1 }],
      messageCount: 1,
      pendingMessageCount: 0,
    });
    expect(await peers.reply(`+${to}`, `+${from}`, 'STOP')).toMatchObject({ outcome: 'opted_out' });
    expect(heard(await app.next())).toMatchObject({ results: [{ text: 'STOP' }] });
    const reported = await openWebhook();
    await send({ notifyUrl: reported.url });
    expect(heard(await reported.next())).toMatchObject({ results: [{ status: { groupName: 'REJECTED' } }] });
    expect(await peers.reply(`+${to}`, `+${from}`, 'START')).toMatchObject({ outcome: 'opted_in' });
    await send({ notifyUrl: reported.url });
    expect(heard(await reported.next())).toMatchObject({ results: [{ status: { groupName: 'DELIVERED' } }] });
  });
});
