/**
 * One SMPP session: who is bound and how, what may be asked in which state, what waits for an answer. It knows no socket.
 * Source: SMPP 3.4 §2.2 (states), §2.3 (which command in which state).
 */
import type { Clock } from '../../../clock.ts';
import type { SmppHandover } from '../../../delivery/sms-far-side.ts';
import { Transcript } from '../../../doors/transcript.ts';
import type { SmppCallback } from '../../../model/callback.ts';
import type { TranscriptLine } from '../../../model/delivery.ts';
import type { ExchangeEnd, ExchangeStart } from '../../../model/message.ts';
import { takeCancel, takeQuery, takeReplace } from './orders.ts';
import { parseBind } from './parse.ts';
import {
  type CommandName,
  commandName,
  encodePdu,
  type Field,
  type Pdu,
  PduReader,
  replyBit,
  tags,
} from './pdu.ts';
import type { Reassembly } from './reassembly.ts';
import { deliverPdu } from './report.ts';
import type { Submit } from './schema.ts';
import { type CommandStatus, commandStatuses, statusName } from './status.ts';
import { type Outcome, type SmppDoorPorts, type Submitter, takeSubmit } from './submit.ts';
import { shownPdu } from './transcript.ts';

export interface SessionLimits {
  /** The longest unit that is taken: message_payload has up to 64 KB (§5.3.2.32). */
  readonly pduBytesMax: number;
  /** Units of a client that wait for their answer. */
  readonly windowMax: number;
  /** deliver_sm that a client has not answered. */
  readonly deliverWindowMax: number;
  /** From the connection to the bind. */
  readonly unboundMsMax: number;
  /** Nothing was heard for so long: enquire_link. */
  readonly enquireAfterMs: number;
  /** No answer to enquire_link for so long: the connection is gone. */
  readonly enquireMsMax: number;
  readonly bindTriesMax: number;
}

export interface SmppLink {
  readonly remoteAddress: string;
  readonly remotePort: number;
  write(bytes: Buffer): void;
  /** After what was written. */
  end(): void;
  cut(): void;
  slow(bytesPerSecond: number): void;
}

export interface SessionPorts {
  readonly door: SmppDoorPorts;
  readonly reassembly: Reassembly;
  /** Whether one more may be bound by that system_id. */
  roomFor(systemId: string): boolean;
  /** Somebody is there who takes deliver_sm. */
  receiverBound(systemId: string): void;
  /** A deliver_sm was answered: another may go. */
  deliverRoom(): void;
}

type Mode = 'transmitter' | 'receiver' | 'transceiver';

const modes: Readonly<Partial<Record<CommandName, Mode>>> = {
  bind_transmitter: 'transmitter',
  bind_receiver: 'receiver',
  bind_transceiver: 'transceiver',
};
const ourSystemId = 'sandpost';
const interfaceVersion = 0x34;
const sequenceMax = 0x7fff_ffff;

interface Pending {
  readonly answered: (handover: SmppHandover) => void;
  readonly said: TranscriptLine[];
  readonly startedMs: number;
}

