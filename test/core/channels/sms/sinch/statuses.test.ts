/** Every word of Sinch's: how it is reached, how it is reported, and what our delivery makes of it. */
import { describe, expect, it } from 'vitest';
import { sinch } from '../../../../../core/channels/sms/sinch/index.ts';
import { smsDeliveryOf } from '../../../../../core/delivery/sms-deliveries.ts';
import type { SmsCause, SmsState } from '../../../../../core/model/sms.ts';
import { type AggregatorWorld, aggregatorWorld } from '../aggregator-world.ts';

const auth = { authorization: 'Bearer token' };
const batches = '/xms/v1/plan/batches';

function send(world: AggregatorWorld, more: Readonly<Record<string, unknown>> = {}) {
  return world.json('POST', batches, {
    headers: auth,
    body: {
      to: ['12025550123'],
      from: '12025550142',
      body: 'Hello',
      delivery_report: 'per_recipient',
      callback_url: 'http://127.0.0.1:9/dlr',
      ...more,
    },
  });
}

function told(world: AggregatorWorld): readonly (readonly [string, string])[] {
  return world.callbacks.map(({ callback }) => [callback.purpose, callback.tells]);
}

function deliveryOf(world: AggregatorWorld, at = 0) {
  const sms = world.rows[at];
  if (sms === undefined) throw new Error('there is no SMS');
  const {
    status,
    substatus,
    class: fault,
    step,
  } = smsDeliveryOf(sms, {
    id: 'd',
    host: 'sms.api.sinch.com',
    stream: 'transactional',
    nowMs: world.clock.wallMs(),
  });
  return { status, substatus, class: fault, said: `${step?.providerStatus} ${step?.code}` };
}

describe('the words of Sinch', () => {
  it.each<[SmsState, SmsCause | null, string, string, string | null, string | null]>([
    ['delivered', null, 'Delivered 0', 'delivered', null, null],
    ['undelivered', 'unknown_number', 'Deleted 1', 'undeliverable', null, 'bad_address'],
    ['undelivered', 'landline', 'Failed 11', 'undeliverable', null, 'bad_address'],
    ['undelivered', 'unreachable', 'Failed 29', 'undeliverable', null, 'inactive'],
    ['undelivered', 'blocked', 'Failed 13', 'undeliverable', null, 'opted_out'],
    ['undelivered', 'filtered', 'Rejected 991', 'undeliverable', null, 'opted_out'],
    ['undelivered', 'opted_out', 'Deleted 997', 'undeliverable', null, 'opted_out'],
    ['undelivered', 'carrier_error', 'Failed 36', 'undeliverable', null, null],
    ['failed', 'carrier_error', 'Aborted 404', 'undeliverable', null, null],
    ['failed', null, 'Aborted 403', 'undeliverable', null, null],
    ['rejected', 'sender_not_registered', 'Rejected 993', 'undeliverable', null, null],
    ['rejected', 'region_not_allowed', 'Aborted 412', 'undeliverable', null, null],
    ['rejected', null, 'Aborted 408', 'undeliverable', null, null],
    ['expired', 'validity', 'Expired 996', 'undeliverable', null, 'expired'],
    ['unknown', 'lost', 'Unknown 500', 'sent', 'unconfirmed', null],
  ])('%s (%s) is %s, and our delivery %s', async (state, cause, said, status, substatus, fault) => {
    const world = await aggregatorWorld(sinch);
    world.endings.set('+12025550123', [[state, cause]]);
    expect((await send(world)).status).toBe(201);
    expect(deliveryOf(world)).toEqual({ said, status, substatus, class: fault });
    const [word] = said.split(' ');
    expect(told(world)).toEqual([
      ['report', 'Dispatched'],
      ['report', word],
    ]);
  });

  it('is Queued until it goes out, and our delivery too', async () => {
    const world = await aggregatorWorld(sinch);
    await send(world, { send_at: new Date(world.clock.wallMs() + 60_000).toISOString() });
    expect(deliveryOf(world)).toEqual({ said: 'Queued 400', status: 'queued', substatus: null, class: null });
    expect(told(world)).toEqual([]);
  });

  it('is Cancelled where it was called back', async () => {
    const world = await aggregatorWorld(sinch);
    const { body } = await send(world, { send_at: new Date(world.clock.wallMs() + 60_000).toISOString() });
    const id = body !== null && typeof body === 'object' && 'id' in body ? String(body.id) : '';
    await world.json('DELETE', `${batches}/${id}`, { headers: auth });
    expect(deliveryOf(world)).toMatchObject({ said: 'Cancelled 407', status: 'canceled' });
  });

  it('stays Dispatched while the handset is off, which is told once; our delivery is held', async () => {
    const world = await aggregatorWorld(sinch);
    world.endings.set('+12025550123', [['held', null]]);
    await send(world);
    expect(deliveryOf(world)).toEqual({
      said: 'Dispatched 401',
      status: 'sent',
      substatus: 'held',
      class: null,
    });
    expect(told(world)).toEqual([['report', 'Dispatched']]);
  });

  it('is sent once Dispatched', async () => {
    const world = await aggregatorWorld(sinch);
    world.endings.set('+12025550123', []);
    await send(world);
    expect(deliveryOf(world)).toEqual({
      said: 'Dispatched 401',
      status: 'sent',
      substatus: null,
      class: null,
    });
  });

  it.each([
    ['Failed', undefined, 'Failed 995'],
    ['aborted', '402', 'Aborted 402'],
    ['Rejected', '991', 'Rejected 991'],
  ])('a rule has %s (%s) reported', async (status, code, said) => {
    const world = await aggregatorWorld(sinch);
    world.rules({
      name: 'a report',
      stage: 'farSide',
      when: { channel: 'sms' },
      then: { do: 'report', status, ...(code === undefined ? {} : { code }) },
    });
    await send(world);
    expect(deliveryOf(world)).toMatchObject({ said, status: 'undeliverable' });
  });
});

