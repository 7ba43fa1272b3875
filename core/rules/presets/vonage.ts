import { outageMs, type Preset, presetsOf } from './preset.ts';

const errors = 'https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms';
const receipts =
  'https://api.support.vonage.com/hc/en-us/articles/204014733-Vonage-SMS-Delivery-Error-Codes-and-Descriptions';
const optedOut = 'https://developer.vonage.com/en/opt-out-assist/guides/messaging-opted-out-numbers';
const messages = 'https://developer.vonage.com/en/api-errors/messages';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code: string) => ({ do: 'report', status, code, afterMs: 0 }) as const;

export const vonagePresets: readonly Preset[] = presetsOf(
  { provider: 'vonage', group: 'Vonage', when: { provider: 'vonage' } },
  [
    {
      id: 'vonage-throttled',
      kind: 'rateLimited',
      title: 'Throttled (status 1)',
      about:
        'Faster than the account may send, 30 a second mostly. HTTP says 200 all the same: who looks at that alone loses messages in silence. Wait a second and send again.',
      source: errors,
      then: answer('1'),
    },
    {
      id: 'vonage-throttled-once',
      kind: 'rateLimited',
      title: 'Throttled at the first try of each message',
      about: 'What a retry is for: the second try of the same message gets through.',
      source: errors,
      then: { ...answer('1'), times: 1 },
    },
    {
      id: 'vonage-invalid',
      kind: 'badNumber',
      title: 'Invalid parameters (status 3)',
      about: 'A parameter is wrong, mostly the number. Do not try again.',
      source: errors,
      then: answer('3'),
    },
    {
      id: 'vonage-credentials',
      kind: 'credentials',
      title: 'Invalid credentials (status 4)',
      about: 'API key and secret do not go together. Every message fails alike: raise an alarm.',
      source: errors,
      then: answer('4'),
    },
    {
      id: 'vonage-internal',
      kind: 'outage',
      title: 'Internal error (status 5)',
      about: 'Vonage’s own fault. Try again later.',
      source: errors,
      then: answer('5'),
    },
    {
      id: 'vonage-outage',
      kind: 'outage',
      title: 'Internal error for 2 hours',
      about:
        'Status 5 to everything, for two hours of virtual time from when the rule comes into force: time to fail over.',
      source: errors,
      then: answer('5'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'vonage-barred',
      kind: 'optedOut',
      title: 'Number barred (status 7)',
      about: 'The number is on a list of those that must not be sent to. Suppress it.',
      source: errors,
      then: answer('7'),
    },
    {
      id: 'vonage-no-credit',
      kind: 'credentials',
      title: 'No credit left (status 9)',
      about: 'The balance is used up. Top up, or set an automatic payment; suppress nobody.',
      source: errors,
      then: answer('9'),
    },
    {
      id: 'vonage-sender',
      kind: 'sender',
      title: 'Sender not allowed (status 15)',
      about:
        'The sender is not one that this destination takes: the United States want a number of yours, no name.',
      source: errors,
      then: answer('15'),
    },
    {
      id: 'vonage-demo',
      kind: 'region',
      title: 'Not on the list of a demo account (status 29)',
      about: 'Demo accounts send to the numbers that they were told of. Add it, or top up.',
      source: errors,
      then: answer('29'),
    },
    {
      id: 'vonage-messages-throttled',
      kind: 'rateLimited',
      title: 'Messages API: throttled (429)',
      about: 'The same at the Messages API, which uses HTTP statuses. Wait and send again.',
      source: messages,
      then: answer('429'),
    },
    {
      id: 'vonage-absent',
      kind: 'unreachable',
      title: 'Failed: absent for now (err-code 2)',
      about: 'The handset was off for too long. Try again later, once.',
      source: receipts,
      then: report('failed', '2'),
    },
    {
      id: 'vonage-gone',
      kind: 'badNumber',
      title: 'Failed: absent for good (err-code 3)',
      about: 'The number is no longer in use. Drop it.',
      source: receipts,
      then: report('failed', '3'),
    },
    {
      id: 'vonage-spam',
      kind: 'filtered',
      title: 'Rejected: anti-spam (err-code 6)',
      about: 'The carrier’s filter took it for spam. Change the content; the recipient is not at fault.',
      source: receipts,
      then: report('rejected', '6'),
    },
    {
      id: 'vonage-opted-out',
      kind: 'optedOut',
      title: 'Rejected: opted out (err-code 9)',
      about:
        'The recipient opted out of this sender: Vonage says “0” first, and the receipt tells. Suppress the number.',
      source: optedOut,
      then: report('rejected', '9'),
    },
    {
      id: 'vonage-expired',
      kind: 'expires',
      title: 'Expired',
      about: 'The carrier could not deliver it while its ttl lasted.',
      source: receipts,
      then: report('expired', '1'),
    },
  ],
);
