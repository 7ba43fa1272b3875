import { type InAppDisplay, type InAppRow, usualDisplay } from '../../../../core/model/inapp.ts';
import { emptyContent } from '../../../../core/model/inapp-submission.ts';

export const nowMs = Date.parse('2026-03-02T12:00:00Z');
let seq = 0;

/** A modal that may be shown now, but for what is said. */
export function row(
  said: Partial<Omit<InAppRow, 'display'>> & { readonly display?: Partial<InAppDisplay> } = {},
): InAppRow {
  const { display, ...rest } = said;
  const number = ++seq;
  return {
    seq: number,
    id: `row-${number}`,
    user: 'jane',
    messageId: `message-${number}`,
    deliveryId: `delivery-${number}`,
    project: 'main',
    content: { ...emptyContent, title: `Title ${number}` },
    display: { ...usualDisplay, kind: 'modal', ...display },
    tags: [],
    priority: 500,
    saveToInbox: false,
    createdAtMs: nowMs - 60_000,
    availableAtMs: nowMs - 60_000,
    expiresAtMs: null,
    state: 'waiting',
    pulledAtMs: null,
    seenAtMs: null,
    readAtMs: null,
    archivedAtMs: null,
    interactedAtMs: null,
    dismissedAtMs: null,
    snoozedUntilMs: null,
    impressions: 0,
    impressionsMs: [],
    ...rest,
  };
}
