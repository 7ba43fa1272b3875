/** What rules did, as the store keeps it. Which stages, points and actions there are is a matter of the rules. */

/** Hits kept of one rule, of all magic addresses together, and of everything; the oldest go first. */
export const hitsOfRuleMax = 200;
export const hitsOfMagicMax = 10_000;
export const hitsMax = 100_000;

export interface RuleHit {
  /** Null: a magic address did it. */
  readonly rule: string | null;
  /** Name of the rule, or the tag of the magic address, as it is shown. */
  readonly label: string;
  readonly virtualAtMs: number;
  readonly atMs: number;
  readonly stage: string;
  readonly point: string;
  readonly action: string;
  readonly recipient: string | null;
  readonly sender: string | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  readonly exchangeId: string | null;
}

export interface RuleHitRow extends RuleHit {
  readonly seq: number;
}

/** As it stands, counted from when the rule was made. */
export interface RuleCounter {
  /** A rule's id; whoever counts for magic addresses may use keys that no rule can have. */
  readonly rule: string;
  /** How often all of its conditions but `nth` and the like were met. */
  readonly matches: number;
  readonly hits: number;
  /** Virtual time of the last hit. */
  readonly lastAtMs: number | null;
}

/** What is null is not asked. */
export interface RuleHitFilter {
  readonly rule: string | null;
  readonly messageId: string | null;
  readonly deliveryId: string | null;
  readonly exchangeId: string | null;
}

export const everyHit: RuleHitFilter = { rule: null, messageId: null, deliveryId: null, exchangeId: null };
