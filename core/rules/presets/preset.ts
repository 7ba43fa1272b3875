/**
 * A preset is a ready rule of the far side with a provider's own words: what it says, at the moment at which it says it.
 * Every text is one that was seen on the wire or that the provider documents; `source` tells where.
 */
import type { ProviderKey } from '../../model/mail-provider.ts';
import type { PushProvider } from '../../model/push.ts';
import type { SmsProvider } from '../../model/sms.ts';
import type { Action, Conditions, Rule } from '../schema.ts';

export const presetKinds = [
  'unauthenticated',
  'dmarc',
  'rateLimited',
  'tooManyConnections',
  'tooManyRecipients',
  'mailboxFull',
  'unknownUser',
  'inactive',
  'blockedIp',
  'badReputation',
  'noReverseDns',
  'tooLarge',
  'tlsRequired',
  'greylisted',
  'content',
  'policy',
  'relayDenied',
  'outage',
  'placement',
  'bouncesLater',
  'complains',
  'lostReply',
  'badToken',
  'goneToken',
  'credentials',
  'badRequest',
  'goAway',
  'device',
  'badNumber',
  'optedOut',
  'sender',
  'region',
  'filtered',
  'unreachable',
  'expires',
  'handset',
  'reports',
  'network',
  'feed',
  'tracking',
  'realtime',
] as const;
export type PresetKind = (typeof presetKinds)[number];

/** As kinds are shown. */
export const kindTitles: Readonly<Record<PresetKind, string>> = {
  unauthenticated: 'Unauthenticated',
  dmarc: 'DMARC',
  rateLimited: 'Rate limited',
  tooManyConnections: 'Too many connections',
  tooManyRecipients: 'Too many recipients',
  mailboxFull: 'Mailbox full',
  unknownUser: 'Unknown user',
  inactive: 'Inactive mailbox',
  blockedIp: 'Blocked IP',
  badReputation: 'Bad reputation',
  noReverseDns: 'No reverse DNS',
  tooLarge: 'Message too large',
  tlsRequired: 'TLS required',
  greylisted: 'Greylisted',
  content: 'Content blocked',
  policy: 'Policy',
  relayDenied: 'Relay denied',
  outage: 'Temporary outage',
  placement: 'Placement',
  bouncesLater: 'Bounces later',
  complains: 'Complaint',
  lostReply: 'Reply lost',
  badToken: 'Bad token',
  goneToken: 'Token gone',
  credentials: 'Credentials',
  badRequest: 'Bad request',
  goAway: 'Connection ended',
  device: 'Device',
  badNumber: 'Bad number',
  optedOut: 'Opted out',
  sender: 'Sender not registered',
  region: 'Region not allowed',
  filtered: 'Filtered by the carrier',
  unreachable: 'Unreachable',
  expires: 'Expires',
  handset: 'Handset',
  reports: 'Delivery reports',
  network: 'Network',
  feed: 'Feed',
  tracking: 'Tracking',
  realtime: 'Realtime',
};

export type PresetProvider = ProviderKey | PushProvider | SmsProvider | 'any';

export interface Preset {
  readonly id: string;
  /** Whose mailbox it is about, which push service, or which SMS provider. */
  readonly provider: PresetProvider;
  /** Under which it is listed. */
  readonly group: string;
  readonly kind: PresetKind;
  readonly title: string;
  /** What it is, when it is said, and what a sender should do about it. */
  readonly about: string;
  /** Page or document that has it. */
  readonly source: string;
  readonly rule: Omit<Rule, 'id'>;
}

export interface PresetEntry {
  readonly id: string;
  readonly kind: PresetKind;
  readonly title: string;
  readonly about: string;
  readonly source: string;
  readonly then: Action;
  /** Beside whose mailbox it is. */
  readonly when?: Conditions;
}

export interface PresetGroup {
  readonly provider: PresetProvider;
  readonly group: string;
  /** Which recipients the group is about. */
  readonly when: Conditions;
}

/** The presets of one provider, as rules. */
export function presetsOf(
  { provider, group, when }: PresetGroup,
  entries: readonly PresetEntry[],
): readonly Preset[] {
  return entries.map(({ id, kind, title, about, source, then, when: more = {} }) => ({
    id,
    provider,
    group,
    kind,
    title,
    about,
    source,
    rule: {
      name: `${group}: ${title}`,
      enabled: true,
      stage: 'farSide',
      when: { ...when, ...more },
      then,
    },
  }));
}

type Reject = Extract<Action, { do: 'reject' }>;
type Defer = Extract<Action, { do: 'defer' }>;

/** A refusal for good, line by line as it is on the wire. */
export function rejected(
  at: NonNullable<Reject['at']>,
  code: number,
  enhanced: string | null,
  ...lines: readonly string[]
): Reject {
  return {
    do: 'reject',
    code,
    ...(enhanced === null ? {} : { enhanced }),
    text: lines.join('\n'),
    at,
  };
}

/** A refusal for now, line by line as it is on the wire. */
export function deferred(
  at: NonNullable<Defer['at']>,
  code: number,
  enhanced: string | null,
  ...lines: readonly string[]
): Defer {
  return { do: 'defer', code, ...(enhanced === null ? {} : { enhanced }), text: lines.join('\n'), at };
}

/** How long the outages of the presets last, in virtual time. */
export const outageMs = 2 * 3_600_000;
