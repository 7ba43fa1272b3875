import { deferred, outageMs, type Preset, presetsOf, rejected } from './preset.ts';

const postfix = 'Postfix, smtpd(8): https://www.postfix.org/postconf.5.html';
const postscreen = 'Postfix, postscreen(8): https://www.postfix.org/POSTSCREEN_README.html';
const exim = 'Exim, smtp_in.c: https://www.exim.org/exim-html-current/doc/html/spec_html/';

export const anyServerPresets: readonly Preset[] = presetsOf(
  { provider: 'any', group: 'Any server', when: {} },
  [
    {
      id: 'postfix-unknown-user',
      kind: 'unknownUser',
      title: 'Postfix: user unknown',
      about: 'The address does not exist. Said at RCPT. Suppress it at once.',
      source: postfix,
      then: rejected(
        'rcpt',
        550,
        '5.1.1',
        '<{recipient}>: Recipient address rejected: User unknown in virtual mailbox table',
      ),
    },
    {
      id: 'exim-unknown-user',
      kind: 'unknownUser',
      title: 'Exim: unrouteable address',
      about:
        'Exim has no route for the address, which mostly means that there is no such mailbox. Said at RCPT, without an enhanced code.',
      source: exim,
      then: rejected('rcpt', 550, null, 'Unrouteable address'),
    },
    {
      id: 'dovecot-full',
      kind: 'mailboxFull',
      title: 'Dovecot: quota exceeded',
      about:
        'The mailbox is full, as a policy service asks at RCPT. Count it as a soft bounce; give up after a run of them.',
      source: 'Dovecot, quota plugin: https://doc.dovecot.org/latest/core/plugins/quota.html',
      then: rejected(
        'rcpt',
        554,
        '5.2.2',
        '<{recipient}>: Recipient address rejected: Quota exceeded (mailbox for user is full)',
      ),
    },
    {
      id: 'postfix-relay',
      kind: 'relayDenied',
      title: 'Postfix: relay access denied',
      about:
        'The server does not take mail for this domain: an MX record or a route points to the wrong one. Said at RCPT.',
      source: postfix,
      then: rejected('rcpt', 554, '5.7.1', '<{recipient}>: Relay access denied'),
    },
    {
      id: 'exim-relay',
      kind: 'relayDenied',
      title: 'Exim: relay not permitted',
      about: 'The same in the words of Exim.',
      source: exim,
      then: rejected('rcpt', 550, null, 'relay not permitted'),
    },
    {
      id: 'postgrey',
      kind: 'greylisted',
      title: 'Postgrey: greylisted',
      about:
        'The first try of an unknown triplet of address, sender and recipient is put off; the next one is taken. Said at RCPT. An MTA that queues gets through; software that sends directly and does not try again loses the message.',
      source: 'RFC 6647; Postgrey: https://postgrey.schweikert.ch/',
      then: {
        ...deferred(
          'rcpt',
          450,
          '4.2.0',
          '<{recipient}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.com.html',
        ),
        times: 1,
      },
    },
    {
      id: 'milter-greylist',
      kind: 'greylisted',
      title: 'milter-greylist: come back in 5 minutes',
      about:
        'Greylisting that says when to come back. A sender that believes it needs two tries, one that hurries needs many. Said at RCPT.',
      source: 'RFC 6647; milter-greylist: http://hcpnet.free.fr/milter-greylist/',
      then: {
        ...deferred('rcpt', 451, '4.7.1', 'Greylisting in action, please come back in 00:05:00'),
        times: 1,
      },
    },
    {
      id: 'postfix-too-large',
      kind: 'tooLarge',
      title: 'Postfix: message file too big',
      about: 'Larger than the server takes. Said after the content. Send a link in place of the file.',
      source: postfix,
      then: rejected('endOfData', 552, '5.3.4', 'Error: message file too big'),
    },
    {
      id: 'exim-too-large',
      kind: 'tooLarge',
      title: 'Exim: message size exceeds maximum',
      about: 'The same in the words of Exim, at MAIL FROM already, since the size was told there (RFC 1870).',
      source: exim,
      then: rejected('mail', 552, null, 'Message size exceeds maximum permitted'),
    },
    {
      id: 'postfix-too-many-recipients',
      kind: 'tooManyRecipients',
      title: 'Postfix: too many recipients',
      about:
        'More recipients than one transaction may have (1,000 by default; RFC 5321 wants room for 100). The others must come in further transactions.',
      source: `${postfix}; RFC 5321 section 4.5.3.1.10`,
      then: deferred('rcpt', 452, '4.5.3', 'Error: too many recipients'),
    },
    {
      id: 'postfix-connections',
      kind: 'tooManyConnections',
      title: 'Postfix: too many connections',
      about:
        'More connections at a time from one address than allowed (50 by default). Said at the greeting, and the connection is closed. Open fewer.',
      source: postfix,
      then: deferred('connect', 421, '4.7.0', '{host} Error: too many connections from {ip}'),
    },
    {
      id: 'exim-connections',
      kind: 'tooManyConnections',
      title: 'Exim: too many concurrent connections',
      about: 'The same in the words of Exim.',
      source: exim,
      then: deferred(
        'connect',
        421,
        null,
        '{host}: Too many concurrent SMTP connections; please try again later',
      ),
    },
    {
      id: 'postfix-rate',
      kind: 'rateLimited',
      title: 'Postfix: too much mail',
      about:
        'More messages within a minute from one address than allowed. Said at MAIL FROM. Slow down for this server.',
      source: postfix,
      then: deferred('mail', 450, '4.7.1', 'Error: too much mail from {ip}'),
    },
    {
      id: 'starttls-required',
      kind: 'tlsRequired',
      title: 'Must issue STARTTLS first',
      about: 'The server takes nothing in the clear. Said at MAIL FROM. Turn on STARTTLS.',
      source: 'RFC 3207 section 4; Postfix, smtpd_tls_security_level = encrypt',
      then: rejected('mail', 530, '5.7.0', 'Must issue a STARTTLS command first'),
    },
    {
      id: 'spamhaus-listed',
      kind: 'blockedIp',
      title: 'IP address listed by Spamhaus',
      about:
        'The server looks addresses up at zen.spamhaus.org. Said at RCPT. Look yours up at check.spamhaus.org, mend the cause, and ask there for removal.',
      source: 'Postfix, reject_rbl_client: https://www.postfix.org/postconf.5.html#reject_rbl_client',
      then: rejected(
        'rcpt',
        554,
        '5.7.1',
        'Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ip}',
      ),
    },
    {
      id: 'postscreen-listed',
      kind: 'blockedIp',
      title: 'postscreen: blocked by a DNS list',
      about:
        'postscreen lets the address talk up to RCPT, to note who it wanted to write to, and refuses it then.',
      source: postscreen,
      then: rejected(
        'rcpt',
        550,
        '5.7.1',
        'Service unavailable; client [{ip}] blocked using zen.spamhaus.org',
      ),
    },
    {
      id: 'postfix-no-ptr',
      kind: 'noReverseDns',
      title: 'Postfix: cannot find your hostname',
      about:
        'The address has no PTR record, or one that does not lead back. Said at RCPT, for now, since DNS may only be slow; it stays so until the record is there.',
      source: 'Postfix, reject_unknown_client_hostname; RFC 7372 section 3.3',
      then: deferred('rcpt', 450, '4.7.25', 'Client host rejected: cannot find your hostname, [{ip}]'),
    },
    {
      id: 'policyd-spf',
      kind: 'unauthenticated',
      title: 'policyd-spf: SPF fail',
      about:
        'SPF says fail for the sending address. Said at RCPT, before there is any content, so that DKIM cannot help. Add the address to the record.',
      source: 'RFC 7208 section 8.4; https://launchpad.net/spf-engine',
      then: rejected(
        'rcpt',
        550,
        '5.7.23',
        '<{recipient}>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id={sender};ip={ip};r=<UNKNOWN>',
      ),
    },
    {
      id: 'opendmarc',
      kind: 'dmarc',
      title: 'OpenDMARC: rejected by DMARC policy',
      about:
        'The domain of From publishes p=reject, and nothing aligned passes. Said after the content. Sign with DKIM as the domain of From.',
      source: 'RFC 7489 section 10.3; OpenDMARC, RejectFailures',
      then: rejected('endOfData', 550, '5.7.1', 'rejected by DMARC policy for {domain}'),
    },
    {
      id: 'rspamd-spam',
      kind: 'content',
      title: 'Rspamd: spam message rejected',
      about: 'The score of the message is above the limit. Said after the content. Change the message.',
      source: 'Rspamd, milter protocol: https://docs.rspamd.com/workers/rspamd_proxy (spam_reject_message)',
      then: rejected('endOfData', 554, '5.7.1', 'Spam message rejected'),
    },
    {
      id: 'postfix-policy',
      kind: 'policy',
      title: 'Postfix: access denied',
      about:
        'A table of the administrator refuses the recipient to everyone, or to you. Said at RCPT. Only that administrator can tell why.',
      source: 'Postfix, access(5): https://www.postfix.org/access.5.html',
      then: rejected('rcpt', 554, '5.7.1', '<{recipient}>: Recipient address rejected: Access denied'),
    },
    {
      id: 'rfc-outage',
      kind: 'outage',
      title: 'Service not available for 2 hours',
      about:
        'The server says goodbye at the greeting, for two hours of virtual time from when the rule comes into force. Keep the messages, try other MX hosts, and come back less and less often.',
      source: 'RFC 5321 section 4.2.3',
      then: {
        ...deferred('connect', 421, null, '{host} Service not available, closing transmission channel'),
        forMs: outageMs,
      },
    },
    {
      id: 'postscreen-busy',
      kind: 'outage',
      title: 'postscreen: all server ports are busy',
      about: 'More connections than the server has processes for. Said at the greeting. Try again later.',
      source: postscreen,
      then: deferred('connect', 421, '4.3.2', 'All server ports are busy'),
    },
    {
      id: 'milter-down',
      kind: 'outage',
      title: 'Postfix: a filter does not answer',
      about:
        'The virus or spam filter behind Postfix is away, and nothing is taken without it. Said after the content. Try again later.',
      source: 'Postfix, milter_default_action = tempfail: https://www.postfix.org/MILTER_README.html',
      then: deferred('endOfData', 451, '4.7.1', 'Service unavailable - try again later'),
    },
    {
      id: 'exim-local-problem',
      kind: 'outage',
      title: 'Exim: temporary local problem',
      about: 'A lookup of the server fails, a database most of the time. Said at RCPT. Try again later.',
      source: exim,
      then: deferred('rcpt', 451, null, 'Temporary local problem - please try later'),
    },
    {
      id: 'disk-full',
      kind: 'outage',
      title: 'Postfix: insufficient system storage',
      about: 'The disk of the server is full; no mailbox is. Said at MAIL FROM. Try again later.',
      source: 'RFC 5321 section 4.2.3; Postfix, queue_minfree',
      then: deferred('mail', 452, '4.3.1', 'Insufficient system storage'),
    },
    {
      id: 'unreachable',
      kind: 'outage',
      title: 'No connection for 2 hours',
      about:
        'The connection is reset, whichever MX host is tried, for two hours of virtual time from when the rule comes into force. No reply, no code: an MTA keeps the message and tries again.',
      source: 'RFC 5321 section 4.5.4.1',
      when: { channel: 'email', time: { forMs: outageMs } },
      then: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No SMTP service here' },
    },
    {
      id: 'no-smtp-service',
      kind: 'policy',
      title: 'No SMTP service here',
      about:
        'The host answers, and takes no mail from anybody. Said at the greeting, in place of 220. Check where the MX record points.',
      source: 'RFC 5321 section 3.1',
      then: { do: 'refuseConnection', how: 'reply', code: 554, text: 'No SMTP service here' },
      when: { channel: 'email' },
    },
    {
      id: 'starttls-broken',
      kind: 'outage',
      title: 'TLS handshake is cut',
      about:
        'STARTTLS is offered and the handshake breaks, as with a certificate or a middle box gone wrong. Who insists on TLS keeps the message; who does not sends it in the clear at the next try.',
      source: 'RFC 3207 section 4.1',
      then: { do: 'breakTls', how: 'cut' },
    },
    {
      id: 'reply-lost',
      kind: 'lostReply',
      title: 'Taken, but the reply is lost',
      about:
        'The server takes the message, and the connection breaks before its 250 arrives. The sender must try again, and the reader gets it twice. A Message-ID that stays the same lets mailboxes tell.',
      source: 'RFC 1047; RFC 5321 section 4.5.3.2.6',
      then: { do: 'disconnect', at: 'endOfData', keep: true },
      when: { channel: 'email' },
    },
    {
      id: 'complaint',
      kind: 'complains',
      title: 'Reported as spam',
      about:
        'The reader reports the message ten minutes later, the way that this kind of provider does it. Suppress the address for that stream at once.',
      source: 'RFC 5965; RFC 6449',
      then: { do: 'complain', afterMs: 600_000 },
    },
  ],
);
