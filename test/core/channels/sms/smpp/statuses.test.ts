/** Every state of an SMSC, as a receipt and query_sm tell it, and what it means for the delivery. */
import { expect, it } from 'vitest';
import { smsDeliveryOf } from '../../../../../core/delivery/sms-deliveries.ts';
import type { SmsCause, SmsState } from '../../../../../core/model/sms.ts';
import { from, receiptText, smppWorld } from './smpp-world.ts';

const about = { id: 'd', host: 'smpp', stream: 'transactional', nowMs: 0 } as const;

it.each<
  [
    state: SmsState,
    cause: SmsCause | null,
    word: string,
    messageState: number,
    error: string,
    status: string,
    substatus: string | null,
  ]
>([
  ['delivered', null, 'DELIVRD', 2, '000', 'delivered', null],
  ['undelivered', 'unknown_number', 'UNDELIV', 5, '001', 'undeliverable', null],
  ['undelivered', 'blocked', 'UNDELIV', 5, '013', 'undeliverable', null],
  ['failed', 'carrier_error', 'UNDELIV', 5, '034', 'undeliverable', null],
  ['rejected', 'filtered', 'REJECTD', 8, '021', 'undeliverable', null],
  ['expired', 'validity', 'EXPIRED', 3, '027', 'undeliverable', null],
  ['unknown', 'lost', 'UNKNOWN', 7, '000', 'sent', 'unconfirmed'],
])('%s, %s: %s', async (state, cause, word, messageState, error, status, substatus) => {
  const world = await smppWorld();
  world.endings.set('+447700900123', [[state, cause]]);
  const client = await world.bound();
  const { message_id: id } = await client.submit({ registered_delivery: 1 });
  const told = world.deliver(world.callbacks[0]);
  const receipt = await client.delivered();
  await told;
  expect(receiptText(receipt)).toContain(`stat:${word} err:${error}`);
  expect(receipt).toMatchObject({ message_state: messageState });
  expect(await client.ask('query_sm', { message_id: id, ...from })).toMatchObject({
    message_state: messageState,
  });
  const [row] = world.rows;
  expect(row === undefined ? null : smsDeliveryOf(row, about)).toMatchObject({ status, substatus });
});

it.each<[state: SmsState, word: string, messageState: number, substatus: string | null]>([
  ['accepted', 'ACCEPTD', 6, null],
  ['sent', 'ENROUTE', 1, null],
  ['held', 'ENROUTE', 1, 'held'],
])('%s: %s is sent', async (state, word, messageState, substatus) => {
  const world = await smppWorld();
  world.endings.set('+447700900123', [[state, null]]);
  const client = await world.bound();
  const { message_id: id } = await client.submit({ registered_delivery: 1 });
  expect(await client.ask('query_sm', { message_id: id, ...from })).toMatchObject({
    message_state: messageState,
  });
  expect(world.callbacks).toEqual([]);
  const [row] = world.rows;
  expect(row?.steps.at(-1)?.status).toBe(word);
  expect(row === undefined ? null : smsDeliveryOf(row, about)).toMatchObject({ status: 'sent', substatus });
});

it('what was called back is canceled', async () => {
  const world = await smppWorld();
  const client = await world.bound();
  const { message_id: id } = await client.submit({ schedule_delivery_time: '000001000000000R' });
  const [scheduled] = world.rows;
  expect(scheduled === undefined ? null : smsDeliveryOf(scheduled, about)).toMatchObject({
    status: 'queued',
  });
  await client.ask('cancel_sm', {
    message_id: id,
    ...from,
    dest_addr_ton: 1,
    destination_addr: '447700900123',
  });
  const [row] = world.rows;
  expect(row === undefined ? null : smsDeliveryOf(row, about)).toMatchObject({ status: 'canceled' });
});
