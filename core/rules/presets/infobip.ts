import { outageMs, type Preset, presetsOf } from './preset.ts';

const codes = 'https://www.infobip.com/docs/essentials/response-status-and-error-codes';
const errors = 'https://www.infobip.com/docs/essentials/api-essentials/handling-errors';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code?: string) =>
  ({ do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 }) as const;

export const infobipPresets: readonly Preset[] = presetsOf(
  { provider: 'infobip', group: 'Infobip', when: { provider: 'infobip' } },
  [
    {
      id: 'infobip-unauthorized',
      kind: 'credentials',
      title: 'Invalid login details (401 UNAUTHORIZED)',
      about: 'The API key is refused, or belongs to another base URL. Every message fails alike.',
      source: errors,
      then: answer('UNAUTHORIZED'),
    },
    {
      id: 'infobip-too-many',
      kind: 'rateLimited',
      title: 'Too many requests (429 TOO_MANY_REQUESTS)',
      about: 'Faster than the account may ask. Wait, or put more destinations into one request.',
      source: errors,
      then: answer('TOO_MANY_REQUESTS'),
    },
    {
      id: 'infobip-outage',
      kind: 'outage',
      title: 'General error for 2 hours (500 GENERAL_ERROR)',
      about: '500 to everything, for two hours of virtual time from when the rule comes into force.',
      source: errors,
      then: answer('GENERAL_ERROR'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'infobip-credits',
      kind: 'credentials',
      title: 'Rejected: not enough credits (id 12)',
      about:
        'The request is taken, and the status of the message says REJECTED: read it for each message. Top up; suppress nobody.',
      source: codes,
      then: report('REJECTED_NOT_ENOUGH_CREDITS'),
    },
    {
      id: 'infobip-destination',
      kind: 'badNumber',
      title: 'Rejected: destination (id 52)',
      about: 'The number is none. Do not try again.',
      source: codes,
      then: report('REJECTED_DESTINATION'),
    },
    {
      id: 'infobip-trial',
      kind: 'badNumber',
      title: 'Rejected: destination not registered (id 18)',
      about: 'A trial account sends to verified numbers only.',
      source: codes,
      then: report('REJECTED_DESTINATION_NOT_REGISTERED'),
    },
    {
      id: 'infobip-network',
      kind: 'region',
      title: 'Rejected: network (id 6)',
      about: 'The network is not covered, or not set up for the account. Ask your account manager.',
      source: codes,
      then: report('REJECTED_NETWORK'),
    },
    {
      id: 'infobip-dnd',
      kind: 'optedOut',
      title: 'Rejected: do not disturb (id 10)',
      about: 'The number is on a list of those who want no traffic of that kind (DND in India). Suppress it.',
      source: codes,
      then: report('REJECTED_DND'),
    },
    {
      id: 'infobip-source',
      kind: 'sender',
      title: 'Rejected: sender not registered (id 11)',
      about: 'The sender is not registered, or not allowed in that country. Register it first.',
      source: codes,
      then: report('REJECTED_SOURCE'),
    },
    {
      id: 'infobip-flooding',
      kind: 'rateLimited',
      title: 'Rejected: flooding filter (id 20)',
      about: 'The same text to the same number too often: a loop in your code, or an impatient button.',
      source: codes,
      then: report('REJECTED_FLOODING_FILTER'),
    },
    {
      id: 'infobip-absent',
      kind: 'unreachable',
      title: 'Not delivered: absent subscriber (EC 27)',
      about: 'The handset was off for too long. Try again later, once.',
      source: codes,
      then: report('UNDELIVERABLE_NOT_DELIVERED', '27'),
    },
    {
      id: 'infobip-unknown',
      kind: 'badNumber',
      title: 'Not delivered: unknown subscriber (EC 1)',
      about: 'Nobody has the number. Drop it.',
      source: codes,
      then: report('UNDELIVERABLE_NOT_DELIVERED', '1'),
    },
    {
      id: 'infobip-operator',
      kind: 'filtered',
      title: 'Rejected by the operator (id 4)',
      about: 'The operator refused it, its filter mostly. Change the content or the sender.',
      source: codes,
      then: report('UNDELIVERABLE_REJECTED_OPERATOR'),
    },
    {
      id: 'infobip-expired',
      kind: 'expires',
      title: 'Expired (id 15)',
      about: 'The validity period, 48 hours by default, passed before the handset was there.',
      source: codes,
      then: report('EXPIRED_EXPIRED'),
    },
  ],
);
