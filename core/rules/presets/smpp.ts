import { outageMs, type Preset, presetsOf } from './preset.ts';

const specification = 'SMPP 3.4 section 5.1.3: https://smpp.org/SMPP_v3_4_Issue1_2.pdf';
const states = 'SMPP 3.4 section 5.2.28 and appendix B: https://smpp.org/SMPP_v3_4_Issue1_2.pdf';

const answer = (reason: string) => ({ do: 'answer', reason }) as const;
const report = (status: string, code?: string) =>
  ({ do: 'report', status, ...(code === undefined ? {} : { code }), afterMs: 0 }) as const;

export const smppPresets: readonly Preset[] = presetsOf(
  { provider: 'smpp', group: 'SMPP', when: { provider: 'smpp' } },
  [
    {
      id: 'smpp-throttled',
      kind: 'rateLimited',
      title: 'Throttled (ESME_RTHROTTLED, 0x58)',
      about: 'Faster than the bind may send. Slow down, keep the message, send it again.',
      source: specification,
      then: answer('ESME_RTHROTTLED'),
    },
    {
      id: 'smpp-throttled-rate',
      kind: 'rateLimited',
      title: 'Throttled beyond 100 a second',
      about: 'What goes beyond 100 messages in a second is refused with ESME_RTHROTTLED.',
      source: specification,
      then: answer('ESME_RTHROTTLED'),
      when: { rate: { moreThan: 100, perMs: 1_000 } },
    },
    {
      id: 'smpp-queue-full',
      kind: 'rateLimited',
      title: 'Message queue full (ESME_RMSGQFUL, 0x14)',
      about: 'The SMSC has as much waiting as it takes. Wait longer than after throttling.',
      source: specification,
      then: answer('ESME_RMSGQFUL'),
    },
    {
      id: 'smpp-destination',
      kind: 'badNumber',
      title: 'Invalid destination (ESME_RINVDSTADR, 0x0B)',
      about: 'The number is none, or its type and plan (TON, NPI) are wrong. Do not try again.',
      source: specification,
      then: answer('ESME_RINVDSTADR'),
    },
    {
      id: 'smpp-source',
      kind: 'sender',
      title: 'Invalid source (ESME_RINVSRCADR, 0x0A)',
      about: 'The sender is not allowed, or its TON is wrong: 5 for alphanumeric, 1 for international.',
      source: specification,
      then: answer('ESME_RINVSRCADR'),
    },
    {
      id: 'smpp-submit-failed',
      kind: 'region',
      title: 'submit_sm failed (ESME_RSUBMITFAIL, 0x45)',
      about: 'The SMSC says no more. Many providers say so for a route that they do not have.',
      source: specification,
      then: answer('ESME_RSUBMITFAIL'),
    },
    {
      id: 'smpp-outage',
      kind: 'outage',
      title: 'System error for 2 hours (ESME_RSYSERR, 0x08)',
      about: 'ESME_RSYSERR to everything, for two hours of virtual time from when the rule comes into force.',
      source: specification,
      then: answer('ESME_RSYSERR'),
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'smpp-absent',
      kind: 'unreachable',
      title: 'Receipt: UNDELIV, absent subscriber',
      about: 'The handset was off for too long. Try again later, once.',
      source: states,
      then: report('UNDELIV', '006'),
    },
    {
      id: 'smpp-unknown',
      kind: 'badNumber',
      title: 'Receipt: UNDELIV, unknown subscriber',
      about: 'Nobody has the number. Drop it.',
      source: states,
      then: report('UNDELIV', '001'),
    },
    {
      id: 'smpp-rejected',
      kind: 'filtered',
      title: 'Receipt: REJECTD',
      about: 'The carrier refused it: its filter, or the owner’s STOP.',
      source: states,
      then: report('REJECTD'),
    },
    {
      id: 'smpp-expired',
      kind: 'expires',
      title: 'Receipt: EXPIRED',
      about: 'The validity period passed before the handset was there.',
      source: states,
      then: report('EXPIRED'),
    },
    {
      id: 'smpp-unknown-state',
      kind: 'reports',
      title: 'Receipt: UNKNOWN',
      about: 'The SMSC lost track of it: it may have arrived, and nobody will ever say.',
      source: states,
      then: report('UNKNOWN'),
    },
  ],
);
