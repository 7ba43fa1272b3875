/** Asks the rules about each attempt before it is made, and puts together what goes in one transaction. */
import { messageOf } from '../model/app-error.ts';
import type { Carriage } from '../model/delivery.ts';
import { causeKey, type Facts, type FarSideOrders, noOrders } from '../rules/decision.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { LivePass } from './live.ts';
import { createMessageReading } from './message-reading.ts';
import { asksAnything, orderedFor, type RulePorts, transactionKey } from './orders.ts';

/** A delivery that the policy lets go, with what the rules say of it. */
export interface Going {
  readonly row: ClaimedRow;
  readonly orders: FarSideOrders | null;
  /** It goes by a relay, and as `send` says: to whom it really goes. */
  readonly live?: { readonly pass: LivePass; readonly send: ClaimedRow };
}

export interface AttemptOrders {
  /**
   * Asks in the order of the queue, so that counts and chances come out the same in every run: what has to be read for it
   * is read before the first is asked.
   */
  withOrders(rows: readonly ClaimedRow[]): Promise<readonly Going[]>;
}

/** Recipients of one transaction. */
const recipientsMax = 100;

export function createAttemptOrders(rules: RulePorts, onProblem: (text: string) => void): AttemptOrders {
  const reading = createMessageReading(rules, onProblem);

  async function withOrders(rows: readonly ClaimedRow[]): Promise<readonly Going[]> {
    const anything = asksAnything(rules.desk);
    const asked = rows.map((row) => ({
      row,
      facts: row.message === null ? null : factsOf(row, anything),
    }));
    if (asked.every(({ facts }) => facts === null)) return rows.map((row) => ({ row, orders: null }));
    const known = await Promise.all(asked.map(async ({ facts }) => (facts === null ? null : read(facts))));
    return rows.map((row, at) => {
      const facts = known[at] ?? null;
      return { row, orders: facts === null ? null : ordersFor(facts) };
    });
  }

  /** @returns null when there is nothing to ask */
  function factsOf({ delivery, message, parameters }: ClaimedRow, anything: boolean): Facts | null {
    const ordered = orderedFor(message?.details ?? null, delivery.recipient);
    // Rules are for what the app sends: notices and answers that come back get through.
    const apps = message !== null && message.details?.origin == null;
    if (message === null || !((anything && apps) || ordered.length > 0)) return null;
    const { carriage } = delivery;
    const app = carriage === 'push' ? parameters?.app : undefined;
    return {
      channel: carriage === 'webhook' || carriage === 'callback' ? 'email' : carriage,
      door: 'queue',
      provider: delivery.provider,
      // A push is from an app, and each device may have another one.
      sender: typeof app === 'string' ? app : message.envelopeFrom,
      recipient: delivery.recipient,
      bytes: message.bytes,
      tags: message.tags,
      tryKey: delivery.id,
      triesBefore: delivery.attempts,
      messageId: message.id,
      deliveryId: delivery.id,
      releasedFrom: delivery.releasedFrom,
      ...(ordered.length === 0 ? {} : { ordered }),
    };
  }

  async function read(facts: Facts): Promise<Facts> {
    const needs = rules.desk.needs('farSide', facts);
    if (facts.messageId == null || !(needs.headers || needs.content)) return facts;
    if (facts.channel === 'push') return { ...facts, ...(await reading.push(facts.messageId)) };
    if (facts.channel === 'sms') return { ...facts, ...(await reading.sms(facts.messageId)) };
    const [headers, content] = await Promise.all([
      needs.headers ? reading.head(facts.messageId) : null,
      needs.content ? reading.content(facts.messageId) : null,
    ]);
    return { ...facts, ...(headers === null ? {} : { headers }), ...(content === null ? {} : { content }) };
  }

  /** What was claimed must get on its way, whatever the rules run into. */
  function surely(ask: () => FarSideOrders): FarSideOrders {
    try {
      return ask();
    } catch (error) {
      onProblem(`the rules could not be asked about a delivery: ${messageOf(error)}`);
      return noOrders;
    }
  }

  /** @returns null when nothing is ordered */
  function ordersFor(facts: Facts): FarSideOrders | null {
    const { connection, answer, after, ...asked } = surely(() => rules.desk.orders(facts));
    // Who was told to let it go does not hold it again.
    const again = asked.hold !== null && facts.releasedFrom?.includes(causeKey(asked.hold.cause)) === true;
    const hold = again ? null : asked.hold;
    if (hold === null && connection.length === 0 && answer === null && after.length === 0) return null;
    return { hold, connection, answer, after };
  }

  return { withOrders };
}

/** Those that are full first, for they need not wait for what comes behind. */
export function transactionsOf(going: readonly Going[]): readonly (readonly Going[])[] {
  const full: Going[][] = [];
  const open = new Map<string, Going[]>();
  for (const one of going) {
    const key = keyOf(one);
    const together = open.get(key) ?? [];
    together.push(one);
    if (together.length < recipientsMax) open.set(key, together);
    else {
      open.delete(key);
      full.push(together);
    }
  }
  return [...full, ...open.values()];
}

export function ordersOf(going: readonly Going[]): ReadonlyMap<string, FarSideOrders> {
  return new Map(going.flatMap(({ row, orders }) => (orders === null ? [] : [[row.delivery.id, orders]])));
}

function keyOf({ row: claimed, orders, live }: Going): string {
  const row = live?.send ?? claimed;
  const ordered = orders === null ? '' : transactionKey(orders);
  // MAIL FROM may be a delivery's own, after its envelope was edited; it has no line break in it.
  // A push is for one device, an SMS for one number: each is a request of its own.
  const alone = isRequest(row.delivery.carriage) ? row.delivery.id : '';
  return `${alone} ${row.message?.id ?? row.delivery.id} ${row.delivery.domain} ${row.delivery.carriage}\n${row.message?.envelopeFrom ?? ''}\n${ordered}\n${live?.pass.relay.id ?? ''} ${live?.pass.by ?? ''} ${live?.pass.route.rewrittenFrom ?? ''}`;
}

/** What is for one recipient alone: it shares no transaction. */
function isRequest(carriage: Carriage): boolean {
  return carriage === 'push' || carriage === 'sms';
}
