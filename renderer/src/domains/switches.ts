import type { RecipientFaults, RecordCheck, SendingDomain } from '../../../core/api/schema.ts';

export type DomainFault = SendingDomain['faults'][number];
export type RecipientFault = RecipientFaults['faults'][string];

interface Switch {
  readonly group: 'SPF' | 'DKIM' | 'DMARC' | 'Server';
  readonly label: string;
  /** What comes of it, in one line. */
  readonly consequence: string;
}

/** What can be broken about a sending domain. */
export const switches: Readonly<Record<DomainFault, Switch>> = {
  no_spf: {
    group: 'SPF',
    label: 'No SPF record',
    consequence: 'SPF says none. DKIM alone must carry DMARC; bulk senders need both at Gmail-like.',
  },
  spf_wrong_ip: {
    group: 'SPF',
    label: 'SPF names another address',
    consequence: 'SPF fails, as after a move to a new server. Without DKIM, Gmail-like answers 550 5.7.26.',
  },
  spf_twice: {
    group: 'SPF',
    label: 'Two SPF records',
    consequence: 'A permanent error (RFC 7208 §4.5): neither counts.',
  },
  spf_too_many_lookups: {
    group: 'SPF',
    label: 'SPF takes too many lookups',
    consequence: 'Twelve, where ten are allowed (RFC 7208 §4.6.4): a permanent error.',
  },
  dkim_off: {
    group: 'DKIM',
    label: 'Sign nothing',
    consequence: 'DKIM says none. With SPF broken too, Gmail-like answers 550 5.7.26.',
  },
  dkim_not_published: {
    group: 'DKIM',
    label: 'Key rotated, but not published',
    consequence: 'There is no key for the signature: DKIM fails until the record is there.',
  },
  dkim_wrong_key: {
    group: 'DKIM',
    label: 'Another key is published',
    consequence: 'Every signature fails, as after a key that was pasted into the wrong place.',
  },
  dkim_body_altered: {
    group: 'DKIM',
    label: 'A hop alters the body',
    consequence: 'The body hash no longer matches, as behind a gateway that adds a footer.',
  },
  no_dmarc: {
    group: 'DMARC',
    label: 'No DMARC record',
    consequence: 'Gmail-like and Yahoo-like refuse bulk senders without a policy.',
  },
  misaligned: {
    group: 'DMARC',
    label: 'Misaligned From',
    consequence:
      'SPF and DKIM pass, for esp.sandpost.example: DMARC fails, and with p=reject the mail is refused.',
  },
  no_ptr: {
    group: 'Server',
    label: 'No PTR',
    consequence:
      'The address has no name: Gmail-like answers 550 5.7.25. In the pool, the neighbours suffer too.',
  },
  helo_mismatch: {
    group: 'Server',
    label: 'HELO leads elsewhere',
    consequence: 'The name in EHLO belongs to another address: it counts against the sender.',
  },
  no_mx: {
    group: 'Server',
    label: 'No MX and no address',
    consequence: 'Replies and bounces have nowhere to go, and some receivers refuse such a sender.',
  },
};

export const switchGroups = ['SPF', 'DKIM', 'DMARC', 'Server'] as const;

/** How a check ended: a shape and a word, never colour alone. */
export const verdicts: Readonly<
  Record<RecordCheck['result'], { readonly shape: string; readonly word: string; readonly tone: string }>
> = {
  ok: { shape: '✓', word: 'ok', tone: 'good' },
  unanswered: { shape: '?', word: 'no answer', tone: 'warn' },
  several: { shape: '✕', word: 'several', tone: 'bad' },
  wrong: { shape: '✕', word: 'wrong', tone: 'bad' },
  missing: { shape: '✕', word: 'missing', tone: 'bad' },
};

export const purposeNames: Readonly<Record<RecordCheck['purpose'], string>> = {
  mx: 'MX',
  spf: 'SPF',
  dkim: 'DKIM',
  dmarc: 'DMARC',
  ptr: 'PTR',
  helo: 'HELO',
};

/** In the order in which they are shown. */
export const purposeOrder: readonly RecordCheck['purpose'][] = ['spf', 'dkim', 'dmarc', 'mx', 'ptr', 'helo'];

export const recipientFaultNames: Readonly<Record<RecipientFault, string>> = {
  nxdomain: 'does not exist: bounces at once',
  null_mx: 'takes no mail (null MX): bounces at once',
  no_address: 'has neither MX nor address: bounces at once',
  servfail: 'its name server fails: deferred',
  timeout: 'its name server never answers: deferred',
};
