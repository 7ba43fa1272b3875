/** Keeps what became of deliveries, with the notices that are owed for it, and tells of it when it is kept. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../model/app-error.ts';
import type { AttemptEvidence } from '../model/delivery.ts';
import type { NewAuditEntry } from '../model/live-relay.ts';
import type { ClaimedRow, RecordedResult } from '../store/deliveries.ts';
import type { NewAct, Store } from '../store/store.ts';

export interface Settled {
  readonly row: ClaimedRow;
  readonly result: RecordedResult;
  readonly nowMs: number;
  /** See `CarryResult`. */
  readonly dsnOffered: boolean;
  /** See `CarryResult`. */
  readonly unregistered?: boolean;
  /** It went by a relay: what the sandbox knows says nothing of it. */
  readonly live?: boolean;
}

export interface RecordingPorts {
  readonly store: Pick<Store, 'record' | 'failure'>;
  readonly clock: Clock;
  /** Before the commit: the DSNs that are owed for it, as acts that are kept in the same transaction. */
  readonly owed: (ended: readonly Settled[]) => readonly NewAct[];
  /** After the commit. */
  readonly settled: (ended: readonly Settled[]) => Promise<void>;
  /** Acts were kept that may be due. */
  readonly actsKept: () => void;
  /** It was recorded, or given up: its place is free. */
  readonly free: (row: ClaimedRow) => void;
  readonly isClosed: () => boolean;
  readonly onProblem: (text: string) => void;
}

export type Keep = (
  results: readonly Omit<Settled, 'nowMs'>[],
  about: {
    readonly nowMs: number;
    readonly startedAtMs: number;
    readonly startedAtWallMs?: number;
    readonly durationMs: number;
    readonly evidence: AttemptEvidence | null;
    readonly audit?: readonly NewAuditEntry[];
  },
) => Promise<void>;

const retryAfterFaultMs = 5_000;

export function createRecording(ports: RecordingPorts): Keep {
  const { store, clock } = ports;

  return async function keep(results, about) {
    try {
      const ended = results.map((one): Settled => ({ ...one, nowMs: about.nowMs }));
      const owed = ports.owed(ended);
      await recordSurely({
        nowMs: about.nowMs,
        startedAtMs: about.startedAtMs,
        startedAtWallMs: about.startedAtWallMs ?? clock.wallMs(),
        durationMs: about.durationMs,
        evidence: about.evidence,
        results: results.map(({ result }) => result),
        ...(owed.length === 0 ? {} : { acts: owed }),
        ...(about.audit === undefined ? {} : { audit: about.audit }),
      });
      if (owed.length > 0) ports.actsKept();
      await ports.settled(ended);
    } catch (error) {
      ports.onProblem(`what became of a delivery: ${messageOf(error)}`);
    } finally {
      for (const { row } of results) ports.free(row);
    }
  };

  /** What the far side took must be known before anything else: on a full disk it is tried until there is room. */
  async function recordSurely(attempted: Parameters<Store['record']>[0]): Promise<void> {
    for (;;) {
      try {
        return await store.record(attempted);
      } catch (error) {
        if (ports.isClosed() || store.failure() !== null) throw error;
        ports.onProblem(`the outcome of an attempt cannot be kept yet: ${messageOf(error)}`);
        await new Promise<void>((resolve) => clock.after(retryAfterFaultMs, resolve));
      }
    }
  }
}
