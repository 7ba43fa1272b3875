/** Stores what the send API took: whole in memory, of no exchange, with the answer to an Idempotency-Key beside it. */
import type { KeepAnswer, Submitted } from '../api/services.ts';
import type { Handover, Intake } from '../intake/intake.ts';

export interface AcceptedSubmission
  extends Pick<Handover, 'channel' | 'envelopeFrom' | 'envelopeTo' | 'details' | 'tags' | 'project'> {
  readonly bytes: Uint8Array;
  readonly delivery: Exclude<Handover['delivery'], undefined>;
  readonly submitted: Submitted;
  readonly keep: KeepAnswer | undefined;
}

export async function acceptSubmission(
  { bytes, submitted, keep, ...message }: AcceptedSubmission,
  { intake, wallMs }: { readonly intake: Intake; readonly wallMs: () => number },
): Promise<void> {
  await intake.accept({
    ...message,
    id: submitted.id,
    door: 'api',
    user: null,
    envelopeParameters: null,
    spooled: [],
    tail: bytes,
    head: bytes,
    bytes: bytes.length,
    exchange: null,
    answer:
      keep === undefined
        ? null
        : { key: keep.key, hash: keep.hash, answer: keep.answer(submitted), nowMs: wallMs() },
  });
}