export class SmppSession {
  readonly exchangeId: string;
  readonly #link: SmppLink;
  readonly #limits: SessionLimits;
  readonly #ports: SessionPorts;
  readonly #clock: Clock;
  readonly #reader: PduReader;
  readonly #transcript = new Transcript();
  readonly #startedMs: number;
  readonly #startedAtMs: number;
  readonly #pending = new Map<number, Pending>();
  #mode: Mode | null = null;
  #systemId = '';
  #password = '';
  #systemType = '';
  #bindTries = 0;
  #closed = false;
  #underWay = 0;
  #whenIdle: (() => void) | null = null;
  #sequence = 0;
  #heardMs: number;
  #enquiredMs: number | null = null;
  #messages = 0;
  #refusals = 0;
  #reason: string | null = null;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(link: SmppLink, limits: SessionLimits, ports: SessionPorts) {
    this.#link = link;
    this.#limits = limits;
    this.#ports = ports;
    this.#clock = ports.door.clock;
    this.exchangeId = ports.door.newId();
    this.#startedMs = this.#clock.monotonicMs();
    this.#startedAtMs = this.#clock.wallMs();
    this.#heardMs = this.#startedMs;
    this.#reader = new PduReader(limits.pduBytesMax);
  }

  get systemId(): string {
    return this.#systemId;
  }

  get bound(): boolean {
    return this.#mode !== null && !this.#closed;
  }

  get receives(): boolean {
    return this.bound && this.#mode !== 'transmitter';
  }

  get hasDeliverRoom(): boolean {
    return this.receives && this.#pending.size < this.#limits.deliverWindowMax;
  }

  get delivering(): number {
    return this.#pending.size;
  }

  feed(chunk: Buffer): void {
    this.#bytesIn += chunk.length;
    this.#heardMs = this.#clock.monotonicMs();
    this.#reader.push(chunk);
    while (!this.#closed) {
      const unit = this.#reader.next();
      if (unit === null) return;
      if ('why' in unit) {
        this.#refused(unit.why);
        this.#send('generic_nack', unit.sequence, { status: unit.status });
        this.close(unit.why);
        return;
      }
      this.#heard(unit);
    }
  }

  /** Whether it is time to ask if somebody is there, or to give the session up. */
  check(): void {
    if (this.#closed) return;
    const nowMs = this.#clock.monotonicMs();
    if (this.#mode === null) {
      if (nowMs - this.#startedMs >= this.#limits.unboundMsMax) this.close('nobody bound in time');
      return;
    }
    if (this.#enquiredMs !== null) {
      if (nowMs - this.#enquiredMs >= this.#limits.enquireMsMax) {
        this.note('no answer to enquire_link');
        this.close('no answer to enquire_link', true);
      }
      return;
    }
    if (nowMs - this.#heardMs < this.#limits.enquireAfterMs || this.#underWay > 0) return;
    this.#enquiredMs = nowMs;
    this.#send('enquire_link', this.#nextSequence());
  }

  /** Hands one deliver_sm over; settles with its answer, with the end of the session, or when `signal` says so. */
  deliver(callback: SmppCallback, signal: AbortSignal): Promise<SmppHandover> {
    const sequence = this.#nextSequence();
    const unit = deliverPdu(callback, sequence);
    if (unit === null)
      return Promise.resolve({
        kind: 'rejected',
        commandStatus: null,
        text: 'what was kept is no deliver_sm; another version of Sandpost kept it',
      });
    return new Promise((resolve) => {
      const startedMs = this.#clock.monotonicMs();
      const said: TranscriptLine[] = [];
      const late = (): void => {
        if (this.#pending.delete(sequence)) {
          resolve(
            withTranscript(said, { kind: 'noAnswer', commandStatus: null, text: 'no deliver_sm_resp came' }),
          );
          this.#ports.deliverRoom();
        }
      };
      this.#pending.set(sequence, {
        said,
        startedMs,
        answered: (handover) => {
          signal.removeEventListener('abort', late);
          resolve(withTranscript(said, handover));
        },
      });
      signal.addEventListener('abort', late, { once: true });
      // What goes to the app is the provider's side of the talk.
      said.push({ by: 'C', atMs: 0, text: this.#write(unit) });
    });
  }

  note(text: string): void {
    this.#transcript.add('N', this.#elapsedMs(), text);
  }

  /** @param now with what was not answered yet left so */
  close(why: string | null, now = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reason ??= why;
    if (now) this.#link.cut();
    else this.#link.end();
    this.#giveUp();
  }

  /** The door closes: what is under way comes to its end first. */
  async finish(): Promise<void> {
    if (this.#closed) return;
    if (this.#mode !== null) this.#send('unbind', this.#nextSequence());
    if (this.#underWay > 0)
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    this.close('Sandpost stopped');
  }

  /** The socket is gone. @returns the exchange that it was */
  ended(why: string | null): ExchangeEnd {
    if (!this.#closed && this.#mode !== null) this.note('the client went away without unbind');
    this.#closed = true;
    this.#reason ??= why;
    this.#giveUp();
    return {
      start: this.#exchangeStart(),
      endedAtMs: this.#clock.wallMs(),
      outcome: this.#messages > 0 ? 'accepted' : this.#refusals > 0 ? 'refused' : 'empty',
      reason: this.#refusals > 0 ? this.#reason : null,
      messages: this.#messages,
      refusals: this.#refusals,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      transcript: this.#transcript.take(),
    };
  }

  #giveUp(): void {
    for (const { answered } of this.#pending.values())
      answered({
        kind: 'noAnswer',
        commandStatus: null,
        text: 'the connection was closed before deliver_sm_resp came',
      });
    this.#pending.clear();
  }

  #heard(pdu: Pdu): void {
    const line = shownPdu(pdu);
    this.#transcript.add('C', this.#elapsedMs(), line);
    if (pdu.id >= replyBit) return this.#answered(pdu, line);
    const command = commandName(pdu.id);
    if (command === null) {
      this.#refused(`command_id 0x${pdu.id.toString(16)} is none of SMPP 3.4`);
      this.#send('generic_nack', pdu.sequence, { status: 'ESME_RINVCMDID' });
      return;
    }
    switch (command) {
      case 'bind_transmitter':
      case 'bind_receiver':
      case 'bind_transceiver':
        return this.#bind(pdu, command);
      case 'enquire_link':
        return this.#send('enquire_link_resp', pdu.sequence);
      case 'unbind':
        return this.#unbind(pdu);
      case 'submit_sm':
      case 'submit_multi':
      case 'data_sm':
        return this.#submit(pdu, command);
      case 'query_sm':
      case 'cancel_sm':
      case 'replace_sm':
        return this.#order(pdu, command);
      default:
        // deliver_sm, outbind, alert_notification: what only an SMSC says.
        this.#refused(`${command} is nothing that an ESME says`);
        return this.#send('generic_nack', pdu.sequence, { status: 'ESME_RINVCMDID' });
    }
  }

  #bind(pdu: Pdu, command: 'bind_transmitter' | 'bind_receiver' | 'bind_transceiver'): void {
    const answer = `${command}_resp` as const;
    const refuse = (status: CommandStatus, why: string): void => {
      this.#refused(why);
      this.#send(answer, pdu.sequence, { status });
      if (++this.#bindTries >= this.#limits.bindTriesMax) this.close(why);
    };
    if (this.#mode !== null) return refuse('ESME_RALYBND', 'this session is bound already: unbind first');
    const bind = parseBind(pdu);
    if ('why' in bind) return refuse(bind.status, bind.why);
    const { systemId, password } = bind;
    if (systemId === '') return refuse('ESME_RINVSYSID', 'system_id is empty');
    if (password === '') return refuse('ESME_RINVPASWD', 'password is empty');
    const fixed = this.#ports.door.farSide.settings().credentials.smpp ?? [];
    if (fixed.length > 0) {
      const known = fixed.find(({ account }) => account === systemId);
      if (known === undefined)
        return refuse('ESME_RINVSYSID', `${systemId} is none of the system_ids in the settings`);
      if (known.secret !== password)
        return refuse('ESME_RINVPASWD', `the password of ${systemId} is another`);
    }
    if (!this.#ports.roomFor(systemId)) return refuse('ESME_RBINDFAIL', `too many sessions of ${systemId}`);
    this.#mode = modes[command] ?? null;
    this.#systemId = systemId;
    this.#password = password;
    this.#systemType = bind.systemType;
    this.#send(answer, pdu.sequence, {
      fields: [
        { text: ourSystemId },
        { tag: tags.sc_interface_version, value: Uint8Array.of(interfaceVersion) },
      ],
    });
    if (this.receives) this.#ports.receiverBound(systemId);
  }

  #unbind(pdu: Pdu): void {
    this.#send('unbind_resp', pdu.sequence, this.#mode === null ? { status: 'ESME_RINVBNDSTS' } : {});
    this.close(null);
  }

  #submit(pdu: Pdu, command: Submit['command']): void {
    const answer = `${command}_resp` as const;
    if (this.#mode === null || this.#mode === 'receiver') {
      this.#refused(
        this.#mode === null
          ? `${command} before a bind`
          : `${command} over a receiver: bind as a transmitter or transceiver`,
      );
      return this.#send(answer, pdu.sequence, { status: 'ESME_RINVBNDSTS' });
    }
    if (this.#underWay >= this.#limits.windowMax) {
      this.#refused(
        `more than ${this.#limits.windowMax} units wait for their answer: keep to a smaller window`,
      );
      return this.#send(answer, pdu.sequence, { status: 'ESME_RTHROTTLED' });
    }
    const work = takeSubmit(pdu, command, this.#submitter(), this.#ports.reassembly, this.#ports.door);
    this.#whileUnderWay(
      work.then((outcome) => this.#submitted(pdu, command, outcome)),
      pdu,
    );
  }

  #submitted(pdu: Pdu, command: Submit['command'], outcome: Outcome): void {
    if (outcome.bytesPerSecond !== null) this.#link.slow(outcome.bytesPerSecond);
    if (outcome.why === null) this.#messages += outcome.stored;
    else this.#refused(outcome.why);
    if (outcome.cut) {
      this.note('the connection was cut on purpose');
      return this.close('cut on purpose', true);
    }
    const say = (): void => {
      this.#send(`${command}_resp`, pdu.sequence, {
        code: outcome.status,
        fields: outcome.status === 0 ? submitFields(command, outcome) : [],
      });
    };
    if (outcome.lateMs === 0) say();
    else this.#later(outcome.lateMs, say);
  }

  #order(pdu: Pdu, command: 'query_sm' | 'cancel_sm' | 'replace_sm'): void {
    const answer = `${command}_resp` as const;
    if (this.#mode === null || this.#mode === 'receiver') {
      this.#refused(`${command} needs a transmitter or a transceiver`);
      return this.#send(answer, pdu.sequence, { status: 'ESME_RINVBNDSTS' });
    }
    if (this.#underWay >= this.#limits.windowMax) {
      this.#refused(`more than ${this.#limits.windowMax} units wait for their answer`);
      return this.#send(answer, pdu.sequence, { status: 'ESME_RTHROTTLED' });
    }
    const { door } = this.#ports;
    const systemId = this.#systemId;
    const work =
      command === 'query_sm'
        ? takeQuery(pdu, systemId, door)
        : command === 'cancel_sm'
          ? takeCancel(pdu, systemId, door)
          : takeReplace(pdu, { systemId, exchangeId: this.exchangeId }, door);
    this.#whileUnderWay(
      work.then(({ status, why, fields }) => {
        if (why !== null) this.#refused(why);
        this.#send(answer, pdu.sequence, { code: status, fields });
      }),
      pdu,
    );
  }

  #whileUnderWay(work: Promise<void>, pdu: Pdu): void {
    this.#underWay++;
    void work
      .catch((error: unknown) => {
        this.#ports.door.onProblem(`the SMPP door could not answer ${shownPdu(pdu)}: ${String(error)}`);
        const command = commandName(pdu.id);
        this.#write(
          encodePdu(command === 'submit_sm' ? 'submit_sm_resp' : 'generic_nack', {
            status: commandStatuses.ESME_RSYSERR,
            sequence: pdu.sequence,
          }),
        );
      })
      .finally(() => {
        this.#underWay--;
        if (this.#underWay > 0) return;
        this.#whenIdle?.();
        this.#whenIdle = null;
      });
  }

  #later(delayMs: number, run: () => void): void {
    this.#underWay++;
    this.#clock.after(delayMs, () => {
      this.#underWay--;
      run();
    });
  }

  #answered(pdu: Pdu, line: string): void {
    const command = commandName(pdu.id);
    if (command === 'enquire_link_resp') {
      this.#enquiredMs = null;
      return;
    }
    // A generic_nack of a deliver_sm is an answer to it too (§4.3).
    const pending = this.#pending.get(pdu.sequence);
    if (pending === undefined || !(command === 'deliver_sm_resp' || command === 'generic_nack')) {
      if (command !== 'unbind_resp' && command !== 'generic_nack') this.note('an answer to nothing');
      return;
    }
    this.#pending.delete(pdu.sequence);
    pending.said.push({
      by: 'S',
      atMs: Math.round((this.#clock.monotonicMs() - pending.startedMs) * 10) / 10,
      text: line,
    });
    const text = `deliver_sm_resp ${statusName(pdu.status)}`;
    pending.answered({ kind: judged(pdu.status), commandStatus: pdu.status, text });
    this.#ports.deliverRoom();
  }

  #submitter(): Submitter {
    return {
      systemId: this.#systemId,
      password: this.#password,
      remoteAddress: this.#link.remoteAddress,
      exchangeId: this.exchangeId,
      part: () => {
        const said = this.#transcript.take();
        return {
          exchange: { start: this.#exchangeStart(), transcript: said },
          restore: () => this.#transcript.restore(said),
        };
      },
    };
  }

  #refused(why: string): void {
    this.#refusals++;
    this.#reason = why;
    this.note(why);
  }

  #send(
    command: CommandName,
    sequence: number,
    about: {
      readonly status?: CommandStatus;
      readonly code?: number;
      readonly fields?: readonly Field[];
    } = {},
  ): void {
    const { status, code, fields = [] } = about;
    this.#write(
      encodePdu(command, {
        sequence,
        status: status === undefined ? (code ?? 0) : commandStatuses[status],
        fields,
      }),
    );
  }

  #write(bytes: Buffer): string {
    const line = shownPdu({
      id: bytes.readUInt32BE(4),
      status: bytes.readUInt32BE(8),
      sequence: bytes.readUInt32BE(12),
      bytes,
    });
    this.#transcript.add('S', this.#elapsedMs(), line);
    this.#bytesOut += bytes.length;
    this.#link.write(bytes);
    return line;
  }

  #nextSequence(): number {
    this.#sequence = this.#sequence >= sequenceMax ? 1 : this.#sequence + 1;
    return this.#sequence;
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #exchangeStart(): ExchangeStart {
    return {
      id: this.exchangeId,
      door: 'smpp',
      kind: 'smpp',
      startedAtMs: this.#startedAtMs,
      remoteAddress: this.#link.remoteAddress,
      remotePort: this.#link.remotePort,
      clientName: this.#systemType === '' ? null : this.#systemType,
      user: this.#systemId === '' ? null : this.#systemId,
      tls: null,
    };
  }
}

function withTranscript(said: readonly TranscriptLine[], handover: SmppHandover): SmppHandover {
  return { ...handover, transcript: said };
}

/** "Temporary" is to be tried again, "permanent" and "reject" never (§5.1.3); so is what says nothing of either. */
function judged(status: number): 'done' | 'refused' | 'rejected' {
  switch (status) {
    case commandStatuses.ESME_ROK:
      return 'done';
    case commandStatuses.ESME_RX_P_APPN:
    case commandStatuses.ESME_RX_R_APPN:
      return 'rejected';
    default:
      return 'refused';
  }
}

/** §4.4.2, §4.5.2 */
function submitFields(command: Submit['command'], { messageId, unsuccessful }: Outcome): readonly Field[] {
  const id: Field = { text: messageId };
  if (command !== 'submit_multi') return [id];
  return [
    id,
    { integer: unsuccessful.length },
    ...unsuccessful.flatMap(({ address, status }): readonly Field[] => {
      const code = Buffer.alloc(4);
      code.writeUInt32BE(status, 0);
      return [{ integer: address.ton }, { integer: address.npi }, { text: address.text }, { octets: code }];
    }),
  ];
}
