/**
 * Reads a request to APNs, field by field, in the order in which it is judged. Pure.
 *
 * The order. Apple documents two steps: first the provider is authenticated, then the device token is looked at ("Upon
 * receiving your server's POST request, APNs validates the request using either the provided authentication token or your
 * server's certificate. If validation succeeds, APNs uses the provided device token to identify the user's device"; Sending
 * notification requests to APNs). Of the rest it says nothing. What is chosen here:
 *
 *   1. :method (405), :path (404), a path without a token (MissingDeviceToken): a GET is told so without credentials.
 *   2. Repeated fields, for what follows reads each once; apns-id, for every later answer echoes it.
 *   3. Credentials (documented: before the token); see credentials.ts.
 *   4. apns-topic, apns-push-type and how they fit, whether the credentials may push there, apns-expiration,
 *      apns-priority, apns-collapse-id.
 *   5. The payload: empty, too large.
 *   6. The device token (documented: last).
 */

import type { Fields } from '../../doors/http/provider-request.ts';
import type { PushContent } from '../../model/push.ts';
import { readApnsPayload } from '../../model/push-content.ts';
import type { ApnsReason } from './reply.ts';

/** "The maximum size is 4 KB (4096 bytes)", "5 KB (5120 bytes)" for VoIP and for broadcasts. */
const payloadBytesMax = 4096;
const largePayloadBytesMax = 5120;
/** "The value of this key must not exceed 64 bytes." */
const collapseIdBytesMax = 64;
const topicCharsMax = 255;
/** Real tokens have 32 to 100 bytes, and "make no assumptions about token size". */
const tokenCharsMax = 2_000;
/** 9999-12-31: later ones are milliseconds by mistake, or worse. */
const expirationSecondsMax = 253_402_300_799;

/** Suffix of the topic that each push type wants (Sending notification requests to APNs, "Know when to use push types"). */
export const pushTypes = {
  alert: '',
  background: '',
  location: '.location-query',
  voip: '.voip',
  complication: '.complication',
  fileprovider: '.pushkit.fileprovider',
  mdm: '',
  liveactivity: '.push-type.liveactivity',
  pushtotalk: '.voip-ptt',
  widgets: '.push-type.widgets',
} as const satisfies Readonly<Record<string, string>>;
export type PushType = keyof typeof pushTypes;

/** Longest first: `.voip` ends no topic that ends with `.voip-ptt`, but order is cheap to have right. */
const suffixes = Object.entries(pushTypes)
  .filter(([, suffix]) => suffix !== '')
  .sort(([, one], [, other]) => other.length - one.length) as readonly (readonly [PushType, string])[];

export interface Refused {
  readonly ok: false;
  readonly reason: ApnsReason;
  /** More exactly than the table has it; null: as there. */
  readonly detail: string | null;
}

export type Read<T> = ({ readonly ok: true } & T) | Refused;

export function refused(reason: ApnsReason, detail: string | null = null): Refused {
  return { ok: false, reason, detail };
}

const deviceRoot = '/3/device';

/** Step 1. Only the path of the device service; broadcasts have paths of their own. */
export function readDevicePath(method: string, path: string): Read<{ readonly token: string }> {
  const known = path === deviceRoot || path.startsWith(`${deviceRoot}/`);
  // Seen of Apple's servers: a GET of any path is answered 405.
  if (method !== 'POST')
    return refused('MethodNotAllowed', `${method} is not taken here: POST ${deviceRoot}/<token>`);
  if (!known) return refused('BadPath', `there is nothing at ${path}: POST ${deviceRoot}/<token>`);
  const token = decoded(path.slice(deviceRoot.length + 1));
  if (token === '') return refused('MissingDeviceToken');
  if (token.includes('/'))
    return refused('BadPath', `a device token has no slash: POST ${deviceRoot}/<token>`);
  return { ok: true, token };
}

