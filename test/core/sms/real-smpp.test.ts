/** npm's `smpp`, unmodified, against a whole Sandpost: what is refused, receipts, answers, a window, a throttled account. */
import smpp, { type ClientPdu, type Session } from 'smpp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type SmsPeers, startSmsPeers } from './peers.ts';

const to = '447911123456';
const from = '447700900001';
const { errors } = smpp;

let peers: SmsPeers;
beforeAll(async () => {
  peers = await startSmsPeers();
});
afterAll(() => peers.close());

type Fields = Readonly<Record<string, unknown>>;

interface Client {
  readonly session: Session;
  ask(command: 'bind_transceiver' | 'submit_sm' | 'query_sm', fields?: Fields): Promise<ClientPdu>;
  submit(fields?: Fields): Promise<ClientPdu>;
  /** The next deliver_sm, answered. */
  next(): Promise<ClientPdu>;
}

async function connect(): Promise<Client> {
  const session = await new Promise<Session>((resolve, reject) => {
    const made = smpp.connect({ url: `smpp://127.0.0.1:${peers.port('smpp')}` }, () => resolve(made));
    made.on('error', reject);
  });
  onTestFinished(() => session.destroy());
  session.removeAllListeners('error');
  session.on('error', () => undefined);
  const heard: ClientPdu[] = [];
  let told: () => void = () => undefined;
  session.on('deliver_sm', (pdu: ClientPdu) => {
    session.send(pdu.response());
    heard.push(pdu);
    told();
  });
  const ask: Client['ask'] = (command, fields = {}) =>
    new Promise((resolve) => session[command](fields, resolve));
  return {
    session,
    ask,
    submit: (fields = {}) =>
      ask('submit_sm', {
        source_addr_ton: 1,
        source_addr_npi: 1,
        source_addr: from,
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: to,
        registered_delivery: 1,
        short_message: 'Hello',
        ...fields,
      }),
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

async function bound(systemId: string, password = 'secret'): Promise<Client> {
  const client = await connect();
  const { command_status } = await client.ask('bind_transceiver', { system_id: systemId, password });
  expect(command_status).toBe(0);
  return client;
}

function textOf(pdu: ClientPdu): string {
  return String(Object(pdu.short_message).message);
}

describe('npm’s smpp', () => {
  it('sends, asks how it stands, and gets its receipt', async () => {
    const client = await bound('sends');
    const { command_status, message_id } = await client.submit();
    expect(command_status).toBe(0);
    const receipt = await client.next();
    expect(receipt).toMatchObject({
      esm_class: 0x04,
      receipted_message_id: message_id,
      message_state: 2,
      source_addr: to,
      destination_addr: from,
    });
    expect(textOf(receipt)).toMatch(
      new RegExp(
        `^id:${message_id} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000`,
      ),
    );
    expect(await client.ask('query_sm', { message_id, source_addr: from })).toMatchObject({
      message_state: 2,
    });
    expect(await peers.newest(`+${to}`)).toMatchObject({
      door: 'smpp',
      deliveries: [{ status: 'delivered' }],
    });
  });

  it('is refused where credentials are fixed, and before it is bound', async () => {
    const stranger = await connect();
    expect((await stranger.submit()).command_status).toBe(errors.ESME_RINVBNDSTS);
    await peers.smsSettings({ credentials: { smpp: [{ account: 'shop', secret: 'right' }] } });
    const other = await connect();
    const bind = (system_id: string, password: string) =>
      other.ask('bind_transceiver', { system_id, password });
    expect([errors.ESME_RINVPASWD, errors.ESME_RINVSYSID, errors.ESME_RBINDFAIL]).toContain(
      (await bind('shop', 'wrong')).command_status,
    );
    await bound('shop', 'right');
  });

  it('is refused for what is wrong: number, sender, country', async () => {
    const client = await bound('refused');
    const status = async (fields: Fields) => (await client.submit(fields)).command_status;
    expect(await status({ destination_addr: 'nobody' })).toBe(errors.ESME_RINVDSTADR);
    expect(await status({ destination_addr: '' })).toBe(errors.ESME_RINVDSTADR);
    expect(
      await status({
        source_addr: 'Shop',
        source_addr_ton: 5,
        source_addr_npi: 0,
        destination_addr: '12025550123',
      }),
    ).toBe(errors.ESME_RINVSRCADR);
    await peers.smsSettings({ blockedCountries: ['FR'], unknownSenders: 'refuse' });
    expect(await status({ destination_addr: '33612345678' })).toBe(errors.ESME_RINVDSTADR);
    expect(await status({ source_addr: '12025550177', destination_addr: '12025550123' })).toBe(
      errors.ESME_RINVSRCADR,
    );
  });

  it('is refused by rules by name: throttled, full, out of order', async () => {
    const client = await bound('ruled');
    const names = ['ESME_RTHROTTLED', 'ESME_RMSGQFUL', 'ESME_RSUBMITFAIL', 'ESME_RSYSERR', 'ESME_RX_P_APPN'];
    await peers.smsRules(
      ...names.map((reason, at) => ({
        name: reason,
        when: { recipient: `+44791112341${at}` },
        then: { do: 'answer', reason },
      })),
    );
    const said = [];
    // All at once: answers find their requests by the sequence number.
    for (const { command_status } of await Promise.all(
      names.map((_, at) => client.submit({ destination_addr: `44791112341${at}` })),
    ))
      said.push(command_status);
    expect(said).toEqual(names.map((name) => errors[name]));
  });

  it('hears in receipts what the carrier says: of a landline, of nobody, of one that blocks, of a filter', async () => {
    const client = await bound('receipts');
    await peers.newHandset('+442079460001', { line: 'landline' });
    await peers.newHandset('+447911000005', { line: 'unknown' });
    await peers.newHandset('+447911000004', { blocked: true });
    for (const [destination_addr, err, short_message] of [
      ['442079460001', '011', 'x'],
      ['447911000005', '001', 'x'],
      ['447911000004', '013', 'x'],
      ['447911000007', '021', 'Free spins at our online casino'],
    ] as const) {
      const { message_id } = await client.submit({ destination_addr, short_message });
      const receipt = await client.next();
      expect(receipt).toMatchObject({ receipted_message_id: message_id });
      expect(textOf(receipt), destination_addr).toContain(`err:${err}`);
      expect(textOf(receipt)).toMatch(/stat:(?:UNDELIV|REJECTD)/);
    }
  });

  it('hears an answer; STOP reaches it like any other word, and what it sends after it goes on', async () => {
    const client = await bound('answers');
    const number = '447911123499';
    await client.submit({ destination_addr: number });
    await client.next();
    await peers.reply(`+${number}`, `+${from}`, 'Thanks – see you 😀');
    const answer = await client.next();
    expect(answer).toMatchObject({
      esm_class: 0,
      source_addr: number,
      destination_addr: from,
      data_coding: 8,
    });
    expect(textOf(answer)).toBe('Thanks – see you 😀');
    await peers.reply(`+${number}`, `+${from}`, 'STOP');
    expect(textOf(await client.next())).toBe('STOP');
    expect((await client.submit({ destination_addr: number })).command_status).toBe(0);
    expect(textOf(await client.next())).toContain('stat:DELIVRD');
  });
});
