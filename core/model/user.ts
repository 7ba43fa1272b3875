/** Users of the app, as its backend knows them: where they can be reached, and what they want to hear. */
import type { PushEnvironment, PushProvider } from './push.ts';
import type { WebPushSubscription } from './web-push-subscription.ts';

/** Channels that a message can go by. */
export const userChannels = ['email', 'push', 'sms', 'inapp'] as const;
export type UserChannel = (typeof userChannels)[number];

export interface UserDevice {
  readonly provider: PushProvider;
  /** Device token, or id of a Web Push subscription, or with keys its endpoint. */
  readonly token: string;
  /** Of a real subscription. */
  readonly keys?: WebPushSubscription['keys'];
  /** Bundle id; APNs wants it. */
  readonly app: string | null;
  readonly environment: PushEnvironment | null;
}

/** True: wanted. What is not named is as the topic has it, or wanted. */
export type ChannelPreferences = { readonly [channel in UserChannel]?: boolean };

export interface UserPreferences {
  /** Of all topics. */
  readonly channels: ChannelPreferences;
  /** By topic; `false` is an unsubscribe from the topic, on every channel. */
  readonly topics: Readonly<Record<string, boolean | ChannelPreferences>>;
  /** From everything that may be unsubscribed from: what is transactional goes on. */
  readonly unsubscribed: boolean;
}

export interface User {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  /** BCP 47, as `de-AT`. */
  readonly locale: string | null;
  /** IANA, as `Europe/Vienna`. */
  readonly timezone: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Besides the devices of the Phones room that name this user. */
  readonly devices: readonly UserDevice[];
  readonly preferences: UserPreferences;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const noPreferences: UserPreferences = { channels: {}, topics: {}, unsubscribed: false };

/** What a message can be about, and whether its readers can unsubscribe from it. */
export interface Topic {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** Cannot be unsubscribed from (a receipt, a password). */
  readonly required: boolean;
  /** Where the user has said nothing: wanted, or only after an opt-in. */
  readonly usual: 'in' | 'out';
  readonly channels: ChannelPreferences;
}

export interface UserEvent {
  readonly seq: number;
  readonly user: string;
  readonly name: string;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Users whose attributes and past events an expression (CEL) holds for. */
export interface Segment {
  readonly id: string;
  readonly name: string;
  readonly expression: string;
}

/** Why a channel is not used for a user, with the words of statuses: null where it may be. */
export interface ChannelRefusal {
  readonly reason: 'no_channel' | 'filtered' | 'unsubscribed' | 'suppressed' | 'no_provider';
  readonly detail: string;
}

/** What sends and templates ask of the users' room. */
export interface UserBook {
  get(id: string): Promise<User | null>;
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, User>>;
  topic(id: string): Topic | null;
  segment(id: string): Segment | null;
  /** Ids of the users that the expression holds for, up to the limit. @throws AppError `bad_request` for a bad expression */
  matching(expression: string, max: number): Promise<readonly string[]>;
  /** Whether the user wants it: topic, preferences, unsubscribes. Says nothing of addresses. */
  refusalOf(
    user: User,
    channel: UserChannel,
    about: { readonly topic: string | null; readonly transactional: boolean },
  ): ChannelRefusal | null;
}
