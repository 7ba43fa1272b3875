/** What happens to messages and handsets at their virtual time. An act that was done already does nothing. */
import { z } from 'zod';
import type { Act } from '../../model/delivery.ts';
import { endedByHandAct } from '../../model/ended-by-hand.ts';
import { smscNoteOf } from '../../model/smsc.ts';
import type { Decision } from '../../rules/decision.ts';
import { actionSchema, points } from '../../rules/schema.ts';
import { expiryAct, onlineAct, releaseAct, sendAct, stages, stepAct } from './course.ts';
import { comeOnline, deliverRest, end, expire, goOn, letGo } from './journey.ts';
import { commit, dueOnlineMs, type Memory, newDraft } from './memory.ts';

export const carrierActs: readonly string[] = [
  sendAct,
  stepAct,
  releaseAct,
  expiryAct,
  onlineAct,
  endedByHandAct,
];

const decisionSchema = z.object({
  cause: z.object({ ruleId: z.string().nullable(), label: z.string() }),
  action: actionSchema,
  point: z.enum(points),
  chance: z.number(),
});
const stepDataSchema = z.object({
  steps: z.int(),
  stage: z.enum(stages),
  after: z.array(decisionSchema),
  sendAtMs: z.number().nullable().default(null),
});
const endedSchema = z.object({ state: z.enum(['canceled', 'undelivered']), reason: z.string().nullable() });

/** @throws AppError where it could not be kept: memory is as it was, and the act is tried again */
export async function performAct(memory: Memory, act: Act): Promise<void> {
  const { handsets, ports } = memory;
  const { number, smsId } = act.data;
  const draft = newDraft(memory);
  const atMs = act.dueAtMs;
  const find = () => (typeof smsId === 'string' ? memory.waiting.find(smsId) : null);
  const whose = typeof number === 'string' ? number : find()?.sms.number;
  // What an act speaks of is on disk with it, though who planned it may not have heard so yet.
  if (typeof smsId === 'string') memory.unstored.delete(smsId);
  const handset = whose === undefined ? null : handsets.get(whose);
  // Acts that are due together come in any order, and late after a stop: what was first by their times is done first.
  const onlineMs = handset === null ? null : dueOnlineMs(handset);
  if (handset !== null && onlineMs !== null && onlineMs <= Math.max(atMs, ports.virtual.nowMs()))
    comeOnline(memory, draft, handset, onlineMs);
  const waiting = find();
  switch (act.kind) {
    case onlineAct:
      // It is on already, or came back as this began: the rest follows below.
      break;
    case expiryAct:
      if (waiting !== null && waiting.sms.expiresAtMs <= atMs && smscNoteOf(waiting.sms).waits !== 'release')
        expire(memory, draft, waiting);
      break;
    case sendAct:
    case stepAct:
    case releaseAct: {
      const { steps, stage, after, sendAtMs } = stepDataSchema.parse(act.data);
      if (waiting === null || waiting.sms.steps.length !== steps) break;
      if (!isAwaited(act.kind, smscNoteOf(waiting.sms).waits)) break;
      const wanted: readonly Decision[] = after;
      if (act.kind === releaseAct) letGo(memory, draft, waiting, { after: wanted, atMs, sendAtMs });
      else
        goOn(memory, draft, waiting, { stage: act.kind === sendAct ? 'begin' : stage, after: wanted, atMs });
      break;
    }
    case endedByHandAct: {
      if (waiting === null) break;
      const { state, reason } = endedSchema.parse(act.data);
      end(memory, draft, waiting, {
        state,
        cause: state === 'canceled' ? 'canceled_by_app' : 'on_purpose',
        reason: reason ?? 'it was ended by hand',
      });
      break;
    }
    default:
      throw new Error(`the carriers know no act ${act.kind}`);
  }
  await commit(memory, draft);
  if (handset !== null && (act.kind === onlineAct || onlineMs !== null))
    await deliverRest(memory, handset.number, onlineMs ?? atMs);
}

function isAwaited(kind: string, waits: ReturnType<typeof smscNoteOf>['waits']): boolean {
  if (kind === sendAct) return waits === 'schedule';
  return waits === (kind === releaseAct ? 'release' : 'step');
}
