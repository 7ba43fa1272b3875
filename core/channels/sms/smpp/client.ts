/**
 * How the core sends by SMPP: one transceiver session, kept while there is something to hear, over which messages go out and
 * receipts and answers of handsets come in.
 * Source: SMPP v3.4, issue 1.2: §4.1.5 (bind_transceiver), §4.4 (submit_sm), §4.6 (deliver_sm), appendix B (receipts).
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import { refusalMeaning } from '../../../delivery/sms-status.ts';
import { messageOf } from '../../../model/app-error.ts';
import {
  answerMsMax,
  type Say,
  type SmsAccount,
  type SmsClient,
  type SmsInbound,
  type SmsOutcome,
  type SmsOutgoing,
  type SmsReported,
  unanswered,
} from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';
import type { NoticeVerdict } from '../unify.ts';
import { addressOf } from './address.ts';
import { parseSubmit } from './parse.ts';
import {
  type CommandName,
  commandName,
  encodePdu,
  type Field,
  type Pdu,
  PduReader,
  replyBit,
  statusCode,
  tags,
} from './pdu.ts';
import { messageStates } from './schema.ts';
import { statusName } from './status.ts';
import { ownSendTag } from './submit.ts';
import { decodeText, encodeGsm, encodeUcs2, readUserDataHeader } from './text.ts';

export interface SmppClientPorts {
  /** A socket that connects to the SMSC, the sandbox's or a real one. */
  readonly connect: () => Promise<Socket>;
  readonly account: () => SmsAccount | Promise<SmsAccount>;
  readonly clock: Pick<Clock, 'after'>;
  /** Which delivery the provider calls so: what was sent by a session before this one. */
  readonly deliveryOf: (messageId: string) => Promise<string | null>;
  /** @param unit the receipt as it came */
  readonly reported: (
    deliveryId: string,
    said: readonly SmsReported[],
    unit: Uint8Array,
  ) => Promise<NoticeVerdict>;
  readonly replied: (said: SmsInbound) => Promise<void>;
  /** What suspensions go by; left out: the sandbox's. */
  readonly host?: string;
  readonly onProblem: (text: string) => void;
}

export interface SmppClient extends SmsClient {
  /** Binds, so that receipts of what was sent before a restart are heard. */
  listen(): Promise<void>;
  /** Binds, which shows whether the account is good. @throws where it is not, or there is no session */
  check(): Promise<void>;
  /**
   * What became of a message (query_sm, §4.8).
   * @param sender as it was sent by: an SMSC compares it
   * @throws where there is no session, or no answer
   */
  query(
    messageId: string,
    sender: string,
  ): Promise<{ readonly said: SmsReported | null; readonly status: string; readonly unit: Uint8Array }>;
}

const pduBytesMax = 64 * 1024 + 1_024;
/** Of a short_message; what is longer goes into message_payload (§5.2.22). */
const shortOctetsMax = 254;
const sequenceMax = 0x7fff_ffff;
const interfaceVersion = 0x34;
/** A receipt at the end, whatever it is (§5.2.17). */
const finalReceipt = 0x01;
/** §5.2.12: bits 5 to 2 say that it is a receipt; bit 6 that there is a user data header. */
const receiptBits = 0x3c;
const headerBit = 0x40;
/** Which delivery a message is: the oldest go. */
const messagesMax = 10_000;
const partsMax = 1_000;

interface Bound {
  request(command: CommandName, fields: readonly Field[], signal: AbortSignal): Promise<Pdu>;
  end(): void;
  readonly gone: () => boolean;
}

