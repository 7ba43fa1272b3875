/** Checks a push before it is accepted: every fault at once, each naming its field. Pure. */
import { checkMetadata, checkSendAt, checkTags, Faults } from '../../intake/submission-faults.ts';
import type { FieldError } from '../../model/app-error.ts';
import type { PushEnvironment, PushProvider } from '../../model/push.ts';
import { readApnsPayload, readFcmMessage } from '../../model/push-content.ts';
import type { JsonObject, PushPriority, PushRecipient, PushSubmission } from '../../model/push-submission.ts';
import { subscriptionFault, type WebPushSubscription } from '../../model/web-push-subscription.ts';
import { renderApns, renderFcm } from './render.ts';

/** As the API takes it: of the right shape, and nothing more known of it. */
export interface PushSubmissionInput {
  readonly to?: PushRecipientInput | readonly PushRecipientInput[] | undefined;
  readonly title?: string | undefined;
  readonly subtitle?: string | undefined;
  readonly body?: string | undefined;
  readonly image?: string | undefined;
  readonly badge?: number | undefined;
  readonly sound?: string | undefined;
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly link?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly collapseKey?: string | undefined;
  readonly priority?: PushPriority | undefined;
  readonly group?: string | undefined;
  readonly category?: string | undefined;
  readonly silent?: boolean | undefined;
  readonly ios?: JsonObject | undefined;
  readonly android?: JsonObject | undefined;
  readonly web?: JsonObject | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly stream?: 'transactional' | 'marketing' | undefined;
  readonly sendAt?: string | undefined;
  readonly project?: string | undefined;
}

export interface PushRecipientInput {
  readonly phone?: string | undefined;
  readonly user?: string | undefined;
  readonly topic?: string | undefined;
  readonly token?: string | undefined;
  readonly subscription?: WebPushSubscription | undefined;
  readonly provider?: PushProvider | undefined;
  readonly app?: string | undefined;
  readonly environment?: PushEnvironment | undefined;
}

export type PushValidation =
  | { readonly ok: true; readonly submission: PushSubmission }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Recipients of one request; each may be several devices. */
const recipientsMax = 1_000;
const nameCharsMax = 256;
/** Firebase: "Sending messages", at most four weeks. APNs keeps a notification for thirty days. */
const ttlSecondsMax = 4 * 7 * 86_400;
/** Apple, "Sending notification requests to APNs": apns-collapse-id must not exceed 64 bytes. */
const collapseKeyBytesMax = 64;
const urlCharsMax = 2_000;
const wordsCharsMax = 4_096;
const dataMax = 200;
const badgeMax = 2 ** 31 - 1;

export function validatePush(input: PushSubmissionInput, nowMs: number): PushValidation {
  const faults = new Faults();
  const words = (field: 'title' | 'subtitle' | 'body' | 'sound' | 'group' | 'category'): string | null =>
    checkWords(faults, field, input[field]);
  const submission: PushSubmission = {
    to: checkRecipients(faults, input.to),
    title: words('title'),
    subtitle: words('subtitle'),
    body: words('body'),
    image: checkImage(faults, input.image),
    badge: checkBadge(faults, input.badge),
    sound: words('sound'),
    data: checkData(faults, input.data ?? {}),
    link: checkLink(faults, input.link),
    ttlSeconds: checkTtl(faults, input.ttlSeconds),
    collapseKey: checkCollapseKey(faults, input.collapseKey),
    priority: input.priority ?? null,
    group: words('group'),
    category: words('category'),
    silent: input.silent ?? false,
    ios: checkPiece(faults, 'ios', input.ios),
    android: checkPiece(faults, 'android', input.android),
    web: checkPiece(faults, 'web', input.web),
    tags: checkTags(faults, input.tags ?? []),
    metadata: checkMetadata(faults, input.metadata ?? {}),
    stream: input.stream ?? null,
    sendAtMs: checkSendAt(faults, input.sendAt, nowMs),
    project: input.project ?? null,
  };
  checkWhole(faults, submission);
  checkPieces(faults, submission);
  return faults.errors.length === 0 ? { ok: true, submission } : { ok: false, errors: faults.errors };
}

