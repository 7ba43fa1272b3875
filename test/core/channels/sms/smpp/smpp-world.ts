/** The SMPP door on a real port, with carriers that do as a test says; npm's smpp as the client, unmodified. */
import smpp, { type ClientPdu, type Session } from 'smpp';
import { onTestFinished } from 'vitest';
import {
  openSmppDoor,
  type SmppDoor,
  type SmppLimits,
  smpp as smppRoom,
} from '../../../../../core/channels/sms/smpp/index.ts';
import type { SmppHandover } from '../../../../../core/delivery/sms-far-side.ts';
import type { NewCallback } from '../../../../../core/model/callback.ts';
import type { ExchangeEnd } from '../../../../../core/model/message.ts';
import { type AggregatorWorld, aggregatorWorld } from '../aggregator-world.ts';

export interface SmppWorld extends AggregatorWorld {
  readonly door: SmppDoor;
  readonly exchanges: ExchangeEnd[];
  readonly boundAs: string[];
  /** Hands a callback to whoever is bound. */
  deliver(callback: NewCallback | undefined, signal?: AbortSignal): Promise<SmppHandover>;
  client(): Promise<SmppClient>;
  /** Bound as a transceiver of `app`. */
  bound(mode?: 'transceiver' | 'transmitter' | 'receiver', systemId?: string): Promise<SmppClient>;
  /** Until the exchange of a session is there. */
  exchange(at: number): Promise<ExchangeEnd>;
}

export interface SmppClient {
  readonly session: Session;
  readonly heard: ClientPdu[];
  ask(command: Asking, fields?: Readonly<Record<string, unknown>>): Promise<ClientPdu>;
  submit(fields?: Readonly<Record<string, unknown>>): Promise<ClientPdu>;
  /** The next deliver_sm, answered with that status. */
  delivered(status?: number): Promise<ClientPdu>;
  readonly gone: Promise<void>;
}
type Asking =
  | 'bind_transceiver'
  | 'bind_transmitter'
  | 'bind_receiver'
  | 'submit_sm'
  | 'submit_multi'
  | 'data_sm'
  | 'query_sm'
  | 'cancel_sm'
  | 'replace_sm'
  | 'enquire_link'
  | 'unbind';

export const from = { source_addr_ton: 1, source_addr_npi: 1, source_addr: '447700900001' } as const;
export const to = { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '447700900123' } as const;

export async function smppWorld(limits: Partial<SmppLimits> = {}): Promise<SmppWorld> {
  const world = await aggregatorWorld(smppRoom);
  const exchanges: ExchangeEnd[] = [];
  const boundAs: string[] = [];
  let ended: () => void = () => undefined;
  const door = await openSmppDoor(
    { hosts: ['127.0.0.1'], port: 0, limits },
    {
      ...world.ports,
      exchangeEnded(end) {
        exchanges.push(end);
        ended();
      },
      receiverBound: (systemId) => boundAs.push(systemId),
    },
  );
  onTestFinished(() => door.close(0));
  const client = async (): Promise<SmppClient> => {
    const session = await new Promise<Session>((resolve, reject) => {
      const made = smpp.connect({ url: `smpp://127.0.0.1:${door.port}` }, () => resolve(made));
      made.on('error', reject);
    });
    onTestFinished(() => session.destroy());
    session.removeAllListeners('error');
    session.on('error', () => undefined);
    return clientOf(session);
  };
  return Object.assign(world, {
    door,
    exchanges,
    boundAs,
    client,
    deliver(callback: NewCallback | undefined, signal = new AbortController().signal) {
      if (callback?.callback.kind !== 'smpp') throw new Error('that is nothing for a receiver');
      return door.deliver(callback.callback, signal);
    },
    async bound(mode: 'transceiver' | 'transmitter' | 'receiver' = 'transceiver', systemId = 'app') {
      const one = await client();
      const answer = await one.ask(`bind_${mode}`, { system_id: systemId, password: 'secret' });
      if (answer.command_status !== 0) throw new Error(`the bind was refused: ${answer.command_status}`);
      return one;
    },
    async exchange(at: number) {
      for (;;) {
        const found = exchanges[at];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          ended = resolve;
        });
      }
    },
  });
}

function clientOf(session: Session): SmppClient {
  const heard: ClientPdu[] = [];
  const waiting: { readonly status: number; readonly resolve: (pdu: ClientPdu) => void }[] = [];
  const next = (): void => {
    const [pdu] = heard;
    const [one] = waiting;
    if (pdu === undefined || one === undefined) return;
    heard.shift();
    waiting.shift();
    session.send(pdu.response({ command_status: one.status }));
    one.resolve(pdu);
    next();
  };
  session.on('deliver_sm', (pdu: ClientPdu) => {
    heard.push(pdu);
    next();
  });
  session.on('enquire_link', (pdu: ClientPdu) => session.send(pdu.response()));
  const gone = new Promise<void>((resolve) => {
    session.on('close', resolve);
  });
  const ask = (command: Asking, fields: Readonly<Record<string, unknown>> = {}): Promise<ClientPdu> =>
    new Promise((resolve, reject) => {
      void gone.then(() => reject(new Error(`the connection was closed before ${command}_resp`)));
      session[command](fields, resolve);
    });
  return {
    session,
    heard,
    ask,
    submit: (fields = {}) => ask('submit_sm', { ...from, ...to, short_message: 'Hello', ...fields }),
    delivered: (status = 0) =>
      new Promise((resolve) => {
        waiting.push({ status, resolve });
        next();
      }),
    gone,
  };
}

/** `id:… stat:…` of a receipt. */
export function receiptText(pdu: ClientPdu): string {
  const message = pdu.short_message;
  if (typeof message === 'object' && message !== null && 'message' in message) return String(message.message);
  throw new Error('it has no message');
}
