/** Telnyx's webhooks: what they say, how they are signed, and how often they are tried. */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import type { CallbackHabit, CallbackMoment } from '../../../delivery/sms-far-side.ts';
import type { HttpCallback, NewCallback } from '../../../model/callback.ts';
import type { SmsSender } from '../../../model/handset.ts';
import type { NewSms, SmsStep } from '../../../model/sms.ts';
import { uuidOf } from '../uuid.ts';
import { helpWords, startWords, stopWords } from './opt-out-words.ts';
import { type AutoResponse, inboundView, isFinal, outboundView, telnyxTime } from './reply.ts';
import { recordOf } from './schema.ts';

/**
 * "Return a 2xx status code within 2 seconds"; "up to 3 attempts per URL", then the failover URL.
 * Source: https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
 */
const timeoutMs = 2_000;
const attemptsPerUrl = 3;
/** Between two attempts; Telnyx does not say how long it waits. */
const againAfterMs = 5_000;
const urlsMax = 4;
const lifetimeMs = 3_600_000;

/** `message.sent` once the carrier has it, `message.finalized` at its end; of nothing else the app is told. */
export function reportCallbacks(sms: NewSms, step: SmsStep, _about: CallbackMoment): readonly NewCallback[] {
  const eventType = eventOf(step);
  const { urls } = recordOf(sms.record);
  if (eventType === null || urls.length === 0) return [];
  const view = outboundView([sms], () => step);
  return [webhook(sms, urls, { eventType, atMs: step.atMs, payload: view, tells: step.status })];
}

function eventOf({ state, status }: SmsStep): 'message.sent' | 'message.finalized' | null {
  if (status === 'cancelled') return null;
  if (isFinal(status)) return 'message.finalized';
  return status === 'sent' && state !== 'held' ? 'message.sent' : null;
}

export function inboundCallbacks(
  sms: NewSms,
  sender: SmsSender | null,
  _about: CallbackMoment,
): readonly NewCallback[] {
  const urls = [sender?.inboundUrl, sender?.inboundFailoverUrl].filter(
    (url): url is string => typeof url === 'string' && url !== '',
  );
  if (urls.length === 0) return [];
  const payload = inboundView(sms, { urls, autoResponse: autoResponseTo(sms.text) });
  return [
    webhook(sms, urls, {
      eventType: 'message.received',
      atMs: sms.receivedAtMs,
      payload,
      tells: 'message',
    }),
  ];
}

/** Words count only where they are all of the message. */
function autoResponseTo(text: string): AutoResponse | null {
  const word = text.trim().toUpperCase();
  if (stopWords.includes(word)) return 'STOP';
  if (startWords.includes(word)) return 'START';
  return helpWords.includes(word) ? 'HELP' : null;
}

function webhook(
  sms: NewSms,
  urls: readonly string[],
  event: {
    readonly eventType: 'message.sent' | 'message.finalized' | 'message.received';
    readonly atMs: number;
    readonly payload: unknown;
    readonly tells: string;
  },
): NewCallback {
  const [url = ''] = urls;
  const data = {
    event_type: event.eventType,
    id: eventId(sms.id, event.eventType, event.tells),
    occurred_at: telnyxTime(event.atMs),
    payload: event.payload,
    record_type: 'event',
  };
  return {
    callback: {
      kind: 'http',
      provider: 'telnyx',
      account: sms.account,
      purpose: event.eventType === 'message.received' ? 'inbound' : 'report',
      tells: event.tells,
      smsId: sms.id,
      method: 'POST',
      url,
      contentType: 'application/json',
      body: JSON.stringify({ data, meta: { attempt: 1, delivered_to: url } }),
      extra: { urls: urls.slice(0, urlsMax) },
    },
    dueAtMs: event.atMs,
    lifetimeMs,
  };
}

/** The same at every attempt, and where a report is repeated. */
function eventId(...parts: readonly string[]): string {
  return uuidOf(Buffer.from(hash('sha256', parts.join(' '), 'hex'), 'hex'));
}

/** @param privateKeyPem Ed25519, of the whole sandbox; its public half is what the app verifies with */
export function telnyxHabit(privateKeyPem: () => string): CallbackHabit {
  let known: { readonly pem: string; readonly key: KeyObject } | null = null;
  // A PEM that is parsed for each signature costs more than the signature.
  const keyOf = (pem: string): KeyObject => {
    if (known?.pem !== pem) known = { pem, key: createPrivateKey(pem) };
    return known.key;
  };
  return {
    provider: 'telnyx',
    timeoutMs,
    dress(callback, attempt) {
      const url = urlAt(callback, attempt.number);
      const body = withMeta(callback.body, { attempt: attempt.number, delivered_to: url });
      const timestamp = String(Math.floor(attempt.wallMs / 1000));
      const signature = sign(null, Buffer.from(`${timestamp}|${body}`), keyOf(privateKeyPem()));
      return {
        method: 'POST',
        url,
        fields: {
          'content-type': 'application/json',
          'user-agent': 'telnyx-webhooks',
          'telnyx-signature-ed25519': signature.toString('base64'),
          'telnyx-timestamp': timestamp,
        },
        body,
      };
    },
    judge(callback, answer, attempt) {
      if (answer !== null && answer.status >= 200 && answer.status < 300) return { kind: 'done' };
      const attempts = attemptsPerUrl * urlsOf(callback).length;
      if (attempt.number < attempts) return { kind: 'again', afterMs: againAfterMs };
      return {
        kind: 'over',
        why: `Telnyx gives up after ${attempts} attempts: ${attemptsPerUrl} at each address`,
      };
    },
  };
}

const extraSchema = z.object({ urls: z.array(z.string()).readonly().catch([]) });

function urlsOf(callback: HttpCallback): readonly string[] {
  const { urls } = extraSchema.parse(callback.extra ?? {});
  return urls.length === 0 ? [callback.url] : urls;
}

/** The first address three times, then the next. */
function urlAt(callback: HttpCallback, attempt: number): string {
  const urls = urlsOf(callback);
  return urls[Math.floor((attempt - 1) / attemptsPerUrl)] ?? urls.at(-1) ?? callback.url;
}

const bodySchema = z.object({ data: z.unknown() });

function withMeta(body: string, meta: { readonly attempt: number; readonly delivered_to: string }): string {
  const { data } = bodySchema.parse(JSON.parse(body));
  return JSON.stringify({ data, meta });
}

/** As Mission Control shows it, and as Telnyx's SDKs take it: the 32 octets of the key in base64. */
export function telnyxPublicKey(privateKeyPem: string): string {
  const der = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
  return der.subarray(-ed25519Octets).toString('base64');
}
/** RFC 8410 §4: they end the SubjectPublicKeyInfo. */
const ed25519Octets = 32;
