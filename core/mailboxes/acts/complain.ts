/** A recipient's report of spam, brought to the sender in the way of its provider, or not at all. */
import { buildArf } from '../../reports/arf.ts';
import { domainOf } from '../address.ts';
import { type MailboxRoom, newMessageId, type OpenedCopy, tell } from '../mailbox-room.ts';
import { profileOf } from '../profiles/profile-of.ts';

/** How the sender hears of it. */
export type Reported =
  | 'postmaster_page'
  | 'report_by_address'
  | 'report_by_signature'
  | 'report_to_abuse'
  | 'not_at_all';

export async function complain(room: MailboxRoom, opened: OpenedCopy): Promise<Reported> {
  const { copy, key, facts, sender } = opened;
  const nowMs = room.ports.virtual.nowMs();
  room.senders.complained(key, sender, facts.feedbackId, nowMs);
  room.senders.relate(copy.mailbox, facts.from.address, { reported: true, movedTo: 'spam' });
  await room.ports.store.changeCopy(copy.id, {
    flags: { reportedSpam: true, seen: true },
    placement: 'spam',
  });
  const reported = await report(room, opened);
  await tell(room, opened, 'complained', { reported });
  return reported;
}

async function report(room: MailboxRoom, opened: OpenedCopy): Promise<Reported> {
  const { key, copy, facts } = opened;
  const signing = copy.authentication.dkim.find((one) => one.result === 'pass')?.domain ?? null;
  switch (profileOf[key].complaints) {
    case 'postmaster':
      return 'postmaster_page';
    case 'none':
      return 'not_at_all';
    case 'arf_by_ip':
      return send(room, opened, facts.fromDomain, 'report_by_address');
    case 'arf_by_dkim_domain':
      // Without a signature nobody is registered who could be told.
      return signing === null ? 'not_at_all' : send(room, opened, signing, 'report_by_signature');
    case 'arf_to_abuse':
      return send(room, opened, facts.fromDomain, 'report_to_abuse');
  }
}

async function send(room: MailboxRoom, opened: OpenedCopy, domain: string, how: Reported): Promise<Reported> {
  // Who sends without being one of the app's domains has registered for no feedback here.
  if (!room.ports.ownDomain(domain)) return 'not_at_all';
  const { copy, key, provider, raw } = opened;
  const from = `feedbackloop@${domainOf(`@${provider.outbound.helo}`)}`;
  const to = `abuse@${domain}`;
  const bytes = buildArf({
    feedbackType: 'abuse',
    userAgent: `Sandpost-${key}/1.0`,
    from,
    to,
    originalMailFrom: copy.envelopeFrom,
    // Providers that report by address hide who complained; the Yahoo-like one does not.
    originalRcptTo: how === 'report_by_address' ? null : copy.mailbox,
    arrivalAtMs: copy.receivedAtMs,
    sourceIp: copy.authentication.client.ip,
    reportedDomain: domain,
    authenticationResults: copy.authentication.header,
    original: raw,
    messageId: newMessageId(room, provider),
    dateMs: room.ports.virtual.nowMs(),
  });
  // RFC 5965 §2: a report must set off no answer, so it has no sender to answer to.
  await room.ports.send({ origin: key, envelopeFrom: '', envelopeTo: [to], bytes });
  return how;
}
