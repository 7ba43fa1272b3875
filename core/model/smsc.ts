/** What the carriers note with a message for themselves, in its record, where a restart finds it again. */
import { z } from 'zod';
import { smsCauses } from './sms.ts';

/**
 * What a message that is not at its end waits for: its time, a step that is due, a release of what holds it on purpose, its
 * handset, or nothing but its end (a rule wants a word that is no end).
 */
export const smscWaits = ['schedule', 'step', 'release', 'handset', 'end'] as const;
export type SmscWaits = (typeof smscWaits)[number];

const smscSchema = z.object({
  waits: z.enum(smscWaits).nullable().default(null),
  /** What a rule wants done to its reports. */
  reports: z
    .object({
      how: z.enum(['lose', 'repeat', 'late', 'shuffle']),
      times: z.int().min(1),
      ms: z.int().min(0),
    })
    .nullable()
    .default(null),
  /** How often the handset shows it. */
  copies: z.int().min(1).default(1),
  /** What holds it on purpose. */
  heldBy: z.object({ key: z.string(), label: z.string() }).nullable().default(null),
  /** Why its provider, which said yes, goes no further with it. */
  refusal: z
    .object({ cause: z.enum(smsCauses), why: z.string() })
    .nullable()
    .default(null),
  /** Whose app took it out of what the provider keeps. */
  forgotten: z.boolean().default(false),
});
export type SmscNote = Readonly<z.infer<typeof smscSchema>>;

/** Key in the record; doors leave it alone. */
export const smscKey = 'smsc';
export const noSmscNote: SmscNote = {
  waits: null,
  reports: null,
  copies: 1,
  heldBy: null,
  refusal: null,
  forgotten: false,
};

export function smscNoteOf({ record }: { readonly record: Readonly<Record<string, unknown>> }): SmscNote {
  const value = record[smscKey];
  if (value === undefined) return noSmscNote;
  const parsed = smscSchema.safeParse(value);
  return parsed.success ? parsed.data : noSmscNote;
}

/** The app deleted it at its provider, which says from then on that there is no such message. */
export function isForgotten(sms: { readonly record: Readonly<Record<string, unknown>> }): boolean {
  return smscNoteOf(sms).forgotten;
}