/** Hexadecimal needs no escapes, but a token that was chosen for a phone may. */
function decoded(token: string): string {
  if (!token.includes('%')) return token;
  try {
    return decodeURIComponent(token);
  } catch (error) {
    if (error instanceof URIError) return token;
    throw error;
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Step 2. @param name of the field that carries the id */
export function readId(
  fields: Fields,
  name: 'apns-id' | 'apns-request-id',
): Read<{ readonly id: string | null }> {
  const twice = repeated(fields);
  const id = fields.get(name);
  if (twice !== null) return refused('DuplicateHeaders', `${twice} is there twice: send it once`);
  if (id === null) return { ok: true, id: null };
  return uuid.test(id) ? { ok: true, id } : refused('BadMessageId', `${name} is no UUID: ${id.slice(0, 60)}`);
}

/** Only what means something here: a proxy may well repeat `via`. */
function repeated(fields: Fields): string | null {
  const seen = new Set<string>();
  for (const [name] of fields.entries) {
    if (!name.startsWith('apns-') && name !== 'authorization') continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

export interface PushHeaders {
  /** As it is in the request, or the certificate's. */
  readonly topic: string;
  /** Bundle id: the topic without its suffix. */
  readonly app: string;
  /** What the request says, else what the suffix of the topic says; null where neither does. */
  readonly pushType: PushType | null;
  readonly expiration: Expiration;
  readonly priority: string | null;
  readonly collapseId: string | null;
  /** The type needs a token for a topic with its suffix, and this topic has none: no such device can be found. */
  readonly suffixMissing: string | null;
}

/** Absent: as long as APNs keeps things. */
export type Expiration =
  | { readonly kind: 'usual' | 'nowOrNever' }
  | { readonly kind: 'until'; readonly wallMs: number };

/** Step 4. @param usualTopic the certificate's, when it has but one; null: the request has to say */
export function readHeaders(
  fields: Fields,
  usualTopic: string | null,
): Read<{ readonly headers: PushHeaders }> {
  const given = fields.get('apns-topic');
  const topic = given === null || given === '' ? usualTopic : given;
  if (topic === null) return refused('MissingTopic');
  if (topic.length > topicCharsMax || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(topic))
    return refused('BadTopic', `apns-topic is no bundle id: ${topic.slice(0, 60)}`);
  const { app, type: bySuffix } = splitTopic(topic);
  const said = fields.get('apns-push-type');
  if (said !== null && !isPushType(said))
    return refused(
      'InvalidPushType',
      `apns-push-type is one of ${Object.keys(pushTypes).join(', ')}, not ${said.slice(0, 60)}`,
    );
  // Seen of Apple's servers: alert or background to a .voip topic (Pr0Ger/PyAPNs2#87, AndrewBarba/apns2#23).
  if (said !== null && bySuffix !== null && said !== bySuffix)
    return refused('InvalidPushType', `the topic ${topic} is for the push type ${bySuffix}, not for ${said}`);
  // And the other way round, a voip push to the bare topic: DeviceTokenNotForTopic, that is, at the token.
  const wanted = said === null ? '' : pushTypes[said];
  const suffixMissing = wanted !== '' && bySuffix === null ? wanted : null;
  const expiration = readExpiration(fields.get('apns-expiration'));
  if (expiration === null) return refused('BadExpirationDate');
  const pushType = said ?? bySuffix;
  const priority = fields.get('apns-priority');
  if (priority !== null && !/^(?:10|5|1)$/.test(priority))
    return refused('BadPriority', `apns-priority is 10, 5 or 1, not ${priority.slice(0, 60)}`);
  // "Always use priority 5. Using priority 10 is an error." Said of the push type background.
  if (pushType === 'background' && priority === '10')
    return refused('BadPriority', 'a background push has priority 5; 10 is an error');
  const collapseId = fields.get('apns-collapse-id');
  if (collapseId !== null && Buffer.byteLength(collapseId) > collapseIdBytesMax)
    return refused(
      'BadCollapseId',
      `apns-collapse-id has ${Buffer.byteLength(collapseId)} bytes; 64 at the most`,
    );
  return {
    ok: true,
    headers: {
      topic,
      app,
      pushType,
      expiration,
      priority,
      collapseId: collapseId === '' ? null : collapseId,
      suffixMissing,
    },
  };
}

export function splitTopic(topic: string): { readonly app: string; readonly type: PushType | null } {
  for (const [type, suffix] of suffixes)
    if (topic.endsWith(suffix) && topic.length > suffix.length)
      return { app: topic.slice(0, -suffix.length), type };
  return { app: topic, type: null };
}

export function isPushType(text: string): text is PushType {
  return Object.hasOwn(pushTypes, text);
}

/** "A UNIX epoch expressed in seconds (UTC). … If the value is 0, APNs attempts to deliver the notification only once". */
export function readExpiration(text: string | null): Expiration | null {
  if (text === null) return { kind: 'usual' };
  if (!/^\d{1,12}$/.test(text)) return null;
  const seconds = Number(text);
  if (seconds > expirationSecondsMax) return null;
  return seconds === 0 ? { kind: 'nowOrNever' } : { kind: 'until', wallMs: seconds * 1000 };
}

/** The largest payload that any request may have: what a door reads. */
export const bodyBytesMax = largePayloadBytesMax;

/**
 * Step 5. Apple has no reason for a payload that is no JSON object; here it counts as none at all, in words that say so.
 */
export function readPayload(
  body: Uint8Array,
  tooLarge: boolean,
  kind: PushType | 'broadcast' | null,
): Read<{ readonly content: PushContent }> {
  const bytesMax = kind === 'voip' || kind === 'broadcast' ? largePayloadBytesMax : payloadBytesMax;
  if (body.length === 0) return refused('PayloadEmpty');
  if (tooLarge || body.length > bytesMax)
    return refused('PayloadTooLarge', `the payload has more than ${bytesMax} bytes`);
  const { content, problems } = readApnsPayload(body);
  if (problems.some((problem) => problem.refused))
    return refused('PayloadEmpty', 'the payload is no JSON object: send {"aps": {…}}');
  if (body.length <= emptyObjectBytesMax && /^\s*\{\s*\}\s*$/.test(Buffer.from(body).toString('latin1')))
    return refused('PayloadEmpty', 'the payload is an empty object: send {"aps": {…}}');
  return { ok: true, content };
}

/** An empty object with room for white space; what is longer is not looked at. */
const emptyObjectBytesMax = 16;

/** Step 6, as far as the token itself says: whole bytes in hexadecimal, however many. */
export function isToken(token: string): boolean {
  return token.length <= tokenCharsMax && token.length % 2 === 0 && /^[0-9a-f]+$/i.test(token);
}
