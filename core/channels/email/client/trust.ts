/** Which certificate a server may answer with, where that is asked at all. */
import { createHash } from 'node:crypto';
import type { SecureContext, TLSSocket } from 'node:tls';
import { messageOf } from '../../../model/app-error.ts';

export interface Trust {
  /** Holds the roots. */
  readonly context: SecureContext;
  /** SHA-256 of a certificate (DER) in hex. With any of them, one of these alone may answer, and no root is asked. */
  readonly pins: readonly string[];
}

/** @returns why nothing is to be said to it, or null */
export function distrustOf(socket: TLSSocket, { pins }: Trust): string | null {
  if (pins.length === 0)
    return socket.authorized
      ? null
      : `its certificate is not trusted: ${messageOf(socket.authorizationError)}`;
  const { raw } = socket.getPeerCertificate();
  const own = raw === undefined ? '' : createHash('sha256').update(raw).digest('hex');
  return pins.map(plainHex).includes(own)
    ? null
    : `its certificate is none of those that are pinned: its SHA-256 is ${own === '' ? 'not known' : own}`;
}

/** Tools write it with colons and in capitals. */
function plainHex(pin: string): string {
  return pin.replace(/[:\s]/g, '').toLowerCase();
}
