/** npm's smpp, unmodified, against the door: binds, submissions, refusals, receipts, answers of handsets. */
import { describe, expect, it } from 'vitest';
import { from, receiptText, smppWorld, to } from './smpp-world.ts';

const receiptWanted = { registered_delivery: 1 };

describe('a bind', () => {
  it('takes any system_id and password, in each of the three ways', async () => {
    const world = await smppWorld();
    for (const mode of ['transceiver', 'transmitter', 'receiver'] as const) {
      const client = await world.client();
      const answer = await client.ask(`bind_${mode}`, { system_id: `app-${mode}`, password: 'anything' });
      expect(answer).toMatchObject({
        command: `bind_${mode}_resp`,
        command_status: 0,
        system_id: 'sandpost',
        sc_interface_version: 0x34,
      });
    }
    expect(world.boundAs).toEqual(['app-transceiver', 'app-receiver']);
  });

  it('is refused without a system_id or a password, and a second time', async () => {
    const world = await smppWorld();
    const client = await world.client();
    expect(await client.ask('bind_transceiver', { password: 'x' })).toMatchObject({ command_status: 0x0f });
    expect(await client.ask('bind_transceiver', { system_id: 'app' })).toMatchObject({
      command_status: 0x0e,
    });
    expect(await client.ask('bind_transceiver', { system_id: 'app', password: 'x' })).toMatchObject({
      command_status: 0,
    });
    expect(await client.ask('bind_receiver', { system_id: 'app', password: 'x' })).toMatchObject({
      command_status: 0x05,
    });
  });

  it('takes only the credentials that the settings fix', async () => {
    const world = await smppWorld();
    world.settings = { ...world.settings, credentials: { smpp: [{ account: 'shop', secret: 'right' }] } };
    const client = await world.client();
    expect(await client.ask('bind_transmitter', { system_id: 'other', password: 'right' })).toMatchObject({
      command_status: 0x0f,
    });
    expect(await client.ask('bind_transmitter', { system_id: 'shop', password: 'wrong' })).toMatchObject({
      command_status: 0x0e,
    });
    expect(await client.ask('bind_transmitter', { system_id: 'shop', password: 'right' })).toMatchObject({
      command_status: 0,
    });
  });

  it('shows no password in its exchange', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.ask('unbind');
    await client.gone;
    const { start, transcript } = await world.exchange(0);
    expect(start).toMatchObject({ kind: 'smpp', door: 'smpp', user: 'app' });
    expect(transcript).toContain('password=***');
    expect(transcript).not.toContain('secret');
  });
});

