/** Requests, answers and callbacks of the Infobip door as they go over the wire. */
import { describe, expect, it } from 'vitest';
import { infobip } from '../../../../../core/channels/sms/infobip/index.ts';
import { aggregatorWorld, appSender } from '../aggregator-world.ts';

const headers = { authorization: 'App key' };
const v3 = '/sms/3/messages';
const v2 = '/sms/2/text/advanced';
const basic3 = {
  messages: [
    {
      sender: 'InfoSMS',
      destinations: [{ to: '41793026727' }],
      content: { text: 'This is a sample message' },
    },
  ],
};

describe('the Infobip door', () => {
  it('takes version 3, and reports in its shape', async () => {
    const world = await aggregatorWorld(infobip);
    const answer = await world.json('POST', v3, {
      headers,
      body: {
        messages: [
          {
            sender: '41793026700',
            destinations: [{ to: '41793026727', messageId: 'MESSAGE-ID-123-xyz' }],
            content: { text: 'A sample' },
            options: {
              validityPeriod: { amount: 12, timeUnit: 'HOURS' },
              campaignReferenceId: 'summersale',
              platform: { entityId: 'an-entity', applicationId: 'an-application' },
            },
            webhooks: {
              delivery: { url: 'http://127.0.0.1:9/dlr', intermediateReport: true },
              contentType: 'application/json',
              callbackData: 'DLR callback data',
            },
          },
        ],
        options: { schedule: { bulkId: 'BULK-ID-123-xyz' }, includeSmsCountInResponse: true },
      },
    });
    expect(answer).toEqual({
      status: 200,
      body: {
        bulkId: 'BULK-ID-123-xyz',
        messages: [
          {
            messageId: 'MESSAGE-ID-123-xyz',
            status: {
              groupId: 1,
              groupName: 'PENDING',
              id: 26,
              name: 'PENDING_ACCEPTED',
              description: 'Message sent to next instance',
            },
            destination: '41793026727',
            details: { messageCount: 1 },
          },
        ],
      },
    });
    expect(world.rows[0]).toMatchObject({ sender: '+41793026700' });
    expect(world.rows[0]?.expiresAtMs).toBe(world.clock.wallMs() + 12 * 3_600_000);
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual([
      'DELIVERED_TO_OPERATOR',
      'DELIVERED_TO_HANDSET',
    ]);
    const { body, fields } = await world.dressed(1);
    expect(fields).toEqual({ 'content-type': 'application/json' });
    const at = new Date(world.clock.wallMs()).toISOString().replace('Z', '+0000');
    expect(JSON.parse(body ?? '')).toEqual({
      results: [
        {
          bulkId: 'BULK-ID-123-xyz',
          price: { pricePerMessage: 0.01, currency: 'EUR' },
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
          messageId: 'MESSAGE-ID-123-xyz',
          to: '41793026727',
          sender: '41793026700',
          sentAt: at,
          doneAt: at,
          messageCount: 1,
          callbackData: 'DLR callback data',
          platform: { entityId: 'an-entity', applicationId: 'an-application' },
          campaignReferenceId: 'summersale',
        },
      ],
    });
  });

  it('reports in XML where that is wanted', async () => {
    const world = await aggregatorWorld(infobip);
    await world.json('POST', v2, {
      headers,
      body: {
        messages: [
          {
            text: 'x',
            from: 'A & B',
            destinations: [{ to: '41793026727', messageId: 'm' }],
            notifyUrl: 'http://127.0.0.1:9/dlr',
            notifyContentType: 'application/xml',
          },
        ],
      },
    });
    const { body, fields } = await world.dressed(0);
    expect(fields).toEqual({ 'content-type': 'application/xml' });
    expect(body).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?><reportResponse><results><result><bulkId>/,
    );
    expect(body).toContain('<messageId>m</messageId><to>41793026727</to><from>A &amp; B</from>');
    expect(body).toContain('<name>DELIVERED_TO_HANDSET</name>');
  });

  it('forwards an answer, and does not keep it to be fetched then', async () => {
    const world = await aggregatorWorld(infobip);
    world.senders.set(
      '+385921004026',
      appSender('infobip', '+385921004026', { inboundUrl: 'http://127.0.0.1:9/mo' }),
    );
    const sms = await world.answer({ from: '+385916242493', to: '+385921004026', text: 'Yes please' });
    const { body, url, callback } = await world.dressed(0);
    expect([url, callback.purpose]).toEqual(['http://127.0.0.1:9/mo', 'inbound']);
    expect(JSON.parse(body ?? '')).toEqual({
      results: [
        {
          messageId: sms.providerId,
          from: '385916242493',
          to: '385921004026',
          text: 'Yes please',
          cleanText: 'Yes please',
          receivedAt: expect.any(String),
          smsCount: 1,
          price: { pricePerMessage: 0, currency: 'EUR' },
        },
      ],
      messageCount: 1,
      pendingMessageCount: 0,
    });
    expect(await world.json('GET', '/sms/1/inbox/reports', { headers })).toMatchObject({
      body: { messageCount: 0 },
    });
  });

  it('tells reports and logs of version 3', async () => {
    const world = await aggregatorWorld(infobip);
    await world.json('POST', v3, { headers, body: basic3 });
    expect(await world.json('GET', '/sms/3/logs?destination=41793026727', { headers })).toMatchObject({
      body: {
        results: [
          { destination: '41793026727', sender: 'InfoSMS', content: { text: 'This is a sample message' } },
        ],
      },
    });
    expect(await world.json('GET', '/sms/3/reports?limit=5', { headers })).toMatchObject({
      body: { results: [{ to: '41793026727', sender: 'InfoSMS', messageCount: 1 }] },
    });
    expect(await world.json('GET', '/sms/3/reports', { headers })).toEqual({
      status: 200,
      body: { results: [] },
    });
    expect(await world.json('GET', '/sms/3/logs?messageId=other', { headers })).toEqual({
      status: 200,
      body: { results: [] },
    });
  });

  it('takes a single text to several', async () => {
    const world = await aggregatorWorld(infobip);
    const answer = await world.json('POST', '/sms/2/text/single', {
      headers,
      body: { from: 'InfoSMS', to: ['41793026727', '+41 79 302 68 34'], text: 'Hi' },
    });
    expect(answer).toMatchObject({
      body: { messages: [{ to: '41793026727', smsCount: 1 }, { to: '41793026834' }] },
    });
  });

  it('wants credentials, in the words of each version', async () => {
    const world = await aggregatorWorld(infobip);
    expect(await world.json('POST', v3, { body: basic3 })).toEqual({
      status: 401,
      body: {
        errorCode: 'E401',
        description: 'The request lacks valid authentication credentials for the requested resource.',
        action: 'Check the resources and adjust authentication credentials.',
        violations: [],
        resources: [
          { name: 'API Authentication', url: 'https://www.infobip.com/docs/essentials/api-authentication' },
        ],
      },
    });
    expect(await world.json('POST', v2, { body: {}, headers: { authorization: 'Key x' } })).toEqual({
      status: 401,
      body: { requestError: { serviceException: { messageId: 'UNAUTHORIZED', text: 'Unauthorized' } } },
    });
    for (const authorization of ['App k', 'IBSSO t', 'Bearer t', `Basic ${btoa('me:secret')}`])
      expect(await world.json('POST', v3, { body: basic3, headers: { authorization } })).toMatchObject({
        status: 200,
      });
    expect(
      await world.json('POST', v3, { body: basic3, headers: { authorization: 'Basic x' } }),
    ).toMatchObject({
      status: 401,
    });
  });

  it('refuses what does not fit, field by field', async () => {
    const world = await aggregatorWorld(infobip);
    expect(
      await world.json('POST', v2, {
        headers,
        body: { messages: [{ destinations: [], notifyUrl: 'here' }] },
      }),
    ).toEqual({
      status: 400,
      body: {
        requestError: {
          serviceException: {
            messageId: 'BAD_REQUEST',
            text: 'Bad Request',
            validationErrors: {
              'messages[0].destinations': ['must not be empty'],
              'messages[0].notifyUrl': ['must be a valid URL'],
              'messages[0].text': ['must not be null'],
            },
          },
        },
      },
    });
    expect(
      await world.json('POST', v3, {
        headers,
        body: { messages: [{ destinations: [{ to: '41793026727' }], content: { text: ' ' } }] },
      }),
    ).toMatchObject({
      status: 400,
      body: { errorCode: 'E400', violations: [{ property: expect.stringContaining('messages[0].content') }] },
    });
    expect(await world.json('POST', v2, { headers, text: '{' })).toMatchObject({ status: 400 });
    expect(
      await world.json('POST', v2, {
        headers: { ...headers, 'content-type': 'application/xml' },
        text: '<a/>',
      }),
    ).toMatchObject({ status: 400 });
    expect(
      await world.json('POST', v3, {
        headers,
        body: { ...basic3, options: { schedule: { sendAt: '2199-01-01T00:00:00.000+0000' } } },
      }),
    ).toMatchObject({ status: 400, body: { violations: [{ property: 'options.schedule.sendAt' }] } });
    expect(world.accepted).toEqual([]);
  });

  it.each([
    ['GET', v3, 405],
    ['GET', '/sms/1/text/query?username=a&password=b', 404],
    ['GET', '/whatsapp/1/message', 404],
    ['GET', '/sms/1/bulks', 400],
    ['GET', '/sms/1/reports?limit=5000', 400],
    ['GET', '/sms/3/logs?sentSince=soon', 400],
  ])('%s %s is %i', async (method, path, status) => {
    const world = await aggregatorWorld(infobip);
    expect(await world.json(method, path, { headers })).toMatchObject({ status });
  });

  it('says that it cannot now, where nothing could be stored', async () => {
    const world = await aggregatorWorld(infobip);
    world.storeError = new Error('the disk is full');
    expect(await world.json('POST', v3, { headers, body: basic3 })).toMatchObject({
      status: 500,
      body: { errorCode: 'E500' },
    });
  });

  it('calls again after 1, 2, 5, 10 … minutes, for two days', async () => {
    const world = await aggregatorWorld(infobip);
    await world.json('POST', v2, {
      headers,
      body: {
        messages: [{ text: 'x', destinations: [{ to: '41793026727' }], notifyUrl: 'http://127.0.0.1:9/dlr' }],
      },
    });
    const [made] = world.callbacks;
    if (made?.callback.kind !== 'http') throw new Error('nothing is to be called');
    const { callback } = made;
    const judge = (number: number, status: number | null) =>
      world.habit.judge(
        callback,
        status === null ? null : { status, contentType: null, body: '', retryAfter: null },
        { id: 'call', number, wallMs: 0 },
      );
    expect([1, 2, 3, 4].map((number) => judge(number, 500))).toEqual(
      [1, 2, 5, 10].map((minutes) => ({ kind: 'again', afterMs: minutes * 60_000 })),
    );
    expect(judge(1, 404)).toMatchObject({ kind: 'again' });
    expect(judge(21, null)).toEqual({ kind: 'again', afterMs: 401 * 60_000 });
    expect(judge(22, null)).toMatchObject({ kind: 'over' });
    expect(judge(1, 200)).toEqual({ kind: 'done' });
    expect(made.lifetimeMs).toBeGreaterThan(2_891 * 60_000);
  });
});
