/** An in-app message as it goes over the wire. Pure. */
import type { InAppRow } from '../../model/inapp.ts';
import type { InAppEntry } from './wire.ts';

export function presentEntry(row: InAppRow): InAppEntry {
  const { content, display } = row;
  return {
    id: row.id,
    user: row.user,
    title: content.title,
    body: content.body,
    image: content.image,
    link: content.link,
    actions: content.actions,
    slides: content.slides,
    data: content.data,
    tags: row.tags,
    priority: row.priority,
    kind: display.kind,
    slot: display.slot,
    display,
    saveToInbox: row.saveToInbox,
    createdAt: iso(row.createdAtMs),
    expiresAt: isoOrNull(row.expiresAtMs),
    seenAt: isoOrNull(row.seenAtMs),
    readAt: isoOrNull(row.readAtMs),
    archivedAt: isoOrNull(row.archivedAtMs),
    interactedAt: isoOrNull(row.interactedAtMs),
    dismissedAt: isoOrNull(row.dismissedAtMs),
    snoozedUntil: isoOrNull(row.snoozedUntilMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
