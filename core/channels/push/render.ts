/**
 * A push as each provider wants it. One submission is rendered anew at each attempt: what is left of its time to live goes
 * into the request. Pure.
 */
import { createHash } from 'node:crypto';
import type { EgressChange } from '../../model/delivery.ts';
import type { Platform } from '../../model/phone.ts';
import type { JsonObject, PushSubmission } from '../../model/push-submission.ts';

export interface Rendered {
  readonly payload: Uint8Array;
  /** Bytes that the provider's limit is about. */
  readonly counted: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What is not as the submission has it, and why. */
  readonly changes: readonly EgressChange[];
}

export interface ApnsAddress {
  readonly app: string;
  /** On the clock on the wall, for it is an absolute time; null: the submission says nothing of it. */
  readonly expiresAtWallMs: number | null;
}

/**
 * Apple, "Generating a remote notification" and "Sending notification requests to APNs".
 */
export function renderApns(submission: PushSubmission, { app, expiresAtWallMs }: ApnsAddress): Rendered {
  const { collapseKey, priority, ttlSeconds } = submission;
  const payload = apnsPayload(submission);
  const background = isBackground(payload);
  const fields: [string, string][] = [
    ['apns-topic', app],
    ['apns-push-type', background ? 'background' : 'alert'],
    // Background notifications have priority 5; 10 is an error for them.
    ['apns-priority', background || priority === 'normal' ? '5' : '10'],
  ];
  if (ttlSeconds === 0) fields.push(['apns-expiration', '0']);
  else if (expiresAtWallMs !== null)
    fields.push(['apns-expiration', String(Math.max(1, Math.round(expiresAtWallMs / 1000)))]);
  if (collapseKey !== null) fields.push(['apns-collapse-id', collapseKey]);
  const bytes = bytesOf(payload);
  return { payload: bytes, counted: bytes.length, fields, changes: mergedNote('ios', submission.ios) };
}

function apnsPayload(submission: PushSubmission): JsonObject {
  const { title, subtitle, body, image, badge, sound, category, group, silent, data, link } = submission;
  const alert = said({ title, subtitle, body });
  const aps = {
    ...(Object.keys(alert).length === 0 || silent ? {} : { alert }),
    ...said({ badge, sound, category, 'thread-id': group }),
    // A picture is loaded by an extension of the app, which this wakes.
    ...(image === null ? {} : { 'mutable-content': 1 }),
    ...(silent ? { 'content-available': 1 } : {}),
  };
  return merged({ aps, ...said({ link, image }), ...data }, submission.ios);
}

function isBackground({ aps }: JsonObject): boolean {
  if (!isObject(aps)) return false;
  return (
    aps['content-available'] === 1 && ['alert', 'badge', 'sound'].every((name) => aps[name] === undefined)
  );
}

export interface FcmAddress {
  readonly target: { readonly kind: 'token' | 'topic'; readonly value: string };
  /** Null: of several platforms, as a topic is. */
  readonly platform: Platform | null;
  /** What is left of it; null: the submission says nothing of it. */
  readonly ttlSeconds: number | null;
  readonly expiresAtWallMs: number | null;
}

/** Firebase, "FCM HTTP v1 API": projects.messages.send. */
export function renderFcm(
  submission: PushSubmission,
  address: FcmAddress,
): Rendered & { readonly message: JsonObject } {
  const { title, body, image, data, link, group, silent } = submission;
  const { target, platform } = address;
  const notification = said({ title, body, image });
  // FCM has no word for a group; an app that builds its notifications itself can go by it.
  const everyData = { ...data, ...said({ link, group }) };
  const message: JsonObject = {
    [target.kind]: target.value,
    ...(silent || Object.keys(notification).length === 0 ? {} : { notification }),
    ...(Object.keys(everyData).length === 0 ? {} : { data: everyData }),
    ...(platform === null || platform === 'android'
      ? filled('android', fcmAndroid(submission, address))
      : {}),
    ...(platform === null || platform === 'ios' ? filled('apns', fcmApns(submission, address)) : {}),
    ...(platform === null || platform === 'browser'
      ? filled('webpush', fcmWebpush(submission, address))
      : {}),
  };
  const changes = [
    ...(platform === null || platform === 'android' ? mergedNote('android', submission.android) : []),
    ...(platform === null || platform === 'ios' ? mergedNote('ios', submission.ios) : []),
    ...(platform === null || platform === 'browser' ? mergedNote('web', submission.web) : []),
  ];
  return { message, payload: bytesOf({ message }), counted: fcmBytes(message), fields: [], changes };
}

/**
 * Firebase, "About FCM messages": 4096 bytes of what an app gets, its keys and its values. How it packs them is not
 * documented; of a message for several platforms the largest counts.
 */
function fcmBytes({ data, notification, android, apns, webpush }: JsonObject): number {
  const within = (block: unknown, name: string): unknown => (isObject(block) ? block[name] : undefined);
  const shared = pairBytes(data) + pairBytes(notification);
  return Math.max(
    shared + pairBytes(within(android, 'notification')),
    shared + pairBytes(within(apns, 'payload')),
    shared + pairBytes(within(webpush, 'notification')),
  );
}

