/**
 * How Infobip calls back. A report goes unsigned to the address that its request names: Infobip signs (Basic, OAuth, HMAC) only
 * for subscriptions set up in its web interface, and its SDK has no validator.
 * Source: https://www.infobip.com/docs/sms/api#receive-delivery-reports ("1 min + (1 min * retryNumber * retryNumber)").
 */
import type { CallbackAnswer, CallbackHabit, CallbackVerdict } from '../../../delivery/sms-far-side.ts';

/** Infobip names no time that it waits for an answer; ten seconds are ours. */
const timeoutMs = 10_000;
const minuteMs = 60_000;
/** Numbered from 0 to 20: the last one comes 48 hours and 11 minutes after the first try. */
const retriesMax = 21;

export function infobipHabit(): CallbackHabit {
  return {
    provider: 'infobip',
    timeoutMs,
    dress: ({ method, url, body, contentType }) => ({
      method,
      url,
      fields: contentType === null ? {} : { 'content-type': contentType },
      body,
    }),
    judge: (_callback, answer, { number }) => verdictOn(answer, number),
  };
}

function verdictOn(answer: CallbackAnswer | null, attempt: number): CallbackVerdict {
  if (answer !== null && answer.status >= 200 && answer.status < 300) return { kind: 'done' };
  if (attempt > retriesMax) return { kind: 'over', why: `Infobip gives up after ${retriesMax} retries` };
  return { kind: 'again', afterMs: minuteMs + minuteMs * (attempt - 1) ** 2 };
}
