/** The body of `messages:send`: bound to the API, then looked at as FCM looks at it. Pure. */

import type { ProviderReply } from '../../doors/http/provider-request.ts';
import { readFcmMessage } from '../../model/push-content.ts';
import { type Condition, parseCondition } from './condition.ts';
import { type BoundMessage, bindJson } from './proto-json.ts';
import { badFieldsReply, errorReply, type FieldViolation } from './reply.ts';
import { sendRequestType } from './schema.ts';

export type SendTarget =
  | { readonly kind: 'token'; readonly token: string; readonly field: 'token' | 'fid' }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'condition'; readonly text: string; readonly condition: Condition };

export interface SendRequest {
  readonly validateOnly: boolean;
  readonly target: SendTarget;
  /** Names as in the protocol buffers. */
  readonly message: BoundMessage;
}

export type ParsedSend = { readonly request: SendRequest } | Refused;

interface Refused {
  readonly refusal: ProviderReply;
  readonly why: string;
  /** FCM itself refuses it, and not the front end that binds the body to the API. */
  readonly byFcm: boolean;
}

/** 4 weeks: "the maximum time to live supported is 4 weeks". */
export const ttlSecondsMax = 2_419_200;
export const tokenCharsMax = 4096;
const topicCharsMax = 900;
const collapseIdBytesMax = 64;
const webPushTopicCharsMax = 32;

/** A token as FCM mints it: the installation's id, a colon, and the rest. */
const mintedToken = /^[\w-]{11,64}:[\w-]{60,512}$/;
/** Whatever a sandbox's token may be: nothing that would have to be escaped. */
const anyToken = /^[\w:.~+%-]+$/;
/** Source: the topic name of messages:send, "/topics/" being tolerated as Google's SDKs take it off. */
const topicName = /^(?:\/topics\/)?(?:private\/)?[a-zA-Z0-9\-_.~%]+$/;
const label = /^[a-zA-Z0-9\-_.~%]{1,50}$/;

/** @param strictTokens only what looks as if FCM had minted it is taken for a token */
export function parseSend(body: Uint8Array, strictTokens: boolean): ParsedSend {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const { message: root, violations } = bindJson(text, sendRequestType);
  if (violations.length > 0) return refused(violations, false);
  const message = objectAt(root, 'message');
  const found = targetOf(message, strictTokens);
  if ('refusal' in found) return found;
  const faults = faultsOf(message);
  if (faults.length > 0) return refused(faults, true);
  return { request: { validateOnly: root.validate_only === true, target: found.target, message } };
}

