import type { OutcomeClass } from '../../../core/model/delivery.ts';
import type { PresetKind } from '../../../core/rules/presets/index.ts';

/** What a sender's software should make of each kind; null where the kind has no reply, or more than one meaning. */
export const classOf: Readonly<Record<PresetKind, OutcomeClass | null>> = {
  unauthenticated: 'authentication_failed',
  dmarc: 'authentication_failed',
  rateLimited: 'rate_limited',
  tooManyConnections: 'rate_limited',
  tooManyRecipients: 'rate_limited',
  mailboxFull: 'mailbox_full',
  unknownUser: 'bad_address',
  inactive: 'inactive',
  blockedIp: 'reputation',
  badReputation: 'reputation',
  noReverseDns: 'config',
  tooLarge: 'too_large',
  tlsRequired: 'config',
  greylisted: 'policy',
  content: 'content',
  policy: 'policy',
  relayDenied: 'config',
  outage: 'provider_down',
  placement: null,
  bouncesLater: 'bad_address',
  complains: null,
  lostReply: null,
  badToken: 'bad_address',
  goneToken: 'bad_address',
  credentials: 'config',
  badRequest: 'config',
  goAway: 'network',
  device: null,
};
