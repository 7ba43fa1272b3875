/** What is to be done with in-app messages at a time of the virtual clock. */
import { z } from 'zod';
import { inAppExpireAct } from '../../model/inapp.ts';

export interface InAppAct {
  readonly dueAtMs: number;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const expireSchema = z.object({ messageId: z.string() });
/** `users` null: all that have it. */
const wakeSchema = z.object({ messageId: z.string(), users: z.array(z.string()).nullable() });

/** A message ends. */
export const expireAct = act(inAppExpireAct, expireSchema);
/** A message is to be had from now on. */
export const wakeAct = act('inapp.wake', wakeSchema);

function act<S extends z.ZodType<Record<string, unknown>>>(kind: string, schema: S) {
  const make = (data: z.output<S>, dueAtMs: number): InAppAct => ({ dueAtMs, kind, data });
  return Object.assign(make, { kind, read: (data: unknown): z.output<S> => schema.parse(data) });
}
