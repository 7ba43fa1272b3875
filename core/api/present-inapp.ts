/** In-app messages as the API shows them: a user's own, and what the message's own screen shows. Pure. */
import type { z } from '@hono/zod-openapi';
import type { InAppContent, InAppDisplay, InAppRow } from '../model/inapp.ts';
import { readInAppSubmission } from '../model/inapp-submission.ts';
import type { InAppUserRow, Page } from '../store/store.ts';
import type { InAppView, inAppMessageSchema, inAppUserSchema } from './inapp-schema.ts';
import { iso, isoOrNull } from './iso-time.ts';

export function presentInApp(row: InAppRow): z.input<typeof inAppMessageSchema> {
  const { content, display } = row;
  return {
    id: row.id,
    seq: row.seq,
    user: row.user,
    messageId: row.messageId,
    deliveryId: row.deliveryId,
    project: row.project,
    state: row.state,
    content: presentContent(content),
    display: presentDisplay(display),
    tags: [...row.tags],
    priority: row.priority,
    saveToInbox: row.saveToInbox,
    createdAt: iso(row.createdAtMs),
    availableAt: iso(row.availableAtMs),
    expiresAt: isoOrNull(row.expiresAtMs),
    pulledAt: isoOrNull(row.pulledAtMs),
    seenAt: isoOrNull(row.seenAtMs),
    readAt: isoOrNull(row.readAtMs),
    archivedAt: isoOrNull(row.archivedAtMs),
    interactedAt: isoOrNull(row.interactedAtMs),
    dismissedAt: isoOrNull(row.dismissedAtMs),
    snoozedUntil: isoOrNull(row.snoozedUntilMs),
    impressions: row.impressions,
    impressionsAt: row.impressionsMs.map(iso),
  };
}

/** @param raw what was stored of it, whole; null where it cannot be read */
export function presentInAppView(raw: Uint8Array, users: Page<InAppRow>): InAppView | null {
  const message = readInAppSubmission(raw);
  if (message === null) return null;
  const { priority, saveToInbox, ttlSeconds } = message;
  return {
    content: presentContent(message.content),
    display: presentDisplay(message.display),
    priority,
    saveToInbox,
    ttlSeconds,
    expiresAt: isoOrNull(message.expiresAtMs),
    sendAt: isoOrNull(message.sendAtMs),
    users: users.entries.map((row) => {
      const { content: _content, display: _display, ...shown } = presentInApp(row);
      return shown;
    }),
    usersTotal: users.total,
  };
}

function presentContent(content: InAppContent) {
  return {
    ...content,
    data: { ...content.data },
    actions: content.actions.map((one) => ({ ...one })),
    slides: content.slides.map((slide) => ({
      ...slide,
      actions: slide.actions.map((one) => ({ ...one })),
    })),
  };
}

function presentDisplay(display: InAppDisplay) {
  return { ...display, pageRules: display.pageRules.map((one) => ({ ...one })) };
}

export function presentInAppUser({ lastAtMs, ...row }: InAppUserRow): z.input<typeof inAppUserSchema> {
  return { ...row, lastAt: iso(lastAtMs) };
}
