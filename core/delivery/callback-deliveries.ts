/**
 * Calls of SMS providers to the app, as deliveries of the durable queue: what is to be said stands whole in the parameters, so
 * that a restart, or what was deleted meanwhile, changes nothing about it. Pure.
 */
import { z } from 'zod';
import { type Callback, callbackPurposes, type NewCallback } from '../model/callback.ts';
import type { NewDelivery } from '../model/delivery.ts';
import { smsProviders } from '../model/sms.ts';

export interface CallbackFacts {
  /** Of the delivery. */
  readonly id: string;
  /** What it tells of: id of the message, or of the SMS where there is no message. */
  readonly about: string;
  readonly nowMs: number;
}

/** Below this nothing could be tried even once. */
const lifetimeMsMin = 1_000;

/**
 * @returns queued, due when it is to be: a time in the past is now. It is tried for its lifetime, counted from when it is due.
 */
export function callbackDelivery(
  { callback, dueAtMs, lifetimeMs }: NewCallback,
  { id, about, nowMs }: CallbackFacts,
): NewDelivery {
  const firstMs = Math.max(dueAtMs, nowMs);
  return {
    id,
    recipient: callback.kind === 'http' ? withoutCredentials(callback.url) : callback.systemId,
    domain: callbackHost(callback),
    provider: callback.provider,
    stream: 'transactional',
    parameters: { callback: JSON.stringify(callback) },
    dueAtMs: firstMs,
    expiresAtMs: firstMs + Math.max(lifetimeMs, lifetimeMsMin),
    status: 'queued',
    substatus: null,
    reason: null,
    class: null,
    retryOf: null,
    about,
  };
}

/**
 * Whom it is for, as far as waiting goes: host and port, or the system_id that binds. What is no address has a place of its
 * own, where the carrier says what is wrong with it.
 */
export function callbackHost(callback: Callback): string {
  return callback.kind === 'smpp' ? `smpp:${callback.systemId}` : hostOfUrl(callback.url);
}

/** An address may carry a user name and a password, which providers send as Basic credentials; nobody needs to see them. */
export function withoutCredentials(url: string): string {
  return splitCredentials(url).url;
}

/** @returns the address to be called, and the field that its credentials become; null: it has none */
export function splitCredentials(url: string): {
  readonly url: string;
  readonly authorization: string | null;
} {
  const [, scheme = '', user, rest = ''] = /^(https?:\/\/)([^/?#]*)@([\s\S]*)$/i.exec(url) ?? [];
  if (user === undefined) return { url, authorization: null };
  return {
    url: scheme + rest,
    authorization: `Basic ${Buffer.from(percentDecoded(user)).toString('base64')}`,
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A stray percent sign: it is what it is.
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** The parameters of a delivery as anybody may see them: of a call, without the credentials of its addresses. */
export function shownParameters(
  parameters: Readonly<Record<string, string | true>>,
): Readonly<Record<string, string | true>> {
  const callback = callbackOf(parameters);
  if (callback === null) return parameters;
  const shown = {
    ...callback,
    ...(callback.kind === 'http' ? { url: withoutCredentials(callback.url) } : {}),
    ...(callback.extra === undefined ? {} : { extra: shownValue(callback.extra) }),
  };
  return { ...parameters, callback: JSON.stringify(shown) };
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shownValue(one)]));
}

/** Host and port of a web address, lower case. */
export function hostOfUrl(url: string): string {
  if (!URL.canParse(url)) return 'no address';
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? '443' : '80';
  return `${hostname.toLowerCase()}:${port === '' ? usual : port}`;
}

const aboutShape = {
  provider: z.enum(smsProviders),
  account: z.string(),
  purpose: z.enum(callbackPurposes),
  tells: z.string(),
  smsId: z.string(),
  smsIds: z.array(z.string()).readonly().exactOptional(),
  extra: z.record(z.string(), z.unknown()).readonly().exactOptional(),
};

const callbackSchema = z.discriminatedUnion('kind', [
  z.object({
    ...aboutShape,
    kind: z.literal('http'),
    method: z.enum(['POST', 'GET']),
    url: z.string(),
    contentType: z.string().nullable(),
    body: z.string(),
  }),
  z.object({
    ...aboutShape,
    kind: z.literal('smpp'),
    systemId: z.string(),
    pdu: z.record(z.string(), z.unknown()).readonly(),
  }),
]);

/** @returns null where the delivery is not, or no longer, one of these */
export function callbackOf(parameters: Readonly<Record<string, string | true>> | null): Callback | null {
  const text = parameters?.callback;
  if (typeof text !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Written by another version, or by hand: as good as not there.
    return null;
  }
  const parsed = callbackSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
