/** How Infobip speaks of a message: the carriers ask it. */
import type { SmsVoice } from '../../../delivery/sms-far-side.ts';
import type { RandomBytes } from '../room.ts';
import { inboundCallbacks, reportCallbacks } from './report.ts';
import { recordOf } from './schema.ts';
import { forcedWords, wordsFor } from './status-words.ts';

export function infobipVoice({ random }: { readonly random: RandomBytes }): SmsVoice {
  return {
    provider: 'infobip',
    say(sms, state, cause, forced) {
      const wanted = forcedWords(forced?.status, forced?.code);
      if (wanted !== null) return wanted;
      const { status, error } = wordsFor(state, cause, recordOf(sms)?.intermediate === true);
      return { status, code: error === null ? null : String(error) };
    },
    report: reportCallbacks,
    inbound: inboundCallbacks,
    // Infobip blocks further messages of that sender (error 603: "Content blocked by user opt-out (MO: STOP)"); what it answers
    // is set for each campaign, so nothing is made up here. The app hears of every word.
    optOut: {
      stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
      start: ['START', 'UNSTOP', 'YES'],
      help: ['HELP', 'INFO'],
      answers: { stop: null, start: null, help: null },
      forwarded: true,
    },
    newProviderId: () => longNumber(random),
  };
}

/** Ids as Infobip makes them: long decimal numbers. */
export function longNumber(random: RandomBytes): string {
  return (random(9).readBigUInt64BE(0) + 10n ** 19n).toString().slice(0, idDigits);
}

const idDigits = 19;
