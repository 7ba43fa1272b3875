/** Deliveries of our own, carried by the real SMTP client to the real MX, with what the rules ordered for them. */
import type { Carried, Carrier } from '../../../core/delivery/carrier.ts';
import type { Decision, FarSideOrders } from '../../../core/rules/decision.ts';
import { noOrders } from '../../../core/rules/decision.ts';
import { actionSchema, type Point } from '../../../core/rules/schema.ts';
import { delivery, emailCarrier, type Setting } from '../channels/email/carry-mail.ts';
import type { FarSide } from './far-side.ts';
import { letter } from './signed-mail.ts';

/** As a rule says it, what is left out filled in. */
export function decided(
  action: Readonly<Record<string, unknown>>,
  point: Point,
  label = 'a bad day',
): Decision {
  return { cause: { ruleId: 'r1', label }, action: actionSchema.parse(action), point, chance: 0.5 };
}

/** At the dot, RCPT … : the one answer of the orders. */
export function answering(action: Readonly<Record<string, unknown>>, point: Point): FarSideOrders {
  const decision = decided(action, point);
  if (!isAnswer(decision)) throw new Error(`${decision.action.do} is no answer`);
  return { ...noOrders, answer: decision };
}

function isAnswer(decision: Decision): decision is NonNullable<FarSideOrders['answer']> {
  return ['reject', 'defer', 'disconnect'].includes(decision.action.do);
}

export const connecting = (action: Readonly<Record<string, unknown>>, point: Point): FarSideOrders => ({
  ...noOrders,
  connection: [decided(action, point)],
});

export const afterwards = (...actions: readonly Readonly<Record<string, unknown>>[]): FarSideOrders => ({
  ...noOrders,
  after: actions.map((action) => decided(action, 'accepted')),
});

const zone = {
  'far.example': ['mx 10 mx1.default.sandpost.example', 'mx 20 mx2.default.sandpost.example'],
  'gmail.com': ['mx 10 mx1.gmail.sandpost.example'],
  'mx1.default.sandpost.example': ['a 198.51.100.51'],
  'mx2.default.sandpost.example': ['a 198.51.100.52'],
  'mx1.gmail.sandpost.example': ['a 198.51.100.11'],
};

export function carrierTo(far: FarSide, setting: Setting = {}): Carrier {
  return emailCarrier({
    network: far.providers.network,
    zone,
    content: letter({ to: 'jane@far.example' }),
    identity: {
      outbound: { ip: '192.0.2.10', helo: 'out.example.com', ptr: 'out.example.com' },
    },
    ...setting,
  });
}

/** @param ordered by recipient; who is not in it is an ordinary one */
export function attempt(
  carrier: Carrier,
  ordered: Readonly<Record<string, FarSideOrders>>,
): Promise<Carried> {
  const deliveries = Object.keys(ordered).map((recipient) =>
    delivery(recipient, { envelopeFrom: 'b+1@bounce.example.com' }),
  );
  const orders = new Map(
    deliveries.flatMap(({ delivery: { id, recipient } }) => {
      const orders = ordered[recipient];
      return orders === undefined || orders === noOrders ? [] : [[id, orders] as const];
    }),
  );
  return carrier.carry({ deliveries, nowMs: 0, signal: new AbortController().signal, orders });
}