describe('submit_sm', () => {
  it('is on disk before its answer, with its exact bytes', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const answer = await client.submit({ short_message: 'Your code is 4711', data_coding: 0 });
    expect(answer.command_status).toBe(0);
    const [handover] = world.accepted;
    expect(handover).toMatchObject({
      channel: 'sms',
      door: 'smpp',
      user: 'app',
      envelopeFrom: '+447700900001',
      envelopeTo: ['+447700900123'],
    });
    expect(world.rows).toMatchObject([
      {
        provider: 'smpp',
        account: 'app',
        providerId: answer.message_id,
        text: 'Your code is 4711',
        encoding: 'GSM-7',
        parts: 1,
      },
    ]);
    expect(Buffer.from(handover?.tail ?? []).readUInt32BE(4)).toBe(4);
    expect(Buffer.from(handover?.tail ?? []).toString('latin1')).toContain('Your code is 4711');
    expect(handover?.exchange?.transcript).toContain('short_message="Your code is 4711"');
  });

  it('is answered with ESME_RSYSERR where it cannot be stored', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    world.storeError = new Error('the disk is full');
    expect(await client.submit()).toMatchObject({ command_status: 0x08 });
    world.storeError = null;
    expect(await client.submit()).toMatchObject({ command_status: 0 });
  });

  it.each([
    ['a number that is none', { destination_addr: 'abc' }, 0x0b],
    ['no source address', { source_addr: '' }, 0x0a],
    ['a sender of 12 letters', { source_addr_ton: 5, source_addr: 'TwelveLetter' }, 0x0a],
    ['a reserved TON of the destination', { dest_addr_ton: 7 }, 0x50],
    ['a reserved TON of the source', { source_addr_ton: 9 }, 0x48],
    ['a priority that is none', { priority_flag: 9 }, 0x06],
    ['an empty message', { short_message: '' }, 0x01],
    ['reserved bits of registered_delivery', { registered_delivery: 3 }, 0x07],
    ['a schedule that is no time', { schedule_delivery_time: '26130112300000+' }, 0x61],
    ['a validity that is past', { validity_period: '200101123000000+' }, 0x62],
    ['a data_coding that nobody reads', { short_message: Buffer.from('x'), data_coding: 10 }, 0x45],
    ['a broken user data header', { short_message: Buffer.from([9, 0, 3]), esm_class: 0x40 }, 0x43],
    ['an esm_class of an SMSC', { esm_class: 0x04 }, 0x43],
  ] as const)('is refused for %s', async (_what, fields, status) => {
    const world = await smppWorld();
    const client = await world.bound();
    expect(await client.submit(fields)).toMatchObject({ command_status: status });
    expect(world.accepted).toEqual([]);
    client.session.close();
    expect(await world.exchange(0)).toMatchObject({ outcome: 'refused', refusals: 1 });
  });

  it('needs a session that is bound, and not as a receiver', async () => {
    const world = await smppWorld();
    const unbound = await world.client();
    expect(await unbound.submit()).toMatchObject({ command_status: 0x04 });
    const receiver = await world.bound('receiver');
    expect(await receiver.submit()).toMatchObject({ command_status: 0x04 });
  });

  it.each([
    ['GSM 03.38', 0, 'Zoé pays 5€ @ {noon}', 'GSM-7'],
    ['Latin 1', 3, 'Zoë for ½', 'UCS-2'],
    ['UCS-2', 8, 'Привет 👋', 'UCS-2'],
    ["what npm's smpp calls IA5, which is GSM 03.38", 1, 'a@b.example: 5€', 'GSM-7'],
  ] as const)('reads %s', async (_name, coding, text, encoding) => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({ data_coding: coding, short_message: text });
    expect(world.rows).toMatchObject([{ text, encoding }]);
  });

  it('keeps binary as octets', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({ data_coding: 4, short_message: Buffer.from([0xde, 0xad, 0x00]) });
    expect(world.rows).toMatchObject([{ text: 'dead00', encoding: 'binary', parts: 1 }]);
  });

  it('shows an alphanumeric sender as it is written', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({ source_addr_ton: 5, source_addr_npi: 0, source_addr: 'Sandpost' });
    expect(world.rows).toMatchObject([{ sender: 'Sandpost' }]);
  });

  it('goes to several by submit_multi, and names those that it cannot go to', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const answer = await client.ask('submit_multi', {
      ...from,
      dest_address: [
        { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447700900123' },
        { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: 'nobody' },
        { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447700900124' },
      ],
      short_message: 'to all',
    });
    expect(answer).toMatchObject({
      command_status: 0,
      unsuccess_sme: [{ destination_addr: 'nobody', error_status_code: 0x0b }],
    });
    expect(world.rows.map(({ number }) => number)).toEqual(['+447700900123', '+447700900124']);
    expect(
      await client.ask('submit_multi', {
        ...from,
        dest_address: [{ dl_name: 'friends' }],
        short_message: 'x',
      }),
    ).toMatchObject({
      command_status: 0x34,
    });
  });

  it('comes by data_sm too', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const answer = await client.ask('data_sm', {
      ...from,
      ...to,
      data_coding: 0,
      message_payload: Buffer.from('by data sm'),
    });
    expect(answer.command_status).toBe(0);
    expect(world.rows).toMatchObject([{ text: 'by data sm', providerId: answer.message_id }]);
  });
});

