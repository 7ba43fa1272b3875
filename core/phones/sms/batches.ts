/** Messages of one batch together, for providers that report it as a whole: from the first until the last came to its end. */
import { isSmsEnd, type NewSms, standingOf } from '../../model/sms.ts';
import type { Draft } from './draft.ts';

export interface Batches {
  /** As it stands now. @returns all of its batch that is known, in their order */
  put(draft: Draft, sms: NewSms): readonly NewSms[];
  /** At the start: of a batch that waits. */
  load(messages: readonly NewSms[]): void;
}

export function createBatches(): Batches {
  const batches = new Map<string, Map<string, NewSms>>();
  const keyOf = ({ provider, batchId }: NewSms): string => `${provider} ${batchId}`;
  const forgetEnded = (key: string): void => {
    const batch = batches.get(key);
    if (batch !== undefined && [...batch.values()].every((sms) => isSmsEnd(standingOf(sms).state)))
      batches.delete(key);
  };
  return {
    put(draft, sms) {
      const key = keyOf(sms);
      const batch = batches.get(key) ?? new Map<string, NewSms>();
      batches.set(key, batch);
      const before = batch.get(sms.id);
      batch.set(sms.id, sms);
      draft.onUndo(() => {
        if (batch.get(sms.id) !== sms) return;
        if (before === undefined) batch.delete(sms.id);
        else batch.set(sms.id, before);
        if (batch.size === 0) batches.delete(key);
      });
      // Within one plan others may follow: only what is on disk is whole.
      draft.onSettle(() => forgetEnded(key));
      return [...batch.values()];
    },
    load(messages) {
      for (const sms of messages) {
        const batch = batches.get(keyOf(sms)) ?? new Map<string, NewSms>();
        batches.set(keyOf(sms), batch);
        batch.set(sms.id, sms);
      }
    },
  };
}
