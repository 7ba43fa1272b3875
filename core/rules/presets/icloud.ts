import { deferred, outageMs, type Preset, presetsOf, rejected } from './preset.ts';

const apple =
  'https://support.apple.com/en-us/102322 (Postmaster information for iCloud Mail); words as seen in bounces and at https://smtp.codes/icloud';
const visit = 'Please visit https://support.apple.com/en-us/HT204137';

export const icloudPresets: readonly Preset[] = presetsOf(
  { provider: 'default', group: 'iCloud', when: { domain: ['icloud.com', 'me.com', 'mac.com'] } },
  [
    {
      id: 'icloud-cs01',
      kind: 'policy',
      title: 'Local policy (CS01)',
      about:
        'The Cloudmark filter before iCloud refused the message: reputation, links or the look of it; which, it does not say. Said after the content. Send a plain message to see whether it is the content.',
      source: apple,
      then: rejected('endOfData', 550, '5.7.1', `[CS01] Message rejected due to local policy. ${visit}`),
    },
    {
      id: 'icloud-hm08',
      kind: 'policy',
      title: 'Local policy (HM08)',
      about:
        "Apple's own filter refused the message. Said after the content. When SPF, DKIM, PTR and the list are in order, write to icloudadmin@apple.com with the whole reply.",
      source: apple,
      then: rejected('endOfData', 554, '5.7.1', `[HM08] Message rejected due to local policy. ${visit}`),
    },
    {
      id: 'icloud-unauthenticated',
      kind: 'unauthenticated',
      title: 'Both SPF and DKIM fail (HME1)',
      about:
        'Apple wants SPF and DKIM of bulk mail, and refuses what has neither. Said after the content. Publish SPF, sign with DKIM, and send again.',
      source: apple,
      then: rejected(
        'endOfData',
        554,
        '5.7.1',
        '[HME1] This message was blocked for failing both SPF and DKIM authentication checks. See https://support.apple.com/en-us/HT204137 for mailing best practices',
      ),
    },
    {
      id: 'icloud-dmarc',
      kind: 'dmarc',
      title: "Refused by the domain's DMARC policy",
      about:
        'The domain of From publishes p=reject, and nothing aligned passes. Said after the content. Sign with DKIM as the domain of From.',
      source: apple,
      then: rejected(
        'endOfData',
        554,
        '5.7.1',
        "Your message was rejected due to {domain}'s DMARC policy. See https://support.apple.com/en-us/HT204137 for",
      ),
    },
    {
      id: 'icloud-volume',
      kind: 'rateLimited',
      title: 'Excessive volume to one recipient',
      about:
        'One mailbox gets too much at a time: test sends, alerts. Said at RCPT, and the connection is closed. Slow down and try again later.',
      source: apple,
      then: deferred(
        'rcpt',
        421,
        '4.7.1',
        'Messages to {recipient} deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137',
      ),
    },
    {
      id: 'icloud-unknown-user',
      kind: 'unknownUser',
      title: 'User does not exist',
      about: 'The address does not exist. Said at RCPT. Suppress it at once.',
      source: apple,
      then: rejected('rcpt', 550, '5.1.1', '<{recipient}>: user does not exist'),
    },
    {
      id: 'icloud-inactive',
      kind: 'inactive',
      title: 'Inactive email address',
      about:
        'The owner switched the address off, often one of Hide My Email. Said at RCPT, under the code of an unknown user. Suppress it: that is what switching off says.',
      source: apple,
      then: rejected('rcpt', 550, '5.1.1', '<{recipient}>: inactive email address'),
    },
    {
      id: 'icloud-full',
      kind: 'mailboxFull',
      title: 'User is over quota',
      about:
        'The free 5 GB are shared with photos and backups, so this is common. Said at RCPT, for good. Count it as a soft bounce; give up after a run of them.',
      source: apple,
      then: rejected('rcpt', 552, '5.2.2', '<{recipient}>: user is over quota'),
    },
    {
      id: 'icloud-blocked-proofpoint',
      kind: 'blockedIp',
      title: 'IP address blocked by Proofpoint',
      about:
        'Apple has addresses judged by Proofpoint. Said at RCPT. Open the link of the reply, mend the cause, and ask for removal there, not at Apple.',
      source: apple,
      then: rejected('rcpt', 550, '5.7.0', 'Blocked - see https://ipcheck.proofpoint.com/?ip={ip}'),
    },
    {
      id: 'icloud-blocked-spamhaus',
      kind: 'blockedIp',
      title: 'IP address listed by Spamhaus',
      about:
        'The address is on the SBL. Said at RCPT. Look it up at check.spamhaus.org, mend the cause, and ask there for removal.',
      source: apple,
      then: rejected(
        'rcpt',
        550,
        '5.7.1',
        'Mail from IP {ip} was rejected due to listing in Spamhaus SBL. For details please see http://www.spamhaus.org/query/bl?ip={ip}',
      ),
    },
    {
      id: 'icloud-domain-listed',
      kind: 'badReputation',
      title: 'A domain in the message is listed by Spamhaus',
      about:
        'Apple looks up the domains of links in the DBL. Said after the content. Find the listed link, a shortener or a tracking domain most of the time, and replace it.',
      source: apple,
      then: rejected(
        'endOfData',
        550,
        '5.7.1',
        'Your email was rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/',
      ),
    },
    {
      id: 'icloud-relay',
      kind: 'relayDenied',
      title: 'Relay access denied',
      about:
        'The domain is not (any more) one that iCloud takes mail for: its owner moved it away. Said at RCPT.',
      source: apple,
      then: rejected('rcpt', 554, '5.7.1', '<{recipient}>: Relay access denied'),
    },
    {
      id: 'icloud-outage',
      kind: 'outage',
      title: 'Service unavailable for 2 hours',
      about:
        'iCloud takes nothing, for two hours of virtual time from when the rule comes into force; in life it is seen at the top of the hour, when everyone sends. Keep the messages and try again.',
      source: apple,
      then: {
        ...deferred('endOfData', 451, '4.7.1', 'Service unavailable - try again later'),
        forMs: outageMs,
      },
    },
  ],
);
