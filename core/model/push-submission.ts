/**
 * A push as the send API takes it, before anybody knows which providers it goes by. It is stored as JSON with its members
 * in a fixed order, and rendered for each device when it is tried. Pure.
 */

import type { PushContent, PushEnvironment, PushProvider } from './push.ts';
import { noContent } from './push-content.ts';
import { readStored, storedSubmission } from './stored-submission.ts';
import type { WebPushSubscription } from './web-push-subscription.ts';

/** Whom it is for: a device, all devices of a user, who takes part in a topic of FCM, or a token that the app has. */
export type PushRecipient =
  | { readonly phone: string; readonly app?: string }
  | { readonly user: string; readonly app?: string }
  | { readonly topic: string }
  /** A browser's, as its page has it. */
  | { readonly subscription: WebPushSubscription; readonly app?: string }
  | {
      readonly token: string;
      readonly provider: PushProvider;
      /** Bundle id; APNs wants it. */
      readonly app?: string;
      /** Of APNs. */
      readonly environment?: PushEnvironment;
    };

export const pushPriorities = ['high', 'normal'] as const;
export type PushPriority = (typeof pushPriorities)[number];

export type JsonObject = Readonly<Record<string, unknown>>;

export interface PushSubmission {
  readonly to: readonly PushRecipient[];
  readonly title: string | null;
  readonly subtitle: string | null;
  readonly body: string | null;
  readonly image: string | null;
  readonly badge: number | null;
  readonly sound: string | null;
  /** The app's own data. */
  readonly data: Readonly<Record<string, string>>;
  /** Deep link that a tap opens. */
  readonly link: string | null;
  /** Null: as long as the provider keeps things. 0: tried once, never stored. */
  readonly ttlSeconds: number | null;
  readonly collapseKey: string | null;
  /** Null: the provider's usual one. */
  readonly priority: PushPriority | null;
  readonly group: string | null;
  readonly category: string | null;
  /** Wakes the app and shows nothing. */
  readonly silent: boolean;
  /** Merged into the payload for APNs. */
  readonly ios: JsonObject | null;
  /** Merged into `message.android` of FCM (AndroidConfig). */
  readonly android: JsonObject | null;
  /** Merged into the JSON that a page's service worker gets. */
  readonly web: JsonObject | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly stream: 'transactional' | 'marketing' | null;
  /** As the app's clock has it; null: at once. */
  readonly sendAtMs: number | null;
  readonly project: string | null;
}

const emptySubmission: PushSubmission = {
  to: [],
  title: null,
  subtitle: null,
  body: null,
  image: null,
  badge: null,
  sound: null,
  data: {},
  link: null,
  ttlSeconds: null,
  collapseKey: null,
  priority: null,
  group: null,
  category: null,
  silent: false,
  ios: null,
  android: null,
  web: null,
  tags: [],
  metadata: {},
  stream: null,
  sendAtMs: null,
  project: null,
};
const members = Object.keys(emptySubmission) as readonly (keyof PushSubmission)[];

/** What is stored of it: JSON in UTF-8, members in their fixed order, without those that say nothing. */
export function submissionBytes(submission: PushSubmission): Uint8Array {
  return storedSubmission('push', submission, members);
}

/** @param bytes as `submissionBytes` made them; null: something else */
export function readSubmission(bytes: Uint8Array): PushSubmission | null {
  const said = readStored<PushSubmission>('push', bytes);
  return said === null ? null : { ...emptySubmission, ...said };
}

/** What every device is shown of it, before a platform's own piece is merged in. */
export function contentOfSubmission(submission: PushSubmission): PushContent {
  const { title, subtitle, body, image, badge, sound, category, group, link, data, silent } = submission;
  return {
    ...noContent,
    title,
    subtitle,
    body,
    image,
    badge,
    sound,
    category,
    group,
    replaces: submission.collapseKey,
    link,
    data,
    silent: silent || (title === null && body === null),
  };
}

/** As lists show it and the search language finds it: `user:jane`, `phone:…`, `/topics/…`, or the token. */
export function recipientName(recipient: PushRecipient): string {
  if ('phone' in recipient) return `phone:${recipient.phone}`;
  if ('user' in recipient) return `user:${recipient.user}`;
  if ('subscription' in recipient) return recipient.subscription.endpoint;
  return 'topic' in recipient ? topicRecipient(recipient.topic) : recipient.token;
}

/** What a topic is called where a token could stand. */
export function topicRecipient(topic: string): string {
  return `/topics/${topic}`;
}
