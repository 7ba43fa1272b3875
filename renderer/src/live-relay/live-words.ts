/** Live relay in words: one row for each channel, kind, end and entry of the log. Pure. */
import type {
  AllowEntry,
  AuditKind,
  LiveActor,
  LiveChannel,
  LiveEnd,
  RelayKind,
} from '../../../core/model/live-relay.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import type { LiveStatus, LiveSummary } from '../api/live-relay.ts';
import { plural } from '../format.ts';

export const channelNames: Readonly<Record<LiveChannel, string>> = {
  email: 'Mail',
  apns: 'Push by APNs',
  fcm: 'Push by FCM',
  webpush: 'Web Push',
  sms: 'SMS',
};

export const kindNames: Readonly<Record<RelayKind, string>> = {
  smtp: 'SMTP smarthost',
  mx: 'Direct to the mail hosts (MX)',
  apns: 'APNs',
  fcm: 'FCM',
  webpush: 'Web Push',
  ...smsProviderNames,
  webhook: 'Webhook',
};

/** What a recipient of the channel is called, and what one looks like. */
export const recipientWords: Readonly<
  Record<LiveChannel, { readonly one: string; readonly example: string }>
> = {
  email: { one: 'address', example: 'you@your-company.com' },
  apns: { one: 'device token', example: 'the token that the app was given' },
  fcm: { one: 'registration token', example: 'the token that the app was given' },
  webpush: { one: 'subscription endpoint', example: 'https://fcm.googleapis.com/…' },
  sms: { one: 'number', example: '+14155550123' },
};

export const allowKindNames: Readonly<Record<AllowEntry['kind'], string>> = {
  address: 'address',
  domain: 'domain',
  number: 'number',
  token: 'token',
  user: 'user',
};

export const actorNames: Readonly<Record<LiveActor, string>> = {
  screen: 'the screen',
  cli: 'the command',
  api: 'the API',
  sandpost: 'Sandpost itself',
};

/** Why it is over, for who looks at the screen. */
export function endWords(why: LiveEnd, by: LiveActor): string {
  switch (why) {
    case 'time_over':
      return 'Its time was over.';
    case 'stopped':
      return `Stopped by ${actorNames[by]}.`;
    case 'closed':
      return 'Sandpost was closed.';
    case 'clock_drifted':
      return 'The clock of this machine was changed, so Sandpost went back by itself.';
  }
}

export const auditKindNames: Readonly<Record<AuditKind, string>> = {
  turned_on: 'turned on',
  turned_off: 'turned off',
  relay_changed: 'relay saved',
  relay_deleted: 'relay deleted',
  credential_changed: 'credential changed',
  verified: 'verified',
  released: 'released by hand',
  send: 'sent',
  answer: 'answered',
  held: 'held',
  passed_through: 'passed through',
  mailbox_read: 'mailbox read',
  read_back: 'status read back',
};

/** `14:22`, `1:02:05`; never below zero. */
export function countdownWords(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const [hours = 0, ...rest] = parts;
  const padded = rest.map((part) => String(part).padStart(2, '0'));
  return hours > 0 ? [hours, ...padded].join(':') : padded.join(':').replace(/^0(?=\d:)/, '');
}

type Recipients = NonNullable<LiveStatus['channels']['email']>['recipients'];

/** `everything to me@example.com`, `3 entries: jane@example.com, example.org and 1 more`. */
export function recipientsInWords(recipients: Recipients): string {
  if (recipients.kind === 'rewrite') return `everything to ${recipients.to}`;
  const { entries } = recipients;
  const named = entries.slice(0, namedMax).map(({ value }) => value);
  const more = entries.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}

const namedMax = 3;

/** How many would leave, over all channels. */
export const goesInAll = ({ channels }: Pick<LiveSummary, 'channels'>): number =>
  Object.values(channels).reduce((sum, one) => sum + (one?.goes ?? 0), 0);

/** `2 messages go out as soon as it is on.` */
export function goingWords(goes: number): string {
  if (goes === 0) return 'Nothing waits that would go at once; what comes while it is on goes.';
  return `${plural(goes, 'delivery goes', 'deliveries go')} out for real as soon as it is on, and so does what comes while it is on.`;
}

/** As the core names the guard where it says what holds a delivery. */
const guardLabel = 'Live relay';

/** A rule has an id, a magic address its plus sign. */
export const isHeldByLive = (
  heldBy: { readonly rule: string | null; readonly label: string } | null,
): boolean => heldBy !== null && heldBy.rule === null && heldBy.label === guardLabel;
