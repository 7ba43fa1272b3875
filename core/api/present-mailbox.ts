/** Rows of the mailboxes as the API shows them. Pure. */
import { decodeHeaders } from '../inspect/headers.ts';
import type { MailboxActions, MailboxProviders } from '../mailboxes/index.ts';
import { profileOf } from '../mailboxes/profiles/profile-of.ts';
import { usualMailboxSettings, usualProviderSettings } from '../mailboxes/settings.ts';
import { headerBlock } from '../model/header-block.ts';
import { mailProviders, type ProviderKey } from '../model/mail-provider.ts';
import type { CopyRow } from '../model/mailbox-copy.ts';
import type { MailboxRow } from '../store/store.ts';
import type { Mailbox, MailboxMessage, MailboxMessageDetail, MailProvider } from './mailbox-schema.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();

export function presentMailbox(row: MailboxRow, { settings }: MailboxProviders): Mailbox {
  const set = { ...usualMailboxSettings, ...settings.mailbox(row.address) };
  return {
    address: row.address,
    provider: row.provider,
    counts: { ...row.counts },
    unseen: row.unseen,
    lastAt: row.lastAtMs === null ? null : iso(row.lastAtMs),
    settings: set,
    changed: changedFrom(usualMailboxSettings, set),
  };
}

function changedFrom(usual: object, set: object): string[] {
  const values = new Map(Object.entries(usual));
  return Object.entries(set)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(values.get(name)))
    .map(([name]) => name);
}

export function presentCopy(copy: CopyRow): MailboxMessage {
  const { authentication } = copy;
  return {
    id: copy.id,
    seq: copy.seq,
    mailbox: copy.mailbox,
    provider: copy.provider,
    messageId: copy.messageId,
    deliveryId: copy.deliveryId,
    receivedAt: iso(copy.receivedAtMs),
    placement: copy.placement,
    envelopeFrom: copy.envelopeFrom,
    subject: copy.subject,
    fromName: copy.fromName,
    flags: { ...copy.flags },
    score: copy.filter.score,
    spf: authentication.spf.result,
    dkim:
      authentication.dkim.find((one) => one.result === 'pass')?.result ??
      authentication.dkim[0]?.result ??
      'none',
    dmarc: authentication.dmarc.result,
  };
}

export function presentCopyDetail(
  copy: CopyRow,
  raw: Uint8Array,
  read: Awaited<ReturnType<MailboxActions['facts']>>,
): MailboxMessageDetail {
  const { authentication, filter } = copy;
  return {
    ...presentCopy(copy),
    subject: copy.subject ?? read.facts.subject,
    authentication: {
      ...authentication,
      dkim: authentication.dkim.map((one) => ({ ...one })),
      lookups: authentication.lookups.map((one) => ({ ...one })),
    },
    filter: { ...filter, reasons: filter.reasons.map((one) => ({ ...one })) },
    headers: decodeHeaders(headerBlock(raw)),
    stamped: [
      { name: 'Return-Path', value: `<${copy.envelopeFrom}>` },
      { name: 'Delivered-To', value: copy.mailbox },
      { name: 'Authentication-Results', value: authentication.header },
    ],
    stream: read.facts.stream,
    links: [...read.facts.links],
    pictures: [...read.facts.pictures],
    unsubscribe: read.unsubscribe,
  };
}

export function presentProvider(key: ProviderKey, { settings }: MailboxProviders): MailProvider {
  const hosts = mailProviders.find((one) => one.key === key);
  if (hosts === undefined) throw new Error(`there is no provider ${key}`);
  const set = settings.provider(key);
  const { complaints, tabs, pictures, messageBytesMax, spamAt, refuseAt, rules } = profileOf[key];
  return {
    key,
    title: hosts.title,
    domains: [...hosts.domains],
    hosts: hosts.mx.map((host) => ({ ...host, up: !set.downHosts.includes(host.name) })),
    settings: { ...set, downHosts: [...set.downHosts] },
    complaints,
    tabs,
    pictures,
    messageBytesMax,
    spamAt,
    refuseAt,
    rules: {
      authentication: rules.authentication,
      ptr: rules.ptr,
      bulkPerDay: rules.bulkPerDay,
      noOneClick: rules.noOneClick,
      complaintRateWarned: rules.complaintRateWarned,
      complaintRateThrottled: rules.complaintRateThrottled,
    },
    changed: changedFrom(usualProviderSettings, set),
  };
}
