/** Makes what goes over the wire of a stored message: egress, then the signatures. Pure but for the keys it keeps parsed. */
import type { EgressChange, SignatureEvidence } from '../../../model/delivery.ts';
import { type SigningKey, signMessage } from '../dkim.ts';
import { type Egress, type EgressContext, egress, type HopAbilities } from '../egress.ts';
import { withDeliveryToken } from '../tracking.ts';

export interface PrepareRequest {
  /** Of the message, in the store. */
  readonly seq: number;
  readonly hop: HopAbilities;
  readonly context: EgressContext;
  readonly keys: readonly SigningKey[];
  /** For `t=` of the signatures: real time, never virtual. */
  readonly wallSeconds: number;
  /** A hop on the way puts a line under the body after it was signed (the fault `dkim_body_altered`). */
  readonly alterBody: boolean;
  /** Of a message that is tracked: its own token, and that of the one delivery that the bytes are for. */
  readonly tokens: { readonly message: string; readonly delivery: string } | null;
}

export type Prepared =
  | {
      readonly ok: true;
      readonly content: Uint8Array;
      readonly changes: readonly EgressChange[];
      readonly signatures: readonly SignatureEvidence[];
      readonly eightBit: boolean;
      readonly needsSmtputf8: boolean;
    }
  | Extract<Egress, { ok: false }>;

const relayFooter = Buffer.from('\r\n-- \r\nThis message was checked by a relay on its way.\r\n');

export function prepare(raw: Uint8Array, request: PrepareRequest): Prepared {
  const { tokens } = request;
  const own = tokens === null ? raw : withDeliveryToken(raw, tokens.message, tokens.delivery);
  const made = egress(own, request.hop, request.context);
  if (!made.ok) return made;
  const { head, body, changes, eightBit, needsSmtputf8 } = made;
  const { text, evidence } = signMessage(head, body, request.keys, request.wallSeconds);
  const pieces = [Buffer.from(text, 'latin1'), head, body, ...(request.alterBody ? [relayFooter] : [])];
  return {
    ok: true,
    content: joined(pieces),
    changes: request.alterBody
      ? [
          ...changes,
          {
            code: 'altered_in_transit',
            detail:
              'a relay on the way put a footer under the body after it was signed (a fault set for the domain)',
          },
        ]
      : changes,
    signatures: evidence,
    eightBit,
    needsSmtputf8,
  };
}

/** In memory of its own, so that a thread can give it away whole. */
function joined(pieces: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