describe('what Sinch reports of after its yes', () => {
  it.each([
    [
      'a parameter without a value',
      { body: 'Dear $' + '{name}', parameters: { name: { '12025550199': 'Ana' } } },
      'Aborted 405',
    ],
    ['more parts than wanted', { body: 'x'.repeat(200), max_number_of_message_parts: 1 }, 'Aborted 411'],
    ['no sender at all', { from: undefined }, 'Aborted 410'],
  ])('%s', async (_what, more, said) => {
    const world = await aggregatorWorld(sinch);
    expect((await send(world, more)).status).toBe(201);
    expect(deliveryOf(world)).toMatchObject({ said, status: 'undeliverable' });
    expect(told(world)).toEqual([['report', 'Aborted']]);
  });

  it('an opt-out, and a sender that the country does not let in', async () => {
    const world = await aggregatorWorld(sinch);
    world.optOuts.add('+12025550123 +12025550142');
    await send(world);
    world.optOuts.clear();
    world.verdict = { kind: 'refused', cause: 'sender_not_registered', why: 'it is not registered' };
    await send(world);
    expect(deliveryOf(world, 0)).toMatchObject({ said: 'Deleted 997', class: 'opted_out' });
    expect(deliveryOf(world, 1)).toMatchObject({ said: 'Rejected 993' });
  });

  it('uses the sender of the plan where the request names none', async () => {
    const world = await aggregatorWorld(sinch);
    world.senders.set('+12025550142', {
      sender: '+12025550142',
      provider: 'sinch',
      account: 'plan',
      countries: ['*'],
      service: 'plan',
      inboundUrl: null,
      inboundMethod: 'POST',
      statusUrl: 'http://127.0.0.1:9/usual',
      onTheFly: false,
    });
    await send(world, { from: undefined, callback_url: undefined, delivery_report: 'per_recipient_final' });
    const { url, body } = await world.dressed(0);
    expect(url).toBe('http://127.0.0.1:9/usual');
    expect(JSON.parse(body ?? '')).toMatchObject({ status: 'Delivered', applied_originator: '12025550142' });
  });

  it('cuts a text where that is wanted', async () => {
    const world = await aggregatorWorld(sinch);
    await send(world, { body: 'x'.repeat(200), truncate_concat: true });
    expect(world.rows[0]).toMatchObject({ parts: 1, text: 'x'.repeat(153) });
  });
});

describe('reports of a whole batch', () => {
  it('come once, when the last message ended', async () => {
    const world = await aggregatorWorld(sinch);
    world.endings.set('+12025550124', [['held', null]]);
    await send(world, { to: ['12025550123', '12025550124'], delivery_report: 'full', client_reference: 'r' });
    expect(told(world)).toEqual([]);
    const waiting = world.rows.find(({ number }) => number === '+12025550124');
    if (waiting === undefined) throw new Error('nothing waits');
    await world.step(waiting, 'expired', 'validity');
    expect(told(world)).toHaveLength(1);
    const { body, callback } = await world.dressed(0);
    expect(JSON.parse(body ?? '')).toEqual({
      type: 'delivery_report_sms',
      batch_id: waiting.batchId,
      total_message_count: 2,
      statuses: [
        { code: 0, status: 'Delivered', count: 1, recipients: ['12025550123'] },
        { code: 996, status: 'Expired', count: 1, recipients: ['12025550124'] },
      ],
      client_reference: 'r',
    });
    expect(callback.smsIds).toHaveLength(2);
  });

  it('come for a batch of one as well, without recipients in a summary', async () => {
    const world = await aggregatorWorld(sinch);
    await send(world, { delivery_report: 'summary' });
    const { body } = await world.dressed(0);
    expect(JSON.parse(body ?? '')).toMatchObject({
      total_message_count: 1,
      statuses: [{ code: 0, status: 'Delivered', count: 1 }],
    });
  });

  it('do not come where none are wanted', async () => {
    const world = await aggregatorWorld(sinch);
    await send(world, { delivery_report: 'none' });
    expect(told(world)).toEqual([]);
  });
});
