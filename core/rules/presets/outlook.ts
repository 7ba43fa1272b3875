import { deferred, outageMs, type Preset, presetsOf, rejected } from './preset.ts';

const postmaster =
  'https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx; words as seen in bounces';
const exchange =
  'https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online';
const highVolume =
  'https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730';
const delist = 'http://mail.live.com/mail/troubleshooting.aspx#errors';
/** What Microsoft ends its replies with: the machine that said it. */
const machine = '[{host}]';

export const outlookPresets: readonly Preset[] = presetsOf(
  { provider: 'outlook', group: 'Outlook.com and Exchange Online', when: { provider: 'outlook' } },
  [
    {
      id: 'outlook-blocked-s3140',
      kind: 'blockedIp',
      title: 'IP address on the block list (S3140)',
      about:
        'Outlook.com blocks the network of the address. Said at MAIL FROM. Stop sending there, mend the cause, and ask for removal at sender.office.com; on a shared address, ask the service. No recipient is at fault.',
      source: postmaster,
      then: rejected(
        'mail',
        550,
        '5.7.1',
        `Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to ${delist}. ${machine}`,
      ),
    },
    {
      id: 'outlook-blocked-s3150',
      kind: 'blockedIp',
      title: 'IP address on the block list (S3150)',
      about:
        'The other number of the same block, common on addresses of hosting companies. Said at MAIL FROM. What helps is the same: removal by Microsoft, or another address.',
      source: postmaster,
      then: rejected(
        'mail',
        550,
        '5.7.1',
        `Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to ${delist}. ${machine}`,
      ),
    },
    {
      id: 'outlook-banned-ip',
      kind: 'blockedIp',
      title: 'Banned sending IP (Exchange Online)',
      about:
        'Exchange Online banned the address after spam came from it. Said at RCPT. Ask for removal at sender.office.com once the cause is mended.',
      source: exchange,
      then: rejected(
        'rcpt',
        550,
        '5.7.606',
        `Access denied, banned sending IP [{ip}]. To request removal from this list please visit https://sender.office.com/ and follow the directions. For more information please go to  http://go.microsoft.com/fwlink/?LinkID=526655 AS(1430) ${machine}`,
      ),
    },
    {
      id: 'outlook-rate-s775',
      kind: 'rateLimited',
      title: 'Rate limited due to IP reputation (S775)',
      about:
        'A new or distrusted address may send little at first. Said at MAIL FROM. Slow down for this provider alone, keep the messages queued, and warm the address up.',
      source: postmaster,
      then: deferred(
        'mail',
        451,
        '4.7.650',
        `The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) ${machine}`,
      ),
    },
    {
      id: 'outlook-rate-s844',
      kind: 'rateLimited',
      title: 'Rate limited due to IP reputation (S844)',
      about:
        'The harder step of the same limit: hours rather than minutes. A sender that keeps the pace stays in it until the messages expire.',
      source: postmaster,
      then: deferred(
        'mail',
        451,
        '4.7.651',
        `The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S844) ${machine}`,
      ),
    },
    {
      id: 'outlook-server-busy',
      kind: 'rateLimited',
      title: 'Server busy (4.7.500)',
      about:
        'Sounds like a fault of theirs and is a throttle: a sudden rise in volume, or one that looks suspicious. Said at RCPT. Slow down and try again later.',
      source:
        'https://learn.microsoft.com/exchange/troubleshoot/email-delivery/fix-error-code-451-4-7-500-699-asxxx; words as seen in bounces',
      then: deferred(
        'rcpt',
        451,
        '4.7.500',
        `Server busy. Please try again later from [{ip}]. (AS843) ${machine}`,
      ),
    },
    {
      id: 'outlook-mailbox-throttled',
      kind: 'rateLimited',
      title: 'The recipient receives too fast',
      about:
        'One mailbox gets more at a time than its server works off. Said after the content. Collect what you send to one person, and try again later.',
      source: exchange,
      then: deferred(
        'endOfData',
        432,
        '4.3.2',
        `STOREDRV.Deliver; recipient thread limit exceeded ${machine}`,
      ),
    },
    {
      id: 'outlook-connections',
      kind: 'tooManyConnections',
      title: 'Too many connections (S3115)',
      about:
        'More connections at a time than the reputation of the address allows. Said at MAIL FROM. Open fewer connections to this provider, and use each for more messages.',
      source: postmaster,
      then: deferred(
        'mail',
        451,
        '4.7.652',
        `The mail server [{ip}] has exceeded the maximum number of connections. (S3115) ${machine}`,
      ),
    },
    {
      id: 'exchange-connections',
      kind: 'tooManyConnections',
      title: 'Too many connections (Exchange Server)',
      about:
        'A receive connector of an Exchange Server takes so many connections from one address (20 by default). Said at the greeting, and the connection is closed. Open fewer.',
      source:
        'https://learn.microsoft.com/exchange/mail-flow/message-rate-limits (MaxInboundConnectionPerSource)',
      then: deferred(
        'connect',
        421,
        '4.3.2',
        'The maximum number of concurrent connections has exceeded a limit, closing transmission channel',
      ),
    },
    {
      id: 'outlook-unauthenticated',
      kind: 'unauthenticated',
      title: 'Required authentication level not met (5.7.515)',
      about:
        'Who sends 5,000 messages a day or more to Outlook.com needs SPF, DKIM and DMARC, all passing. Said after the content. Publish what is missing; retries will not help.',
      source: highVolume,
      then: rejected(
        'endOfData',
        550,
        '5.7.515',
        `Access denied, sending domain {domain} does not meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender. To learn how to fix this see: https://go.microsoft.com/fwlink/p/?linkid=2319303 Spf= Fail , Dkim= Fail , DMARC= Fail ${machine}`,
      ),
    },
    {
      id: 'exchange-spf',
      kind: 'unauthenticated',
      title: 'Sender Policy Framework violation (5.7.23)',
      about:
        "The recipient's organization refuses what fails SPF. Said after the content. Name the sending address in the SPF record of the domain of MAIL FROM.",
      source: exchange,
      then: rejected(
        'endOfData',
        550,
        '5.7.23',
        'The message was rejected because of Sender Policy Framework violation',
      ),
    },
    {
      id: 'outlook-dmarc',
      kind: 'dmarc',
      title: "Refused by the domain's DMARC policy (5.7.509)",
      about:
        'The domain of From publishes p=reject (or sp=reject for its sub-domains), and nothing aligned passes. Said after the content. Sign with DKIM as the domain of From.',
      source: exchange,
      then: rejected(
        'endOfData',
        550,
        '5.7.509',
        `Access denied, sending domain [{domain}] does not pass DMARC verification and has a DMARC policy of reject. ${machine}`,
      ),
    },
    {
      id: 'outlook-unknown-user',
      kind: 'unknownUser',
      title: 'Mailbox unavailable',
      about:
        'What Outlook.com says of an address that does not exist. The enhanced code speaks of the protocol (5.5.0), so that software which reads codes alone takes it for something else. Said at RCPT. Suppress after it came again.',
      source: postmaster,
      then: rejected(
        'rcpt',
        550,
        '5.5.0',
        `Requested action not taken: mailbox unavailable (S2017062302). ${machine}`,
      ),
    },
    {
      id: 'exchange-edge-blocking',
      kind: 'unknownUser',
      title: 'Access denied at the edge (5.4.1)',
      about:
        'Directory-based edge blocking of Exchange Online: the tenant has no such address. Reads like a block, and is an unknown user. Said at RCPT.',
      source:
        'https://learn.microsoft.com/exchange/mail-flow-best-practices/use-directory-based-edge-blocking',
      then: rejected(
        'rcpt',
        550,
        '5.4.1',
        `Recipient address rejected: Access denied. AS(201806281) ${machine}`,
      ),
    },
    {
      id: 'exchange-not-found-later',
      kind: 'bouncesLater',
      title: 'Not found, told later (5.1.10)',
      about:
        'Without edge blocking Exchange Online takes the message first and finds out afterwards: 250 now, a DSN minutes later. Read the DSNs that come back to MAIL FROM, or the address is never suppressed.',
      source: exchange,
      then: {
        do: 'bounceLater',
        afterMs: 120_000,
        code: 550,
        enhanced: '5.1.10',
        text: 'RESOLVER.ADR.RecipientNotFound; Recipient {recipient} not found by SMTP address lookup',
      },
    },
    {
      id: 'exchange-full-later',
      kind: 'mailboxFull',
      title: 'Mailbox full, told later',
      about:
        'Exchange Online takes the message, cannot store it, and sends a DSN. Count it as a soft bounce, when you hear of it.',
      source: exchange,
      then: {
        do: 'bounceLater',
        afterMs: 120_000,
        code: 554,
        enhanced: '5.2.2',
        text: 'mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; cannot deliver to {recipient}',
      },
    },
    {
      id: 'exchange-content',
      kind: 'content',
      title: 'Rejected as spam by content filtering',
      about:
        'The content filter of an Exchange Server refuses what scores too high. Said after the content. Change the message; the same one will be refused again.',
      source:
        'https://learn.microsoft.com/exchange/antispam-and-antimalware/antispam-protection/content-filtering',
      then: rejected('endOfData', 550, '5.7.1', 'Message rejected as spam by Content Filtering.'),
    },
    {
      id: 'exchange-policy',
      kind: 'policy',
      title: "Against the organization's mail flow rule",
      about:
        'A transport rule of the organization refuses the message, often all mail from outside to a group. Said after the content. Only its administrator can change it.',
      source: exchange,
      then: rejected(
        'endOfData',
        550,
        '5.7.1',
        'TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
      ),
    },
    {
      id: 'exchange-relay',
      kind: 'relayDenied',
      title: 'Relay access denied (5.7.64)',
      about:
        'Mail for a domain that this tenant does not have: an MX record or a connector is wrong. Said at RCPT. Mend the configuration.',
      source: exchange,
      then: rejected('rcpt', 550, '5.7.64', `TenantAttribution; Relay Access Denied ${machine}`),
    },
    {
      id: 'exchange-too-large',
      kind: 'tooLarge',
      title: 'Message too large',
      about:
        'Larger than the organization takes (36 MB by default in Exchange Online). Said after the content, or at MAIL FROM when the size was told. Send a link in place of the file.',
      source: exchange,
      then: rejected('endOfData', 552, '5.3.4', 'Message size exceeds fixed maximum message size'),
    },
    {
      id: 'exchange-too-many-recipients',
      kind: 'tooManyRecipients',
      title: 'Too many recipients',
      about:
        'More than 200 recipients of one domain in one transaction. An MTA sends the others in further transactions by itself.',
      source: exchange,
      then: deferred('rcpt', 452, '4.5.3', `Too many recipients (AS780090) ${machine}`),
    },
    {
      id: 'exchange-resources',
      kind: 'outage',
      title: 'Insufficient system resources',
      about:
        'An Exchange Server short of disk or memory (back pressure) takes nothing for now. Said at MAIL FROM. Keep the messages and try again.',
      source: exchange,
      then: deferred('mail', 452, '4.3.1', 'Insufficient system resources'),
    },
    {
      id: 'outlook-outage',
      kind: 'outage',
      title: 'Temporary server error for 2 hours',
      about:
        'A fault of Microsoft, for two hours of virtual time from when the rule comes into force. Keep the messages, try again less and less often, and suppress nobody.',
      source: 'https://learn.microsoft.com/troubleshoot/exchange/email-delivery; words as seen in bounces',
      then: {
        ...deferred('endOfData', 451, '4.7.0', 'Temporary server error. Please try again later. PRX4'),
        forMs: outageMs,
      },
    },
    {
      id: 'outlook-junk',
      kind: 'placement',
      title: 'Lands in Junk',
      about:
        'Accepted with 250 and put to Junk: the sender sees a delivery like any other. SNDS tells how an address fares.',
      source: postmaster,
      then: { do: 'place', in: 'spam' },
    },
    {
      id: 'outlook-complaint',
      kind: 'complains',
      title: 'Reported as junk',
      about:
        'The reader presses Junk ten minutes later, and the Junk Mail Reporting Program sends it back to whoever registered the IP address. Suppress the address for that stream at once.',
      source: 'https://sendersupport.olc.protection.outlook.com/snds/JMRP.aspx; RFC 5965',
      then: { do: 'complain', afterMs: 600_000 },
    },
  ],
);
