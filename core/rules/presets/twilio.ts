import { outageMs, type Preset, presetsOf } from './preset.ts';

/** One page a code. */
const page = (code: string): string => `https://www.twilio.com/docs/api/errors/${code}`;
const rates =
  'https://www.twilio.com/docs/messaging/guides/understanding-twilio-rate-limits-and-message-queues';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code: string) => ({ do: 'report', status, code, afterMs: 0 }) as const;

export const twilioPresets: readonly Preset[] = presetsOf(
  { provider: 'twilio', group: 'Twilio', when: { provider: 'twilio' } },
  [
    {
      id: 'twilio-invalid-to',
      kind: 'badNumber',
      title: 'Invalid ‘To’ number (400, 21211)',
      about:
        'What stands in To is no phone number: letters, too few digits, a missing country code. Do not try again; check numbers before you store them.',
      source: page('21211'),
      then: answer('21211'),
    },
    {
      id: 'twilio-not-mobile',
      kind: 'badNumber',
      title: 'Not a mobile number (400, 21614)',
      about: 'The number cannot take SMS, a landline mostly. Do not try again; offer a call instead.',
      source: page('21614'),
      then: answer('21614'),
    },
    {
      id: 'twilio-opted-out',
      kind: 'optedOut',
      title: 'The recipient wrote STOP (400, 21610)',
      about:
        'The recipient opted out of messages from this sender, or from its Messaging Service. Suppress the number until it writes START; a new sender for the same recipient is against the rules.',
      source: page('21610'),
      then: answer('21610'),
    },
    {
      id: 'twilio-region',
      kind: 'region',
      title: 'Region not enabled (400, 21408)',
      about:
        'The account has no permission to send to that country. Enable it in the Geo Permissions of the console, or do not offer the country in your form.',
      source: page('21408'),
      then: answer('21408'),
    },
    {
      id: 'twilio-no-route',
      kind: 'region',
      title: 'To and From do not go together (400, 21612)',
      about:
        'No route from that sender to that number: an alphanumeric sender to the United States, a short code abroad. Choose the sender by the country, or send through a Messaging Service.',
      source: page('21612'),
      then: answer('21612'),
    },
    {
      id: 'twilio-bad-from',
      kind: 'sender',
      title: 'From is not the account’s (400, 21606)',
      about:
        'The sender was not bought by this account, or cannot send SMS. Common after a change from test to live credentials.',
      source: page('21606'),
      then: answer('21606'),
    },
    {
      id: 'twilio-trial',
      kind: 'badNumber',
      title: 'A trial account, an unverified number (400, 21608)',
      about: 'Trial accounts send to verified numbers only.',
      source: page('21608'),
      then: answer('21608'),
    },
    {
      id: 'twilio-too-long',
      kind: 'tooLarge',
      title: 'Body over 1,600 characters (400, 21617)',
      about: 'The text with its parameters filled in is too long. Shorten it, or split it yourself.',
      source: page('21617'),
      then: answer('21617'),
    },
    {
      id: 'twilio-authenticate',
      kind: 'credentials',
      title: 'Authentication failed (401, 20003)',
      about:
        'Account SID and auth token do not go together, or the token was rotated. Every message fails alike: raise an alarm, suppress nobody.',
      source: page('20003'),
      then: answer('20003'),
    },
    {
      id: 'twilio-too-many-requests',
      kind: 'rateLimited',
      title: 'Too many requests (429, 20429)',
      about:
        'More requests at a time than the account may have. Wait, exponentially and with jitter, and send with fewer connections; the SDK does so by itself only when told to (autoRetry).',
      source: page('20429'),
      then: answer('20429'),
    },
    {
      id: 'twilio-rate-once',
      kind: 'rateLimited',
      title: 'Too many requests at the first try of each message',
      about: 'What a retry is for: the second try of the same message gets through.',
      source: page('20429'),
      then: { ...answer('20429'), times: 1 },
    },
    {
      id: 'twilio-queue-full',
      kind: 'rateLimited',
      title: 'The sender’s queue is full (429, 21611)',
      about:
        'The sender has as much waiting as it sends in four hours (a US long code: one a second). Wait, or spread over a Messaging Service with more senders.',
      source: `${page('21611')}; ${rates}`,
      then: answer('21611'),
    },
    {
      id: 'twilio-internal',
      kind: 'outage',
      title: 'Internal error (500, 20500)',
      about:
        'Twilio’s own fault. Whether the message was taken is not known: a retry may send it twice, no retry may lose it.',
      source: page('20500'),
      then: answer('20500'),
    },
    {
      id: 'twilio-outage',
      kind: 'outage',
      title: 'Unavailable for 2 hours (503, 20503)',
      about:
        '503 to everything, for two hours of virtual time from when the rule comes into force. A verification code is of no use afterwards: fail over, or tell the user.',
      source: page('20503'),
      then: answer('20503'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'twilio-lost-reply',
      kind: 'lostReply',
      title: 'Accepted, and the answer is lost',
      about:
        'Twilio takes the message and the connection breaks before the 201. A retry sends it twice: the Messages resource knows no idempotency key.',
      source: 'https://www.twilio.com/docs/messaging/api/message-resource',
      then: { do: 'disconnect', at: 'endOfData', keep: true },
    },
    {
      id: 'twilio-unreachable',
      kind: 'unreachable',
      title: 'Undelivered: handset unreachable (30003)',
      about:
        'The handset was off or out of reach for as long as the carrier tried. Try later, once; suppress after a run of them.',
      source: page('30003'),
      then: report('undelivered', '30003'),
    },
    {
      id: 'twilio-blocked',
      kind: 'filtered',
      title: 'Undelivered: blocked (30004)',
      about: 'The recipient, or the carrier for them, blocks the sender. Do not try again.',
      source: page('30004'),
      then: report('undelivered', '30004'),
    },
    {
      id: 'twilio-unknown-number',
      kind: 'badNumber',
      title: 'Undelivered: unknown handset (30005)',
      about: 'Nobody has the number, or no longer. Drop it.',
      source: page('30005'),
      then: report('undelivered', '30005'),
    },
    {
      id: 'twilio-landline',
      kind: 'badNumber',
      title: 'Undelivered: landline or unreachable carrier (30006)',
      about: 'The number takes no SMS. Drop it for SMS.',
      source: page('30006'),
      then: report('undelivered', '30006'),
    },
    {
      id: 'twilio-filtered',
      kind: 'filtered',
      title: 'Undelivered: filtered (30007)',
      about:
        'The carrier’s filter, or Twilio’s, took it for spam: a shortened link, many like it, an unregistered campaign. The recipient is not at fault; change the content.',
      source: page('30007'),
      then: report('undelivered', '30007'),
    },
    {
      id: 'twilio-unknown-error',
      kind: 'unreachable',
      title: 'Undelivered: unknown error (30008)',
      about: 'The carrier says no more. Try again once; if it stays, ask support with the SIDs.',
      source: page('30008'),
      then: report('undelivered', '30008'),
    },
    {
      id: 'twilio-10dlc-unregistered',
      kind: 'sender',
      title: 'Undelivered: 10DLC unregistered (30034)',
      about:
        'A message to the United States from a number that belongs to no registered campaign: since September 2023 carriers refuse all of them. Register brand and campaign, and put the number into it.',
      source: `${page('30034')}; https://www.twilio.com/docs/messaging/compliance/a2p-10dlc`,
      then: report('undelivered', '30034'),
      when: { recipient: '+1*' },
    },
    {
      id: 'twilio-10dlc-daily-cap',
      kind: 'rateLimited',
      title: 'Undelivered: 10DLC daily cap reached (30023)',
      about:
        'The campaign sent as much to one carrier as its trust score allows for a day. It goes on at midnight Pacific time.',
      source: page('30023'),
      then: report('undelivered', '30023'),
      when: { recipient: '+1*' },
    },
    {
      id: 'twilio-toll-free-unverified',
      kind: 'sender',
      title: 'Undelivered: toll-free number not verified (30032)',
      about: 'Toll-free numbers must be verified before they send to the United States and Canada.',
      source: page('30032'),
      then: report('undelivered', '30032'),
      when: { recipient: '+1*' },
    },
    {
      id: 'twilio-expired',
      kind: 'expires',
      title: 'Failed: validity period expired (30036)',
      about:
        'The message waited in Twilio’s queue for longer than its ValidityPeriod. Right for a code of five minutes; wrong for an invoice.',
      source: page('30036'),
      then: report('failed', '30036'),
    },
  ],
);