export function createSmppClient(ports: SmppClientPorts): SmppClient {
  const host = ports.host ?? smsProviderHosts.smpp;
  const messages = new Map<string, string>();
  const parts = new Map<string, Map<number, string>>();
  let binding: Promise<Bound> | null = null;
  let closed = false;

  function bound(say: Say): Promise<Bound> {
    binding ??= bind(say).catch((error: unknown) => {
      binding = null;
      throw error;
    });
    return binding;
  }

  async function bind(say: Say): Promise<Bound> {
    const socket = await ports.connect();
    const session = openSession(socket, {
      async deliver(pdu) {
        return await hear(pdu);
      },
      closed() {
        binding = null;
      },
      onProblem: ports.onProblem,
    });
    const { account, secret } = await ports.account();
    say('C', `bind_transceiver system_id=${account} password=(masked)`);
    const answer = await within(answerMsMax, (signal) =>
      session.request(
        'bind_transceiver',
        [
          { text: account },
          { text: secret },
          { text: '' },
          { integer: interfaceVersion },
          { integer: 0 },
          { integer: 0 },
          { text: '' },
        ],
        signal,
      ),
    );
    say('S', `bind_transceiver_resp ${statusName(answer.status)}`);
    if (answer.status !== 0) {
      session.end();
      throw new BindRefused(statusName(answer.status));
    }
    return session;
  }

  async function within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const cancel = ports.clock.after(ms, () => abort.abort());
    try {
      return await run(abort.signal);
    } finally {
      cancel();
    }
  }

  /** @returns command_status of the answer */
  async function hear(pdu: Pdu): Promise<number> {
    const said = parseSubmit(pdu, 'submit_sm');
    if (!('octets' in said)) return statusCode(said.status);
    const { text } = decodeText(said.octets, said.dataCoding);
    if ((said.esmClass & receiptBits) !== 0) {
      const id = receiptedId(said.optional.get(tags.receipted_message_id), text);
      const deliveryId = id === null ? null : (messages.get(id) ?? (await ports.deliveryOf(id)));
      const reported = reportIn(text, id);
      // Of a message that is nobody's any more nothing is to be heard.
      if (deliveryId === null || reported === null) return 0;
      const verdict = await ports.reported(deliveryId, [reported], pdu.bytes);
      return verdict === 'not_yet' ? statusCode('ESME_RX_T_APPN') : 0;
    }
    const number = `+${said.source.text.replace(/^\+/, '')}`;
    const sender = said.destinations[0]?.text ?? '';
    const whole =
      (said.esmClass & headerBit) === 0 ? text : joined(`${number} ${sender}`, said.octets, said.dataCoding);
    if (whole !== null) await ports.replied({ providerId: null, number, sender, text: whole });
    return 0;
  }

  /** @returns null while parts are missing */
  function joined(between: string, octets: Buffer, dataCoding: number): string | null {
    const read = readUserDataHeader(octets);
    const { text } = decodeText(read?.rest ?? octets, dataCoding);
    if (read?.part == null) return text;
    const { reference, total, sequence } = read.part;
    const key = `${between} ${reference} ${total}`;
    const found = parts.get(key) ?? new Map<number, string>();
    found.set(sequence, text);
    parts.set(key, found);
    const [oldest] = parts.keys();
    if (parts.size > partsMax && oldest !== undefined) parts.delete(oldest);
    if (found.size < total) return null;
    parts.delete(key);
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one)
      .join('');
  }

  function remember(messageId: string, deliveryId: string): void {
    messages.set(messageId, deliveryId);
    const [oldest] = messages.keys();
    if (messages.size > messagesMax && oldest !== undefined) messages.delete(oldest);
  }

  return {
    provider: 'smpp',
    host,

    async send(outgoing, { own, signal, say, responses, mayGo }) {
      if (closed) return unanswered('Sandpost stops');
      const abort = new AbortController();
      const cancel = ports.clock.after(answerMsMax, () => abort.abort());
      try {
        const session = await bound(say);
        if (mayGo?.() === false) {
          say('N', 'live relay ended before the request was written');
          return { kind: 'withdrawn' };
        }
        const fields = submitFields(outgoing, own);
        say('C', shownSubmit(outgoing));
        const answer = await session.request('submit_sm', fields, AbortSignal.any([signal, abort.signal]));
        const status = statusName(answer.status);
        const id = answer.status === 0 ? messageIdIn(answer) : '';
        responses?.smpp(host, answer.status, answer.bytes);
        say('S', `submit_sm_resp ${status}${id === '' ? '' : ` message_id=${id}`}`);
        if (answer.status !== 0) return refused(status);
        remember(id, outgoing.deliveryId);
        return { kind: 'sent', providerId: id, text: `${status} ${id}`, code: 0 };
      } catch (error) {
        if (error instanceof BindRefused) return refused(error.message);
        const why = abort.signal.aborted
          ? `no answer within ${answerMsMax / 1000} seconds: the provider may have taken it`
          : `no answer: ${messageOf(error)}`;
        say('N', why);
        return unanswered(why);
      } finally {
        cancel();
      }
    },

    async listen() {
      await bound(() => undefined);
    },

    async check() {
      await bound(() => undefined);
    },

    async query(messageId, sender) {
      const session = await bound(() => undefined);
      const source = addressOf(sender);
      const answer = await within(answerMsMax, (signal) =>
        session.request(
          'query_sm',
          [{ text: messageId }, { integer: source.ton }, { integer: source.npi }, { text: source.text }],
          signal,
        ),
      );
      return {
        said: answer.status === 0 ? stateIn(answer) : null,
        status: statusName(answer.status),
        unit: answer.bytes,
      };
    },

    async close() {
      closed = true;
      const session = await binding?.catch(() => null);
      session?.end();
    },
  };
}