function pairBytes(value: unknown): number {
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) =>
      sum + Buffer.byteLength(key) + Buffer.byteLength(typeof one === 'string' ? one : JSON.stringify(one)),
    0,
  );
}

function fcmAndroid(submission: PushSubmission, { ttlSeconds }: FcmAddress): JsonObject {
  const { priority, collapseKey, sound, category, badge, silent } = submission;
  const notification = silent
    ? {}
    : said({
        sound,
        tag: collapseKey,
        channel_id: category,
        notification_count: badge === 0 ? null : badge,
      });
  return merged(
    {
      ...said({ collapse_key: collapseKey, priority, ttl: ttlSeconds === null ? null : `${ttlSeconds}s` }),
      ...filled('notification', notification),
    },
    submission.android,
  );
}

/** On iOS it goes on to APNs, with the fields that APNs has. */
function fcmApns(submission: PushSubmission, { expiresAtWallMs }: FcmAddress): JsonObject {
  const { fields, payload: _payload } = renderApns(submission, { app: '', expiresAtWallMs });
  const headers = Object.fromEntries(fields.filter(([name]) => name !== 'apns-topic'));
  // Title, body and data go once, in the part that is for all.
  const { aps, ...rest } = apnsPayload({
    ...submission,
    data: {},
    title: null,
    body: null,
    link: null,
    image: null,
  });
  const inner = isObject(aps)
    ? { ...aps, ...(submission.image === null ? {} : { 'mutable-content': 1 }) }
    : aps;
  return {
    headers,
    ...filled('payload', {
      ...(isObject(inner) && Object.keys(inner).length === 0 ? {} : { aps: inner }),
      ...rest,
    }),
  };
}

function fcmWebpush(submission: PushSubmission, { ttlSeconds }: FcmAddress): JsonObject {
  const { link, collapseKey, priority } = submission;
  const headers = said({
    TTL: ttlSeconds === null ? null : String(ttlSeconds),
    Urgency: priority,
    Topic: collapseKey === null ? null : topicOf(collapseKey).topic,
  });
  return {
    ...filled('headers', headers),
    ...filled('notification', submission.web ?? {}),
    // FCM: the link of a notification in a browser is an https address.
    ...(link === null || !/^https:/i.test(link) ? {} : { fcm_options: { link } }),
  };
}

export interface WebPushAddress {
  /** What is left of it. */
  readonly ttlSeconds: number;
}

/** RFC 8030 §5.2 to §5.4. The payload is what a page's service worker commonly hands to showNotification(). */
export function renderWebPush(submission: PushSubmission, { ttlSeconds }: WebPushAddress): Rendered {
  const { title, body, image, badge, collapseKey, group, link, data, priority, silent, category } =
    submission;
  const inner = { ...data, ...said({ link, category, group }) };
  const payload = merged(
    {
      ...(silent ? { silent: true } : said({ title, body, image, tag: collapseKey })),
      ...said({ app_badge: badge, ...(silent ? {} : { url: link }) }),
      ...filled('data', inner),
    },
    submission.web,
  );
  const topic = collapseKey === null ? null : topicOf(collapseKey);
  const bytes = bytesOf(payload);
  return {
    payload: bytes,
    counted: bytes.length,
    fields: [
      ['ttl', String(ttlSeconds)],
      ['urgency', priority ?? (silent ? 'low' : 'normal')],
      ...(topic === null ? [] : [['topic', topic.topic] as const]),
    ],
    changes: [...mergedNote('web', submission.web), ...(topic?.change == null ? [] : [topic.change])],
  };
}

/** RFC 8030 §5.4: no more than 32 characters of base64url. */
const topicCharsMax = 32;

function topicOf(key: string): { readonly topic: string; readonly change: EgressChange | null } {
  if (/^[\w-]+$/.test(key) && key.length <= topicCharsMax) return { topic: key, change: null };
  const topic = createHash('sha256').update(key).digest('base64url').slice(0, topicCharsMax);
  const detail = `The collapse key “${key}” is no Topic (RFC 8030 §5.4: at most ${topicCharsMax} characters of base64url); its digest ${topic} stands for it.`;
  return { topic, change: { code: 'topic_from_collapse_key', detail } };
}

/** The piece goes before what it is merged into; objects are merged, all else takes the place of what was there. */
function merged(base: JsonObject, piece: JsonObject | null): JsonObject {
  if (piece === null) return base;
  const whole: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(piece)) {
    const before = Object.hasOwn(whole, name) ? whole[name] : undefined;
    const next = isObject(before) && isObject(value) ? merged(before, value) : value;
    // A member of that name would set what objects are made of.
    Object.defineProperty(whole, name, { value: next, enumerable: true, configurable: true, writable: true });
  }
  return whole;
}

function mergedNote(platform: 'ios' | 'android' | 'web', piece: JsonObject | null): readonly EgressChange[] {
  return piece === null
    ? []
    : [{ code: 'override', detail: `\`${platform}\` is merged in: ${Object.keys(piece).join(', ')}.` }];
}

function said(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}

function filled(name: string, value: JsonObject): JsonObject {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(value: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
