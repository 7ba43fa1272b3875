/** Push notifications: what an app's request says, and what a device makes of it. Times end in Ms; virtual unless a name says wall. */

export const pushProviders = ['apns', 'fcm', 'webpush'] as const;
export type PushProvider = (typeof pushProviders)[number];

export const pushProviderNames: Readonly<Record<PushProvider, string>> = {
  apns: 'APNs',
  fcm: 'FCM',
  webpush: 'Web Push',
};

/** What a push is for. */
export const pushTargetKinds = ['token', 'topic', 'condition', 'channel'] as const;
export type PushTargetKind = (typeof pushTargetKinds)[number];

export interface PushTarget {
  readonly kind: PushTargetKind;
  /** Device token, id of a Web Push subscription, name of a topic, condition over topics, or broadcast channel. */
  readonly value: string;
}

/** What a request to a push provider says beside its payload; kept with the message (`MessageDetails.push`). */
export interface PushDetails {
  readonly provider: PushProvider;
  readonly target: PushTarget;
  /** Bundle id (APNs), project or package (FCM), origin of the page (Web Push); empty where the request names none. */
  readonly app: string;
  readonly environment: PushEnvironment | null;
  /** `apns-push-type`; null elsewhere. */
  readonly pushType: string | null;
  /** As the request has it: 10, 5, 1; high, normal; very-low … high. Null: the provider's usual one. */
  readonly priority: string | null;
  readonly collapseKey: string | null;
  /** Virtual time from which on it is not shown any more; null: as long as the provider keeps things. */
  readonly expiresAtMs: number | null;
  /** It is tried once and never stored. */
  readonly nowOrNever: boolean;
  /** What the provider calls it: apns-id, message name, Location. */
  readonly providerId: string;
  /** The request's header fields in their order; credentials are masked. */
  readonly headers: readonly (readonly [string, string])[];
  readonly credentials: PushCredentials | null;
  /** What was inside where the payload came encrypted (RFC 8291), as text; null: it was not, or could not be read. */
  readonly plain: string | null;
}

export type PushEnvironment = 'production' | 'development';

/** Who the sender showed itself to be, and what the provider thinks of it. Never the secret itself. */
export interface PushCredentials {
  readonly kind: 'apnsToken' | 'certificate' | 'oauth' | 'vapid' | 'none';
  /** Decoded header and claims of a JWT; empty where there is none. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** `unknownKey`: its signature cannot be checked, for the sandbox does not know the key. */
  readonly signature: 'valid' | 'invalid' | 'unknownKey' | 'none';
  /** Each thing that was looked at, in plain words. */
  readonly checks: readonly PushCheck[];
}

export interface PushCheck {
  /** Stable name: `signature`, `age`, `issuer`, `audience` … */
  readonly check: string;
  readonly result: 'pass' | 'fail' | 'unchecked';
  readonly detail: string;
}

/** A payload as a device understands it: the same for every provider. */
export interface PushContent {
  readonly title: string | null;
  readonly subtitle: string | null;
  readonly body: string | null;
  /** Address of a large picture. */
  readonly image: string | null;
  readonly icon: string | null;
  /** Number on the app's icon; 0 takes it away, null leaves it. */
  readonly badge: number | null;
  readonly sound: string | null;
  readonly category: string | null;
  /** What notifications are grouped by: thread-id, tag, channel. */
  readonly group: string | null;
  /** A later one with the same tag takes the place of one that is shown (FCM and Web Push `tag`). */
  readonly replaces: string | null;
  /** Deep link that a tap opens, as the payload names it. */
  readonly link: string | null;
  readonly actions: readonly { readonly id: string; readonly title: string }[];
  /** The app's own data, as JSON values. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Nothing to show: background update, data message. */
  readonly silent: boolean;
  readonly interruption: 'passive' | 'active' | 'time-sensitive' | 'critical';
}

/** A member of a payload that is not as it should be. */
export interface PayloadProblem {
  /** Where it is, as a path: `aps.alert.title`, `message.data.count`. */
  readonly field: string;
  readonly code: string;
  readonly detail: string;
  /** The provider refuses it; else a device ignores it in silence. */
  readonly refused: boolean;
}
