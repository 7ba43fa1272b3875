/** Acting as the owner of a mailbox. Each act changes the copy and sends the true signal back to the provider. */
import { AppError } from '../model/app-error.ts';
import type { Placement } from '../model/delivery.ts';
import { complain, type Reported } from './acts/complain.ts';
import { composeAnswer, replySubject } from './acts/compose-answer.ts';
import { browserAgent, fetchPictures, get } from './acts/visits.ts';
import { type MailboxRoom, newMessageId, type OpenedCopy, tell } from './mailbox-room.ts';
import type { VisitResult } from './ports.ts';
import { profileOf } from './profiles/profile-of.ts';

export interface Opening {
  /** The owner asks for pictures that are blocked. */
  readonly showPictures?: boolean;
}

export async function openMessage(
  room: MailboxRoom,
  opened: OpenedCopy,
  opening: Opening,
): Promise<{ pictures: number }> {
  const { copy, key } = opened;
  const { habit } = room.book.mailbox(copy.mailbox);
  const blocked =
    habit === 'blocks_images' || profileOf[key].pictures === 'blocked' || copy.placement === 'spam';
  const pictures = blocked && opening.showPictures !== true ? 0 : await fetchPictures(room, opened, false);
  if (!copy.flags.seen) {
    await room.ports.store.changeCopy(copy.id, { flags: { seen: true } });
    signal(room, opened, 'opened');
  }
  await tell(room, opened, 'opened', {
    by: 'recipient',
    pictures,
    blocked: blocked && opening.showPictures !== true,
  });
  return { pictures };
}

/** @throws AppError `bad_request` for an address that the message has not */
export async function clickLink(room: MailboxRoom, opened: OpenedCopy, url: string): Promise<VisitResult> {
  if (!opened.facts.links.includes(url))
    throw new AppError('bad_request', `The message has no link to ${url}.`);
  const result = await get(room, url, browserAgent);
  await room.ports.store.changeCopy(opened.copy.id, { flags: { seen: true } });
  signal(room, opened, 'clicked');
  await tell(room, opened, 'clicked', { by: 'recipient', url, result });
  return result;
}

export async function reply(room: MailboxRoom, opened: OpenedCopy, text: string): Promise<{ to: string }> {
  const { copy, key, provider, facts } = opened;
  const to = facts.replyTo ?? facts.from.address;
  if (!to.includes('@')) throw new AppError('bad_request', 'The message names nobody to reply to.');
  const bytes = composeAnswer({
    from: copy.mailbox,
    to,
    subject: replySubject(facts.subject),
    text,
    messageId: newMessageId(room, provider),
    inReplyTo: facts.messageId,
    references: facts.references,
    dateMs: room.ports.virtual.nowMs(),
    automatic: false,
  });
  await room.ports.send({ origin: key, envelopeFrom: copy.mailbox, envelopeTo: [to], bytes });
  await room.ports.store.changeCopy(copy.id, { flags: { answered: true, seen: true } });
  signal(room, opened, 'replied');
  want(room, opened);
  await tell(room, opened, 'replied', { automatic: false, to });
  return { to };
}

export type UnsubscribeWay = 'one_click' | 'mailto' | 'link';

/** The way that the mailbox offers its owner, and why not a better one. */
export function unsubscribeOffer({ copy, facts }: OpenedCopy): {
  readonly way: UnsubscribeWay | null;
  readonly why: string;
} {
  const { ways } = facts;
  const signed = copy.authentication.oneClickSigned === true;
  if (ways.oneClick && signed) return { way: 'one_click', why: 'One click, by a POST (RFC 8058).' };
  const missing = ways.oneClick
    ? 'One-click is not offered: no signature that passed covers List-Unsubscribe and List-Unsubscribe-Post (RFC 8058 §4).'
    : 'One-click is not offered: there is no List-Unsubscribe-Post (RFC 8058).';
  if (ways.mailto !== null) return { way: 'mailto', why: missing };
  if (ways.url !== null) return { way: 'link', why: missing };
  return { way: null, why: 'The message has no List-Unsubscribe.' };
}

export async function unsubscribe(
  room: MailboxRoom,
  opened: OpenedCopy,
): Promise<{ readonly way: UnsubscribeWay; readonly why: string; readonly result: VisitResult | null }> {
  const { way, why } = unsubscribeOffer(opened);
  if (way === null) throw new AppError('bad_request', why);
  const result = await leave(room, opened, way);
  const left = result === null || (result.kind === 'answered' && result.status < refusedFrom[way]);
  if (left) {
    await room.ports.store.changeCopy(opened.copy.id, { flags: { unsubscribed: true } });
    signal(room, opened, 'unsubscribed');
  }
  await tell(room, opened, 'unsubscribed', { way, result, left });
  return { way, why, result };
}

