/** Telnyx's words for what becomes of a message, and how it deals with STOP. Pure. */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { SmsCause, SmsState } from '../../../model/sms.ts';
import type { RandomBytes } from '../room.ts';
import { uuidOf } from '../uuid.ts';
import { helpWords, startWords, stopWords } from './opt-out-words.ts';
import { inboundCallbacks, reportCallbacks } from './report.ts';

/**
 * Source of the statuses: https://developers.telnyx.com/api-reference/messages/send-a-message, `to[].status`; of `scheduled` and
 * `cancelled` the same of scheduled messages.
 */
const statusWords: Readonly<Record<SmsState, string>> = {
  scheduled: 'scheduled',
  accepted: 'queued',
  sent: 'sent',
  // Telnyx has no word for what waits at the carrier.
  held: 'sent',
  delivered: 'delivered',
  undelivered: 'delivery_failed',
  failed: 'sending_failed',
  rejected: 'sending_failed',
  expired: 'expired',
  canceled: 'cancelled',
  unknown: 'delivery_unconfirmed',
  received: 'webhook_delivered',
};

/** Source: https://developers.telnyx.com/docs/messaging/messages/error-codes, delivery errors. */
const causeCodes: Readonly<Record<SmsCause, string | null>> = {
  unknown_number: '40012',
  landline: '40001',
  unreachable: '40006',
  blocked: '40004',
  filtered: '40002',
  opted_out: '40300',
  sender_not_registered: '40010',
  sender_not_allowed: '40013',
  region_not_allowed: '40309',
  validity: '40005',
  carrier_error: '40008',
  content: '40009',
  canceled_by_app: null,
  lost: null,
  on_purpose: null,
};

const failedWords = new Set(['delivery_failed', 'sending_failed']);

export function telnyxVoice(random: RandomBytes): SmsVoice {
  return {
    provider: 'telnyx',
    say(_sms, state, cause, forced) {
      const status = forced?.status ?? statusWords[state];
      const code = forced?.code ?? (cause === null ? null : causeCodes[cause]);
      return { status, code: code ?? (failedWords.has(status) ? '40008' : null) };
    },
    report: reportCallbacks,
    inbound: inboundCallbacks,
    /**
     * Source: https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out (words) and
     * https://support.telnyx.com/en/articles/1270091-sms-opt-out-keywords-and-stop-words (the answer to STOP).
     */
    optOut: {
      stop: stopWords,
      start: startWords,
      help: helpWords,
      answers: {
        stop: 'You have successfully been unsubscribed, you will not receive any more messages from this number. Reply START to resubscribe.',
        start:
          'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
        help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
      },
      forwarded: true,
    },
    newProviderId: () => uuidOf(random(16)),
  };
}
