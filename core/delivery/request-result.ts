/** What carriers have in common that make one HTTP request for each delivery: the results and the evidence of it. */
import type {
  AttemptEvidence,
  CarriedOutRule,
  OutcomeClass,
  ProviderResponse,
  TranscriptLine,
} from '../model/delivery.ts';
import type { CarryResult } from './carrier.ts';

/** What a far side asks for is believed up to a day. */
const retryAfterMsMax = 24 * 3_600_000;

/** RFC 9110 §10.2.3: seconds, or a date of the wall clock. @returns null where there is none that can be read */
export function retryAfterMsOf(field: string | null, wallMs: number): number | null {
  const text = field?.trim() ?? '';
  if (text === '') return null;
  const ms = /^\d{1,7}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - wallMs;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), retryAfterMsMax);
}

/** A failure without a class: what an answer is judged into begins with it. */
export function requestResult(deliveryId: string, text: string): CarryResult {
  return {
    deliveryId,
    outcome: { kind: 'failed' },
    class: null,
    code: null,
    enhanced: null,
    text,
    nextHop: null,
    suppresses: 'never',
  };
}

/** Live relay ended before anything of it was written: it was not tried. */
export function withdrawnResult(deliveryId: string): CarryResult {
  return {
    ...requestResult(deliveryId, 'live relay ended before the request was written'),
    outcome: { kind: 'withdrawn' },
  };
}

/** It never got as far as the wire, or will not next time either. */
export function failedResult(
  deliveryId: string,
  text: string,
  outcomeClass: OutcomeClass = 'config',
): CarryResult {
  return { ...requestResult(deliveryId, text), class: outcomeClass };
}

export function requestEvidence(
  transcript: readonly TranscriptLine[],
  rules: readonly CarriedOutRule[],
  responses: readonly ProviderResponse[] = [],
): AttemptEvidence {
  return {
    routing: [],
    changes: [],
    signatures: [],
    identity: null,
    transcript,
    ...(rules.length === 0 ? {} : { rules }),
    ...(responses.length === 0 ? {} : { responses }),
  };
}
