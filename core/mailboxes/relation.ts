/** What a mailbox's owner showed about a sender. It counts for more than any filter. Pure. */
import { z } from 'zod';
import type { FilterReason } from '../model/authentication.ts';
import type { Placement } from '../model/delivery.ts';

export const relationSchema = z.object({
  wanted: z.number().min(0),
  unwanted: z.number().min(0),
  reported: z.boolean(),
  /** Where the owner last moved a message of this sender to. */
  movedTo: z.enum(['inbox', 'promotions', 'updates', 'spam']).nullable(),
  answeredAtMs: z.number().nullable(),
});
export type Relation = z.infer<typeof relationSchema>;

export const noRelation: Relation = {
  wanted: 0,
  unwanted: 0,
  reported: false,
  movedTo: null,
  answeredAtMs: null,
};

/** Deleted unread so many times, a sender's messages are taken for unwanted. */
const unwantedMax = 5;

export interface Wish {
  readonly placement: Placement | 'not_spam';
  readonly reason: FilterReason;
}

/** @returns where the owner's own acts put messages of this sender, or null when they say nothing */
export function wishOf(relation: Relation): Wish | null {
  if (relation.reported)
    return wish('spam', 'recipient_reported', 20, 'The recipient reported this sender as spam.');
  if (relation.movedTo === 'spam')
    return wish('spam', 'recipient_moved', 20, 'The recipient moved messages of this sender to the spam.');
  if (relation.movedTo !== null)
    return wish(
      relation.movedTo,
      'recipient_moved',
      -10,
      `The recipient moved a message of this sender to ${relation.movedTo}.`,
    );
  if (relation.wanted > 0)
    return wish(
      'not_spam',
      'recipient_engaged',
      -4,
      'The recipient replied to this sender, or starred a message.',
    );
  if (relation.unwanted >= unwantedMax)
    return wish(
      'spam',
      'recipient_ignores',
      6,
      `The recipient deleted ${relation.unwanted} messages of this sender unread.`,
    );
  return null;
}

function wish(placement: Wish['placement'], code: string, points: number, detail: string): Wish {
  return { placement, reason: { code, points, detail, stage: 'recipient' } };
}

export function relationKey(mailbox: string, from: string): string {
  return `${mailbox}|${from.toLowerCase()}`;
}
