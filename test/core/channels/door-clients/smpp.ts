/** SMPP: a session of npm's smpp for each message. */
import { once } from 'node:events';
import smpp, { type ClientPdu, type Session } from 'smpp';
import type { ChannelDoor, Said } from '../../../contract/channel-door.ts';
import type { Reached } from '../../../contract/reached.ts';

/** SMPP 3.4 has room for eight characters (§5.2.2). */
const password = 'sekrit4f';
const statuses = new Map(Object.entries(smpp.errors).map(([name, code]) => [code, name]));

export const smppDoor: ChannelDoor = {
  name: 'SMPP',
  channel: 'sms',
  door: 'smpp',
  way: 'smpp',
  exchanges: true,
  async send(core, text) {
    const pdu = submit('447911123456', text);
    const said = await handOver(core, pdu);
    // The session has numbered it.
    return { ...said, bytes: pdu.toBuffer(), secrets: [password] };
  },
  sendWrong: (core) => handOver(core, submit('', 'Hello')),
  refusal: /^ESME_RINVDSTADR$/,
  notNow: /^ESME_RSYSERR$/,
};

function submit(destination_addr: string, short_message: string): ClientPdu {
  return new smpp.PDU('submit_sm', {
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: '447700900001',
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr,
    short_message,
  });
}

async function handOver(core: Reached, pdu: ClientPdu): Promise<Said> {
  const session = smpp.connect({ url: `smpp://127.0.0.1:${core.port('smpp')}` });
  try {
    await once(session, 'connect');
    const lost = once(session, 'close').then(() => Promise.reject(new Error('the door closed the session')));
    const bind = new smpp.PDU('bind_transceiver', { system_id: 'shop', password });
    const bound = await Promise.race([asked(session, bind), lost]);
    if (bound.command_status !== 0) return said(bound);
    return said(await Promise.race([asked(session, pdu), lost]));
  } finally {
    session.removeAllListeners('close');
    session.destroy();
  }
}

function asked(session: Session, pdu: ClientPdu): Promise<ClientPdu> {
  return new Promise((resolve) => session.send(pdu, resolve));
}

function said({ command_status: status }: ClientPdu): Said {
  return { yes: status === 0, words: statuses.get(status) ?? `status ${status}` };
}
