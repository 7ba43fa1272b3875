/** An address that must not be sent to, and why. */
import type { OutcomeClass, Stream } from './delivery.ts';

/** `all`, or one stream only: a complaint about news must not stop a password reset. */
export const suppressionScopes = ['all', 'transactional', 'marketing'] as const;
export type SuppressionScope = (typeof suppressionScopes)[number];

export const suppressionReasons = [
  'hard_bounce',
  'soft_bounces',
  'complaint',
  'unsubscribed',
  'manual',
] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

export interface NewSuppression {
  /** Lower case. */
  readonly address: string;
  readonly scope: SuppressionScope;
  readonly reason: SuppressionReason;
  /** What put it there: `delivery`, `dsn`, `report`, `recipient`, `api`, `import`. */
  readonly source: string;
  readonly class: OutcomeClass | null;
  readonly detail: string | null;
  readonly deliveryId: string | null;
  readonly createdAtMs: number;
  /** Virtual; null: until it is taken away. */
  readonly expiresAtMs: number | null;
}

export interface SuppressionRow extends NewSuppression {
  readonly seq: number;
}

export function coversStream(scope: SuppressionScope, stream: Stream): boolean {
  return scope === 'all' || scope === stream;
}
