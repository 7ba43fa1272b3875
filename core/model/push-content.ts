/**
 * What a device makes of a payload: Apple's (`aps`), Google's (the message of FCM v1), a page's (Web Push). Reads what is
 * there and tells what is not as it should be; never throws. Pure.
 */
import type { Platform } from './phone.ts';
import type { PayloadProblem, PushContent } from './push.ts';

export interface ReadPayload {
  readonly content: PushContent;
  readonly problems: readonly PayloadProblem[];
}

export const noContent: PushContent = {
  title: null,
  subtitle: null,
  body: null,
  image: null,
  icon: null,
  badge: null,
  sound: null,
  category: null,
  group: null,
  replaces: null,
  link: null,
  actions: [],
  data: {},
  silent: true,
  interruption: 'active',
};

/** Members of the app's own data that apps commonly name a deep link by. */
const linkNames = ['link', 'url', 'deeplink', 'deep_link', 'deepLink', 'click_action'] as const;
/** Likewise a picture, which on iOS an extension of the app loads. */
const imageNames = ['image', 'image_url', 'imageUrl', 'media-url', 'mediaUrl', 'attachment-url'] as const;

/** @param bytes the request's body: `{"aps": {…}, …}` */
export function readApnsPayload(bytes: Uint8Array): ReadPayload {
  const parsed = parseObject(bytes);
  return parsed === null ? unreadable('the payload is no JSON object') : readAps(parsed, '');
}

/** @param message `message` of FCM v1, for a device of that platform: its own block goes before what is for all */
export function readFcmMessage(message: unknown, platform: Platform): ReadPayload {
  if (!isObject(message)) return unreadable('there is no message');
  const problems: PayloadProblem[] = [];
  const data = isObject(message.data) ? message.data : {};
  const all = isObject(message.notification) ? message.notification : {};
  if (platform === 'ios') {
    const apns = isObject(message.apns) ? message.apns : {};
    const payload = isObject(apns.payload) ? apns.payload : {};
    const read = readAps(payload, 'message.apns.payload.');
    const options = objectIn(apns, 'fcm_options', 'fcmOptions');
    const { content } = read;
    return finish(
      {
        ...content,
        title: content.title ?? text(all.title),
        body: content.body ?? text(all.body),
        image: text(options.image) ?? content.image ?? text(all.image),
        data: { ...data, ...content.data },
        link: content.link ?? linkIn(data),
      },
      read.problems,
    );
  }
  const block = isObject(message[platform === 'browser' ? 'webpush' : 'android'])
    ? (message[platform === 'browser' ? 'webpush' : 'android'] as Record<string, unknown>)
    : {};
  const own = isObject(block.notification) ? block.notification : {};
  const blockData = isObject(block.data) ? block.data : {};
  const options = objectIn(block, 'fcm_options', 'fcmOptions');
  const merged = { ...data, ...blockData };
  const channel = text(own.channel_id ?? own.channelId);
  const first = (name: string): string | null => text(own[name]) ?? text(all[name]);
  return finish(
    {
      ...noContent,
      title: first('title'),
      body: first('body'),
      image: first('image'),
      icon: text(own.icon),
      sound: text(own.sound),
      category: channel,
      badge: count(own.notification_count ?? own.notificationCount) ?? count(own.badge),
      replaces: text(own.tag),
      group: text(own.tag) ?? channel,
      link: text(options.link) ?? text(own.click_action ?? own.clickAction) ?? linkIn(merged),
      actions: actionsIn(own.actions),
      data: merged,
    },
    problems,
  );
}

/** Protocol buffers in JSON take both spellings of a name (ProtoJSON, "Field names"). */
function objectIn(whole: Record<string, unknown>, name: string, camelName: string): Record<string, unknown> {
  const found = whole[name] ?? whole[camelName];
  return isObject(found) ? found : {};
}

/** What a page's service worker commonly shows of a payload; text that is no JSON is the body. */
export function readWebPush(plain: string): ReadPayload {
  if (plain === '') return { content: noContent, problems: [] };
  const parsed = parseObject(Buffer.from(plain));
  if (parsed === null) return finish({ ...noContent, body: plain }, []);
  // No standard, but common: the arguments of showNotification() as they are, or in `notification` (Angular, Declarative Web Push).
  const outer = isObject(parsed.notification) ? parsed.notification : parsed;
  const options = isObject(outer.options) ? { ...outer, ...outer.options } : outer;
  const data = isObject(options.data) ? options.data : {};
  return finish(
    {
      ...noContent,
      title: text(options.title),
      body: text(options.body) ?? text(options.message),
      image: text(options.image),
      icon: text(options.icon),
      badge: count(options.app_badge),
      replaces: text(options.tag),
      group: text(options.tag),
      link: text(options.navigate) ?? linkIn(options) ?? linkIn(data),
      actions: actionsIn(options.actions),
      data,
    },
    [],
  );
}