/** @returns `/topics/` taken off; null where it is no name of a topic */
export function readTopic(name: string): string | null {
  if (name.length > topicCharsMax || !topicName.test(name)) return null;
  return name.replace(/^\/topics\//, '');
}

export function isToken(token: string, strict: boolean): boolean {
  return token.length <= tokenCharsMax && (strict ? mintedToken : anyToken).test(token);
}

function targetOf(message: BoundMessage, strictTokens: boolean): { readonly target: SendTarget } | Refused {
  const { token, fid, topic, condition } = message;
  for (const [field, value] of [
    ['token', token],
    ['fid', fid],
  ] as const) {
    if (typeof value !== 'string' || value === '') continue;
    if (isToken(value, strictTokens && field === 'token'))
      return { target: { kind: 'token', token: value, field } };
    // Google's documentation shows this one without fieldViolations.
    const reply = errorReply('INVALID_ARGUMENT', {
      message: 'The registration token is not a valid FCM registration token',
    });
    return { refusal: reply, why: `message.${field} is no registration token`, byFcm: true };
  }
  if (typeof topic === 'string' && topic !== '') {
    const name = readTopic(topic);
    return name === null
      ? refused([{ field: 'message.topic', description: 'Malformed topic name' }], true)
      : { target: { kind: 'topic', topic: name } };
  }
  if (typeof condition === 'string' && condition !== '') {
    const parsed = parseCondition(condition);
    if (!('fault' in parsed))
      return { target: { kind: 'condition', text: condition, condition: parsed.condition } };
    const violation = { field: 'message.condition', description: 'Invalid condition expression provided.' };
    return {
      ...refused([violation], true),
      why: `message.condition: ${parsed.fault} (character ${parsed.at + 1})`,
    };
  }
  return refused([{ field: 'message', description: 'Recipient of the message is not set.' }], true);
}

function faultsOf(message: BoundMessage): readonly FieldViolation[] {
  const android = objectAt(message, 'android');
  const webpush = objectAt(message, 'webpush');
  return [
    ...dataFaults(message.data, 'message.data'),
    ...dataFaults(android.data, 'message.android.data'),
    ...dataFaults(webpush.data, 'message.webpush.data'),
    ...labelFaults(message),
    ...androidFaults(android),
    ...apnsFaults(message),
    ...webpushFaults(webpush),
  ];
}

/**
 * Source: `data` of the Message reference: "from", "message_type", or any word starting with "google." or "gcm."; the
 * error codes' page has "gcm" itself too.
 */
function dataFaults(data: unknown, field: string): readonly FieldViolation[] {
  return Object.keys(isObject(data) ? data : {})
    .filter((key) => /^(?:from|message_type|gcm|google\..*|gcm\..*)$/.test(key))
    .map((key) => ({ field, description: `Invalid data payload key: ${key}` }));
}

/** Source: "Format for setting label: ^[a-zA-Z0-9-_.~%]{1,50}$". */
function labelFaults(message: BoundMessage): readonly FieldViolation[] {
  return [[], ['android'], ['apns'], ['webpush']].flatMap((path) => {
    const owner = path.reduce<BoundMessage>((at, name) => objectAt(at, name), message);
    const value = objectAt(owner, 'fcm_options').analytics_label;
    return typeof value !== 'string' || value === '' || label.test(value)
      ? []
      : [
          {
            field: ['message', ...path, 'fcm_options', 'analytics_label'].join('.'),
            description: `Invalid analytics label: ${value}. It must match ^[a-zA-Z0-9-_.~%]{1,50}$`,
          },
        ];
  });
}

function androidFaults(android: BoundMessage): readonly FieldViolation[] {
  const faults: FieldViolation[] = [];
  const at = (field: string, description: string): void => {
    faults.push({ field: `message.android.${field}`, description });
  };
  const seconds = secondsOf(android.ttl);
  if (seconds !== null && (seconds < 0 || seconds > ttlSecondsMax))
    at('ttl', `Invalid TTL value: it must be between 0 and ${ttlSecondsMax} seconds`);
  const notification = objectAt(android, 'notification');
  const { color } = notification;
  if (typeof color === 'string' && color !== '' && !/^#[0-9a-fA-F]{6}$/.test(color))
    at('notification.color', 'Invalid color: it must be in the form #RRGGBB');
  for (const [args, key] of [
    ['title_loc_args', 'title_loc_key'],
    ['body_loc_args', 'body_loc_key'],
  ] as const)
    if (Array.isArray(notification[args]) && notification[key] === undefined)
      at(`notification.${args}`, `${args} has no meaning without ${key}`);
  if (isObject(notification.light_settings)) {
    for (const name of ['color', 'light_on_duration', 'light_off_duration'])
      if (notification.light_settings[name] === undefined)
        at(`notification.light_settings.${name}`, `${name} is required in light_settings`);
  }
  return faults;
}

/** FCM's own look at what it hands to APNs; APNs itself refuses the rest later, and nobody is told. */
function apnsFaults(message: BoundMessage): readonly FieldViolation[] {
  const apns = objectAt(message, 'apns');
  const headers = namesLower(apns.headers);
  const faults: FieldViolation[] = [];
  const header = (name: string, fits: (value: string) => boolean, description: string): void => {
    const value = headers.get(name);
    if (value !== undefined && !fits(value))
      faults.push({ field: `message.apns.headers[${name}]`, description: `Invalid ${name}: ${description}` });
  };
  header('apns-priority', (value) => /^(?:1|5|10)$/.test(value), 'it is 1, 5 or 10');
  header(
    'apns-expiration',
    (value) => /^\d{1,12}$/.test(value),
    'it is a time in seconds since the epoch, or 0',
  );
  header(
    'apns-collapse-id',
    (value) => Buffer.byteLength(value) <= collapseIdBytesMax,
    `it has at most ${collapseIdBytesMax} bytes`,
  );
  header(
    'apns-push-type',
    (value) =>
      /^(?:alert|background|location|voip|complication|fileprovider|mdm|liveactivity|pushtotalk|widgets|controls)$/.test(
        value,
      ),
    'it is none of the push types of APNs',
  );
  if (isObject(apns.payload)) {
    for (const { field, code, detail } of readFcmMessage(message, 'ios').problems)
      if (code === 'wrong_type' || code === 'not_an_object') faults.push({ field, description: detail });
  }
  if (apns.live_activity_token === '')
    faults.push({ field: 'message.apns.live_activity_token', description: 'live_activity_token is empty' });
  return faults;
}

/** Source: RFC 8030 §5; `link`: "for all URL values, HTTPS is required". */
function webpushFaults(webpush: BoundMessage): readonly FieldViolation[] {
  const headers = namesLower(webpush.headers);
  const faults: FieldViolation[] = [];
  const header = (name: string, fits: (value: string) => boolean, description: string): void => {
    const value = headers.get(name.toLowerCase());
    if (value !== undefined && !fits(value))
      faults.push({
        field: `message.webpush.headers[${name}]`,
        description: `Invalid ${name}: ${description}`,
      });
  };
  header(
    'TTL',
    (value) => /^\d{1,10}$/.test(value) && Number(value) <= ttlSecondsMax,
    `it is a number of seconds, at most ${ttlSecondsMax}`,
  );
  header(
    'Urgency',
    (value) => /^(?:very-low|low|normal|high)$/.test(value),
    'it is very-low, low, normal or high',
  );
  header(
    'Topic',
    (value) => value.length <= webPushTopicCharsMax && /^[\w-]+$/.test(value),
    `it has at most ${webPushTopicCharsMax} characters of base64url`,
  );
  const { link } = objectAt(webpush, 'fcm_options');
  if (typeof link === 'string' && link !== '' && !/^https:\/\/[^/]/i.test(link))
    faults.push({
      field: 'message.webpush.fcm_options.link',
      description: 'Invalid link: HTTPS is required',
    });
  return faults;
}

/** A duration as the protocol buffers have it, rounded down as FCM does; null where there is none. */
export function secondsOf(duration: unknown): number | null {
  if (typeof duration !== 'string') return null;
  const seconds = Number(duration.slice(0, -1));
  return Number.isFinite(seconds) ? Math.floor(seconds) : null;
}

export function namesLower(headers: unknown): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(isObject(headers) ? headers : {}).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]),
  );
}

export function objectAt(message: BoundMessage, name: string): BoundMessage {
  const value = message[name];
  return isObject(value) ? value : {};
}

function refused(violations: readonly FieldViolation[], byFcm: boolean): Refused {
  const why = violations
    .map(({ field, description }) => (field === '' ? description : `${field}: ${description}`))
    .join('; ');
  return { refusal: badFieldsReply(violations, byFcm), why, byFcm };
}

function isObject(value: unknown): value is BoundMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
