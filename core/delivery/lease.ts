/** An attempt has its time: a carrier that never answers, or throws, must not keep its deliveries for ever. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import type { AttemptEvidence, Carriage } from '../model/delivery.ts';
import type { FarSideOrders } from '../rules/decision.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { Carried, Carrier, CarryResult } from './carrier.ts';
import type { LivePass } from './live.ts';

export interface LeasePorts {
  readonly clock: Clock;
  readonly carriers: Readonly<Partial<Record<Carriage, Carrier>>>;
  /** By the relay that the job names. */
  readonly relays?: Carrier;
  readonly onProblem: (text: string) => void;
}

/** How long an attempt may take before its deliveries go back into the queue (monotonic). */
const leaseMsMax = 15 * 60_000;
/** How long a carrier may take to end what was aborted. */
const abortMsMax = 10_000;

export async function carryWithinLease(
  rows: readonly ClaimedRow[],
  nowMs: number,
  orders: ReadonlyMap<string, FarSideOrders>,
  { clock, carriers, relays, onProblem }: LeasePorts,
  live?: LivePass,
): Promise<Carried> {
  const fault = (why: string): Carried => ({
    results: rows.map((row) => lost(row.delivery.id, why)),
    evidence: { ...noEvidence, transcript: [{ by: 'N', atMs: 0, text: why }] },
  });
  const [first] = rows;
  const carrier =
    live !== undefined ? relays : first === undefined ? undefined : carriers[first.delivery.carriage];
  if (first === undefined || carrier === undefined)
    return fault('no way out is set up for this channel; the delivery waits');
  const abort = new AbortController();
  let cancel: () => void = () => undefined;
  const expired = new Promise<Carried>((resolve) => {
    cancel = clock.after(leaseMsMax, () => {
      // What the carrier says then counts: it knows whether the far side may have taken the message.
      abort.abort();
      cancel = clock.after(abortMsMax, () =>
        resolve(fault('the attempt took too long and was given up; the far side may have taken the message')),
      );
    });
  });
  try {
    const job = {
      deliveries: rows,
      nowMs,
      signal: abort.signal,
      ...(live === undefined ? {} : { live }),
    };
    return await Promise.race([carrier.carry(orders.size === 0 ? job : { ...job, orders }), expired]);
  } catch (error) {
    onProblem(`an attempt broke off: ${messageOf(error)}`);
    return fault(`the attempt broke off on our side: ${messageOf(error)}`);
  } finally {
    cancel();
  }
}

/** No answer that could be relied on: it is tried again. */
export function lost(deliveryId: string, why: string): CarryResult {
  return {
    deliveryId,
    outcome: { kind: 'deferred', retryAfterMs: null },
    class: 'config',
    code: null,
    enhanced: null,
    text: why,
    nextHop: null,
    suppresses: 'never',
  };
}

const noEvidence: AttemptEvidence = {
  routing: [],
  changes: [],
  signatures: [],
  identity: null,
  transcript: [],
};
