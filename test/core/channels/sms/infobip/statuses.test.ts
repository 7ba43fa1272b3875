/** Every group of Infobip's words: how it is reached, how it is reported, and what our delivery makes of it. */
import { describe, expect, it } from 'vitest';
import { infobip } from '../../../../../core/channels/sms/infobip/index.ts';
import { smsDeliveryOf } from '../../../../../core/delivery/sms-deliveries.ts';
import type { SmsCause, SmsState } from '../../../../../core/model/sms.ts';
import { type AggregatorWorld, aggregatorWorld } from '../aggregator-world.ts';

const headers = { authorization: 'App key' };

function send(world: AggregatorWorld, more: Readonly<Record<string, unknown>> = {}) {
  return world.json('POST', '/sms/2/text/advanced', {
    headers,
    body: {
      messages: [
        {
          from: 'InfoSMS',
          text: 'Hello',
          destinations: [{ to: '41793026727' }],
          notifyUrl: 'http://127.0.0.1:9/dlr',
          ...more,
        },
      ],
    },
  });
}

function told(world: AggregatorWorld): readonly string[] {
  return world.callbacks.map(({ callback }) => callback.tells);
}

function deliveryOf(world: AggregatorWorld) {
  const [sms] = world.rows;
  if (sms === undefined) throw new Error('there is no SMS');
  const {
    status,
    substatus,
    class: fault,
    step,
  } = smsDeliveryOf(sms, {
    id: 'd',
    host: 'api.infobip.com',
    stream: 'transactional',
    nowMs: world.clock.wallMs(),
  });
  return { said: `${step?.providerStatus} ${step?.code ?? '-'}`, status, substatus, class: fault };
}

describe('the words of Infobip', () => {
  it.each<[SmsState, SmsCause | null, string, string, string | null]>([
    ['delivered', null, 'DELIVERED_TO_HANDSET 0', 'delivered', null],
    ['undelivered', 'unknown_number', 'UNDELIVERABLE_NOT_DELIVERED 1', 'undeliverable', 'bad_address'],
    ['undelivered', 'landline', 'UNDELIVERABLE_NOT_DELIVERED 11', 'undeliverable', 'bad_address'],
    ['undelivered', 'unreachable', 'UNDELIVERABLE_NOT_DELIVERED 27', 'undeliverable', 'inactive'],
    ['undelivered', 'blocked', 'UNDELIVERABLE_NOT_DELIVERED 13', 'undeliverable', 'opted_out'],
    ['undelivered', 'filtered', 'UNDELIVERABLE_REJECTED_OPERATOR 607', 'undeliverable', 'opted_out'],
    ['undelivered', 'opted_out', 'REJECTED_DESTINATION_BLOCKLISTED 603', 'undeliverable', 'opted_out'],
    ['undelivered', 'carrier_error', 'UNDELIVERABLE_REJECTED_OPERATOR 34', 'undeliverable', null],
    ['failed', 'carrier_error', 'UNDELIVERABLE_NOT_SENT 500', 'undeliverable', null],
    ['rejected', 'sender_not_registered', 'REJECTED_SOURCE 0', 'undeliverable', null],
    ['rejected', 'region_not_allowed', 'REJECTED_NETWORK 0', 'undeliverable', null],
    ['rejected', null, 'REJECTED_SYSTEM_ERROR 0', 'undeliverable', null],
    ['expired', 'validity', 'EXPIRED_EXPIRED 6', 'undeliverable', 'expired'],
    ['unknown', 'lost', 'EXPIRED_DLR_UNKNOWN 502', 'undeliverable', 'expired'],
  ])('%s (%s) is %s, and our delivery %s', async (state, cause, said, status, fault) => {
    const world = await aggregatorWorld(infobip);
    world.endings.set('+41793026727', [[state, cause]]);
    expect((await send(world)).status).toBe(200);
    expect(deliveryOf(world)).toEqual({ said, status, substatus: null, class: fault });
    expect(told(world)).toEqual([said.split(' ')[0]]);
  });

  it('id 2 is told in between alone, where that is wanted: our delivery is sent', async () => {
    const world = await aggregatorWorld(infobip);
    world.endings.set('+41793026727', []);
    await send(world, { intermediateReport: true });
    expect(deliveryOf(world)).toEqual({
      said: 'DELIVERED_TO_OPERATOR -',
      status: 'sent',
      substatus: null,
      class: null,
    });
    const { body } = await world.dressed(0);
    expect(JSON.parse(body ?? '')).toMatchObject({
      results: [{ status: { groupId: 3, groupName: 'DELIVERED', id: 2 }, error: { id: 0 } }],
    });
  });

  it('is PENDING under way, and while the handset is off', async () => {
    const world = await aggregatorWorld(infobip);
    world.endings.set('+41793026727', []);
    await send(world);
    expect(deliveryOf(world)).toMatchObject({ said: 'PENDING_ENROUTE -', status: 'sent', substatus: null });
    const [sms] = world.rows;
    if (sms === undefined) throw new Error('there is no SMS');
    await world.step(sms, 'held');
    expect(deliveryOf(world)).toMatchObject({
      said: 'PENDING_WAITING_DELIVERY -',
      status: 'sent',
      substatus: 'held',
    });
    expect(told(world)).toEqual([]);
  });

  it('is canceled where it was called back', async () => {
    const world = await aggregatorWorld(infobip);
    await send(world, { sendAt: new Date(world.clock.wallMs() + 60_000).toISOString() });
    expect(deliveryOf(world)).toMatchObject({ said: 'PENDING_ACCEPTED -', status: 'queued' });
    const bulkId = world.rows[0]?.batchId ?? '';
    await world.json('PUT', `/sms/1/bulks/status?bulkId=${bulkId}`, {
      headers,
      body: { status: 'CANCELED' },
    });
    expect(deliveryOf(world)).toMatchObject({ said: 'UNDELIVERABLE_NOT_SENT 0', status: 'canceled' });
  });

  it.each([
    ['EXPIRED', undefined, 'EXPIRED_EXPIRED 0'],
    ['REJECTED_DND', undefined, 'REJECTED_DND 0'],
    ['UNDELIVERABLE', 'EC_UNKNOWN_SUBSCRIBER', 'UNDELIVERABLE_NOT_DELIVERED 1'],
  ])('a rule has %s (%s) reported', async (status, code, said) => {
    const world = await aggregatorWorld(infobip);
    world.rules({
      name: 'a report',
      stage: 'farSide',
      when: { channel: 'sms' },
      then: { do: 'report', status, ...(code === undefined ? {} : { code }) },
    });
    await send(world);
    expect(deliveryOf(world)).toMatchObject({ said, status: 'undeliverable' });
  });

  it('says after its yes that its owner opted out, or that the sender is not registered', async () => {
    const world = await aggregatorWorld(infobip);
    world.optOuts.add('+41793026727 InfoSMS');
    await send(world);
    world.optOuts.clear();
    world.verdict = { kind: 'refused', cause: 'sender_not_allowed', why: 'not there' };
    await send(world);
    expect(told(world)).toEqual(['REJECTED_DESTINATION_BLOCKLISTED', 'REJECTED_SOURCE']);
  });
});
