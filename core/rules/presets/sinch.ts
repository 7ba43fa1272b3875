import { outageMs, type Preset, presetsOf } from './preset.ts';

const statuses = 'https://developers.sinch.com/docs/sms/api-reference/status-codes';
const reports =
  'https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports/delivery-report-error-codes';
const rates = 'https://developers.sinch.com/docs/sms/api-reference/rate-limits';
const smpp = 'https://developers.sinch.com/docs/sms/smpp/error-codes';
const dlc = 'https://developers.sinch.com/docs/sms/smpp/10dlc-errors';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code?: string) =>
  ({ do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 }) as const;

export const sinchPresets: readonly Preset[] = presetsOf(
  { provider: 'sinch', group: 'Sinch', when: { provider: 'sinch' } },
  [
    {
      id: 'sinch-format',
      kind: 'badNumber',
      title: 'Invalid format (400, syntax_invalid_parameter_format)',
      about: 'A field is not of its form, mostly a number that is not an MSISDN. Do not try again.',
      source: statuses,
      then: answer('syntax_invalid_parameter_format'),
    },
    {
      id: 'sinch-constraint',
      kind: 'badRequest',
      title: 'Constraint violated (400, syntax_constraint_violation)',
      about: 'A field is out of its bounds: too many recipients, a text that is too long or empty.',
      source: statuses,
      then: answer('syntax_constraint_violation'),
    },
    {
      id: 'sinch-unauthorized',
      kind: 'credentials',
      title: 'Unauthorized (401)',
      about: 'Token and service plan do not go together, or the OAuth token has expired. Get a new one.',
      source: statuses,
      then: answer('unauthorized'),
    },
    {
      id: 'sinch-missing-callback',
      kind: 'badRequest',
      title: 'Callback URL missing (403, missing_callback_url)',
      about:
        'A delivery report is asked for, and neither the batch nor the service plan has an address for it.',
      source: statuses,
      then: answer('missing_callback_url'),
    },
    {
      id: 'sinch-too-many',
      kind: 'rateLimited',
      title: 'Too many requests (429)',
      about: 'Faster than the service plan may send. Sinch queues what it took; wait with the rest.',
      source: rates,
      then: answer('too_many_requests'),
    },
    {
      id: 'sinch-outage',
      kind: 'outage',
      title: 'Unavailable for 2 hours (503)',
      about: '503 to everything, for two hours of virtual time from when the rule comes into force.',
      source: statuses,
      then: answer('service_unavailable'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'sinch-unroutable',
      kind: 'region',
      title: 'Aborted: message unroutable (402)',
      about: 'The SMSC rejected it; a retry meets the same. Look at the number and at the sender.',
      source: reports,
      then: report('Aborted', '402'),
    },
    {
      id: 'sinch-temporary',
      kind: 'unreachable',
      title: 'Aborted: failed for now (404)',
      about: 'A temporary fault. This is the one that may be sent again.',
      source: reports,
      then: report('Aborted', '404'),
    },
    {
      id: 'sinch-region',
      kind: 'region',
      title: 'Aborted: region not provisioned (412)',
      about: 'The account may not send to that country. Ask for it to be provisioned.',
      source: reports,
      then: report('Aborted', '412'),
    },
    {
      id: 'sinch-deleted',
      kind: 'optedOut',
      title: 'Deleted: opted out (997)',
      about: 'The receiver is on a blacklist: its owner opted out. Suppress the number.',
      source: smpp,
      then: report('Deleted', '997'),
    },
    {
      id: 'sinch-unknown',
      kind: 'badNumber',
      title: 'Deleted: unknown subscriber (1)',
      about: 'Nobody has the number. Drop it.',
      source: smpp,
      then: report('Deleted', '1'),
    },
    {
      id: 'sinch-absent',
      kind: 'unreachable',
      title: 'Failed: absent subscriber (29)',
      about: 'The handset was off for too long. Try again later, once.',
      source: smpp,
      then: report('Failed', '29'),
    },
    {
      id: 'sinch-spam',
      kind: 'filtered',
      title: 'Rejected: message text filter (991)',
      about: 'The filter took its text for spam. Change the content; the recipient is not at fault.',
      source: smpp,
      then: report('Rejected', '991'),
    },
    {
      id: 'sinch-10dlc',
      kind: 'sender',
      title: 'Rejected: 10DLC campaign not active (60)',
      about:
        'The campaign of the US number is suspended or expired. Have it set right; retries are of no use.',
      source: dlc,
      then: report('Rejected', '60'),
      when: { recipient: '+1*' },
    },
    {
      id: 'sinch-expired',
      kind: 'expires',
      title: 'Expired (996)',
      about: 'The validity period passed before the handset was there.',
      source: smpp,
      then: report('Expired', '996'),
    },
  ],
);
