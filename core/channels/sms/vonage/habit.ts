/** How Vonage calls the app: signed by `sig` (SMS API) or a JSON Web Token (Messages API), tried again for a day. */
import { createHash } from 'node:crypto';
import type {
  CallbackAttempt,
  CallbackHabit,
  CallbackVerdict,
  DressedCallback,
} from '../../../delivery/sms-far-side.ts';
import type { HttpCallback } from '../../../model/callback.ts';
import type { SmsDoorPorts } from '../room.ts';
import { uuidOf } from '../uuid.ts';
import { signHs256 } from '../web-token.ts';
import { withQuery } from './report.ts';
import { apiOf } from './schema.ts';
import { signatureOf } from './signature.ts';

/** Vonage names none for messages; this is what its Voice webhooks wait at the most. */
const timeoutMs = 10_000;
/**
 * "An exponential backoff that retried initially after 5 seconds, and the delay doubles on every retry until it reaches 15
 * minutes and then keeps that frequency": https://api.support.vonage.com/hc/en-us/articles/360028543292
 */
const firstRetryMs = 5_000;
const retryMsMax = 15 * 60_000;

export function createVonageHabit(ports: SmsDoorPorts): CallbackHabit {
  return {
    provider: 'vonage',
    timeoutMs,
    dress: (callback, attempt) =>
      apiOf(callback.extra) === 'sms'
        ? signedByHash(callback, attempt, ports)
        : signedByToken(callback, attempt, ports),
    judge(callback, answer, { number }) {
      if (answer === null) return again(number);
      const { status } = answer;
      if (status >= 200 && status < 300) return { kind: 'done' };
      if (status === 429 || status >= 500) return again(number);
      // "If you do not send a 2xx response" it comes again: of the SMS API alone, whatever else it was.
      return apiOf(callback.extra) === 'sms'
        ? again(number)
        : { kind: 'over', why: `Vonage does not try again after ${status}: after 429 and 5xx it does` };
    },
  };
}

function again(attempts: number): CallbackVerdict {
  return { kind: 'again', afterMs: Math.min(retryMsMax, firstRetryMs * 2 ** Math.min(attempts - 1, 20)) };
}

function signedByHash(
  callback: HttpCallback,
  { wallMs }: CallbackAttempt,
  { farSide, secrets, random }: SmsDoorPorts,
): DressedCallback {
  const algorithm = farSide.settings().vonage?.signature ?? 'MD5HASH';
  const { method, contentType } = callback;
  const fields = contentType === null ? {} : { 'content-type': contentType };
  if (algorithm === 'none') return { method, url: callback.url, fields, body: bodyOf(callback) };
  const extra = {
    timestamp: String(Math.floor(wallMs / 1000)),
    nonce: uuidOf(random(16)),
  };
  // Everything that comes with the call is signed, what the app put into its address too when the rest stands there.
  const signed = [...parametersOf(callback), ...Object.entries(extra)];
  const sig = signatureOf(signed, secrets.own('vonage'), algorithm);
  const added = { ...extra, sig };
  if (method === 'GET') return { method, url: withQuery(callback.url, added), fields, body: null };
  const all = Object.fromEntries([...parametersOf(callback), ...Object.entries(added)]);
  return {
    method,
    url: callback.url,
    fields,
    body: contentType === 'application/json' ? JSON.stringify(all) : new URLSearchParams(all).toString(),
  };
}

/** Source: https://developer.vonage.com/getting-started/concepts/webhooks, "Signed webhooks". */
function signedByToken(
  callback: HttpCallback,
  { wallMs }: CallbackAttempt,
  { secrets, random }: SmsDoorPorts,
): DressedCallback {
  const issuedAt = Math.floor(wallMs / 1000);
  const isApplication = callback.account.includes('-');
  const token = signHs256(
    {
      iat: issuedAt,
      jti: uuidOf(random(16)),
      iss: 'Vonage',
      payload_hash: createHash('sha256').update(callback.body).digest('hex'),
      ...(isApplication ? { application_id: callback.account } : { api_key: callback.account }),
    },
    secrets.own('vonage'),
  );
  return {
    method: callback.method,
    url: callback.url,
    fields: {
      ...(callback.contentType === null ? {} : { 'content-type': callback.contentType }),
      authorization: `Bearer ${token}`,
    },
    body: bodyOf(callback),
  };
}

function bodyOf({ contentType, body }: HttpCallback): string | null {
  return contentType === null ? null : body;
}

/** Those of its body, or of the query of a GET. */
function parametersOf({
  method,
  url,
  contentType,
  body,
}: HttpCallback): readonly (readonly [string, string])[] {
  if (method === 'GET') return [...new URL(url).searchParams];
  if (contentType !== 'application/json') return [...new URLSearchParams(body)];
  const value: unknown = JSON.parse(body);
  return typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, one]) => [name, String(one)] as const)
    : [];
}