function checkRecipients(faults: Faults, input: PushSubmissionInput['to']): readonly PushRecipient[] {
  const list = input === undefined ? [] : isList(input) ? input : [input];
  if (list.length === 0)
    faults.add(
      'to',
      'no_recipients',
      'Say who it is for: {"phone": …}, {"user": …}, {"topic": …}, {"token": …, "provider": …}, or {"subscription": …}.',
    );
  if (list.length > recipientsMax)
    faults.add('to', 'too_many_recipients', `At most ${recipientsMax} recipients; send the rest by itself.`);
  return list
    .slice(0, recipientsMax)
    .flatMap((one, at) => checkRecipient(faults, isList(input) ? `to[${at}]` : 'to', one) ?? []);
}

function isList(input: PushSubmissionInput['to']): input is readonly PushRecipientInput[] {
  return Array.isArray(input);
}

function checkRecipient(faults: Faults, field: string, one: PushRecipientInput): PushRecipient | null {
  const named = (['phone', 'user', 'topic', 'token', 'subscription'] as const).filter(
    (kind) => one[kind] !== undefined,
  );
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    faults.add(field, 'bad_recipient', 'A recipient has one of phone, user, topic, token and subscription.');
    return null;
  }
  if (one.subscription !== undefined) return checkSubscription(faults, field, one.subscription, one);
  if (kind === 'subscription') return null;
  const value = one[kind] ?? '';
  if (value === '' || (kind !== 'token' && value.length > nameCharsMax) || hasControls(value)) {
    faults.add(
      `${field}.${kind}`,
      'bad_recipient',
      `This is no ${kind}: it is empty, too long, or has control characters.`,
    );
    return null;
  }
  if (kind !== 'token') {
    for (const extra of ['provider', 'environment'] as const)
      if (one[extra] !== undefined)
        faults.add(
          `${field}.${extra}`,
          'not_with',
          `${extra} goes with a token; of a ${kind} the sandbox knows it.`,
        );
  }
  // It becomes apns-topic, a field of the request.
  if (one.app !== undefined && one.app !== '' && !/^[!-~]{1,255}$/.test(one.app))
    faults.add(
      `${field}.app`,
      'bad_app',
      'An app is a bundle id, a package name or an origin: up to 255 printable ASCII characters, no spaces.',
    );
  const app = one.app === undefined ? {} : { app: one.app };
  switch (kind) {
    case 'phone':
      return { phone: value, ...app };
    case 'user':
      return { user: value, ...app };
    case 'topic':
      return checkTopic(faults, field, value, one);
    case 'token':
      return checkToken(faults, field, value, one);
    default:
      return kind satisfies never;
  }
}

function checkSubscription(
  faults: Faults,
  field: string,
  subscription: WebPushSubscription,
  { provider, app, environment }: PushRecipientInput,
): PushRecipient {
  const fault = subscriptionFault(subscription);
  if (fault !== null)
    faults.add(`${field}.subscription`, 'bad_subscription', `This is no subscription of a browser: ${fault}.`);
  if ((provider !== undefined && provider !== 'webpush') || environment !== undefined)
    faults.add(field, 'not_with', 'A subscription is of Web Push: leave provider and environment out.');
  const { endpoint, keys } = subscription;
  return {
    subscription: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } },
    ...(app === undefined ? {} : { app }),
  };
}

