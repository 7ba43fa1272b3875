import { outageMs, type Preset, presetsOf } from './preset.ts';

const errors = 'https://developers.messagebird.com/api/#api-errors';
const reasons =
  'https://docs.bird.com/api/channels-api/message-status-and-interactions/message-failure-sources/sms-platform-extended-error-codes';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code?: string) =>
  ({ do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 }) as const;

export const messagebirdPresets: readonly Preset[] = presetsOf(
  { provider: 'messagebird', group: 'MessageBird', when: { provider: 'messagebird' } },
  [
    {
      id: 'messagebird-access-key',
      kind: 'credentials',
      title: 'Request not allowed: access key (401, 2)',
      about: 'The access key is refused, or is a test key. Every message fails alike: raise an alarm.',
      source: errors,
      then: answer('2'),
    },
    {
      id: 'messagebird-no-recipients',
      kind: 'badNumber',
      title: 'No correct recipients (422, 9)',
      about: 'None of the recipients is a number. Do not try again.',
      source: errors,
      then: answer('9'),
    },
    {
      id: 'messagebird-invalid',
      kind: 'badRequest',
      title: 'Invalid parameters (422, 10)',
      about: 'A parameter is out of its bounds; the answer names it.',
      source: errors,
      then: answer('10'),
    },
    {
      id: 'messagebird-balance',
      kind: 'credentials',
      title: 'Not enough balance (402, 25)',
      about: 'The balance is used up. Top up; suppress nobody.',
      source: errors,
      then: answer('25'),
    },
    {
      id: 'messagebird-too-many',
      kind: 'rateLimited',
      title: 'Too many requests (429)',
      about: 'More than 500 a second (POST). Wait, exponentially and with jitter.',
      source: 'https://developers.messagebird.com/api/#rate-limiting',
      then: { do: 'answer', reason: '429', status: 429, text: 'Too many requests' },
    },
    {
      id: 'messagebird-internal',
      kind: 'outage',
      title: 'Internal error (500, 99)',
      about: 'MessageBird’s own fault. Try again later.',
      source: errors,
      then: answer('99'),
    },
    {
      id: 'messagebird-outage',
      kind: 'outage',
      title: 'Internal error for 2 hours',
      about: '500 to everything, for two hours of virtual time from when the rule comes into force.',
      source: errors,
      then: answer('99'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'messagebird-unknown',
      kind: 'badNumber',
      title: 'Delivery failed: unknown subscriber (1)',
      about: 'Nobody has the number. Drop it.',
      source: reasons,
      then: report('delivery_failed', '1'),
    },
    {
      id: 'messagebird-absent',
      kind: 'unreachable',
      title: 'Delivery failed: absent subscriber (27)',
      about: 'The handset was off for too long. Keep the number; try again later.',
      source: reasons,
      then: report('delivery_failed', '27'),
    },
    {
      id: 'messagebird-opted-out',
      kind: 'optedOut',
      title: 'Delivery failed: opted out (103)',
      about: 'The recipient opted out. Suppress the number.',
      source: reasons,
      then: report('delivery_failed', '103'),
    },
    {
      id: 'messagebird-sender',
      kind: 'sender',
      title: 'Delivery failed: sender unregistered (104)',
      about: 'The carrier takes registered senders only. Register it for that country.',
      source: reasons,
      then: report('delivery_failed', '104'),
    },
    {
      id: 'messagebird-content',
      kind: 'filtered',
      title: 'Delivery failed: content unregistered (105)',
      about:
        'The carrier takes registered texts only (templates in India), or its filter took this one for spam. The recipient is not at fault.',
      source: reasons,
      then: report('delivery_failed', '105'),
    },
    {
      id: 'messagebird-expired',
      kind: 'expires',
      title: 'Expired',
      about: 'The validity period passed before the handset was there.',
      source: reasons,
      then: report('expired'),
    },
  ],
);
