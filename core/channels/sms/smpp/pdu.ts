/**
 * SMPP 3.4 protocol data units as bytes and back. Strict about lengths, for what comes in is anybody's: a field that does not
 * end, or that ends beyond its unit, is a fault with the command_status that the specification has for it. Pure.
 *
 * Source: SMPP v3.4, issue 1.2: §3.2 (format), §4 (commands), §5.2 and §5.3 (fields).
 */
import { type CommandStatus, commandStatuses } from './status.ts';

export const commandIds = {
  generic_nack: 0x8000_0000,
  bind_receiver: 0x01,
  bind_receiver_resp: 0x8000_0001,
  bind_transmitter: 0x02,
  bind_transmitter_resp: 0x8000_0002,
  query_sm: 0x03,
  query_sm_resp: 0x8000_0003,
  submit_sm: 0x04,
  submit_sm_resp: 0x8000_0004,
  deliver_sm: 0x05,
  deliver_sm_resp: 0x8000_0005,
  unbind: 0x06,
  unbind_resp: 0x8000_0006,
  replace_sm: 0x07,
  replace_sm_resp: 0x8000_0007,
  cancel_sm: 0x08,
  cancel_sm_resp: 0x8000_0008,
  bind_transceiver: 0x09,
  bind_transceiver_resp: 0x8000_0009,
  outbind: 0x0b,
  enquire_link: 0x15,
  enquire_link_resp: 0x8000_0015,
  submit_multi: 0x21,
  submit_multi_resp: 0x8000_0021,
  alert_notification: 0x102,
  data_sm: 0x103,
  data_sm_resp: 0x8000_0103,
} as const;
export type CommandName = keyof typeof commandIds;

const commandNames = new Map<number, CommandName>();
for (const [name, id] of Object.entries(commandIds)) if (isCommandName(name)) commandNames.set(id, name);

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commandIds, name);
}

export function commandName(id: number): CommandName | null {
  return commandNames.get(id) ?? null;
}

/** Optional parameters (§5.3.2) that mean something here. */
export const tags = {
  sc_interface_version: 0x0210,
  receipted_message_id: 0x001e,
  network_error_code: 0x0423,
  message_payload: 0x0424,
  message_state: 0x0427,
  sar_msg_ref_num: 0x020c,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  user_message_reference: 0x0204,
  /**
   * Our own sends say by this which delivery they are (a vendor's parameter, §3.2.4.1: 0x1400 to 0x3fff). Its value is worth
   * something only in this run, and only from this machine.
   */
  ownSend: 0x1501,
} as const;

export const headerBytes = 16;
/** Replies and requests carry it the other way round. */
export const replyBit = 0x8000_0000;

export interface Pdu {
  readonly id: number;
  readonly status: number;
  readonly sequence: number;
  /** All of it, the header too. */
  readonly bytes: Buffer;
}

/** What stands before a session's end: the stream cannot be read on from there. */
export interface FrameFault {
  readonly status: CommandStatus;
  readonly sequence: number;
  readonly why: string;
}

/** Cuts a stream into units. */
export class PduReader {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Bytes of a unit that has not come whole. */
  get waiting(): number {
    return this.#bytes;
  }

  /** @returns null: the rest has to come first */
  next(): Pdu | FrameFault | null {
    if (this.#bytes < 4) return null;
    const length = this.#peek(4).readUInt32BE(0);
    if (length < headerBytes || length > this.#bytesMax) {
      const header = this.#peek(headerBytes);
      return {
        status: 'ESME_RINVCMDLEN',
        sequence: header.length >= headerBytes ? header.readUInt32BE(12) : 0,
        why: `command_length is ${length}: ${headerBytes} to ${this.#bytesMax} are taken`,
      };
    }
    if (this.#bytes < length) return null;
    const bytes = this.#take(length);
    return {
      id: bytes.readUInt32BE(4),
      status: bytes.readUInt32BE(8),
      sequence: bytes.readUInt32BE(12),
      bytes,
    };
  }

  /** The first so many bytes, or all there are; nothing is taken. */
  #peek(count: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    return this.#joined().subarray(0, count);
  }

  #take(count: number): Buffer {
    const all = this.#joined();
    this.#bytes -= count;
    this.#chunks = this.#bytes === 0 ? [] : [all.subarray(count)];
    return all.subarray(0, count);
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0), ...others] = this.#chunks;
    if (others.length === 0) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

/** Reads the fields of a unit one after another. The first fault stays; what is read after it is empty. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = headerBytes;
  #fault: CommandStatus | null = null;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get fault(): CommandStatus | null {
    return this.#fault;
  }

  integer(): number {
    if (this.#at >= this.#bytes.length) {
      this.#fail('ESME_RINVCMDLEN');
      return 0;
    }
    return this.#bytes[this.#at++] ?? 0;
  }

  /**
   * C-octet string.
   * @param octetsMax with its closing NUL, as the specification gives it
   * @param fault of one that is longer
   */
  text(octetsMax: number, fault: CommandStatus): string {
    if (this.#fault !== null) return '';
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) {
      this.#fail('ESME_RINVCMDLEN');
      return '';
    }
    if (end + 1 - this.#at > octetsMax) {
      this.#fail(fault);
      return '';
    }
    const text = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  octets(count: number, fault: CommandStatus): Buffer {
    if (this.#fault !== null) return Buffer.alloc(0);
    if (this.#at + count > this.#bytes.length) {
      this.#fail(fault);
      return Buffer.alloc(0);
    }
    const octets = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return octets;
  }

  /** What stands behind the mandatory fields (§3.2.4.1). Of one that comes twice the first counts. */
  optional(): ReadonlyMap<number, Buffer> {
    const found = new Map<number, Buffer>();
    while (this.#fault === null && this.#at < this.#bytes.length) {
      if (this.#at + 4 > this.#bytes.length) {
        this.#fail('ESME_RINVOPTPARSTREAM');
        break;
      }
      const tag = this.#bytes.readUInt16BE(this.#at);
      const length = this.#bytes.readUInt16BE(this.#at + 2);
      this.#at += 4;
      const value = this.octets(length, 'ESME_RINVPARLEN');
      if (this.#fault === null && !found.has(tag)) found.set(tag, value);
    }
    return found;
  }

  #fail(status: CommandStatus): void {
    this.#fault ??= status;
  }
}

/** Mandatory fields in their order. */
export type Field =
  | { readonly integer: number }
  | { readonly text: string }
  | { readonly octets: Uint8Array }
  | { readonly tag: number; readonly value: Uint8Array };

/** A unit of ours. A reply that says no has no body (§4.1.2 and the like). */
export function encodePdu(
  command: CommandName,
  {
    status = 0,
    sequence,
    fields = [],
  }: {
    readonly status?: number;
    readonly sequence: number;
    readonly fields?: readonly Field[];
  },
): Buffer {
  const body = fields.map((field): Uint8Array => {
    if ('integer' in field) return Uint8Array.of(field.integer);
    if ('text' in field) return Buffer.from(`${field.text}\0`, 'latin1');
    if ('octets' in field) return field.octets;
    const head = Buffer.alloc(4);
    head.writeUInt16BE(field.tag, 0);
    head.writeUInt16BE(field.value.length, 2);
    return Buffer.concat([head, field.value]);
  });
  const length = headerBytes + body.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(commandIds[command], 4);
  header.writeUInt32BE(status, 8);
  header.writeUInt32BE(sequence, 12);
  return Buffer.concat([header, ...body]);
}

export function statusCode(name: CommandStatus): number {
  return commandStatuses[name];
}
