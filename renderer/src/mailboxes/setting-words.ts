/** What can be set about a mailbox and about a provider, each with what comes of it in one line. */
import type { MailProvider, Pool, Reputation } from '../../../core/api/mailbox-schema.ts';
import type { MailboxSettings, ProviderSettings } from '../api/mailboxes.ts';

interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly consequence: string;
}

export const mailboxStates: readonly Choice<MailboxSettings['state']>[] = [
  { value: 'ok', label: 'Takes mail', consequence: 'What is in order gets in.' },
  {
    value: 'unknown',
    label: 'Does not exist',
    consequence: '550 5.1.1: a hard bounce, and the address is suppressed.',
  },
  {
    value: 'full',
    label: 'Full',
    consequence: '452 4.2.2: tried again later; emptied in time, it is delivered.',
  },
  { value: 'full_for_good', label: 'Full for good', consequence: '552 5.2.2: bounces at once, softly.' },
  { value: 'inactive', label: 'Inactive', consequence: '550 5.2.1: the account is closed; suppressed.' },
];

export const mailboxHabits: readonly Choice<MailboxSettings['habit']>[] = [
  { value: 'normal', label: 'Waits for you', consequence: 'Reads only what you open here.' },
  {
    value: 'blocks_images',
    label: 'Blocks pictures',
    consequence: 'Opens are not seen by a pixel unless pictures are asked for.',
  },
  {
    value: 'prefetches',
    label: 'Pictures are prefetched',
    consequence: 'A pixel is fetched by the provider although nobody opened anything.',
  },
  {
    value: 'scanner',
    label: 'A scanner follows links',
    consequence: 'Every link is fetched before the message is shown: clicks that nobody made.',
  },
  { value: 'opens', label: 'Opens everything', consequence: 'Each message is opened some time later.' },
  { value: 'clicks', label: 'Opens and clicks', consequence: 'A link is followed too.' },
  {
    value: 'never_opens',
    label: 'Never opens',
    consequence: 'Deleted unread after some days, which counts against the sender.',
  },
];

type Tls = ProviderSettings['tls'];
export const tlsChoices: readonly Choice<Tls>[] = [
  { value: 'offered', label: 'offered', consequence: 'STARTTLS is there for those who want it.' },
  { value: 'required', label: 'required', consequence: 'Without STARTTLS: 530 5.7.0.' },
  {
    value: 'none',
    label: 'not offered',
    consequence: 'Mail goes in the clear, or not at all where TLS is demanded.',
  },
  { value: 'broken', label: 'broken', consequence: 'STARTTLS is offered and then fails.' },
];

type DisconnectAt = ProviderSettings['disconnectAt'];
export const disconnectChoices: readonly Choice<DisconnectAt>[] = [
  { value: 'never', label: 'never', consequence: 'Conversations are finished.' },
  {
    value: 'connect',
    label: 'on connecting',
    consequence: 'No greeting: tried at the next host, then later.',
  },
  { value: 'ehlo', label: 'after EHLO', consequence: 'The connection is cut: tried again.' },
  { value: 'mail', label: 'after MAIL', consequence: 'The connection is cut: tried again.' },
  { value: 'rcpt', label: 'after RCPT', consequence: 'The connection is cut: tried again.' },
  { value: 'data', label: 'after DATA', consequence: 'Cut before the content: tried again.' },
  {
    value: 'end_of_data',
    label: 'at the end of the content',
    consequence: 'Was it taken? The answer is missing: a copy more is possible.',
  },
];

export const neighbours: readonly Choice<Pool['neighbour']>[] = [
  { value: 'quiet', label: 'Quiet', consequence: 'The shared addresses are as good as what you send.' },
  {
    value: 'noisy',
    label: 'Noisy',
    consequence: 'Costs the shared addresses up to 30 points, half of them within six hours.',
  },
  {
    value: 'spammer',
    label: 'A spammer',
    consequence: 'Costs the shared addresses up to 60 points, half of them within an hour.',
  },
];

export const consequenceOf = <T>(choices: readonly Choice<T>[], value: T): string =>
  choices.find((choice) => choice.value === value)?.consequence ?? '';

export const reputationKinds: Readonly<Record<Reputation['kind'], string>> = {
  domain: 'Domain',
  ip: 'Address',
  stream: 'Stream',
};

/** Red, amber or nothing; the word stands beside it. */
export const standingTones: Readonly<Record<Reputation['standing'], 'bad' | 'warn' | 'quiet' | 'good'>> = {
  bad: 'bad',
  low: 'warn',
  medium: 'quiet',
  high: 'good',
};

export function rateInWords(rate: number | null): string {
  return rate === null ? 'too few to tell' : `${Number((rate * 100).toFixed(2))} %`;
}

const authenticationRules: Readonly<Record<MailProvider['rules']['authentication'], string>> = {
  all: 'Asks everybody for SPF or DKIM (550 5.7.26), and bulk senders for DMARC.',
  bulk: 'Asks bulk senders for SPF, DKIM and DMARC.',
  none: 'Asks nobody for authentication, but follows a DMARC policy.',
};
const oneClickRules: Readonly<Record<MailProvider['rules']['noOneClick'], string>> = {
  spam: 'bulk mail without one-click unsubscribe goes to spam',
  warned_then_refused: 'bulk mail without one-click unsubscribe is warned about, then refused',
  ignored: 'one-click unsubscribe is not asked for',
};
const complaintWays: Readonly<Record<MailProvider['complaints'], string>> = {
  postmaster: 'Complaints show as a rate on a page for postmasters; no reports are sent.',
  arf_by_ip: 'Complaints come back as ARF reports to who registered the address, hiding who complained.',
  arf_by_dkim_domain: 'Complaints come back as ARF reports to the domain that signed.',
  arf_to_abuse: 'Complaints come back as ARF reports to abuse@.',
  none: 'Complaints are told to nobody.',
};
const pictureWays: Readonly<Record<MailProvider['pictures'], string>> = {
  shown: 'Pictures are shown.',
  prefetched: 'Pictures are fetched ahead through its proxy, opened or not.',
  blocked: 'Pictures are blocked until the owner asks.',
};

/** What a provider is like, a sentence a line. */
export function profileInWords({
  key,
  rules,
  complaints,
  pictures,
  tabs,
  spamAt,
  refuseAt,
}: Pick<
  MailProvider,
  'key' | 'rules' | 'complaints' | 'pictures' | 'tabs' | 'spamAt' | 'refuseAt'
>): readonly string[] {
  if (key === 'own')
    return [
      'The app’s own domains: what comes back is handed to where the domain says. Nothing is filtered.',
    ];
  return [
    `${authenticationRules[rules.authentication]}${rules.ptr ? ' The address needs a PTR that leads back (550 5.7.25).' : ''}`,
    `A bulk sender from ${rules.bulkPerDay} messages a day on; ${oneClickRules[rules.noOneClick]}.`,
    complaints === 'none'
      ? complaintWays[complaints]
      : `${complaintWays[complaints]} From ${rateInWords(rules.complaintRateWarned)} on they cost points, from ${rateInWords(rules.complaintRateThrottled)} on the sender is throttled.`,
    `${pictureWays[pictures]} ${tabs ? 'Promotions and Updates stand beside the inbox.' : 'There are no tabs beside the inbox.'}`,
    `Spam from ${spamAt} points on${refuseAt === null ? '' : `, refused from ${refuseAt}`}.`,
  ];
}
