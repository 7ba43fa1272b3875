/** What an envelope asks of the server that takes a message, about notices (RFC 3461 §4). Pure. */
import { z } from 'zod';
import { xtext } from '../../delivery/dsn-policy.ts';
import type { Parameters } from '../../doors/smtp/command.ts';

export interface DsnWishes {
  /** Upper case; null: it was not said, and failures are told. */
  readonly notify: readonly string[] | null;
  readonly return: 'full' | 'headers' | null;
  /** Decoded. */
  readonly envelopeId: string | null;
  /** `rfc822;` and an address, decoded. */
  readonly originalRecipient: string | null;
}

export const noWishes: DsnWishes = {
  notify: null,
  return: null,
  envelopeId: null,
  originalRecipient: null,
};

export const dsnWishesSchema = z.object({
  notify: z.array(z.string()).nullable(),
  return: z.enum(['full', 'headers']).nullable(),
  envelopeId: z.string().nullable(),
  originalRecipient: z.string().nullable(),
});

/** A server that does not offer DSN has refused such parameters already. */
export function dsnWishes(mail: Parameters, rcpt: Parameters): DsnWishes {
  const ret = textOf(mail.RET)?.toUpperCase();
  const [type, ...address] = textOf(rcpt.ORCPT)?.split(';') ?? [];
  return {
    notify: textOf(rcpt.NOTIFY)?.toUpperCase().split(',') ?? null,
    return: ret === 'FULL' ? 'full' : ret === 'HDRS' ? 'headers' : null,
    envelopeId: xtext(mail.ENVID),
    originalRecipient:
      type === undefined || address.length === 0 ? null : `${type};${xtext(address.join(';')) ?? ''}`,
  };
}

function textOf(value: string | true | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
