/** A message in a simulated mailbox: what the far side accepted, and what its owner did with it. */
import type { Authentication, FilterReport } from './authentication.ts';
import type { Placement } from './delivery.ts';

export interface NewCopy {
  readonly id: string;
  readonly provider: string;
  /** Address of the mailbox. */
  readonly mailbox: string;
  /** Null for what a stranger's server brought without a delivery of ours. */
  readonly deliveryId: string | null;
  readonly messageId: string;
  readonly receivedAtMs: number;
  readonly placement: Placement;
  readonly envelopeFrom: string;
  readonly authentication: Authentication;
  readonly filter: FilterReport;
  /**
   * The bytes as they came, when they differ from the stored message by more than a head put before it; else only
   * that head (`headOnly`).
   */
  readonly bytes: Uint8Array;
  readonly headOnly: boolean;
}

export interface CopyFlags {
  readonly seen: boolean;
  readonly starred: boolean;
  readonly answered: boolean;
  readonly reportedSpam: boolean;
  readonly unsubscribed: boolean;
  readonly deleted: boolean;
}

export interface CopyRow extends Omit<NewCopy, 'bytes' | 'headOnly'> {
  readonly seq: number;
  readonly messageSeq: number | null;
  readonly flags: CopyFlags;
  readonly subject: string | null;
  readonly fromName: string | null;
}
