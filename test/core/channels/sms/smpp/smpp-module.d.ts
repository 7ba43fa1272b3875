/** What of npm's smpp the tests use; it comes without types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';

  export interface ClientPdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly message_id?: string;
    readonly [field: string]: unknown;
    response(options?: Readonly<Record<string, unknown>>): ClientPdu;
    toBuffer(): Buffer;
  }
  type Command = (fields?: Readonly<Record<string, unknown>>, answered?: (pdu: ClientPdu) => void) => boolean;
  export interface Session extends EventEmitter {
    readonly bind_transceiver: Command;
    readonly bind_transmitter: Command;
    readonly bind_receiver: Command;
    readonly submit_sm: Command;
    readonly submit_multi: Command;
    readonly data_sm: Command;
    readonly query_sm: Command;
    readonly cancel_sm: Command;
    readonly replace_sm: Command;
    readonly enquire_link: Command;
    readonly unbind: Command;
    send(pdu: ClientPdu, answered?: (pdu: ClientPdu) => void): boolean;
    close(closed?: () => void): void;
    destroy(): void;
  }
  interface Smpp {
    connect(options: { readonly url: string }, connected?: () => void): Session;
    readonly PDU: new (command: string | Buffer, fields?: Readonly<Record<string, unknown>>) => ClientPdu;
    readonly errors: Readonly<Record<string, number>>;
  }
  const smpp: Smpp;
  export default smpp;
}
