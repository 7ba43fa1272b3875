/** A relay without what opens it sends nothing: that is said as a failure, not as a fault of ours. */
import { failedResult, requestEvidence } from '../delivery/request-result.ts';
import type { Relay } from '../model/live-relay.ts';
import type { LiveCarrier } from './live-carriers.ts';

/** @param fault asked before each attempt: what stands in the way, without secrets; null: nothing */
export function withCredential(
  { name }: Relay,
  carrier: LiveCarrier,
  fault: () => Promise<string | null>,
): LiveCarrier {
  return {
    ...carrier,
    async carry(job) {
      const why = await fault();
      if (why === null) return carrier.carry(job);
      const text = `The relay ${name} cannot be used. ${why}`;
      return {
        results: job.deliveries.map(({ delivery }) => failedResult(delivery.id, text)),
        evidence: requestEvidence([{ by: 'N', atMs: 0, text }], []),
      };
    },
    close: () => carrier.close(),
  };
}
