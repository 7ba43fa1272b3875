/**
 * How Twilio calls the app: signed, impatient, and tried again only where a connection failed, unless the address says more.
 * Sources: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, https://www.twilio.com/docs/api/errors/11200
 */
import type {
  CallbackAnswer,
  CallbackAttempt,
  CallbackHabit,
  CallbackVerdict,
  DressedCallback,
} from '../../../delivery/sms-far-side.ts';
import type { HttpCallback } from '../../../model/callback.ts';
import { hear } from './answers.ts';
import type { TwilioDoor } from './door.ts';
import { type FormFields, readForm, withQuery, writeForm } from './form.ts';
import { isRetried, overridesOf } from './overrides.ts';
import { signatureOf } from './signature.ts';
import { isFault, readAnswer } from './twiml.ts';

const timeoutMs = 15_000;
/** Twilio tries again at once: all tries together have 15 seconds. */
const retryAfterMs = 0;
/** Calls whose first address failed, and that go on to the second. */
const fallbacksMax = 10_000;

export function createHabit(door: TwilioDoor): CallbackHabit {
  // After a restart the first address is tried once more, which is as good.
  const failed = new Map<string, string>();
  return {
    provider: 'twilio',
    timeoutMs,
    dress: (callback, attempt) => dressed(callback, attempt, failed.get(attempt.id) ?? null, door),
    judge(callback, answer, attempt) {
      const fallback = fallbackOf(callback);
      const onFallback = failed.has(attempt.id);
      const verdict = judged(callback, answer, onFallback ? 1 : attempt.number);
      if (verdict.kind === 'again') return verdict;
      if (verdict.kind === 'over' && fallback !== null && !onFallback) {
        if (failed.size >= fallbacksMax) failed.clear();
        failed.set(attempt.id, errorOf(answer));
        return { kind: 'again', afterMs: retryAfterMs };
      }
      failed.delete(attempt.id);
      return verdict;
    },
    async heard(callback, answer) {
      if (callback.purpose === 'inbound') await hear(callback, answer, door);
    },
  };
}

function judged(callback: HttpCallback, answer: CallbackAnswer | null, attempt: number): CallbackVerdict {
  const status = answer?.status ?? null;
  if (answer !== null && status !== null && status >= 200 && status < 300) {
    const fault = callback.purpose === 'inbound' ? faultOf(answer) : null;
    return fault === null ? { kind: 'done' } : { kind: 'over', why: `Twilio would log ${fault}` };
  }
  const overrides = overridesOf(callback.url);
  if (attempt <= overrides.retries && isRetried(overrides, status))
    return { kind: 'again', afterMs: retryAfterMs };
  return { kind: 'over', why: whyOver(status) };
}

/** An answer that came, and cannot be read. */
function faultOf({ contentType, body }: CallbackAnswer): string | null {
  const read = readAnswer(contentType, body);
  return isFault(read) ? `${read.code}: ${read.text}` : null;
}

function whyOver(status: number | null): string {
  if (status === null)
    return 'Twilio would log 11200: the address could not be reached, or did not answer within 15 seconds';
  if (status >= 300 && status < 400)
    return `it answered ${status}: redirects are not followed here, so give the address that it leads to`;
  return `Twilio would log 11200: it answered ${status}`;
}

function errorOf(answer: CallbackAnswer | null): string {
  if (answer === null) return '11205';
  if (answer.status >= 300) return '11200';
  return faultOf(answer)?.slice(0, faultDigits) ?? '11200';
}

const faultDigits = 5;

function fallbackOf({ extra }: HttpCallback): string | null {
  const url = extra?.fallbackUrl;
  return typeof url === 'string' && url !== '' ? url : null;
}

function dressed(
  callback: HttpCallback,
  attempt: CallbackAttempt,
  error: string | null,
  { secrets }: TwilioDoor,
): DressedCallback {
  const fallback = error === null ? null : fallbackOf(callback);
  const more: FormFields =
    fallback === null || error === null
      ? []
      : [
          ['ErrorCode', error],
          ['ErrorUrl', bareUrl(callback.url).url],
        ];
  const post = callback.method === 'POST';
  const fields = post ? [...readForm(callback.body).fields, ...more] : [];
  const { url, authorization } = bareUrl(fallback ?? callback.url);
  const called = post || fallback === null ? url : withQuery(url, [...queryOf(callback.url), ...more]);
  const secret = secrets.of('twilio', callback.account) ?? secrets.own('twilio');
  return {
    method: callback.method,
    url: called,
    fields: {
      accept: '*/*',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': signatureOf(secret, called, fields),
      'i-twilio-idempotency-token': attempt.id,
      'x-home-region': 'us1',
      ...(callback.contentType === null ? {} : { 'content-type': callback.contentType }),
      ...(authorization === null ? {} : { authorization }),
    },
    body: post ? (more.length === 0 ? callback.body : writeForm(fields)) : null,
  };
}

/** Without what is for Twilio alone: the fragment, and credentials, which become a field. */
function bareUrl(text: string): { readonly url: string; readonly authorization: string | null } {
  const mark = text.indexOf('#');
  const url = mark < 0 ? text : text.slice(0, mark);
  const [, scheme = '', user, rest = ''] = /^(https?:\/\/)([^/?#@]*)@(.*)$/is.exec(url) ?? [];
  if (user === undefined) return { url, authorization: null };
  return {
    url: scheme + rest,
    authorization: `Basic ${Buffer.from(decodeURIComponent(user)).toString('base64')}`,
  };
}

function queryOf(url: string): FormFields {
  const mark = url.indexOf('?');
  return mark < 0 ? [] : readForm(bareUrl(url).url.slice(mark + 1)).fields;
}
