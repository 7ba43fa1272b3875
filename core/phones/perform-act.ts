/** What happens to phones and to what waits for them at its virtual time. An act that was done already does nothing. */
import type { Act } from '../model/delivery.ts';
import { Draft } from './draft.ts';
import { tellOfDeleted } from './far-side.ts';
import {
  arrive,
  collapse,
  comeOnline,
  commit,
  deliverWaiting,
  dueOnlineMs,
  expire,
  expiryAct,
  isOver,
  lateAct,
  type Memory,
  onlineAct,
} from './memory.ts';

export const phoneActs: readonly string[] = [expiryAct, onlineAct, lateAct];

/** @throws AppError where it could not be kept: memory is as it was, and the act is tried again */
export async function performAct(memory: Memory, act: Act): Promise<void> {
  const { book, waiting, ports } = memory;
  const { phoneId, pushId } = act.data;
  const draft = new Draft(memory.unstored);
  const found = typeof phoneId === 'string' ? book.get(phoneId) : null;
  const atMs = act.dueAtMs;
  // Acts that are due together come in any order, and late after a stop: what was first by their times is done first.
  const onlineMs = found === null ? null : dueOnlineMs(found);
  if (found !== null && onlineMs !== null && onlineMs <= Math.max(atMs, ports.virtual.nowMs()))
    comeOnline(memory, draft, found, onlineMs);
  const phone = found === null ? null : book.get(found.id);
  const arrivesMs = Math.max(atMs, phone?.online === true ? (onlineMs ?? atMs) : atMs);
  const push = typeof pushId === 'string' ? waiting.find(pushId) : null;
  switch (act.kind) {
    case onlineAct:
      // Once more where the first try could not be kept.
      if (phone?.online === true) deliverWaiting(memory, draft, phone, atMs);
      break;
    case expiryAct:
      if (push !== null && isOver(push, atMs)) expire(memory, draft, push);
      break;
    case lateAct:
      if (push === null || phone === null || push.lateUntilMs === null) break;
      if (isOver(push, arrivesMs)) expire(memory, draft, push);
      else {
        const { lateUntilMs } = push;
        push.lateUntilMs = null;
        draft.onUndo(() => {
          push.lateUntilMs = lateUntilMs;
        });
        if (phone.online) arrive(memory, draft, phone, push, arrivesMs);
        else {
          const next = { ...push, defaultKey: false, priority: null };
          tellOfDeleted(memory, draft, phone, next, collapse(memory, draft, phone, next, atMs).tell, atMs);
          draft.change({
            id: push.id,
            nowMs: atMs,
            state: 'stored',
            reason: 'the device is off',
            deliveredAtMs: null,
          });
        }
      }
      break;
    default:
      throw new Error(`the phones know no act ${act.kind}`);
  }
  await commit(memory, draft);
}