describe('a long message', () => {
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(8);
  const [first, second, third] = [text.slice(0, 130), text.slice(130, 260), text.slice(260)];

  it('comes whole by message_payload', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({ short_message: '', data_coding: 0, message_payload: text });
    expect(world.rows).toMatchObject([{ text, parts: 3 }]);
  });

  it('is put together from parts with a user data header, in whatever order they come', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const part = (at: number, of: string) =>
      client.submit({
        data_coding: 0,
        registered_delivery: 1,
        short_message: { udh: Buffer.from([5, 0, 3, 77, 3, at]), message: of },
      });
    const answers = [await part(3, third ?? ''), await part(1, first ?? ''), await part(2, second ?? '')];
    expect(answers.map(({ command_status: status }) => status)).toEqual([0, 0, 0]);
    expect(world.rows).toMatchObject([{ text, parts: 3, encoding: 'GSM-7' }]);
    // The three units are kept, in the order of the text.
    expect(world.accepted).toHaveLength(1);
    const ids = answers.map(({ message_id: id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['DELIVRD', 'DELIVRD', 'DELIVRD']);
    const told = world.callbacks.map((callback) => world.deliver(callback));
    const receipts = [await client.delivered(), await client.delivered(), await client.delivered()];
    expect((await Promise.all(told)).map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    expect(new Set(receipts.map((pdu) => pdu.receipted_message_id))).toEqual(new Set(ids));
  });

  it('is put together by its SAR fields, over two sessions', async () => {
    const world = await smppWorld();
    const clients = [await world.bound('transmitter'), await world.bound('transmitter')];
    for (const [at, of] of [third, first, second].entries())
      await clients[at % 2]?.submit({
        data_coding: 0,
        short_message: of ?? '',
        sar_msg_ref_num: 4711,
        sar_total_segments: 3,
        sar_segment_seqnum: [3, 1, 2][at],
      });
    expect(world.rows).toMatchObject([{ text, parts: 3 }]);
  });

  it('that is never completed is taken as it is, and says what is missing', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({
      data_coding: 0,
      short_message: { udh: Buffer.from([5, 0, 3, 9, 2, 2]), message: 'the end' },
    });
    expect(world.rows).toEqual([]);
    world.clock.advance(299_000);
    expect(world.rows).toEqual([]);
    world.clock.advance(3_000);
    await expect.poll(() => world.rows.length).toBe(1);
    expect(world.rows).toMatchObject([{ text: '[part 1 of 2 never came]the end', record: { missing: [1] } }]);
  });

  it('waits for its parts on disk', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({
      data_coding: 0,
      short_message: { udh: Buffer.from([5, 0, 3, 9, 2, 1]), message: 'one ' },
    });
    expect(await world.ports.store.documents('smpp_part')).toHaveLength(1);
  });

  it('is refused where too many wait', async () => {
    const world = await smppWorld({ reassembly: { groupsMax: 1, bytesMax: 10_000, waitMsMax: 60_000 } });
    const client = await world.bound();
    const part = (reference: number) =>
      client.submit({
        data_coding: 0,
        short_message: { udh: Buffer.from([5, 0, 3, reference, 2, 1]), message: 'x' },
      });
    expect(await part(1)).toMatchObject({ command_status: 0 });
    expect(await part(2)).toMatchObject({ command_status: 0x14 });
  });
});

