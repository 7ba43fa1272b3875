/** `@sinch/sdk-core`, unmodified, against a whole Sandpost: its webhook helper is who says that Sinch called. */
import { SinchClient, SmsCallbackWebhooks } from '@sinch/sdk-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, refusalOf, type SmsPeers, startSmsPeers } from './peers.ts';

const to = '447911123456';
const from = '447700900001';

let peers: SmsPeers;
let webhooks: SmsCallbackWebhooks;
beforeAll(async () => {
  peers = await startSmsPeers();
  webhooks = new SmsCallbackWebhooks((await peers.secret('sinch')).value);
});
afterAll(() => peers.close());

function byPlan(apiToken = 'any-token'): SinchClient {
  return new SinchClient({
    servicePlanId: 'my-plan',
    apiToken,
    smsHostname: peers.base('sinch'),
    forceServicePlanIdUsageForSmsApi: true,
    logger: null,
  });
}

function byProject(): SinchClient {
  return new SinchClient({
    projectId: 'my-project',
    keyId: 'my-key',
    keySecret: 'my-secret',
    smsHostname: peers.base('sinch'),
    authHostname: peers.base('sinch'),
    logger: null,
  });
}

/** What the SDK reads of a call, once it found that Sinch signed it. */
function heard({ headers, body }: Call): unknown {
  expect(webhooks.validateAuthenticationHeader(headers, body)).toBe(true);
  expect(webhooks.validateAuthenticationHeader(headers, `${body} `)).toBe(false);
  return webhooks.parseEvent(body);
}

function send(about: Readonly<Record<string, unknown>> = {}, client = byPlan()) {
  return client.sms.batches.send({ sendSMSRequestBody: { to: [to], from, body: 'Hello', ...about } });
}

describe('the SDK of Sinch', () => {
  it('sends by plan and by project, reads back, and hears of each recipient by signed calls', async () => {
    const app = await openWebhook();
    for (const client of [byPlan(), byProject()]) {
      const batch = await send({ delivery_report: 'per_recipient', callback_url: app.url }, client);
      const batch_id = batch.id ?? '';
      expect(batch).toMatchObject({ to: [to], from, type: 'mt_text', canceled: false });
      const told = [heard(await app.next()), heard(await app.next())];
      const common = { type: 'recipient_delivery_report_sms', batch_id, recipient: to };
      expect(told).toHaveLength(2);
      expect(told).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...common, status: 'Dispatched', code: 401 }),
          expect.objectContaining({ ...common, status: 'Delivered', code: 0 }),
        ]),
      );
      expect(await client.sms.batches.get({ batch_id })).toMatchObject({ id: batch_id, body: 'Hello' });
      expect(await client.sms.deliveryReports.getForNumber({ batch_id, recipient_msisdn: to })).toMatchObject(
        { status: 'Delivered' },
      );
    }
    expect(await peers.newest(`+${to}`)).toMatchObject({
      door: 'sinch',
      deliveries: [{ status: 'delivered' }],
    });
  });

  it('is refused for what is wrong, by rules, and where credentials are fixed', async () => {
    const refused = async (about: Readonly<Record<string, unknown>>, client = byPlan()) => {
      const error = Object(await refusalOf(send(about, client)));
      return [error.statusCode, Object(JSON.parse(error.data)).code];
    };
    expect(await refused({ to: ['nobody'] })).toEqual([400, 'syntax_invalid_parameter_format']);
    expect(await refused({ body: '' })).toEqual([400, 'syntax_constraint_violation']);
    expect(await refused({ to: [] })).toEqual([400, 'syntax_constraint_violation']);
    expect(await refused({ body: 'x'.repeat(2_001) })).toEqual([400, 'syntax_constraint_violation']);
    const codes = [
      ['illegal_number_type', 403],
      ['blocked_account', 403],
      ['missing_callback_url', 403],
      ['unknown_group', 403],
    ] as const;
    await peers.smsRules(
      ...codes.map(([reason], at) => ({
        name: reason,
        when: { recipient: `+44791112341${at}` },
        then: { do: 'answer', reason },
      })),
    );
    for (const [at, [code, status]] of codes.entries())
      expect(await refused({ to: [`44791112341${at}`] })).toEqual([status, code]);
    await peers.smsSettings({ credentials: { sinch: [{ account: 'my-plan', secret: 'the-right-one' }] } });
    expect(Object(await refusalOf(send())).statusCode).toBe(401);
    await expect(send({}, byPlan('the-right-one'))).resolves.toMatchObject({ type: 'mt_text' });
  });

  it('hears signed what the carrier says: of a landline, of nobody, of a filter, of a sender', async () => {
    const app = await openWebhook();
    await peers.newHandset('+442079460001', { line: 'landline' });
    await peers.newHandset('+447911000005', { line: 'unknown' });
    await peers.newHandset('+447911000004', { blocked: true });
    const report = { delivery_report: 'full', callback_url: app.url };
    for (const [number, about, status, code] of [
      ['442079460001', {}, 'Failed', 11],
      ['447911000005', {}, 'Deleted', 1],
      ['447911000004', {}, 'Failed', 13],
      ['447911000007', { body: 'Free spins at our online casino' }, 'Rejected', 991],
      ['12025550123', { from: 'Shop' }, 'Rejected', 993],
    ] as const) {
      await send({ to: [number], ...report, ...about });
      expect(heard(await app.next()), number).toMatchObject({
        type: 'delivery_report_sms',
        statuses: [{ status, code, recipients: [number] }],
      });
    }
  });

  it('hears an answer signed; after STOP the report says no, and after START yes', async () => {
    const app = await openWebhook();
    await send();
    await peers.sender('sinch', from, { inboundUrl: app.url });
    await peers.reply(`+${to}`, `+${from}`, 'Thanks');
    expect(heard(await app.next())).toMatchObject({ type: 'mo_text', from: to, to: from, body: 'Thanks' });
    const standing = async (): Promise<unknown> => {
      const batch = await send();
      return byPlan().sms.deliveryReports.getForNumber({ batch_id: batch.id ?? '', recipient_msisdn: to });
    };
    expect(await peers.reply(`+${to}`, `+${from}`, 'STOP')).toMatchObject({ outcome: 'opted_out' });
    expect(heard(await app.next())).toMatchObject({ body: 'STOP' });
    expect(await standing()).toMatchObject({ status: 'Deleted', code: 997 });
    expect(await peers.reply(`+${to}`, `+${from}`, 'START')).toMatchObject({ outcome: 'opted_in' });
    expect(await standing()).toMatchObject({ status: 'Delivered' });
  });
});
