/** `@sinch/sdk-core`, unmodified, against the door on a real listener. */
import { SinchClient, SmsCallbackWebhooks } from '@sinch/sdk-core';
import { describe, expect, it } from 'vitest';
import { sinch } from '../../../../../core/channels/sms/sinch/index.ts';
import { type AggregatorWorld, aggregatorWorld, appSender } from '../aggregator-world.ts';

const from = '12025550142';
const to = '12025550123';

async function planClient(): Promise<{ readonly world: AggregatorWorld; readonly client: SinchClient }> {
  const world = await aggregatorWorld(sinch);
  return {
    world,
    client: new SinchClient({
      servicePlanId: 'my-plan',
      apiToken: 'my-token',
      smsHostname: world.url,
      logger: null,
      forceServicePlanIdUsageForSmsApi: true,
    }),
  };
}

async function projectClient(): Promise<{ readonly world: AggregatorWorld; readonly client: SinchClient }> {
  const world = await aggregatorWorld(sinch);
  return {
    world,
    client: new SinchClient({
      projectId: 'my-project',
      keyId: 'my-key',
      keySecret: 'my-secret',
      smsHostname: world.url,
      logger: null,
      authHostname: world.url,
    }),
  };
}

describe('the Sinch SDK', () => {
  it('sends a text by service plan and token, and reads the batch back', async () => {
    const { client, world } = await planClient();
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: { to: [`+${to}`], from, body: 'Hello', client_reference: 'order 1' },
    });
    expect(batch).toMatchObject({
      to: [to],
      from,
      body: 'Hello',
      type: 'mt_text',
      canceled: false,
      delivery_report: 'none',
      flash_message: false,
      client_reference: 'order 1',
    });
    expect(batch.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(batch.created_at).toBeInstanceOf(Date);
    expect(await client.sms.batches.get({ batch_id: batch.id ?? '' })).toEqual(batch);
    expect(world.accepted[0]?.details?.sms).toMatchObject({
      provider: 'sinch',
      api: 'batches',
      account: 'my-plan',
      sender: '+12025550142',
      text: 'Hello',
      providerId: batch.id,
      reference: 'order 1',
    });
    expect(JSON.stringify(world.accepted[0]?.details)).not.toContain('my-token');
  });

  it('sends by a project and its key, for which it gets an access token', async () => {
    const { client, world } = await projectClient();
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: { to: [to], from, body: 'Hello', delivery_report: 'full' },
    });
    expect(world.rows[0]).toMatchObject({ account: 'my-project', batchId: batch.id });
    const shown = world.ended.map(({ transcript }) => transcript).join('\n');
    expect(shown).toContain('access_token');
    expect(shown).not.toMatch(/eyJ/);
  });

  it('asks for a new access token when the old one has expired', async () => {
    const { client, world } = await projectClient();
    await client.sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: 'one' } });
    world.clock.advance(3_600_000);
    const refusedOnce = client.sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: 'two' } });
    await expect(refusedOnce).resolves.toMatchObject({ body: 'two' });
    expect(world.ended.some(({ reason }) => reason?.includes('expired'))).toBe(true);
  });

  it('accepts the signature of a delivery report by its own validator', async () => {
    const { client, world } = await planClient();
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: {
        to: [to],
        from,
        body: 'Hello',
        delivery_report: 'per_recipient',
        callback_url: 'http://127.0.0.1:9/dlr',
        client_reference: 'order 2',
      },
    });
    const webhooks = new SmsCallbackWebhooks('own secret of sinch');
    const seen = [];
    for (const at of world.callbacks.keys()) {
      const { fields, body, url } = await world.dressed(at);
      expect(url).toBe('http://127.0.0.1:9/dlr');
      expect(webhooks.validateAuthenticationHeader(fields, body)).toBe(true);
      expect(webhooks.validateAuthenticationHeader(fields, `${body} `)).toBe(false);
      seen.push(webhooks.parseEvent(body));
    }
    expect(seen).toEqual([
      {
        type: 'recipient_delivery_report_sms',
        batch_id: batch.id,
        recipient: to,
        code: 401,
        status: 'Dispatched',
        at: expect.any(Date),
        client_reference: 'order 2',
      },
      {
        type: 'recipient_delivery_report_sms',
        batch_id: batch.id,
        recipient: to,
        code: 0,
        status: 'Delivered',
        at: expect.any(Date),
        operator_status_at: expect.any(Date),
        client_reference: 'order 2',
      },
    ]);
  });

  it('reads an answer of a handset, from a signed callback and from the lists', async () => {
    const { client, world } = await planClient();
    world.senders.set(`+${from}`, appSender('sinch', `+${from}`, { inboundUrl: 'http://127.0.0.1:9/mo' }));
    const sms = await world.answer({ from: `+${to}`, to: `+${from}`, text: 'Yes please' });
    const { fields, body } = await world.dressed(0);
    const webhooks = new SmsCallbackWebhooks('own secret of sinch');
    expect(webhooks.validateAuthenticationHeader(fields, body)).toBe(true);
    const told = {
      type: 'mo_text',
      id: sms.providerId,
      from: to,
      to: from,
      body: 'Yes please',
      received_at: expect.any(Date),
      sent_at: expect.any(Date),
    };
    expect(webhooks.parseEvent(body)).toEqual(told);
    expect((await client.sms.inbounds.list({ to: from })).data).toEqual([told]);
    expect(await client.sms.inbounds.get({ inbound_id: sms.providerId })).toEqual(told);
    expect((await client.sms.inbounds.list({ to: '12025550199' })).data).toEqual([]);
  });

  it('pages through batches and delivery reports', async () => {
    const { client, world } = await planClient();
    world.endings.set('+12025550177', [['undelivered', 'unknown_number']]);
    for (const number of ['12025550123', '12025550124', '12025550177'])
      await client.sms.batches.send({
        sendSMSRequestBody: { to: [number], from, body: `for ${number}`, client_reference: number },
      });
    const bodies = [];
    for await (const batch of client.sms.batches.list({ page_size: 2 })) bodies.push(batch.body);
    expect(bodies).toEqual(['for 12025550177', 'for 12025550124', 'for 12025550123']);
    const one = await client.sms.batches.list({ client_reference: '12025550124' });
    expect(one.data.map(({ body }) => body)).toEqual(['for 12025550124']);
    const reports = [];
    for await (const report of client.sms.deliveryReports.list({ page_size: 1 }))
      reports.push([report.recipient, report.status, report.code]);
    expect(reports).toEqual([
      ['12025550177', 'Deleted', 1],
      ['12025550124', 'Delivered', 0],
      ['12025550123', 'Delivered', 0],
    ]);
    const failed = await client.sms.deliveryReports.list({ status: ['Deleted'] });
    expect(failed.data.map(({ recipient }) => recipient)).toEqual(['12025550177']);
  });

  it('reads the reports of a batch, as a whole and of one recipient', async () => {
    const { client, world } = await planClient();
    world.endings.set('+12025550124', [['undelivered', 'unreachable']]);
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: { to: ['12025550123', '12025550124', '12025550125'], from, body: 'Hello' },
    });
    const batch_id = batch.id ?? '';
    expect(await client.sms.deliveryReports.get({ batch_id, type: 'full' })).toEqual({
      type: 'delivery_report_sms',
      batch_id,
      total_message_count: 3,
      statuses: [
        { code: 0, status: 'Delivered', count: 2, recipients: ['12025550123', '12025550125'] },
        { code: 29, status: 'Failed', count: 1, recipients: ['12025550124'] },
      ],
    });
    expect(await client.sms.deliveryReports.get({ batch_id, type: 'summary' })).toMatchObject({
      statuses: [
        { code: 0, status: 'Delivered', count: 2 },
        { code: 29, status: 'Failed', count: 1 },
      ],
    });
    expect(
      await client.sms.deliveryReports.getForNumber({ batch_id, recipient_msisdn: '+12025550124' }),
    ).toMatchObject({ recipient: '12025550124', status: 'Failed', code: 29, at: expect.any(Date) });
  });

  it('tries a batch without sending it', async () => {
    const { client, world } = await planClient();
    const tried = await client.sms.batches.dryRun({
      per_recipient: true,
      dryRunRequestBody: {
        to: ['12025550123', '12025550124'],
        from,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how Sinch writes a parameter.
        body: 'Dear ${name}',
        parameters: { name: { '12025550123': 'Ana', default: 'friend 你' } },
      },
    });
    expect(tried).toEqual({
      number_of_recipients: 2,
      number_of_messages: 2,
      per_recipient: [
        { recipient: '12025550123', body: 'Dear Ana', number_of_parts: 1, encoding: 'text' },
        { recipient: '12025550124', body: 'Dear friend 你', number_of_parts: 1, encoding: 'unicode' },
      ],
    });
    expect(world.accepted).toEqual([]);
  });

  it('changes, replaces and cancels what waits for its time', async () => {
    const { client, world } = await planClient();
    const send_at = new Date(world.clock.wallMs() + 3_600_000);
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: {
        to: ['12025550123'],
        from,
        body: 'first',
        send_at,
        delivery_report: 'per_recipient',
        callback_url: 'http://127.0.0.1:9/dlr',
      },
    });
    const batch_id = batch.id ?? '';
    const updated = await client.sms.batches.update({
      batch_id,
      updateBatchMessageRequestBody: { type: 'mt_text', body: 'second', to_add: ['12025550124'] },
    });
    expect(updated).toMatchObject({
      id: batch_id,
      body: 'second',
      to: ['12025550123', '12025550124'],
      send_at,
    });
    const replaced = await client.sms.batches.replace({
      batch_id,
      replaceBatchMessageRequestBody: {
        to: ['12025550125'],
        from,
        body: 'third',
        send_at,
        delivery_report: 'per_recipient',
        callback_url: 'http://127.0.0.1:9/dlr',
      },
    });
    expect(replaced).toMatchObject({ id: batch_id, body: 'third', to: ['12025550125'] });
    expect(await client.sms.batches.get({ batch_id })).toMatchObject({ body: 'third', canceled: false });
    // What was replaced is nobody's news.
    expect(world.callbacks).toEqual([]);
    const canceled = await client.sms.batches.cancel({ batch_id });
    expect(canceled).toMatchObject({ id: batch_id, canceled: true });
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['Cancelled']);
    expect(world.rows.map(({ steps }) => steps.at(-1)?.state)).toEqual([
      'canceled',
      'canceled',
      'canceled',
      'canceled',
    ]);
    await expect(
      client.sms.batches.update({ batch_id, updateBatchMessageRequestBody: { body: 'too late' } }),
    ).rejects.toMatchObject({ statusCode: 403, data: expect.stringContaining('conflict_send_at') });
  });

  it('gives feedback where that was asked for', async () => {
    const { client, world } = await planClient();
    const batch = await client.sms.batches.send({
      sendSMSRequestBody: { to: [to], from, body: 'Hello', feedback_enabled: true },
    });
    await client.sms.batches.sendDeliveryFeedback({
      batch_id: batch.id ?? '',
      deliveryFeedbackRequestBody: { recipients: [] },
    });
    expect(world.rows[0]?.record).toMatchObject({ feedbackAtMs: world.clock.wallMs() });
  });

  it.each([
    ['a number that is none', { to: ['hello'], from, body: 'x' }, 400, 'syntax_invalid_parameter_format'],
    ['nobody', { to: [], from, body: 'x' }, 400, 'syntax_constraint_violation'],
    ['an empty text', { to: [to], from, body: '' }, 400, 'syntax_constraint_violation'],
    [
      'a sender that is none',
      { to: [to], from: 'far too long a name', body: 'x' },
      400,
      'syntax_invalid_parameter_format',
    ],
    ['a group', { to: ['01FC66621VHDBN119Z8PMV1QPU'], from, body: 'x' }, 403, 'unknown_group'],
    [
      'a callback that is no address',
      { to: [to], from, body: 'x', callback_url: 'here' },
      400,
      'syntax_invalid_parameter_format',
    ],
  ])('is refused for %s', async (_why, sendSMSRequestBody, status, code) => {
    const { client, world } = await planClient();
    await expect(client.sms.batches.send({ sendSMSRequestBody })).rejects.toMatchObject({
      statusCode: status,
      data: expect.stringContaining(code),
    });
    expect(world.accepted).toEqual([]);
  });

  it('is refused for credentials that are not those of the settings', async () => {
    const { client, world } = await planClient();
    world.settings = {
      strictNumbers: false,
      credentials: { sinch: [{ account: 'my-plan', secret: 'another' }] },
    };
    await expect(
      client.sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: 'x' } }),
    ).rejects.toMatchObject({ statusCode: 401 });
    world.settings = {
      strictNumbers: false,
      credentials: { sinch: [{ account: 'my-plan', secret: 'my-token' }] },
    };
    await client.sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: 'x' } });
  });
});
