/** A desk that says what a test wants it to say, and remembers what it was asked. */
import { silentDesk } from '../../../core/delivery/orders.ts';
import type { Decision, Facts, FarSideOrders, RuleDesk } from '../../../core/rules/decision.ts';
import { noOrders } from '../../../core/rules/decision.ts';
import type { Point } from '../../../core/rules/schema.ts';

export interface Script {
  readonly at?: Partial<Record<Point, (facts: Facts) => readonly Decision[]>>;
  readonly orders?: (facts: Facts) => FarSideOrders;
  readonly endKey?: (facts: Facts) => string;
  readonly needs?: { readonly headers: boolean; readonly content: boolean };
}

export function scriptedDesk(script: Script): RuleDesk & {
  readonly asked: { readonly point: Point | 'orders'; readonly facts: Facts }[];
} {
  const asked: { point: Point | 'orders'; facts: Facts }[] = [];
  return {
    ...silentDesk,
    asked,
    asks: (_, point) => script.orders !== undefined || script.at?.[point] !== undefined,
    decide(_, point, facts) {
      asked.push({ point, facts });
      return script.at?.[point]?.(facts) ?? [];
    },
    orders(facts) {
      asked.push({ point: 'orders', facts });
      return script.orders?.(facts) ?? noOrders;
    },
    endKey: (_, facts) => script.endKey?.(facts) ?? '',
    needs: () => script.needs ?? { headers: false, content: false },
  };
}