/** A page that is opened may lead on to another; the POST of one click must not (RFC 8058 §3.1). */
const refusedFrom: Readonly<Record<UnsubscribeWay, number>> = { one_click: 300, mailto: 400, link: 400 };

async function leave(
  room: MailboxRoom,
  opened: OpenedCopy,
  way: UnsubscribeWay,
): Promise<VisitResult | null> {
  const { url, mailto } = opened.facts.ways;
  switch (way) {
    case 'one_click':
      return room.ports.visit(url ?? '', {
        method: 'POST',
        // RFC 8058 §3.1, the field's own value.
        body: 'List-Unsubscribe=One-Click',
        contentType: 'application/x-www-form-urlencoded',
        userAgent: browserAgent,
      });
    case 'link':
      return get(room, url ?? '', browserAgent);
    case 'mailto':
      await sendMailto(room, opened, mailto ?? '');
      return null;
  }
}

/** RFC 6068: the address, with subject and body where it gives them. */
async function sendMailto(
  room: MailboxRoom,
  { copy, key, provider }: OpenedCopy,
  mailto: string,
): Promise<void> {
  const [, address = '', query = ''] = /^mailto:([^?]*)\??(.*)$/i.exec(mailto) ?? [];
  const fields = new Map(
    query.split('&').map((field) => {
      const equals = field.indexOf('=');
      return [
        decoded(field.slice(0, Math.max(0, equals))).toLowerCase(),
        decoded(field.slice(equals + 1)),
      ] as const;
    }),
  );
  const to = decoded(address);
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(to))
    throw new AppError('bad_request', `List-Unsubscribe names no address that can be written to: ${mailto}.`);
  const bytes = composeAnswer({
    from: copy.mailbox,
    to,
    subject: fields.get('subject') ?? 'unsubscribe',
    text: fields.get('body') ?? 'unsubscribe',
    messageId: newMessageId(room, provider),
    inReplyTo: null,
    references: null,
    dateMs: room.ports.virtual.nowMs(),
    automatic: true,
  });
  await room.ports.send({ origin: key, envelopeFrom: copy.mailbox, envelopeTo: [to], bytes });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded as it should be: taken as it stands.
    return text;
  }
}

export function reportSpam(room: MailboxRoom, opened: OpenedCopy): Promise<Reported> {
  if (opened.copy.flags.reportedSpam) throw new AppError('bad_request', 'The message was reported already.');
  return complain(room, opened);
}

export async function star(room: MailboxRoom, opened: OpenedCopy, starred: boolean): Promise<void> {
  await room.ports.store.changeCopy(opened.copy.id, { flags: { starred } });
  if (!starred || opened.copy.flags.starred) return;
  signal(room, opened, 'starred');
  want(room, opened);
  await tell(room, opened, 'starred', {});
}

export async function deleteCopy(room: MailboxRoom, opened: OpenedCopy): Promise<void> {
  const { copy, facts } = opened;
  if (copy.flags.deleted) return;
  await room.ports.store.changeCopy(copy.id, { flags: { deleted: true } });
  if (copy.flags.seen) return;
  signal(room, opened, 'ignored');
  const { unwanted } = room.senders.relation(copy.mailbox, facts.from.address);
  room.senders.relate(copy.mailbox, facts.from.address, { unwanted: unwanted + 1 });
  await tell(room, opened, 'moved', { to: 'trash', unread: true });
}

export async function move(room: MailboxRoom, opened: OpenedCopy, to: Placement): Promise<void> {
  const { copy, facts } = opened;
  if (copy.placement === to) return;
  const rescued = copy.placement === 'spam';
  await room.ports.store.changeCopy(copy.id, {
    placement: to,
    ...(rescued ? { flags: { reportedSpam: false } } : {}),
  });
  if (rescued) signal(room, opened, 'rescued');
  else if (to === 'spam') signal(room, opened, 'binned');
  room.senders.relate(copy.mailbox, facts.from.address, { movedTo: to, reported: false });
  await tell(room, opened, 'moved', { from: copy.placement, to });
}

function signal(
  room: MailboxRoom,
  { key, sender }: OpenedCopy,
  kind: Parameters<MailboxRoom['senders']['signal']>[2],
): void {
  room.senders.signal(key, sender, kind, room.ports.virtual.nowMs());
}

function want(room: MailboxRoom, { copy, facts }: OpenedCopy): void {
  const { wanted } = room.senders.relation(copy.mailbox, facts.from.address);
  room.senders.relate(copy.mailbox, facts.from.address, { wanted: wanted + 1, reported: false });
}
