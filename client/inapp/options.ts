/** What an app says to the client, and what the client says to the app. */
import type {
  Eligible,
  InAppCounts,
  InAppEntry,
  InAppPage,
  PassedOverReason,
  RealtimeEvent,
} from '../../core/channels/inapp/wire.ts';

export type { Eligible, InAppCounts, InAppEntry, InAppPage, PassedOverReason, RealtimeEvent };
export type InAppKind = InAppEntry['kind'];
export type InAppAction = InAppEntry['actions'][number];

export interface InAppOptions {
  /** Where Sandpost's door is, without `/inapp`: `http://127.0.0.1:8026`. */
  readonly url: string;
  /** The app's own id of who is signed in. */
  readonly user: string;
  /** Publishable key. */
  readonly key?: string;
  /** HMAC-SHA256 of `user` with the secret key, in hex, made by the app's server. */
  readonly userHash?: string;
  /** Name of this visit; one is made for each browser tab. */
  readonly session?: string;
  /** How news comes (`ws`); where that does not work the next one is tried: WebSocket, event stream, polling. */
  readonly realtime?: 'ws' | 'sse' | 'poll' | false;
  /** Between two polls, while there is nothing better; 10,000. */
  readonly pollMs?: number;
  /** Where pop-ups and banners are put; the page's body. */
  readonly root?: HTMLElement;
  /** Instead of the usual markup, by kind. */
  readonly renderers?: Partial<Record<InAppKind, Renderer>>;
  /** Adds a small default style. */
  readonly style?: boolean;
  /** False: pages change by `page()` alone, and the history is left as it is. */
  readonly followHistory?: boolean;
  /**
   * Asked before a link opens; `true`: the app saw to it. Links of other schemes than http, https and mailto are shown only
   * where there is this.
   */
  readonly onLink?: (url: string, entry: InAppEntry) => boolean | undefined;
  /** Other words than the English ones. */
  readonly labels?: Partial<Labels>;
}

/** Makes the element for a message; the client puts it in its place, watches whether it is seen, and takes it away. */
export type Renderer = (entry: InAppEntry, tools: Tools) => HTMLElement;

export interface Tools {
  /** The user does not want it (any more). */
  dismiss(): void;
  /** The user chose one of its actions. @param slide's or the message's own */
  act(action: InAppAction): void;
  /** What a click on the message itself does. */
  open(): void;
  /** An image, a title, a text and the actions as elements, safe and with their clicks told. */
  content(part?: Pick<InAppEntry, 'title' | 'body' | 'image' | 'actions'>): HTMLElement[];
  readonly labels: Labels;
}

export interface Labels {
  readonly close: string;
  readonly previous: string;
  readonly next: string;
  readonly inbox: string;
  readonly empty: string;
  readonly readAll: string;
  readonly archive: string;
  readonly more: string;
}

export interface InAppEvents {
  /** The messages or the counts are others. */
  change: InAppCounts;
  /** What the door chose, and why not the others. */
  eligible: Eligible;
  shown: InAppEntry;
  seen: InAppEntry;
  /** Not shown any more, whatever the reason. */
  closed: InAppEntry;
  clicked: { readonly entry: InAppEntry; readonly action: string | null };
  /** How news comes; `refused`: the door does not take the key or the hash, and only polling goes on. */
  connection: 'live' | 'polling' | 'refused' | 'stopped';
}

export interface InApp {
  start(): void;
  stop(): void;
  /** @returns ends it */
  on<Name extends keyof InAppEvents>(name: Name, hear: (event: InAppEvents[Name]) => void): () => void;
  /** What the inbox holds, the newest first, as far as it was loaded. */
  messages(): readonly InAppEntry[];
  counts(): InAppCounts;
  /** Loads older ones. @returns whether there are still more */
  more(): Promise<boolean>;
  /** The user is on another page: its address, or a screen's name. */
  page(urlOrScreen: string): void;
  /** The user did something that messages may answer to. */
  track(event: string, data?: Readonly<Record<string, unknown>>): void;
  markSeen(id: string, on?: boolean): void;
  markRead(id: string, on?: boolean): void;
  markArchived(id: string, on?: boolean): void;
  markAllRead(): void;
  interacted(id: string, action?: string): void;
  dismiss(id: string): void;
  /** @param ms from now */
  snooze(id: string, ms: number): void;
  /** Shows a message now, whatever its rules say; one for the page itself in its slot. */
  show(entry: InAppEntry): void;
  /** @returns takes it away again */
  mountInbox(element: HTMLElement): () => void;
  /** A place for inline messages and carousels. @param slot its name; left out: for messages that name none */
  mountSlot(element: HTMLElement, slot?: string): () => void;
}
