import { deferred, outageMs, type Preset, presetsOf, rejected } from './preset.ts';

const errors = 'https://senders.yahooinc.com/smtp-error-codes/; words as seen in bounces';
const feedback = 'https://senders.yahooinc.com/complaint-feedback-loop/; RFC 5965';
const see = 'see https://postmaster.yahooinc.com/error-codes';

export const yahooPresets: readonly Preset[] = presetsOf(
  { provider: 'yahoo', group: 'Yahoo and AOL', when: { provider: 'yahoo' } },
  [
    {
      id: 'yahoo-tss04',
      kind: 'rateLimited',
      title: 'Unexpected volume or user complaints (TSS04)',
      about:
        'The everyday throttle of Yahoo: more than the address usually sends, or complaints. Said at MAIL FROM, and the connection is closed. Wait hours rather than minutes, slow down, and look at complaints.',
      source: errors,
      then: deferred(
        'mail',
        421,
        '4.7.0',
        `[TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; ${see}`,
      ),
    },
    {
      id: 'yahoo-receiving-rate',
      kind: 'rateLimited',
      title: 'The recipient receives too fast',
      about:
        'One mailbox gets more per minute than Yahoo lets in. Said at RCPT. Collect what you send to one person, and try again later.',
      source: errors,
      then: deferred('rcpt', 450, null, 'User is receiving mail too quickly'),
    },
    {
      id: 'yahoo-messages-per-connection',
      kind: 'tooManyConnections',
      title: 'Too many messages on one connection',
      about:
        'After so many messages Yahoo ends a connection. Said at MAIL FROM. Open a new one and go on; a limit of messages per connection on your side avoids it.',
      source: errors,
      then: deferred('mail', 421, null, 'Max message per connection reached, closing transmission channel'),
    },
    {
      id: 'yahoo-ts03',
      kind: 'badReputation',
      title: 'All messages deferred (TS03)',
      about:
        'A temporary code that means it for good: retrying will not succeed. Said at the greeting. Stop, find out what users complain of, and write to Yahoo once it is mended.',
      source: errors,
      then: deferred(
        'connect',
        421,
        '4.7.1',
        '[TS03] All messages from {ip} will be permanently deferred; Retrying will NOT succeed. See http://postmaster.yahoo.com/421-ts03.html',
      ),
    },
    {
      id: 'yahoo-tss11',
      kind: 'badReputation',
      title: 'All messages refused (TSS11)',
      about:
        'The step after TS03: the reputation of the address is spent. Said at MAIL FROM. No recipient is at fault, so suppress nobody; stop sending from this address.',
      source: errors,
      then: rejected(
        'mail',
        553,
        '5.7.2',
        '[TSS11] All messages from {ip} will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes',
      ),
    },
    {
      id: 'yahoo-spamhaus',
      kind: 'blockedIp',
      title: 'IP address listed by Spamhaus (BL21)',
      about:
        'The address is on a list of Spamhaus, and Yahoo refuses the connection. Look the address up at check.spamhaus.org, mend the cause, and ask there for removal.',
      source: errors,
      then: rejected(
        'connect',
        553,
        '5.7.1',
        "[BL21] Connections will not be accepted from {ip}, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html",
      ),
    },
    {
      id: 'yahoo-unauthenticated',
      kind: 'unauthenticated',
      title: 'Neither SPF nor DKIM passes',
      about:
        'Since February 2024 Yahoo wants SPF or DKIM of everyone, both and DMARC of bulk senders. Said after the content. Publish SPF, sign with DKIM, and send again.',
      source: errors,
      then: rejected(
        'endOfData',
        550,
        '5.7.9',
        'This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM.',
      ),
    },
    {
      id: 'yahoo-policy',
      kind: 'policy',
      title: 'Not accepted for policy reasons (5.7.9)',
      about:
        'Most often DMARC of the domain of From, at times the content; the words do not tell. Said after the content. Look at SPF, DKIM and alignment first.',
      source: errors,
      then: rejected(
        'endOfData',
        554,
        '5.7.9',
        'Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
      ),
    },
    {
      id: 'yahoo-content-ph01',
      kind: 'content',
      title: 'Content not accepted (PH01)',
      about:
        'Something in the message is taken for phishing or malware, often the domain of a link. Said after the content. Check every link, shortened ones above all.',
      source: errors,
      then: rejected(
        'endOfData',
        554,
        null,
        'Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes',
      ),
    },
    {
      id: 'yahoo-greylisted',
      kind: 'greylisted',
      title: 'Greylisted (GL01)',
      about:
        'Yahoo does not know the address yet and wants to see it come again. Said at MAIL FROM, to the first try. An MTA that queues gets through at the next one.',
      source: 'Seen in bounces; http://postmaster.yahoo.com/errors/postmaster-21.html',
      then: {
        ...deferred(
          'mail',
          421,
          '4.7.0',
          '[GL01] Message from ({ip}) temporarily deferred - 4.16.50. Please refer to http://postmaster.yahoo.com/errors/postmaster-21.html',
        ),
        times: 1,
      },
    },
    {
      id: 'yahoo-unknown-user',
      kind: 'unknownUser',
      title: 'No such account',
      about:
        'Said after the content, not at RCPT, and without an enhanced code: only the words tell that the address is dead. Suppress it at once.',
      source: errors,
      then: rejected(
        'endOfData',
        554,
        null,
        "delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0] - {host}",
      ),
    },
    {
      id: 'yahoo-mailbox-not-found',
      kind: 'unknownUser',
      title: 'Mailbox not found (552 1)',
      about:
        'An unknown user under the code for a full mailbox (552): who goes by the code alone keeps writing to it. Said after the content.',
      source: errors,
      then: rejected('endOfData', 552, null, '1 Requested mail action aborted, mailbox not found'),
    },
    {
      id: 'yahoo-disabled',
      kind: 'inactive',
      title: 'The mailbox is disabled (554.30)',
      about:
        'Nobody signed in for a year, and Yahoo closed it. Said after the content. Suppress it: such addresses become spam traps.',
      source: errors,
      then: rejected(
        'endOfData',
        554,
        null,
        '30 Sorry, your message to {recipient} cannot be delivered. This mailbox is disabled (554.30)',
      ),
    },
    {
      id: 'yahoo-relay',
      kind: 'relayDenied',
      title: 'Relaying denied',
      about:
        'The domain is not one of Yahoo: an MX record or a route of your own points there by mistake. Said at RCPT.',
      source: errors,
      then: rejected('rcpt', 550, null, 'relaying denied for <{recipient}>'),
    },
    {
      id: 'yahoo-outage',
      kind: 'outage',
      title: 'Resources not available for 2 hours',
      about:
        'The servers of Yahoo are busy, for two hours of virtual time from when the rule comes into force. Said after the content. Keep the messages and try again.',
      source: 'https://senders.yahooinc.com/smtp-error-codes/ (Resources temporarily unavailable)',
      then: {
        ...deferred(
          'endOfData',
          451,
          null,
          'Resources temporarily not available - Please try again later [#4.16.5].',
        ),
        forMs: outageMs,
      },
    },
    {
      id: 'yahoo-spam-folder',
      kind: 'placement',
      title: 'Lands in Spam',
      about: 'Accepted with 250 and put to Spam: the sender sees a delivery like any other.',
      source: 'https://senders.yahooinc.com/best-practices/',
      then: { do: 'place', in: 'spam' },
    },
    {
      id: 'yahoo-complaint',
      kind: 'complains',
      title: 'Reported as spam',
      about:
        'The reader presses Spam ten minutes later, and the Complaint Feedback Loop sends an ARF report to whoever registered the DKIM domain. Suppress the address for that stream at once.',
      source: feedback,
      then: { do: 'complain', afterMs: 600_000 },
    },
  ],
);
