/** What a door ordered for the far side, read back from a message's details. */
import { z } from 'zod';
import type { MessageDetails } from '../../model/message.ts';
import type { Decision, Ordered } from '../../rules/decision.ts';
import { actionSchema, points } from '../../rules/schema.ts';

const orderedSchema = z.array(
  z.object({
    recipient: z.string().nullable(),
    decisions: z.array(
      z.object({
        cause: z.object({ ruleId: z.string().nullable(), label: z.string() }),
        action: actionSchema,
        point: z.enum(points),
        chance: z.number(),
      }),
    ),
  }),
);

/** Empty where nothing was ordered, or where it is not of a shape that this version knows. */
export function orderedOf(details: MessageDetails | null): readonly Ordered[] {
  if (details?.ordered === undefined) return none;
  const parsed = orderedSchema.safeParse(details.ordered);
  return parsed.success ? parsed.data : none;
}

/** For one recipient of the envelope. */
export function orderedFor(details: MessageDetails | null, recipient: string): readonly Decision[] {
  return orderedOf(details)
    .filter((one) => one.recipient === null || one.recipient === recipient)
    .flatMap(({ decisions }) => decisions);
}

const none: readonly Ordered[] = [];
