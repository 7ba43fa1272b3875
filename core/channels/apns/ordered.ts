/** What the rules want done to a request, taken apart by who does it. Pure. */
import type { Decision, DecisionOf, FarSideOrders } from '../../rules/decision.ts';
import type { ActionKind } from '../../rules/schema.ts';

export interface Directions {
  readonly answer: DecisionOf<'answer'> | null;
  readonly goAway: DecisionOf<'goAway'> | null;
  readonly cut: DecisionOf<'disconnect' | 'refuseConnection'> | null;
  readonly slow: DecisionOf<'slow'> | null;
  /** For the device and for what is accepted: hold, offline, uninstall, blackHole, delay, duplicate. */
  readonly after: readonly Decision[];
  /** Nothing is to be done at all. */
  readonly none: boolean;
}

export function directionsOf(orders: FarSideOrders | null): Directions {
  if (orders === null) return nothing;
  const { answer, connection, after } = orders;
  if (answer === null && connection.length === 0 && after.length === 0) return nothing;
  const said: readonly Decision[] = answer === null ? connection : [...connection, answer];
  return {
    answer: find(said, 'answer'),
    goAway: find(said, 'goAway'),
    cut: find(said, 'refuseConnection') ?? find(said, 'disconnect'),
    slow: find(said, 'slow'),
    after,
    none: false,
  };
}

const nothing: Directions = {
  answer: null,
  goAway: null,
  cut: null,
  slow: null,
  after: [],
  none: true,
};

function find<K extends ActionKind>(decisions: readonly Decision[], kind: K): DecisionOf<K> | null {
  return decisions.find((decision): decision is DecisionOf<K> => decision.action.do === kind) ?? null;
}
