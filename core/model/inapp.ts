/**
 * In-app messages: they wait for a user on the sender's side until the app asks, and are tracked by what the app tells.
 * Times are virtual milliseconds since the epoch.
 */
import type { DeliveryStep } from './sms.ts';

/** How it is shown: a pop-up (modal, full screen), a banner, a part of the page (inline, carousel), or in the feed alone. */
export const inAppKinds = ['modal', 'fullScreen', 'banner', 'inline', 'carousel', 'inbox'] as const;
export type InAppKind = (typeof inAppKinds)[number];

export const inAppFrequencies = ['always', 'untilDismissed', 'once'] as const;
export type InAppFrequency = (typeof inAppFrequencies)[number];

export const pageDirectives = ['show', 'hide'] as const;
export const pageOperators = ['equals', 'contains', 'startsWith', 'matches'] as const;

/** Held against the page's URL (whole, or its path) or the screen's name. `matches` is a glob: `*` within a segment, `**` over them. */
export interface PageRule {
  readonly directive: (typeof pageDirectives)[number];
  readonly operator: (typeof pageOperators)[number];
  readonly argument: string;
}

export interface InAppAction {
  /** What `interacted` names. */
  readonly id: string;
  readonly label: string;
  /** Link or deep link that it opens; null: it only tells the app. */
  readonly url: string | null;
  readonly style: 'primary' | 'secondary';
  /** Takes the message away. */
  readonly dismisses: boolean;
}

export interface InAppSlide {
  readonly title: string | null;
  readonly body: string | null;
  readonly image: string | null;
  readonly actions: readonly InAppAction[];
}

export interface InAppContent {
  readonly title: string | null;
  /** Plain text; line breaks stand. */
  readonly body: string | null;
  readonly image: string | null;
  /** What a click on the message itself opens. */
  readonly link: string | null;
  readonly actions: readonly InAppAction[];
  /** Of a carousel. */
  readonly slides: readonly InAppSlide[];
  /** The app's own. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface InAppDisplay {
  readonly kind: InAppKind;
  /** Where on the page an inline message stands; null: wherever the app has room. */
  readonly slot: string | null;
  /** None: everywhere. With `show` rules one of them must hold, and no `hide` rule may. */
  readonly pageRules: readonly PageRule[];
  readonly frequency: InAppFrequency;
  /** Impressions in any seven days; null: no limit. */
  readonly maxPerWeek: number | null;
  /** Seconds since the user was last shown any message, as Braze and Iterable count it; null: none. */
  readonly minIntervalS: number | null;
  /** Name of the event that it answers to; null: any visit. */
  readonly trigger: string | null;
  /** Shown at most once in a session of the client. */
  readonly oncePerSession: boolean;
}

export const usualDisplay: InAppDisplay = {
  kind: 'inbox',
  slot: null,
  pageRules: [],
  frequency: 'once',
  maxPerWeek: null,
  minIntervalS: null,
  trigger: null,
  oncePerSession: false,
};

/** `held`: by hand or by a rule, and not to be had until it is let go. */
export const inAppStates = ['waiting', 'held', 'pulled', 'shown', 'expired', 'canceled'] as const;
export type InAppState = (typeof inAppStates)[number];

/** One message for one user. */
export interface NewInApp {
  readonly id: string;
  readonly user: string;
  readonly messageId: string;
  /** Null where nothing is delivered (captured only). */
  readonly deliveryId: string | null;
  /** Of one that comes with its message: that has the say. */
  readonly project: string;
  readonly content: InAppContent;
  readonly display: InAppDisplay;
  readonly tags: readonly string[];
  /** 0 to 1000; the highest is shown first. */
  readonly priority: number;
  /** Stays in the feed after it was shown. */
  readonly saveToInbox: boolean;
  readonly createdAtMs: number;
  /** Not to be had before. */
  readonly availableAtMs: number;
  readonly expiresAtMs: number | null;
  readonly state: InAppState;
}

/** What the app told of it. */
export interface InAppTimes {
  readonly pulledAtMs: number | null;
  readonly seenAtMs: number | null;
  readonly readAtMs: number | null;
  readonly archivedAtMs: number | null;
  /** The last one. */
  readonly interactedAtMs: number | null;
  readonly dismissedAtMs: number | null;
  readonly snoozedUntilMs: number | null;
}

export interface InAppRow extends NewInApp, InAppTimes {
  readonly seq: number;
  /** When it was displayed, the newest last; at most `impressionsKept`. */
  readonly impressionsMs: readonly number[];
  readonly impressions: number;
}

export const impressionsKept = 50;

/** Kind of the act that ends a message's rows at their time: `{messageId}`. */
export const inAppExpireAct = 'inapp.expire';

/** What a row becomes. Members that are left out stay. */
export interface InAppChange {
  readonly id: string;
  readonly nowMs: number;
  readonly state?: InAppState;
  readonly times?: Partial<InAppTimes>;
  /** One more impression, then. */
  readonly impressionAtMs?: number;
  /** What it means for its delivery; the status machine lets only what goes forward happen. */
  readonly delivery?: DeliveryStep | null;
  /** Facts about its delivery besides: `opened` (read), `clicked`, `dismissed`. */
  readonly fact?: {
    readonly type: 'opened' | 'clicked' | 'dismissed';
    readonly data: Readonly<Record<string, unknown>>;
  };
  /** What the event `inapp` tells: `pulled`, `seen`, `unseen`, `read`, `archived`, `snoozed`, `expired` … */
  readonly what: string;
  /** Besides, for that event: how it was pulled, why it was passed over … */
  readonly note?: Readonly<Record<string, unknown>>;
}

/** Kept in one transaction. */
export interface KeptInApps {
  readonly puts: readonly NewInApp[];
  readonly changes: readonly InAppChange[];
  readonly acts?: readonly {
    readonly dueAtMs: number | null;
    readonly kind: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly awaitedBy?: string | null;
  }[];
}