class BindRefused extends Error {}

function refused(status: string): SmsOutcome {
  const meaning = refusalMeaning('smpp', status, null);
  return {
    kind: 'refused',
    deferred: meaning.kind === 'defer',
    retryAfterMs: null,
    class: meaning.class,
    code: null,
    providerCode: status,
    text: status,
  };
}

/** §4.4.1 */
function submitFields({ sender, number, text, validitySeconds }: SmsOutgoing, own: string | null): Field[] {
  const gsm = encodeGsm(text);
  const octets = gsm ?? encodeUcs2(text);
  const [source, destination] = [addressOf(sender), addressOf(number)];
  const short = octets.length <= shortOctetsMax;
  return [
    { text: '' },
    { integer: source.ton },
    { integer: source.npi },
    { text: source.text },
    { integer: destination.ton },
    { integer: destination.npi },
    { text: destination.text },
    { integer: 0 },
    { integer: 0 },
    { integer: 0 },
    { text: '' },
    { text: validitySeconds === null ? '' : relativeTime(validitySeconds) },
    { integer: finalReceipt },
    { integer: 0 },
    { integer: gsm === null ? 8 : 0 },
    { integer: 0 },
    { integer: short ? octets.length : 0 },
    { octets: short ? octets : Buffer.alloc(0) },
    ...(short ? [] : [{ tag: tags.message_payload, value: octets }]),
    ...(own === null ? [] : [{ tag: ownSendTag, value: Buffer.from(`${own}\0`, 'latin1') }]),
  ];
}

/** From now: `YYMMDDhhmmss000R` (§7.1.1). */
function relativeTime(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3_600) % 24, (seconds / 60) % 60];
  return `0000${two(days)}${two(hours)}${two(minutes)}${two(seconds % 60)}000R`;
}

function shownSubmit({ sender, number, text, unicode, validitySeconds }: SmsOutgoing): string {
  const validity = validitySeconds === null ? '' : ` validity_period=${relativeTime(validitySeconds)}`;
  return `submit_sm source_addr=${sender} destination_addr=${number} data_coding=${unicode ? 8 : 0} registered_delivery=1${validity} “${text}”`;
}

function messageIdIn({ bytes }: Pdu): string {
  const end = bytes.indexOf(0, 16);
  return bytes.toString('latin1', 16, end < 0 ? bytes.length : end);
}

/** §4.8.2: message_id, final_date, message_state, error_code. */
function stateIn(answer: Pdu): SmsReported | null {
  const id = messageIdIn(answer);
  const dateEnd = answer.bytes.indexOf(0, 16 + id.length + 1);
  if (dateEnd < 0 || dateEnd + 2 >= answer.bytes.length) return null;
  const state = answer.bytes.readUInt8(dateEnd + 1);
  const code = answer.bytes.readUInt8(dateEnd + 2);
  const word = Object.keys(messageStates).findLast((name) => messageStates[name] === state);
  return word === undefined
    ? null
    : { providerId: id, status: word, code: code === 0 ? null : String(code).padStart(3, '0'), reason: null };
}

