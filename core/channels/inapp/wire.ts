/**
 * What goes over the wire between the in-app door and an app or its page; the client imports these types and nothing else of
 * the core. Times are ISO 8601 in UTC, of the virtual clock.
 */
import type { InAppAction, InAppDisplay, InAppKind, InAppSlide } from '../../model/inapp.ts';

export interface InAppEntry {
  readonly id: string;
  readonly user: string;
  readonly title: string | null;
  readonly body: string | null;
  readonly image: string | null;
  readonly link: string | null;
  readonly actions: readonly InAppAction[];
  readonly slides: readonly InAppSlide[];
  readonly data: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly priority: number;
  readonly kind: InAppKind;
  readonly slot: string | null;
  readonly display: InAppDisplay;
  readonly saveToInbox: boolean;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly seenAt: string | null;
  readonly readAt: string | null;
  readonly archivedAt: string | null;
  readonly interactedAt: string | null;
  readonly dismissedAt: string | null;
  readonly snoozedUntil: string | null;
}

export interface InAppCounts {
  /** What a pull gets, pop-ups that wait among it. */
  readonly total: number;
  /** Of the inbox alone, as a bell shows them. */
  readonly unread: number;
  readonly unseen: number;
}

/** GET /inapp/v1/users/:user/messages */
export interface InAppPage extends InAppCounts {
  readonly entries: readonly InAppEntry[];
  readonly nextCursor: string | null;
}

/** Why a message is not the one that is shown. */
export const passedOverReasons = [
  'page',
  'trigger',
  'dismissed',
  'already_shown',
  'weekly_limit',
  'interval',
  'session',
  'snoozed',
  'archived',
  'inbox_only',
  'lower_priority',
  'slot',
  'scheduled',
  'held',
  'expired',
] as const;
export type PassedOverReason = (typeof passedOverReasons)[number];

/** GET /inapp/v1/users/:user/eligible?url=&event=&session=&slot= */
export interface Eligible {
  /** The pop-up or banner to show now. */
  readonly chosen: InAppEntry | null;
  /** For the page itself: the best for each slot. */
  readonly inline: readonly InAppEntry[];
  readonly ineligible: readonly {
    readonly id: string;
    readonly title: string | null;
    readonly reason: PassedOverReason;
    /** In a sentence. */
    readonly detail: string;
  }[];
}

/** WebSocket /inapp/v1/ws?user=&key=&hash=&session=&after= and its twin, GET /inapp/v1/stream (event streams, `id:` is `seq`). */
export type RealtimeEvent =
  /** First; `resumed` false: what came since `after` is not known any more, and the client pulls anew. */
  | { readonly type: 'hello'; readonly seq: number; readonly resumed: boolean; readonly counts: InAppCounts }
  | {
      readonly type: 'message.created' | 'message.updated';
      readonly seq: number;
      readonly entry: InAppEntry;
      readonly counts: InAppCounts;
    }
  /** Expired, canceled or deleted: it is not there any more. */
  | {
      readonly type: 'message.expired';
      readonly seq: number;
      readonly id: string;
      readonly counts: InAppCounts;
    }
  | { readonly type: 'counts'; readonly seq: number; readonly counts: InAppCounts }
  /** The door closes the connection; come back then. */
  | { readonly type: 'reconnect'; readonly retryAfterMs: number };