describe('a receipt', () => {
  it('comes with the text and the fields of the specification', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const { message_id: id } = await client.submit({
      ...receiptWanted,
      data_coding: 0,
      short_message: 'Hello there',
    });
    const told = world.deliver(world.callbacks[0]);
    const receipt = await client.delivered();
    expect(receipt).toMatchObject({
      esm_class: 0x04,
      source_addr: to.destination_addr,
      destination_addr: from.source_addr,
      receipted_message_id: id,
      message_state: 2,
    });
    expect(receiptText(receipt)).toMatch(
      new RegExp(
        `^id:${id} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000 text:Hello there$`,
      ),
    );
    expect(await told).toMatchObject({ kind: 'done', commandStatus: 0 });
  });

  it('waits until a receiver is bound', async () => {
    const world = await smppWorld();
    const transmitter = await world.bound('transmitter');
    await transmitter.submit(receiptWanted);
    expect(await world.deliver(world.callbacks[0])).toMatchObject({ kind: 'notBound' });
    const other = await world.bound('receiver', 'other');
    expect(await world.deliver(world.callbacks[0])).toMatchObject({ kind: 'notBound' });
    const receiver = await world.bound('receiver');
    const told = world.deliver(world.callbacks[0]);
    await receiver.delivered();
    expect(await told).toMatchObject({ kind: 'done' });
    expect(other.heard).toEqual([]);
    expect(world.boundAs).toEqual(['other', 'app']);
  });

  it.each([
    ['temporarily', 0x64, 'refused'],
    ['with a full queue', 0x14, 'refused'],
    ['for good', 0x65, 'rejected'],
    ['as rejected', 0x66, 'rejected'],
  ] as const)('that is refused %s is judged so', async (_how, status, kind) => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit(receiptWanted);
    const told = world.deliver(world.callbacks[0]);
    await client.delivered(status);
    expect(await told).toMatchObject({ kind, commandStatus: status });
  });

  it('is tried again when the connection goes before the answer', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit(receiptWanted);
    client.session.on('deliver_sm', () => client.session.destroy());
    expect(await world.deliver(world.callbacks[0])).toMatchObject({ kind: 'noAnswer', commandStatus: null });
  });

  it('keeps to the window of its receiver', async () => {
    const world = await smppWorld({ deliverWindowMax: 2 });
    const client = await world.bound();
    for (let count = 0; count < 4; count++) await client.submit(receiptWanted);
    const told = world.callbacks.map((callback) => world.deliver(callback));
    await expect.poll(() => client.heard.length).toBe(2);
    await client.ask('enquire_link');
    expect(client.heard).toHaveLength(2);
    for (let count = 0; count < 4; count++) await client.delivered();
    expect((await Promise.all(told)).map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('is only sent where it is asked for', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    await client.submit({ registered_delivery: 0 });
    await client.submit({ registered_delivery: 2 });
    expect(world.callbacks).toEqual([]);
    world.endings.set('+447700900123', [['undelivered', 'unknown_number']]);
    await client.submit({ registered_delivery: 0 });
    await client.submit({ registered_delivery: 2 });
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['UNDELIV']);
  });

  it('tells between of a handset that is off, where that is asked for', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    world.endings.set('+447700900123', [['held', null]]);
    await client.submit({ registered_delivery: 0x11 });
    expect(world.callbacks.map(({ callback }) => callback.tells)).toEqual(['ENROUTE']);
    const told = world.deliver(world.callbacks[0]);
    expect(await client.delivered()).toMatchObject({ esm_class: 0x20, message_state: 1 });
    await told;
  });
});

describe('an answer of a handset', () => {
  const answer = { from: '+447700900123', to: '+447700900001' };

  async function answered(text: string) {
    const world = await smppWorld();
    world.senders.set(answer.to, {
      sender: answer.to,
      provider: 'smpp',
      account: 'app',
      countries: ['*'],
      service: null,
      inboundUrl: null,
      inboundMethod: 'POST',
      statusUrl: null,
      onTheFly: false,
    });
    const client = await world.bound('receiver');
    await world.answer({ ...answer, text });
    const told = world.callbacks.map((callback) => world.deliver(callback));
    const heard = [];
    for (const _one of told) heard.push(await client.delivered());
    await Promise.all(told);
    return heard;
  }

  it('is a deliver_sm', async () => {
    const [pdu] = await answered('Yes please, 5€');
    expect(pdu).toMatchObject({
      esm_class: 0,
      source_addr: '447700900123',
      destination_addr: '447700900001',
      data_coding: 0,
    });
    expect(pdu === undefined ? '' : receiptText(pdu)).toBe('Yes please, 5€');
  });

  it('is UCS-2 where GSM 03.38 has no letter for it', async () => {
    const [pdu] = await answered('Да 👍');
    expect(pdu).toMatchObject({ data_coding: 8 });
    expect(pdu === undefined ? '' : receiptText(pdu)).toBe('Да 👍');
  });

  it('comes in parts where it is long', async () => {
    const text = 'Many words, and more of them. '.repeat(12);
    const pdus = await answered(text);
    expect(pdus).toHaveLength(3);
    expect(pdus.map((pdu) => pdu.esm_class)).toEqual([0x40, 0x40, 0x40]);
    expect(pdus.map(receiptText).join('')).toBe(text);
  });
});

