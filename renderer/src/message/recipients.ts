import type { Address, Message } from '../../../core/api/schema.ts';

export type NamedIn = 'to' | 'cc' | 'bcc';

/** One recipient, and where it is named. */
export interface Recipient {
  readonly address: string;
  readonly name: string;
  /** The header fields that name it; empty for one that only the envelope has, as a blind copy does. */
  readonly namedIn: readonly NamedIn[];
  /** False for an address that a header shows and nothing is sent to. */
  readonly inEnvelope: boolean;
}

/**
 * Envelope and headers laid side by side: who really gets the message, and who only seems to.
 *
 * Domains compare without case. Local parts too, although RFC 5321 §2.4 lets them differ: here it only decides
 * whether two spellings share a line.
 */
export function recipients(
  message: Pick<Message, 'to' | 'cc' | 'bcc'> & { readonly envelope: Message['envelope'] },
): readonly Recipient[] {
  const found = new Map<string, { address: string; name: string; namedIn: NamedIn[]; inEnvelope: boolean }>();
  const at = (address: string) => {
    const key = address.toLowerCase();
    const entry = found.get(key) ?? { address, name: '', namedIn: [], inEnvelope: false };
    found.set(key, entry);
    return entry;
  };
  const fields: readonly (readonly [NamedIn, readonly Address[]])[] = [
    ['to', message.to],
    ['cc', message.cc],
    ['bcc', message.bcc],
  ];
  for (const [field, addresses] of fields) {
    for (const { address, name } of addresses) {
      const entry = at(address);
      entry.name ||= name;
      if (!entry.namedIn.includes(field)) entry.namedIn.push(field);
    }
  }
  for (const address of message.envelope.to) at(address).inEnvelope = true;
  // An imported file has no envelope to compare with.
  if (message.envelope.to.length === 0) for (const entry of found.values()) entry.inEnvelope = true;
  return [...found.values()];
}
