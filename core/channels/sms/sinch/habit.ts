/**
 * How Sinch calls back: signed by the secret of the account, tried again with doubled waits.
 * Source: https://developers.sinch.com/docs/sms/api-reference/sms/webhooks for the waits,
 * https://developers.sinch.com/docs/conversation/callbacks#callbacks-validation for the signature.
 */
import { createHmac } from 'node:crypto';
import type { CallbackAnswer, CallbackHabit, CallbackVerdict } from '../../../delivery/sms-far-side.ts';
import type { SmsDoorPorts } from '../room.ts';

/** Sinch names no time that it waits for an answer; ten seconds are ours. */
const timeoutMs = 10_000;
const firstRetryMs = 5_000;
/** 5, 10, 20 … seconds: the fourteenth comes some 81,920 seconds after the first try. */
const retriesMax = 14;

export function sinchHabit(ports: Pick<SmsDoorPorts, 'secrets' | 'random'>): CallbackHabit {
  return {
    provider: 'sinch',
    timeoutMs,
    dress({ method, url, body, contentType }, { wallMs }) {
      const nonce = ports.random(16).toString('hex');
      const timestamp = String(Math.floor(wallMs / 1_000));
      return {
        method,
        url,
        fields: {
          ...(contentType === null ? {} : { 'content-type': contentType }),
          'x-sinch-webhook-signature': callbackSignature(ports.secrets.own('sinch'), body, nonce, timestamp),
          'x-sinch-webhook-signature-nonce': nonce,
          'x-sinch-webhook-signature-timestamp': timestamp,
          'x-sinch-webhook-signature-algorithm': 'HmacSHA256',
        },
        body,
      };
    },
    judge: (_callback, answer, { number }) => verdictOn(answer, number),
  };
}

export function callbackSignature(secret: string, body: string, nonce: string, timestamp: string): string {
  return createHmac('sha256', secret).update(`${body}.${nonce}.${timestamp}`).digest('base64');
}

/** "For 5xx the callback will be retried. For 429 the callback will be retried … For other status codes in the 4xx range [it] will not be retried." */
function verdictOn(answer: CallbackAnswer | null, attempt: number): CallbackVerdict {
  if (answer !== null) {
    const { status } = answer;
    if (status >= 200 && status < 300) return { kind: 'done' };
    if (status < 500 && status !== 429)
      return { kind: 'over', why: `the app answered ${status}, after which Sinch does not try again` };
  }
  if (attempt > retriesMax) return { kind: 'over', why: `Sinch gives up after ${retriesMax} retries` };
  return { kind: 'again', afterMs: firstRetryMs * 2 ** (attempt - 1) };
}