function readAps(payload: Record<string, unknown>, at: string): ReadPayload {
  const problems: PayloadProblem[] = [];
  const complain = (field: string, code: string, detail: string): void => {
    problems.push({ field: `${at}${field}`, code, detail, refused: false });
  };
  const { aps, ...data } = payload;
  if (aps !== undefined && !isObject(aps)) complain('aps', 'not_an_object', 'aps is an object.');
  if (aps === undefined) complain('aps', 'missing', 'Without aps a device shows nothing.');
  const inner = isObject(aps) ? aps : {};
  const { alert } = inner;
  if (alert !== undefined && typeof alert !== 'string' && !isObject(alert))
    complain('aps.alert', 'wrong_type', 'alert is a string, or an object with title and body.');
  const words = isObject(alert) ? alert : { body: alert };
  for (const name of ['title', 'subtitle', 'body'] as const)
    if (words[name] !== undefined && typeof words[name] !== 'string')
      complain(`aps.alert.${name}`, 'wrong_type', `${name} is a string; a device ignores what is none.`);
  if (inner.badge !== undefined && count(inner.badge) === null)
    complain('aps.badge', 'wrong_type', 'badge is a whole number; a device ignores what is none.');
  const silent = inner['content-available'] === 1 || inner['content-available'] === true;
  const sound = isObject(inner.sound) ? inner.sound.name : inner.sound;
  const critical = isObject(inner.sound) && (inner.sound.critical === 1 || inner.sound.critical === true);
  const level = text(inner['interruption-level']);
  const content: PushContent = {
    ...noContent,
    title: text(words.title) ?? localized(words, 'title-loc-key', 'title-loc-args'),
    subtitle: text(words.subtitle) ?? localized(words, 'subtitle-loc-key', 'subtitle-loc-args'),
    body: text(words.body) ?? localized(words, 'loc-key', 'loc-args'),
    image: named(data, imageNames),
    badge: count(inner.badge),
    sound: text(sound),
    category: text(inner.category),
    group: text(inner['thread-id']),
    link: linkIn(data),
    data,
    interruption: critical
      ? 'critical'
      : level === 'passive' || level === 'time-sensitive' || level === 'critical'
        ? level
        : 'active',
  };
  const shown = finish(content, problems);
  return silent && !hasWords(content) ? { ...shown, content: { ...shown.content, silent: true } } : shown;
}

/** A localized text is in the app, not in the payload: the key stands for it, with its arguments. */
function localized(words: Record<string, unknown>, keyName: string, argsName: string): string | null {
  const key = text(words[keyName]);
  if (key === null) return null;
  const args = Array.isArray(words[argsName]) ? words[argsName].map(argument) : [];
  return args.length === 0 ? key : `${key}(${args.join(', ')})`;
}

/** Not by String(): an object that has a toString of its own would be called upon to be one. */
function argument(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function finish(content: PushContent, problems: readonly PayloadProblem[]): ReadPayload {
  return { content: { ...content, silent: !hasWords(content) && content.sound === null }, problems };
}

function hasWords({ title, subtitle, body, image }: PushContent): boolean {
  return [title, subtitle, body, image].some((one) => one !== null && one !== '');
}

function actionsIn(value: unknown): PushContent['actions'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    if (!isObject(one)) return [];
    const id = text(one.action) ?? text(one.id);
    return id === null ? [] : [{ id, title: text(one.title) ?? id }];
  });
}

function linkIn(data: Record<string, unknown>): string | null {
  const link = named(data, linkNames);
  // A name of an intent filter is no address.
  return link !== null && /^[a-z][a-z0-9+.-]*:|^\//i.test(link) ? link : null;
}

function named(data: Record<string, unknown>, names: readonly string[]): string | null {
  for (const name of names) {
    const value = text(data[name]);
    if (value !== null && value !== '') return value;
  }
  return null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isObject(parsed) ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function unreadable(detail: string): ReadPayload {
  return { content: noContent, problems: [{ field: '', code: 'unreadable', detail, refused: true }] };
}

/** Line by line: what is read on the screen, where it leads, and the app's own data. */
export function pushWordsOf({ title, subtitle, body, link, actions, data }: PushContent): string {
  return [
    title,
    subtitle,
    body,
    link,
    ...actions.map((action) => action.title),
    ...Object.entries(data).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ]
    .filter((line) => line !== null && line !== '')
    .join('\n');
}
