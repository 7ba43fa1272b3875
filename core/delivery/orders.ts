/**
 * What the rules want the far side to do to deliveries of our own: asked once for each attempt, before it, and handed on
 * with the job. Who carries it out says so, and that is what the journey shows.
 */
import { z } from 'zod';
import type { MessageDetails } from '../model/message.ts';
import {
  type ContentFacts,
  causeKey,
  type Decision,
  type Facts,
  type FarSideOrders,
  noOrders,
  type RuleDesk,
} from '../rules/decision.ts';
import { actionSchema, points } from '../rules/schema.ts';

export interface RulePorts {
  readonly desk: RuleDesk;
  /** The header block as latin1, see model/header-block; null when the message is gone. */
  headOf(messageId: string): Promise<string | null>;
  /** Null: it cannot be read, and what asks for it is not met. */
  contentOf(messageId: string): Promise<ContentFacts | null>;
  /** Both at once, of a push; null when it is gone. Left out where none is sent. */
  pushOf?(messageId: string): Promise<Pick<Facts, 'headers' | 'content'> | null>;
  /** The same of an SMS. */
  smsOf?(messageId: string): Promise<Pick<Facts, 'headers' | 'content'> | null>;
}

/** A desk without rules. */
export const silentDesk: RuleDesk = {
  decide: () => [],
  orders: () => noOrders,
  endKey: () => '',
  needs: () => ({ headers: false, content: false }),
  asks: () => false,
};

export const noRules: RulePorts = {
  desk: silentDesk,
  headOf: () => Promise.resolve(null),
  contentOf: () => Promise.resolve(null),
};

/** Whether there is anything at all that the far side's rules could say to a delivery. */
export function asksAnything(desk: RuleDesk): boolean {
  return points.some((point) => desk.asks('farSide', point));
}

/**
 * Deliveries that may share a transaction have the same key: of a connection, and of a transaction from MAIL to the dot,
 * there is one for all of its recipients. What RCPT says, and what comes after the yes, each has to itself.
 */
export function transactionKey({ connection, answer, after }: FarSideOrders): string {
  const shared = [
    ...connection,
    ...(answer === null || answer.point === 'rcpt' ? [] : [answer]),
    ...after.filter(({ action }) => action.do === 'corrupt'),
  ];
  return shared.map(({ cause, action }) => `${causeKey(cause)} ${JSON.stringify(action)}`).join(' ');
}

const decisionSchema = z.object({
  cause: z.object({ ruleId: z.string().nullable(), label: z.string() }),
  action: actionSchema,
  point: z.enum(points),
  chance: z.number().min(0).max(1),
});
const orderedSchema = z.object({
  recipient: z.string().nullable(),
  decisions: z.array(decisionSchema),
});

/** What a door decided for this recipient. It comes from the disk: what cannot be read any more orders nothing. */
export function orderedFor(details: MessageDetails | null, recipient: string): readonly Decision[] {
  return (details?.ordered ?? []).flatMap((one) => {
    const { data } = orderedSchema.safeParse(one);
    return data === undefined || (data.recipient !== null && data.recipient !== recipient)
      ? []
      : data.decisions;
  });
}
