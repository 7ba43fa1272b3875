/** What the app hears of a message: the provider's reports, and what rules do to them. */
import { callbackDelivery } from '../../delivery/callback-deliveries.ts';
import type { NewCallback } from '../../model/callback.ts';
import type { NewDelivery } from '../../model/delivery.ts';
import { isSmsEnd, type NewSms } from '../../model/sms.ts';
import { type SmscNote, smscNoteOf } from '../../model/smsc.ts';
import type { Draft } from './draft.ts';
import { type Memory, voiceOf } from './memory.ts';

/** Out of order: what came first comes so much after what came next. Virtual. */
const shuffledByMs = 5_000;

/** @param heardSteps of how many of its steps the app heard already, with the first answer or since */
export function reportsOf(memory: Memory, sms: NewSms, heardSteps: number): readonly NewDelivery[] {
  const { reports } = smscNoteOf(sms);
  if (reports?.how === 'lose') return [];
  const { ports } = memory;
  const voice = voiceOf(memory, sms.provider);
  const network = memory.handsets.get(sms.number)?.carrier.network;
  const found: NewDelivery[] = [];
  for (let at = heardSteps; at < sms.steps.length; at++) {
    const step = sms.steps[at];
    if (step === undefined) continue;
    const told = at === sms.steps.length - 1 ? sms : { ...sms, steps: sms.steps.slice(0, at + 1) };
    const callbacks = voice.report(told, step, {
      nowMs: step.atMs,
      wallMs: ports.wallMs(),
      ...(network === undefined ? {} : { network }),
    });
    if (callbacks.length === 0) continue;
    const lateMs = lateBy(reports, isSmsEnd(step.state), sms.steps.length - at);
    const times = reports?.how === 'repeat' ? reports.times : 1;
    for (const callback of callbacks)
      for (let count = 0; count < times; count++) found.push(queued(memory, sms, callback, lateMs));
  }
  return found;
}

/**
 * Of a provider that reports a batch as a whole: what it tells once this message, the last of it, came to its end. Its other
 * messages are remembered until then.
 */
export function batchReportsOf(memory: Memory, draft: Draft, sms: NewSms): readonly NewDelivery[] {
  const voice = voiceOf(memory, sms.provider);
  if (voice.batchReport === undefined || voice.reportsWholeBatch?.(sms) !== true) return [];
  const batch = memory.batches.put(draft, sms);
  const last = sms.steps.at(-1);
  if (last === undefined || !isSmsEnd(last.state) || smscNoteOf(sms).reports?.how === 'lose') return [];
  return voice
    .batchReport(batch, { nowMs: last.atMs, wallMs: memory.ports.wallMs() })
    .map((callback) => queued(memory, sms, callback));
}

export function queued(
  { ports }: Memory,
  { id, messageId }: Pick<NewSms, 'id' | 'messageId'>,
  callback: NewCallback,
  lateMs = 0,
): NewDelivery {
  return callbackDelivery(lateMs === 0 ? callback : { ...callback, dueAtMs: callback.dueAtMs + lateMs }, {
    id: ports.newId(),
    about: messageId ?? id,
    nowMs: ports.virtual.nowMs(),
  });
}

function lateBy(reports: SmscNote['reports'], isEnd: boolean, stepsFromHere: number): number {
  if (reports?.how === 'late') return reports.ms;
  if (reports?.how === 'shuffle' && !isEnd) return shuffledByMs * stepsFromHere;
  return 0;
}
