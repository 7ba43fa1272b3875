/**
 * Twilio's words for what becomes of a message, and how the app hears of it. Pure.
 * Sources: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values,
 * https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
 */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import { assertNever } from '../../../model/app-error.ts';
import type { SmsCause, SmsState } from '../../../model/sms.ts';
import { helpWords, inboundCallbacks, reportCallbacks, startWords, stopWords } from './report.ts';
import { recordOf, type TwilioRecord } from './schema.ts';
import type { NewSid } from './sids.ts';

/** Source: https://www.twilio.com/docs/api/errors, 30003 and following. */
const causeCodes: Readonly<Record<SmsCause, string | null>> = {
  unknown_number: '30005',
  landline: '30006',
  unreachable: '30003',
  blocked: '30004',
  filtered: '30007',
  opted_out: '21610',
  sender_not_registered: '30034',
  sender_not_allowed: '21612',
  region_not_allowed: '21408',
  validity: '30003',
  carrier_error: '30008',
  content: '30019',
  canceled_by_app: null,
  lost: null,
  on_purpose: '30008',
};

export function createVoice(newSid: NewSid): SmsVoice {
  return {
    provider: 'twilio',
    say(sms, state, cause, forced) {
      const record = recordOf(sms);
      const status = forced?.status?.toLowerCase() ?? wordFor(record, state);
      return { status, code: forced?.code ?? (isFailure(status) ? codeFor(record, state, cause) : null) };
    },
    report: reportCallbacks,
    inbound: inboundCallbacks,
    // Source: https://help.twilio.com/articles/223134027 (Twilio support for opt-out keywords)
    optOut: {
      stop: stopWords,
      start: startWords,
      help: helpWords,
      answers: {
        stop: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
        start:
          'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
        help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
      },
      forwarded: true,
    },
    newProviderId: () => newSid('SM'),
  };
}

function wordFor({ first }: TwilioRecord, state: SmsState): string {
  switch (state) {
    case 'scheduled':
      return 'scheduled';
    case 'accepted':
      return first === 'accepted' ? 'accepted' : 'queued';
    case 'sent':
    // What waits at the SMSC has left Twilio, which hears nothing of it.
    case 'held':
    case 'unknown':
      return 'sent';
    case 'delivered':
      return 'delivered';
    case 'undelivered':
    case 'expired':
      return 'undelivered';
    case 'failed':
    case 'rejected':
      return 'failed';
    case 'canceled':
      return 'canceled';
    case 'received':
      return 'received';
    default:
      return assertNever(state);
  }
}

function isFailure(status: string): boolean {
  return status === 'undelivered' || status === 'failed';
}

function codeFor({ validityS }: TwilioRecord, state: SmsState, cause: SmsCause | null): string | null {
  // The app's own validity period has a code; the carrier's end of patience is a handset that could not be reached.
  if (cause === 'validity' || (cause === null && state === 'expired'))
    return validityS === null ? '30003' : '30036';
  return cause === null ? '30008' : causeCodes[cause];
}
