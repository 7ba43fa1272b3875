/** What acts and actions work with: the copy, what its message says, and who sent it. */
import { AppError } from '../model/app-error.ts';
import type { ProviderHosts, ProviderKey } from '../model/mail-provider.ts';
import type { CopyRow } from '../model/mailbox-copy.ts';
import type { AuthThread } from './authentication/auth-thread.ts';
import { type MessageFacts, takenFor } from './message-facts.ts';
import type { FarSideFact, MailboxPorts } from './ports.ts';
import { hostsOf, type ProviderBook } from './provider-book.ts';
import { isProviderKey } from './provider-key.ts';
import type { Sender, SenderBook } from './sender-book.ts';

export interface MailboxRoom {
  readonly ports: MailboxPorts;
  readonly book: ProviderBook;
  readonly senders: SenderBook;
  readonly thread: AuthThread;
}

export interface OpenedCopy {
  readonly copy: CopyRow;
  readonly key: ProviderKey;
  readonly provider: ProviderHosts;
  readonly raw: Uint8Array;
  readonly facts: MessageFacts;
  readonly sender: Sender;
}

/** @returns null when it is gone */
export async function openCopy(room: MailboxRoom, id: string): Promise<OpenedCopy | null> {
  const [copy, raw] = await Promise.all([room.ports.store.copy(id), room.ports.store.copyBytes(id)]);
  if (copy === null || raw === null || !isProviderKey(copy.provider)) return null;
  const facts = takenFor(await room.thread.facts(raw), copy.filter.stream);
  const { ip } = copy.authentication.client;
  return {
    copy,
    key: copy.provider,
    provider: hostsOf(copy.provider),
    raw,
    facts,
    sender: { domain: facts.fromDomain, ip, stream: facts.stream },
  };
}

/** @throws AppError `not_found` */
export async function copyOf(room: MailboxRoom, id: string): Promise<OpenedCopy> {
  const opened = await openCopy(room, id);
  if (opened === null) throw new AppError('not_found', `There is no message ${id} in a mailbox.`);
  return opened;
}

export function tell(
  room: MailboxRoom,
  { copy }: OpenedCopy,
  type: FarSideFact['type'],
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  return room.ports.happened({
    deliveryId: copy.deliveryId,
    type,
    nowMs: room.ports.virtual.nowMs(),
    data: { copyId: copy.id, mailbox: copy.mailbox, provider: copy.provider, ...data },
  });
}

/** A new Message-ID of the provider's own. */
export function newMessageId(room: MailboxRoom, provider: ProviderHosts): string {
  return `<${room.ports.newId()}@${provider.outbound.helo}>`;
}
