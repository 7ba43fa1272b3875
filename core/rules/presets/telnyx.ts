import { outageMs, type Preset, presetsOf } from './preset.ts';

const codes = 'https://developers.telnyx.com/docs/messaging/messages/error-codes';
const general = 'https://developers.telnyx.com/development/api-fundamentals/api-errors';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code?: string) =>
  ({ do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 }) as const;

export const telnyxPresets: readonly Preset[] = presetsOf(
  { provider: 'telnyx', group: 'Telnyx', when: { provider: 'telnyx' } },
  [
    {
      id: 'telnyx-authentication',
      kind: 'credentials',
      title: 'Authentication failed (401, 10009)',
      about: 'The API key is refused. Every message fails alike: raise an alarm, suppress nobody.',
      source: general,
      then: answer('10009'),
    },
    {
      id: 'telnyx-invalid',
      kind: 'badNumber',
      title: 'Invalid phone number (422, 10002)',
      about: 'The number is none. Do not try again.',
      source: general,
      then: answer('10002'),
    },
    {
      id: 'telnyx-stop',
      kind: 'optedOut',
      title: 'Blocked due to STOP (403, 40300)',
      about: 'The recipient wrote STOP to this sender. Suppress the number until it writes START.',
      source: codes,
      then: answer('40300'),
    },
    {
      id: 'telnyx-from',
      kind: 'sender',
      title: 'Invalid from address (400, 40305)',
      about: 'The sender is not of the messaging profile. Assign the number to it.',
      source: codes,
      then: answer('40305'),
    },
    {
      id: 'telnyx-region',
      kind: 'region',
      title: 'Invalid destination region (400, 40309)',
      about: 'The profile does not allow that country. Add it to the allowed destinations.',
      source: codes,
      then: answer('40309'),
    },
    {
      id: 'telnyx-too-many',
      kind: 'rateLimited',
      title: 'Too many requests (429, 10011)',
      about:
        'More requests than allowed. Wait, exponentially and with jitter; the SDK tries twice by itself.',
      source: general,
      then: answer('10011'),
    },
    {
      id: 'telnyx-queue-full',
      kind: 'rateLimited',
      title: 'Message queue full (429, 40318)',
      about: 'As much is waiting as the profile may have. Send less a minute, or ask for more throughput.',
      source: codes,
      then: answer('40318'),
    },
    {
      id: 'telnyx-outage',
      kind: 'outage',
      title: 'Unexpected error for 2 hours (500, 10007)',
      about: '500 to everything, for two hours of virtual time from when the rule comes into force.',
      source: general,
      then: answer('10007'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'telnyx-not-routable',
      kind: 'badNumber',
      title: 'Delivery failed: not routable (40001)',
      about: 'A landline, or a number that no route leads to. Drop it for SMS.',
      source: codes,
      then: report('delivery_failed', '40001'),
    },
    {
      id: 'telnyx-spam',
      kind: 'filtered',
      title: 'Delivery failed: blocked as spam, for now (40002)',
      about: 'A carrier’s filter. Send slower and change the content; the recipient is not at fault.',
      source: codes,
      then: report('delivery_failed', '40002'),
    },
    {
      id: 'telnyx-unreachable',
      kind: 'unreachable',
      title: 'Delivery failed: recipient unavailable (40006)',
      about: 'The carrier of the recipient does not answer. Try again later, exponentially.',
      source: codes,
      then: report('delivery_failed', '40006'),
    },
    {
      id: 'telnyx-10dlc',
      kind: 'sender',
      title: 'Delivery failed: 10DLC unregistered (40010)',
      about: 'A US number that is in no registered campaign. Register brand and campaign first.',
      source: codes,
      then: report('delivery_failed', '40010'),
      when: { recipient: '+1*' },
    },
    {
      id: 'telnyx-expired',
      kind: 'expires',
      title: 'Expired (40005)',
      about: 'It expired on its way to the recipient.',
      source: codes,
      then: report('expired', '40005'),
    },
    {
      id: 'telnyx-unconfirmed',
      kind: 'reports',
      title: 'Delivery unconfirmed',
      about: 'The carrier sent no receipt: it may have arrived, and nobody will ever say. Do not send again.',
      source: 'https://developers.telnyx.com/docs/messaging/messages/receive-delivery-receipts',
      then: report('delivery_unconfirmed'),
    },
  ],
);
