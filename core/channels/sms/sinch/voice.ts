/** How Sinch speaks of a message: the carriers ask it. */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { RandomBytes } from '../room.ts';
import { batchCallbacks, inboundCallbacks, reportCallbacks, reportsWholeBatch } from './report.ts';
import { recordOf } from './schema.ts';
import { codeFor, codes, forcedWords } from './status-words.ts';
import { ulid, ulidBytes } from './ulid.ts';

export function sinchVoice({ random }: { readonly random: RandomBytes }): SmsVoice {
  return {
    provider: 'sinch',
    say(sms, state, cause, forced) {
      const wanted = forcedWords(forced?.status, forced?.code);
      if (wanted !== null) return wanted;
      const own = state === 'rejected' && cause !== 'opted_out' ? (recordOf(sms)?.refusalCode ?? null) : null;
      const code = own ?? codeFor(state, cause);
      return { status: codes[code]?.status ?? 'Failed', code: String(code) };
    },
    report: reportCallbacks,
    batchReport: batchCallbacks,
    reportsWholeBatch,
    inbound: inboundCallbacks,
    // Sinch's opt-out list goes by the sender; it answers nobody by itself, and the app hears of every word.
    // Source: https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports ("opted out subscriber").
    optOut: {
      stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
      start: ['START', 'UNSTOP'],
      help: ['HELP', 'INFO'],
      answers: { stop: null, start: null, help: null },
      forwarded: true,
    },
    newProviderId() {
      const chance = random(ulidBytes + timeBytes);
      return ulid(chance.readUIntBE(0, timeBytes), chance.subarray(timeBytes));
    },
  };
}

/** The time within the id of a message is chance too: a voice knows no clock. */
const timeBytes = 5;
