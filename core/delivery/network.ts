/**
 * The way to other hosts, as a port: in the sandbox it leads to the simulated internet on loopback, live to the real
 * one. The SMTP client is the same for both.
 */
import type { Socket } from 'node:net';
import type { Authentication } from '../model/authentication.ts';
import type { Stream } from '../model/delivery.ts';
import type { Cause, Decision, FarSideOrders } from '../rules/decision.ts';
import type { ActionKind, Point } from '../rules/schema.ts';

/** What the far side of the sandbox may know about a connection of ours, without a word on the wire. */
export interface OutboundConnection {
  /** Random, for this connection only. */
  readonly id: string;
  /** Simulated address that it comes from; null: it goes to the real internet. */
  readonly fromIp: string | null;
  /** The transaction under way, set before each MAIL FROM. */
  transaction: OutboundTransaction | null;
  /** What is to be done to the connection as a whole; one that has orders is used for its own deliveries alone. */
  readonly orders?: ConnectionOrders;
}

/** Something that a rule ordered was done. */
export interface CarriedOut {
  /** Of the envelope; null: everyone of the transaction. */
  readonly recipient: string | null;
  readonly cause: Cause;
  readonly action: ActionKind;
  readonly point: Point;
}

export interface ConnectionOrders {
  readonly decisions: readonly Decision[];
  carriedOut(done: CarriedOut): void;
}

export interface TransactionOrders {
  /** By the recipient as it stands in the envelope. */
  readonly of: ReadonlyMap<string, FarSideOrders>;
  carriedOut(done: CarriedOut): void;
}

export interface OutboundTransaction {
  readonly messageId: string;
  /** Envelope recipient → id of its delivery. */
  readonly deliveries: ReadonlyMap<string, string>;
  /** The kind of traffic that the sender takes it for, also where no header says so; absent where that is not known. */
  readonly stream?: Stream;
  /** Absent where there are none. */
  readonly orders?: TransactionOrders;
  /** Set by the far side at the end of DATA, also when it refuses: who it found the sender to be. */
  verdict: Authentication | null;
}

export interface Network {
  /**
   * Opens a TCP connection to a host of the internet.
   * @throws an error with `code` ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH …
   */
  connect(
    to: { readonly host: string; readonly address: string; readonly port: number },
    connection: OutboundConnection,
  ): Promise<Socket>;
}