function checkTopic(faults: Faults, field: string, written: string, one: PushRecipientInput): PushRecipient {
  const topic = written.replace(/^\/topics\//, '');
  // Firebase, "Send messages to topics": topic names match this expression.
  if (!/^[a-zA-Z0-9-_.~%]+$/.test(topic))
    faults.add(`${field}.topic`, 'bad_topic', "A topic's name has letters, digits, and - _ . ~ % alone.");
  if (one.app !== undefined)
    faults.add(`${field}.app`, 'not_with', 'A topic is of the project, not of an app: leave app out.');
  return { topic };
}

function checkToken(faults: Faults, field: string, token: string, one: PushRecipientInput): PushRecipient {
  const { provider, app, environment } = one;
  if (provider === undefined) {
    faults.add(`${field}.provider`, 'missing', 'Say whose token it is: apns, fcm or webpush.');
    return { token, provider: 'fcm' };
  }
  if (provider === 'apns') {
    if (app === undefined || app === '')
      faults.add(`${field}.app`, 'missing', 'APNs wants the bundle id of the app that the token is of.');
    if (!/^[0-9a-fA-F]+$/.test(token))
      faults.add(`${field}.token`, 'bad_token', 'A device token of APNs is written in hexadecimal digits.');
  } else if (environment !== undefined)
    faults.add(`${field}.environment`, 'not_with', 'Only APNs has environments.');
  if (!/^[\x21-\x7e]{1,4096}$/.test(token))
    faults.add(`${field}.token`, 'bad_token', 'A token has printable ASCII characters alone.');
  return {
    token,
    provider,
    ...(app === undefined ? {} : { app }),
    ...(environment === undefined ? {} : { environment }),
  };
}

function checkWords(faults: Faults, field: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (text.length > wordsCharsMax)
    faults.add(field, 'too_long', `At most ${wordsCharsMax} characters; a payload has 4096 bytes in all.`);
  if (hasControls(text)) faults.add(field, 'control_character', 'There is a control character in it.');
  return text;
}

function checkImage(faults: Faults, text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || text.length > urlCharsMax)
    faults.add(
      'image',
      'bad_url',
      `An absolute http or https address of at most ${urlCharsMax} characters is expected.`,
    );
  return text;
}

function checkLink(faults: Faults, text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || text.length > urlCharsMax)
    faults.add(
      'link',
      'bad_url',
      `A deep link is an address of at most ${urlCharsMax} characters: myapp://orders/7, or https://shop.example/orders/7.`,
    );
  else if (/^(?:javascript|data|vbscript|file|blob):$/.test(url.protocol))
    faults.add('link', 'bad_scheme', `A device opens no link with the scheme ${url.protocol}`);
  return text;
}

function checkBadge(faults: Faults, badge: number | undefined): number | null {
  if (badge === undefined) return null;
  if (!Number.isInteger(badge) || badge < 0 || badge > badgeMax)
    faults.add('badge', 'bad_number', 'badge is a whole number from 0 on; 0 takes it away.');
  return badge;
}

function checkTtl(faults: Faults, seconds: number | undefined): number | null {
  if (seconds === undefined) return null;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > ttlSecondsMax)
    faults.add(
      'ttlSeconds',
      'bad_number',
      `ttlSeconds is a whole number from 0 (tried once, never stored) to ${ttlSecondsMax} (four weeks).`,
    );
  return seconds;
}

function checkCollapseKey(faults: Faults, key: string | undefined): string | null {
  if (key === undefined) return null;
  if (!/^[\x20-\x7e]+$/.test(key) || Buffer.byteLength(key) > collapseKeyBytesMax)
    faults.add(
      'collapseKey',
      'bad_collapse_key',
      `A collapse key goes into a header field: 1 to ${collapseKeyBytesMax} printable ASCII characters.`,
    );
  return key;
}

/** Firebase, "FCM HTTP v1 API", Message.data: reserved words. Apple: `aps` is the system's. */
const reservedData = /^(?:from|message_type|collapse_key|aps)$|^(?:google|gcm)[.]|^(?:google|gcm)$/;

function checkData(faults: Faults, data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(data);
  if (names.length > dataMax) faults.add('data', 'too_many', `At most ${dataMax} entries.`);
  for (const name of names.slice(0, dataMax)) {
    const field = `data.${name.slice(0, nameCharsMax)}`;
    if (name === '') faults.add('data', 'bad_key', 'A key has at least one character.');
    else if (reservedData.test(name))
      faults.add(
        field,
        'reserved_key',
        `${name} is the provider's own and cannot be given; use another name.`,
      );
  }
  return data;
}

/** Members that show something: a silent push has none of them. */
const showing = ['title', 'subtitle', 'body', 'image', 'sound'] as const;

