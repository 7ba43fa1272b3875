/** SMPP over the whole core: real carriers and handsets, receipts through the durable queue, answers of handsets. */
import smpp, { type ClientPdu, type Session } from 'smpp';
import { expect, it, onTestFinished } from 'vitest';
import { startCore, type TestCore } from '../../../../start-core.ts';
import { receiptText } from './smpp-world.ts';

const handset = '+447911123456';
const from = { source_addr_ton: 1, source_addr_npi: 1, source_addr: '447700900001' };
const to = { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447911123456' };

async function bound(core: TestCore, mode: 'transceiver' | 'transmitter' | 'receiver'): Promise<Session> {
  const session = await new Promise<Session>((resolve) => {
    const made = smpp.connect({ url: `smpp://127.0.0.1:${core.port('smpp')}` }, () => resolve(made));
  });
  onTestFinished(() => session.destroy());
  session.on('error', () => undefined);
  const answer = await ask(session, `bind_${mode}`, { system_id: 'shop', password: 'secret' });
  expect(answer.command_status).toBe(0);
  return session;
}

function ask(
  session: Session,
  command: 'bind_transceiver' | 'bind_transmitter' | 'bind_receiver' | 'submit_sm' | 'query_sm' | 'cancel_sm',
  fields: Readonly<Record<string, unknown>>,
): Promise<ClientPdu> {
  return new Promise((resolve) => session[command](fields, resolve));
}

/** Answers each deliver_sm, and keeps it. */
function receiving(session: Session): { next(): Promise<ClientPdu> } {
  const heard: ClientPdu[] = [];
  let told: () => void = () => undefined;
  session.on('deliver_sm', (pdu: ClientPdu) => {
    session.send(pdu.response());
    heard.push(pdu);
    told();
  });
  return {
    async next() {
      for (;;) {
        const pdu = heard.shift();
        if (pdu !== undefined) return pdu;
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
  };
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

it('sends in parts, reports to the receiver once it is bound, and hears an answer', async () => {
  const core = await startCore(['--deliver']);
  const transmitter = await bound(core, 'transmitter');
  const ids = [];
  for (const [sequence, text] of [
    [2, 'and its end'],
    [1, 'The beginning '],
  ] as const) {
    const answer = await ask(transmitter, 'submit_sm', {
      ...from,
      ...to,
      data_coding: 0,
      registered_delivery: 1,
      short_message: { udh: Buffer.from([5, 0, 3, 42, 2, sequence]), message: text },
    });
    expect(answer.command_status).toBe(0);
    ids.push(answer.message_id);
  }
  const { entries } = await core.json<{
    entries: { id: string; channel: string; deliveries: { status: string }[] }[];
  }>('/v1/messages');
  expect(entries).toMatchObject([{ channel: 'sms', door: 'smpp', deliveries: [{ status: 'delivered' }] }]);
  const receiver = await bound(core, 'receiver');
  const { next } = receiving(receiver);
  const receipts = [await next(), await next()];
  expect(new Set(receipts.map((pdu) => pdu.receipted_message_id))).toEqual(new Set(ids));
  expect(receipts.map(receiptText)).toEqual([
    expect.stringContaining('stat:DELIVRD'),
    expect.stringContaining('stat:DELIVRD'),
  ]);
  await core.json(
    `/v1/handsets/${encodeURIComponent(handset)}/replies`,
    post({ to: '+447700900001', text: 'Got it' }),
  );
  const answer = await next();
  expect(answer).toMatchObject({
    source_addr: '447911123456',
    destination_addr: '447700900001',
    esm_class: 0,
  });
  expect(receiptText(answer)).toBe('Got it');
});

it('expires for a handset that is off longer than its validity', async () => {
  const core = await startCore(['--deliver']);
  const session = await bound(core, 'transceiver');
  const { next } = receiving(session);
  const made = await core.get('/v1/handsets', post({ number: handset }));
  expect(made.status).toBe(201);
  const off = await core.get(`/v1/handsets/${encodeURIComponent(handset)}/offline`, post({}));
  expect(off.status).toBe(200);
  const { message_id: id } = await ask(session, 'submit_sm', {
    ...from,
    ...to,
    data_coding: 0,
    registered_delivery: 0x11,
    validity_period: '000001000000000R',
    short_message: 'Are you there?',
  });
  const waiting = await next();
  expect(waiting).toMatchObject({ esm_class: 0x20, message_state: 1, receipted_message_id: id });
  await core.json('/v1/clock', post({ advanceMs: 25 * 3_600_000 }));
  const expired = await next();
  expect(receiptText(expired)).toContain('stat:EXPIRED');
  expect(await ask(session, 'query_sm', { message_id: id, ...from })).toMatchObject({ message_state: 3 });
});
