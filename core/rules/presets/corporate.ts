import { deferred, type Preset, presetsOf, rejected } from './preset.ts';

const proofpoint = 'https://www.proofpoint.com/us/support-services/ip-blocked-faq; words as seen in bounces';
const mimecast =
  'https://community.mimecast.com/s/article/email-security-cloud-gateway-mimecast-smtp-error-codes';
const cisco = 'Cisco Secure Email (IronPort), sender groups by reputation; words as seen in bounces';
const barracuda = 'https://www.barracudacentral.org/lookups; words as seen in bounces';

export const corporatePresets: readonly Preset[] = presetsOf(
  { provider: 'corporate', group: 'Corporate gateways', when: { provider: 'corporate' } },
  [
    {
      id: 'proofpoint-blocked',
      kind: 'blockedIp',
      title: 'Proofpoint: IP address blocked',
      about:
        'Proofpoint Dynamic Reputation blocks the address for all of its customers. Said at the greeting. Open the link, mend the cause, ask for removal there.',
      source: proofpoint,
      then: rejected('connect', 554, null, 'Blocked - see https://ipcheck.proofpoint.com/?ip={ip}'),
    },
    {
      id: 'proofpoint-policy',
      kind: 'policy',
      title: 'Proofpoint: local policy violation',
      about:
        "A rule of the company refuses the message: a kind of file, a word, a sender. Said after the content. Only the recipient's administrator can tell which.",
      source: proofpoint,
      then: rejected('endOfData', 550, '5.7.0', 'Local Policy Violation'),
    },
    {
      id: 'cisco-poor-reputation',
      kind: 'badReputation',
      title: "Cisco: the sending MTA's poor reputation",
      about:
        'The SenderBase score of the address is too low. Said at the greeting, in two lines. Look the address up at talosintelligence.com; a low score heals with days of clean mail.',
      source: cisco,
      then: rejected(
        'connect',
        554,
        null,
        '{host}',
        "Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means.",
      ),
    },
    {
      id: 'barracuda-reputation',
      kind: 'blockedIp',
      title: 'Barracuda: IP address blocked',
      about:
        'The address is on the Barracuda Reputation Block List. Said at RCPT. Ask for removal at barracudacentral.org.',
      source: barracuda,
      then: rejected(
        'rcpt',
        554,
        null,
        'Service unavailable; Client host [{ip}] blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip={ip}',
      ),
    },
    {
      id: 'mimecast-greylisted',
      kind: 'greylisted',
      title: 'Mimecast: resources temporarily unavailable',
      about:
        'Greylisting in other words: the first try of an unknown sender is put off, and a new one between one minute and twelve hours later is taken. Said at RCPT.',
      source: mimecast,
      then: {
        ...deferred(
          'rcpt',
          451,
          null,
          'Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451',
        ),
        times: 1,
      },
    },
    {
      id: 'mimecast-blocked-sender',
      kind: 'policy',
      title: 'Mimecast: envelope blocked by the user',
      about:
        'The recipient put your address on a list of blocked senders. Said at RCPT. Read it as an unsubscription.',
      source: mimecast,
      then: rejected(
        'rcpt',
        550,
        null,
        'Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550',
      ),
    },
    {
      id: 'mimecast-spf',
      kind: 'unauthenticated',
      title: 'Mimecast: SPF sender invalid',
      about:
        'The sending address is not in the SPF record of the domain of MAIL FROM. Said at RCPT, before there is any content. Add it to the record.',
      source: mimecast,
      then: rejected('rcpt', 550, null, 'SPF Sender Invalid - envelope rejected'),
    },
    {
      id: 'mimecast-dmarc',
      kind: 'dmarc',
      title: 'Mimecast: DMARC sender invalid',
      about:
        'The policy of the domain of From says to refuse what does not pass aligned. Said after the content. Sign with DKIM as the domain of From.',
      source: mimecast,
      then: rejected('endOfData', 550, null, 'DMARC Sender Invalid - envelope rejected'),
    },
    {
      id: 'mimecast-reputation',
      kind: 'badReputation',
      title: 'Mimecast: IP reputation',
      about:
        'Checks of reputation went on after a first 451 and ended in a refusal. Said at RCPT. Ask for a review of the address at Mimecast.',
      source: mimecast,
      then: rejected('rcpt', 550, null, 'Local CT IP Reputation - (reject)'),
    },
    {
      id: 'mimecast-temporarily-listed',
      kind: 'blockedIp',
      title: 'Mimecast: IP address listed for now',
      about:
        'Too many bad connections from the address within a short time. It is let in again by itself after a while. Said at RCPT.',
      source: mimecast,
      then: deferred('rcpt', 451, null, 'IP Temporarily Blacklisted'),
    },
    {
      id: 'mimecast-tls',
      kind: 'tlsRequired',
      title: 'Mimecast: this route requires encryption',
      about: 'The company takes mail over TLS only. Said at RCPT. Turn on STARTTLS.',
      source: mimecast,
      then: rejected('rcpt', 553, null, 'This route requires encryption (TLS)'),
    },
    {
      id: 'mimecast-too-large',
      kind: 'tooLarge',
      title: 'Mimecast: maximum size exceeded',
      about:
        'Larger than a policy of the company allows; files grow by a third when they are encoded. Said after the content.',
      source: mimecast,
      then: rejected('endOfData', 554, null, 'Maximum email size exceeded'),
    },
    {
      id: 'mimecast-unknown-user',
      kind: 'unknownUser',
      title: 'Mimecast: invalid recipient',
      about:
        'The directory of the company has no such address. Said at RCPT, without an enhanced code. Suppress it at once.',
      source: mimecast,
      then: rejected(
        'rcpt',
        550,
        null,
        'Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550',
      ),
    },
    {
      id: 'gateway-bounces-later',
      kind: 'bouncesLater',
      title: 'The gateway takes it, the server behind it does not',
      about:
        'A gateway that does not know the mailboxes says 250; the server behind it bounces minutes later. Read the DSNs that come back to MAIL FROM, or the address is never suppressed.',
      source: 'RFC 5321 section 6.1; RFC 3464',
      then: {
        do: 'bounceLater',
        afterMs: 300_000,
        code: 550,
        enhanced: '5.1.1',
        text: '<{recipient}>: Recipient address rejected: User unknown in virtual mailbox table',
      },
    },
    {
      id: 'gateway-quarantine',
      kind: 'placement',
      title: 'Put to quarantine',
      about: 'Accepted with 250 and kept from the reader. The sender sees a delivery like any other.',
      source: proofpoint,
      then: { do: 'place', in: 'spam' },
    },
  ],
);