function receiptedId(tag: Buffer | undefined, text: string): string | null {
  if (tag !== undefined) return tag.toString('latin1').replace(/\0.*$/s, '');
  return /\bid:(\S+)/.exec(text)?.[1] ?? null;
}

/** Appendix B: `id:… sub:001 dlvrd:001 … stat:DELIVRD err:000 text:…`. */
function reportIn(text: string, providerId: string | null): SmsReported | null {
  const status = /\bstat:(\w+)/.exec(text)?.[1];
  const code = /\berr:(\w+)/.exec(text)?.[1] ?? null;
  return status === undefined
    ? null
    : { providerId, status, code: code === null || /^0*$/.test(code) ? null : code, reason: null };
}

function openSession(
  socket: Socket,
  about: {
    readonly deliver: (pdu: Pdu) => Promise<number>;
    readonly closed: () => void;
    readonly onProblem: (text: string) => void;
  },
): Bound {
  const reader = new PduReader(pduBytesMax);
  const waiting = new Map<number, { resolve: (pdu: Pdu) => void; reject: (error: Error) => void }>();
  let sequence = 0;
  let gone = false;
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    for (let next = reader.next(); next !== null; next = reader.next()) {
      if ('why' in next) {
        socket.destroy(new Error(next.why));
        return;
      }
      took(next);
    }
  });
  socket.on('error', (error) => lost(error));
  socket.on('close', () => lost(new Error('the provider closed the session')));

  function lost(error: Error): void {
    if (gone) return;
    gone = true;
    about.closed();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function took(pdu: Pdu): void {
    if (pdu.id >= replyBit) {
      waiting.get(pdu.sequence)?.resolve(pdu);
      waiting.delete(pdu.sequence);
      return;
    }
    const command = commandName(pdu.id);
    switch (command) {
      case 'enquire_link':
        socket.write(encodePdu('enquire_link_resp', { sequence: pdu.sequence }));
        return;
      case 'unbind':
        socket.end(encodePdu('unbind_resp', { sequence: pdu.sequence }));
        return;
      case 'deliver_sm':
        about
          .deliver(pdu)
          .catch((error: unknown) => {
            about.onProblem(`what an SMSC told could not be kept: ${messageOf(error)}`);
            return statusCode('ESME_RX_T_APPN');
          })
          .then((status) => {
            const fields = status === 0 ? [{ text: '' }] : [];
            if (!gone) socket.write(encodePdu('deliver_sm_resp', { status, sequence: pdu.sequence, fields }));
          })
          .catch((error: unknown) => lost(error instanceof Error ? error : new Error(messageOf(error))));
        return;
      default:
        socket.write(
          encodePdu('generic_nack', { status: statusCode('ESME_RINVCMDID'), sequence: pdu.sequence }),
        );
    }
  }

  return {
    gone: () => gone,
    request(command, fields, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Pdu>();
      if (gone) {
        reject(new Error('the session is closed'));
        return promise;
      }
      sequence = sequence >= sequenceMax ? 1 : sequence + 1;
      const mine = sequence;
      const stop = (): void => {
        waiting.delete(mine);
        reject(new Error('it was given up'));
      };
      signal.addEventListener('abort', stop, { once: true });
      const settled = (): void => signal.removeEventListener('abort', stop);
      waiting.set(mine, {
        resolve(pdu) {
          settled();
          resolve(pdu);
        },
        reject(error) {
          settled();
          reject(error);
        },
      });
      socket.write(encodePdu(command, { sequence: mine, fields }));
      return promise;
    },
    end() {
      socket.end(encodePdu('unbind', { sequence: sequence + 1 }));
      // Its answer is not waited for.
      socket.unref();
    },
  };
}