function checkWhole(faults: Faults, submission: PushSubmission): void {
  const { silent, data, badge, ios, android, web } = submission;
  if (silent) {
    for (const name of showing)
      if (submission[name] !== null)
        faults.add(name, 'not_with_silent', `A silent push shows nothing: leave ${name} out, or silent.`);
    // Apple: a background notification must have priority 5, or APNs may refuse it.
    if (submission.priority === 'high')
      faults.add('priority', 'not_with_silent', 'A silent push has priority normal: APNs takes no other.');
    return;
  }
  const pieces = [ios, android, web].some((one) => one !== null);
  if (
    submission.title === null &&
    submission.body === null &&
    badge === null &&
    Object.keys(data).length === 0 &&
    !pieces
  )
    faults.add('body', 'empty', 'There is nothing in it: give a title, a body, a badge or data.');
}

/** FCM takes no more (see proto-json); a payload of 4 KB has no use for it. */
const nestingMax = 100;

/** What is nested so deep that it cannot be written as JSON again is looked at no further. */
function checkPiece(
  faults: Faults,
  field: 'ios' | 'android' | 'web',
  piece: JsonObject | undefined,
): JsonObject | null {
  if (piece === undefined) return null;
  let level: readonly unknown[] = [piece];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > nestingMax) {
      faults.add(field, 'too_deep', `Objects and lists are nested at most ${nestingMax} deep.`);
      return null;
    }
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return piece;
}

/** AndroidConfig of FCM v1; what it does not know it refuses (400 INVALID_ARGUMENT, “Unknown name”). */
const androidMembers: ReadonlySet<string> = new Set([
  'collapse_key',
  'priority',
  'ttl',
  'restricted_package_name',
  'data',
  'notification',
  'fcm_options',
  'direct_boot_ok',
  'bandwidth_constrained_ok',
  'restricted_satellite_ok',
]);

function checkPieces(faults: Faults, submission: PushSubmission): void {
  const { ios, android, web } = submission;
  if (ios !== null) {
    const { payload } = renderApns(submission, { app: 'app', expiresAtWallMs: null });
    for (const { field, code, detail } of readApnsPayload(payload).problems)
      if (isIn(ios, field)) faults.add(`ios.${field}`, code, detail);
  }
  if (android !== null) {
    for (const name of Object.keys(android))
      if (!androidMembers.has(name))
        faults.add(
          `android.${name.slice(0, nameCharsMax)}`,
          'unknown_member',
          `FCM's AndroidConfig has no ${name.slice(0, nameCharsMax)}; it has ${[...androidMembers].join(', ')}.`,
        );
    checkAndroid(faults, android);
    const message = renderFcm(submission, {
      target: { kind: 'token', value: 'token' },
      platform: 'android',
      ttlSeconds: null,
      expiresAtWallMs: null,
    });
    const { problems } = readFcmMessage(message.message, 'android');
    for (const { field, code, detail } of problems)
      if (field.startsWith('message.android.')) faults.add(field.slice('message.'.length), code, detail);
  }
  if (web !== null)
    for (const name of ['title', 'body', 'icon', 'image', 'tag'] as const)
      if (web[name] !== undefined && typeof web[name] !== 'string')
        faults.add(`web.${name}`, 'wrong_type', `${name} is a string.`);
}

function checkAndroid(faults: Faults, { priority, ttl, data, notification }: JsonObject): void {
  if (priority !== undefined && !(typeof priority === 'string' && /^(?:normal|high)$/i.test(priority)))
    faults.add('android.priority', 'wrong_value', 'priority is normal or high.');
  if (ttl !== undefined && !(typeof ttl === 'string' && /^\d+(?:\.\d{1,9})?s$/.test(ttl)))
    faults.add('android.ttl', 'wrong_value', 'ttl is a duration in seconds, written as "3.5s".');
  if (notification !== undefined && !isObject(notification))
    faults.add('android.notification', 'wrong_type', 'notification is an object.');
  if (data !== undefined && !(isObject(data) && Object.values(data).every((one) => typeof one === 'string')))
    faults.add('android.data', 'wrong_type', 'data is an object of strings.');
}

/** Whether the piece itself says what stands at that path of the whole. */
function isIn(piece: JsonObject, path: string): boolean {
  let at: unknown = piece;
  for (const name of path.split('.')) {
    if (!isObject(at) || !(name in at)) return false;
    at = at[name];
  }
  return true;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A line break is for several lines on the screen; other control characters show as nothing. */
function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\x00-\x08\x0b-\x1f\x7f]/.test(text);
}
