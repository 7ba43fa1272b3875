/** What is different about an attempt that goes by a relay. Pure. */
import type { NewAuditEntry } from '../model/live-relay.ts';
import type { RecordedResult } from '../store/deliveries.ts';
import type { Going } from './attempt-orders.ts';
import type { LivePass } from './live.ts';

/** The simulated far side has no part in it: of the rules only those that hold are heard. */
export function byRelay(going: Going, live: Going['live']): Going {
  if (live === undefined) return going;
  const { row, orders } = going;
  const hold = orders?.hold ?? null;
  return {
    row,
    live,
    orders: hold === null ? null : { hold, connection: [], answer: null, after: [] },
  };
}

/** Deliveries that share a transaction go together, or not at all. @returns null in the sandbox */
export function passOfAll(going: readonly Going[]): LivePass | null {
  const passes = going.flatMap(({ live }) => (live === undefined ? [] : [live.pass]));
  const [first] = passes;
  if (first === undefined || passes.length === 1) return first ?? null;
  return {
    ...first,
    valid: () => passes.every((pass) => pass.valid()),
    begins() {
      for (const pass of passes) pass.begins?.();
    },
    giveBack() {
      for (const pass of passes) pass.giveBack();
    },
  };
}

/** Its leave is over, and it did not get there: it is not tried again, so it is due now, for the policy to hold it. */
export function heldSoon(result: RecordedResult, pass: LivePass | undefined, nowMs: number): RecordedResult {
  if (pass === undefined || pass.valid() || result.change.kind !== 'defer') return result;
  return { ...result, change: { kind: 'defer', dueAtMs: nowMs } };
}

/** What was said of somebody else's address says nothing of the one that it was for. */
export function recorded(result: RecordedResult, pass: LivePass | undefined): RecordedResult {
  return pass === undefined || pass.route.rewrittenFrom === null
    ? result
    : { ...result, suppress: null, softBounce: null };
}

/** For the audit log: what the provider answered. */
export function answersOf(
  going: readonly Going[],
  results: readonly { readonly result: RecordedResult }[],
  pass: LivePass,
  atMs: number,
): readonly NewAuditEntry[] {
  return results.flatMap(({ result }, at): NewAuditEntry[] => {
    const { row, live } = going[at] ?? {};
    if (row === undefined) return [];
    const { code, enhanced, text, nextHop } = result;
    return [
      {
        atMs,
        kind: 'answer',
        by: pass.by,
        channel: pass.channel,
        relay: pass.relay.name,
        recipient: live?.send.delivery.recipient ?? row.delivery.recipient,
        messageId: row.message?.id ?? null,
        deliveryId: row.delivery.id,
        detail: { outcome: outcomeWord(result), code, enhanced, text, nextHop },
      },
    ];
  });
}

function outcomeWord({ change }: RecordedResult): string {
  switch (change.kind) {
    case 'send':
      return 'sent';
    case 'fail':
      return 'failed';
    case 'withdraw':
      return 'withdrawn';
    default:
      return 'deferred';
  }
}
