import type { Event } from '../../../core/api/schema.ts';

/** What a batch of events means for what is on the screen, each fact once. */
export interface LiveChange {
  /** Messages that arrived, each with its project; null when the event names none. */
  readonly arrived: ReadonlyMap<string, string | null>;
  readonly lastArrivedId: string | null;
  readonly indexed: ReadonlySet<string>;
  readonly read: ReadonlyMap<string, boolean>;
  readonly tagged: ReadonlyMap<string, readonly string[]>;
  readonly deleted: ReadonlySet<string>;
  readonly exchanges: ReadonlySet<string>;
  /** Deliveries that something happened to, and the messages they belong to. */
  readonly deliveries: ReadonlySet<string>;
  readonly deliveredMessages: ReadonlySet<string>;
  /** The suppression list is another one now. */
  readonly suppressions: boolean;
  /** Something happened to a device, or to what was pushed to it. */
  readonly phones: boolean;
  /** Something happened to a handset, to its messages, or to a sender. */
  readonly handsets: boolean;
  /** Users whose in-app messages something happened to. */
  readonly inapp: ReadonlySet<string>;
  readonly users: boolean;
  readonly templates: boolean;
  /** What was entered in the log of live relay: `turned_on`, `send` … */
  readonly liveRelay: ReadonlySet<string>;
  /** An event that names no message (everything was read, everything was deleted): fetch again. */
  readonly wholesale: boolean;
}

export function liveChange(events: readonly Event[]): LiveChange {
  const arrived = new Map<string, string | null>();
  const indexed = new Set<string>();
  const read = new Map<string, boolean>();
  const tagged = new Map<string, readonly string[]>();
  const deleted = new Set<string>();
  const exchanges = new Set<string>();
  const deliveries = new Set<string>();
  const deliveredMessages = new Set<string>();
  let suppressions = false;
  let phones = false;
  let handsets = false;
  const inapp = new Set<string>();
  let users = false;
  let templates = false;
  const liveRelay = new Set<string>();
  let lastArrivedId: string | null = null;
  let wholesale = false;

  for (const event of events) {
    const ids = idsOf(event);
    if (event.deliveryId !== null) {
      deliveries.add(event.deliveryId);
      if (event.messageId !== null) deliveredMessages.add(event.messageId);
    }
    switch (event.type) {
      case 'accepted':
        for (const id of ids) arrived.set(id, event.project);
        lastArrivedId = ids.at(-1) ?? lastArrivedId;
        break;
      case 'indexed':
        for (const id of ids) indexed.add(id);
        break;
      case 'read':
      case 'unread':
        for (const id of ids) read.set(id, event.type === 'read');
        if (ids.length === 0) wholesale = true;
        break;
      case 'tagged':
        for (const id of ids) tagged.set(id, stringsOf(event.data.tags));
        break;
      case 'deleted':
        for (const id of ids) deleted.add(id);
        if (ids.length === 0 || event.data.all === true) wholesale = true;
        break;
      case 'exchange':
        if (event.exchangeId !== null) exchanges.add(event.exchangeId);
        break;
      case 'suppressed':
      case 'unsuppressed':
        suppressions = true;
        break;
      case 'phone':
        phones = true;
        break;
      case 'handset':
      case 'inbound':
        handsets = true;
        break;
      case 'inapp':
        if (typeof event.data.user === 'string') inapp.add(event.data.user);
        break;
      case 'user':
        users = true;
        break;
      case 'template':
        templates = true;
        break;
      case 'live_relay':
        for (const kind of stringsOf(event.data.kinds)) liveRelay.add(kind);
        break;
      default:
        // Kinds of later versions say nothing to this screen.
        break;
    }
  }
  return {
    arrived,
    lastArrivedId,
    indexed,
    read,
    tagged,
    deleted,
    exchanges,
    deliveries,
    deliveredMessages,
    suppressions,
    phones,
    handsets,
    inapp,
    users,
    templates,
    liveRelay,
    wholesale,
  };
}

/** @returns the ids of what arrived in a project, or anywhere with null */
export function arrivedIn(change: LiveChange, project: string | null): readonly string[] {
  if (project === null) return [...change.arrived.keys()];
  return [...change.arrived].filter(([, name]) => name === null || name === project).map(([id]) => id);
}

function idsOf(event: Event): readonly string[] {
  return event.messageId === null ? stringsOf(event.data.ids) : [event.messageId];
}

function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