describe('what else a session may ask', () => {
  it('answers enquire_link, and asks by itself when nothing is heard', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    expect(await client.ask('enquire_link')).toMatchObject({ command_status: 0 });
    const asked = new Promise((resolve) => client.session.once('enquire_link', resolve));
    world.clock.advance(61_000);
    await asked;
  });

  it('tells by query_sm how a message stands', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const { message_id: id } = await client.submit();
    expect(await client.ask('query_sm', { message_id: id, ...from })).toMatchObject({
      command_status: 0,
      message_id: id,
      message_state: 2,
    });
    expect(await client.ask('query_sm', { message_id: 'no-such-one', ...from })).toMatchObject({
      command_status: 0x67,
    });
    const other = await world.bound('transmitter', 'other');
    expect(await other.ask('query_sm', { message_id: id, ...from })).toMatchObject({ command_status: 0x67 });
  });

  it('calls back what is scheduled by cancel_sm, and nothing that is on its way', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const scheduled = await client.submit({ schedule_delivery_time: '000001000000000R', ...receiptWanted });
    expect(world.rows).toMatchObject([{ steps: [{ state: 'scheduled' }] }]);
    expect(await client.ask('cancel_sm', { message_id: scheduled.message_id, ...from, ...to })).toMatchObject(
      {
        command_status: 0,
      },
    );
    expect(world.rows[0]?.steps.at(-1)).toMatchObject({ state: 'canceled', status: 'DELETED' });
    const sent = await client.submit();
    expect(await client.ask('cancel_sm', { message_id: sent.message_id, ...from, ...to })).toMatchObject({
      command_status: 0x11,
    });
    expect(world.callbacks).toEqual([]);
  });

  it('replaces what is scheduled, by replace_sm and by replace_if_present_flag', async () => {
    const world = await smppWorld();
    const client = await world.bound();
    const later = { schedule_delivery_time: '000001000000000R' };
    const { message_id: id } = await client.submit({ ...later, short_message: 'one' });
    expect(
      await client.ask('replace_sm', { message_id: id, ...from, short_message: Buffer.from('two') }),
    ).toMatchObject({ command_status: 0 });
    const third = await client.submit({ ...later, replace_if_present_flag: 1, short_message: 'three' });
    expect(third.message_id).toBe(id);
    expect(world.rows.map(({ text, steps }) => [text, steps.at(-1)?.state])).toEqual([
      ['one', 'canceled'],
      ['two', 'canceled'],
      ['three', 'scheduled'],
    ]);
  });
});

it('keeps what is scheduled where what is to replace it cannot be stored', async () => {
  const world = await smppWorld();
  const client = await world.bound();
  const later = { schedule_delivery_time: '000001000000000R' };
  const { message_id: id } = await client.submit({ ...later, short_message: 'one' });
  world.storeError = new Error('the disk is full');
  const two = { message_id: id, ...from, short_message: Buffer.from('two') };
  expect(await client.ask('replace_sm', two)).toMatchObject({ command_status: 0x08 });
  const three = { ...later, replace_if_present_flag: 1, short_message: 'three' };
  expect(await client.submit(three)).toMatchObject({ command_status: 0x08 });
  expect(world.rows.map(({ text, steps }) => [text, steps.at(-1)?.state])).toEqual([['one', 'scheduled']]);
});

describe('rules', () => {
  it.each([
    ['ESME_RTHROTTLED', 0x58],
    ['ESME_RMSGQFUL', 0x14],
    ['ESME_RINVDSTADR', 0x0b],
    ['1025', 1025],
  ] as const)('answer with %s', async (reason, status) => {
    const world = await smppWorld();
    world.rules({
      name: 'no',
      stage: 'farSide',
      when: { channel: 'sms', provider: 'smpp' },
      then: { do: 'answer', reason },
    });
    const client = await world.bound();
    expect(await client.submit()).toMatchObject({ command_status: status });
    expect(world.accepted).toEqual([]);
  });

  it('cut the connection in place of the answer', async () => {
    const world = await smppWorld();
    world.rules({
      name: 'cut',
      stage: 'farSide',
      when: { channel: 'sms' },
      then: { do: 'disconnect', at: 'endOfData' },
    });
    const client = await world.bound();
    await expect(client.submit()).rejects.toThrow('closed before submit_sm_resp');
    await client.gone;
    expect(world.accepted).toEqual([]);
  });

  it('report any state and code', async () => {
    const world = await smppWorld();
    world.rules({
      name: 'rejected',
      stage: 'farSide',
      when: { channel: 'sms' },
      then: { do: 'report', status: 'REJECTD', code: '099' },
    });
    const client = await world.bound();
    await client.submit(receiptWanted);
    const told = world.deliver(world.callbacks[0]);
    const receipt = await client.delivered();
    expect(receiptText(receipt)).toContain('stat:REJECTD err:099');
    expect(receipt).toMatchObject({ message_state: 8, network_error_code: Buffer.from([3, 0, 99]) });
    await told;
  });
});
