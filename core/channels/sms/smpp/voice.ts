/** An SMSC's words for what becomes of a message: the states of receipts (SMPP 3.4, appendix B). Pure. */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { SmsCause, SmsState } from '../../../model/sms.ts';
import type { RandomBytes } from '../room.ts';
import { inboundPdus, receipts } from './report.ts';

const stateWords: Readonly<Record<SmsState, string>> = {
  // Of SMPP 5; 3.4 has no word for what is scheduled, and query_sm says ENROUTE.
  scheduled: 'SCHEDULED',
  accepted: 'ACCEPTD',
  sent: 'ENROUTE',
  held: 'ENROUTE',
  delivered: 'DELIVRD',
  undelivered: 'UNDELIV',
  failed: 'UNDELIV',
  rejected: 'REJECTD',
  expired: 'EXPIRED',
  canceled: 'DELETED',
  unknown: 'UNKNOWN',
  received: 'DELIVRD',
};

/**
 * `err` of a receipt is the SMSC's own affair (appendix B). Here it is the number of the MAP error that a mobile network gives
 * (3GPP TS 29.002 §17.6.6), which many SMSCs pass on.
 */
const causeCodes: Readonly<Record<SmsCause, string | null>> = {
  unknown_number: '001',
  landline: '011',
  unreachable: '006',
  blocked: '013',
  filtered: '021',
  opted_out: '013',
  sender_not_registered: '021',
  sender_not_allowed: '021',
  region_not_allowed: '021',
  validity: '027',
  carrier_error: '034',
  content: '036',
  canceled_by_app: null,
  lost: null,
  on_purpose: null,
};

const failedWords = new Set(['UNDELIV', 'REJECTD']);
const systemFailure = '034';
const idOctets = 8;

export function smppVoice(random: RandomBytes): SmsVoice {
  return {
    provider: 'smpp',
    say(_sms, state, cause, forced) {
      const status = forced?.status ?? stateWords[state];
      const code = forced?.code ?? (cause === null ? null : causeCodes[cause]);
      return { status, code: code ?? (failedWords.has(status) ? systemFailure : null) };
    },
    report: receipts,
    inbound: inboundPdus,
    // An SMSC hands STOP on like any other word: the app sees to it.
    optOut: null,
    newProviderId: () => random(idOctets).toString('hex'),
  };
}
