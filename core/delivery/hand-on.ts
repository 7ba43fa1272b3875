/**
 * Pass-through: what an app itself brings to a provider's door is handed on to the real provider while live relay is on and
 * says so. The app's own request goes with the app's own credentials; the answer comes back unchanged; both are kept.
 *
 * The order: the message is on disk, then its entry in the audit log, then the guard is asked once more, then the first byte
 * leaves. What came of it is on disk before the app hears it.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import type { HandOn, Passing, PassingSend, WholeRequest } from '../doors/http/handing-on.ts';
import { ownSendField } from '../doors/http/own-send-field.ts';
import type { ProviderAnswer, ProviderRoute } from '../doors/http/provider-request.ts';
import type { Intake } from '../intake/intake.ts';
import { messageOf } from '../model/app-error.ts';
import type { DeliveryRow, NewDelivery } from '../model/delivery.ts';
import type { NewAuditEntry } from '../model/live-relay.ts';
import type { DecisionOf, FarSideOrders, RuleDesk } from '../rules/decision.ts';
import type { Store } from '../store/store.ts';
import { destinationOf, type Place } from './hand-on-destination.ts';
import { answerOf, evidenceOf, outcomeFrom, type PassedResult, recordedResults } from './hand-on-outcome.ts';
import type { LiveAdmission, LiveGuard, LivePass } from './live.ts';
import { everyDelivery } from './queue.ts';
import type { Returned, Upstream } from './upstream.ts';

export type HandOnGuard = Pick<LiveGuard, 'admit' | 'admitAsking' | 'audit' | 'enter' | 'isLive'>;

export interface HandOnPorts {
  /** Null: it is not open yet, and all is sandbox. */
  readonly guard: () => HandOnGuard | null;
  readonly upstream: Upstream;
  readonly intake: Pick<Intake, 'accept'>;
  readonly store: Pick<Store, 'deliveries' | 'record'>;
  readonly clock: Clock;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly newId: () => string;
  readonly onProblem: (text: string) => void;
}

export interface HandingOn {
  readonly handOn: HandOn;
  /** The desk of the providers' fakes: of what live relay keeps back it has them say yes, and hold it. */
  readonly holding: (desk: RuleDesk) => RuleDesk;
}

type Hold = Extract<LiveAdmission, { kind: 'hold' }>;

/** How long a real provider keeps what it took is not known here. */
const keptMs = 30 * 86_400_000;

export function createHandingOn(ports: HandOnPorts): HandingOn {
  const { clock, newId, onProblem } = ports;
  /** Requests that are kept back while their fake judges them, by their exchange. */
  const held = new Map<string, Hold>();

  const handOn: HandOn = (request, route, handle) => {
    const guard = ports.guard();
    if (route.passing === undefined || guard === null || !guard.isLive()) return handle();
    // Our own sends have a relay of their own. One that is no more known as ours was ours.
    if (request.own !== null || request.fields.get(ownSendField) !== null) return handle();
    // What is not all there cannot be handed on; the fake says what the provider says of its length.
    if (request.bodyTooLarge) return handle();
    const passing = route.passing(request);
    if (passing === null) return handle();
    const { send } = passing;
    if (send === null) {
      const pass = guard.admitAsking(passing.channel);
      return pass === null ? handle() : askFor(request, passing, pass, guard);
    }
    const admission = withObstacle(guard.admit(passing.channel, send.recipients), send);
    switch (admission.kind) {
      case 'sandbox':
        return handle();
      case 'hold':
        return keepBack(request, passing, admission, handle, guard);
      case 'forward':
        return sendOn({ request, route, passing, send, pass: admission.pass, guard });
    }
  };

  async function keepBack(
    request: WholeRequest,
    { channel }: Passing,
    hold: Hold,
    handle: () => ProviderAnswer | Promise<ProviderAnswer>,
    guard: HandOnGuard,
  ): Promise<ProviderAnswer> {
    const { cause, reason } = hold;
    // It stays here whether that can be written down or not.
    await guard
      .audit([{ ...nobody, kind: 'held', channel, detail: { cause, reason, door: request.door } }])
      .catch((error: unknown) => onProblem(`the audit log of live relay: ${messageOf(error)}`));
    held.set(request.id, hold);
    try {
      return await handle();
    } finally {
      held.delete(request.id);
    }
  }

  /** A token of the sandbox's is no good at the real provider: the app asks that for one. */
  async function askFor(
    request: WholeRequest,
    passing: Passing,
    pass: LivePass,
    guard: HandOnGuard,
  ): Promise<ProviderAnswer> {
    const place = destinationOf(passing, pass.relay.settings, request.httpVersion);
    const leave = guard.enter();
    try {
      await guard.audit([
        { ...entryOf(pass), kind: 'passed_through', detail: { ...shown(request), to: place.name } },
      ]);
      const returned = await forward(request, place, pass);
      const result = outcomeFrom(returned, null, place);
      await guard.audit([{ ...entryOf(pass), kind: 'answer', detail: result.detail }]);
      return answerOf(returned, request, passing, result);
    } catch (error) {
      const why = `nothing was handed on: ${messageOf(error)}`;
      onProblem(why);
      return { reply: passing.unavailable(), refused: why };
    } finally {
      leave();
    }
  }

  async function sendOn(sending: Sending): Promise<ProviderAnswer> {
    const { passing, send, pass, guard } = sending;
    const leave = guard.enter();
    let kept: Kept | null = null;
    try {
      kept = await keep(sending);
      const place = destinationOf(passing, pass.relay.settings, sending.request.httpVersion);
      await guard.audit(
        kept.rows.map(({ id, messageId, recipient }) => ({
          ...entryOf(pass),
          kind: 'passed_through',
          recipient,
          messageId,
          deliveryId: id,
          detail: { ...shown(sending.request), to: place.name },
        })),
      );
      const returned = await forward(sending.request, place, pass);
      const result = outcomeFrom(returned, send, place);
      await record(sending, kept, result, returned);
      if (!result.written) pass.giveBack();
      return { ...answerOf(returned, sending.request, passing, result), user: send.message.user };
    } catch (error) {
      pass.giveBack();
      const why = `nothing was handed on: ${messageOf(error)}`;
      onProblem(why);
      if (kept !== null) await recordFault(sending, kept, why);
      return { reply: passing.unavailable(), refused: why, user: send.message.user };
    } finally {
      leave();
    }
  }

  async function forward(request: WholeRequest, place: Place, pass: LivePass): Promise<Returned> {
    if (place.fault !== null) return { kind: 'lost', why: place.fault, written: false };
    return ports.upstream.send(place.to, {
      from: request.connection.id,
      method: request.method,
      target: place.target,
      fields: request.rawFields,
      body: request.body,
      mayGo: pass.valid,
    });
  }

  async function keep({ request, route, passing, send, pass }: Sending): Promise<Kept> {
    const { message } = send;
    const nowMs = ports.virtual.nowMs();
    const startedMs = clock.monotonicMs();
    const startedAtWallMs = clock.wallMs();
    const host = passing.host(pass.relay.settings);
    const to = send.recipients.map(
      (recipient): NewDelivery => ({
        id: newId(),
        recipient,
        domain: host,
        provider: passing.provider,
        stream: 'transactional',
        parameters: null,
        dueAtMs: null,
        expiresAtMs: nowMs + keptMs,
        status: 'queued',
        substatus: null,
        reason: null,
        class: null,
        retryOf: null,
        live: pass.relay.id,
        handedOn: true,
      }),
    );
    const begun = request.begun();
    const id = newId();
    await ports.intake.accept({
      id,
      channel: passing.channel === 'sms' ? 'sms' : 'push',
      door: route.key,
      user: message.user,
      envelopeFrom: message.envelopeFrom,
      envelopeTo: [...new Set(send.recipients)],
      envelopeParameters: null,
      spooled: [],
      tail: message.body,
      head: message.head,
      bytes: message.body.length,
      exchange: begun,
      delivery: { nowMs, to },
      details: message.details,
    });
    const page = await ports.store.deliveries(
      { ...everyDelivery, messageId: id },
      { after: null, limit: to.length },
    );
    // Deleted with its message meanwhile: what nobody could follow is not sent.
    if (page.entries.length !== to.length) throw new Error('the message is gone already');
    return { rows: page.entries, transcript: begun.transcript, nowMs, startedMs, startedAtWallMs };
  }

  /** The provider has it, whatever becomes of the record: its answer goes to the app all the same. */
  async function record(
    { pass, passing }: Sending,
    { rows, transcript, nowMs, startedMs, startedAtWallMs }: Kept,
    result: PassedResult,
    returned: Returned | null,
  ): Promise<void> {
    const durationMs = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
    try {
      await ports.store.record({
        nowMs: ports.virtual.nowMs(),
        startedAtMs: nowMs,
        startedAtWallMs,
        durationMs,
        evidence: evidenceOf({ transcript, result, returned, durationMs, pass, passing }),
        results: recordedResults(rows, result),
        audit: rows.map(({ id, messageId, recipient }) => ({
          ...entryOf(pass),
          atMs: clock.wallMs(),
          kind: 'answer',
          recipient,
          messageId,
          deliveryId: id,
          detail: result.detail,
        })),
      });
    } catch (error) {
      onProblem(`what became of a request that was handed on could not be kept: ${messageOf(error)}`);
    }
  }

  function recordFault(sending: Sending, kept: Kept, why: string): Promise<void> {
    const returned: Returned = { kind: 'lost', why, written: false };
    const place = destinationOf(sending.passing, sending.pass.relay.settings, sending.request.httpVersion);
    return record(sending, kept, outcomeFrom(returned, sending.send, place), returned);
  }

  return {
    handOn,
    holding: (desk) => ({
      decide: (stage, point, facts) => desk.decide(stage, point, facts),
      endKey: (stage, facts) => desk.endKey(stage, facts),
      needs: (stage, facts) => desk.needs(stage, facts),
      asks: (stage, point) => desk.asks(stage, point),
      taken: (tryKeys) => desk.taken?.(tryKeys),
      questions: (stage, channel) => desk.questions?.(stage, channel) ?? [],
      orders(facts) {
        const orders = desk.orders(facts);
        const hold = facts.exchangeId == null ? undefined : held.get(facts.exchangeId);
        return hold === undefined ? orders : withHold(orders, hold);
      },
    }),
  };
}

interface Sending {
  readonly request: WholeRequest;
  readonly route: ProviderRoute;
  readonly passing: Passing;
  readonly send: PassingSend;
  readonly pass: LivePass;
  readonly guard: HandOnGuard;
}

interface Kept {
  readonly rows: readonly DeliveryRow[];
  /** What the app asked. */
  readonly transcript: string;
  /** Virtual, at which it began. */
  readonly nowMs: number;
  readonly startedMs: number;
  readonly startedAtWallMs: number;
}

function withObstacle(admission: LiveAdmission, { obstacle }: PassingSend): LiveAdmission {
  if (admission.kind !== 'forward' || obstacle === null) return admission;
  admission.pass.giveBack();
  return { kind: 'hold', cause: 'live-not-possible', reason: obstacle };
}

/** Beside what rules order after the yes: one hold is enough, and the guard's says why. */
function withHold(orders: FarSideOrders, { cause, reason }: Hold): FarSideOrders {
  const hold: DecisionOf<'hold'> = {
    cause: { ruleId: cause, label: 'Live relay', said: `by live relay. ${reason}` },
    action: { do: 'hold', reason },
    point: 'accepted',
    chance: 0,
  };
  return { ...orders, after: [hold, ...orders.after.filter(({ action }) => action.do !== 'hold')] };
}

const nobody = {
  by: 'sandpost',
  relay: null,
  recipient: null,
  messageId: null,
  deliveryId: null,
} as const;

function entryOf(pass: LivePass): Omit<NewAuditEntry, 'atMs' | 'kind' | 'detail'> {
  return { ...nobody, by: pass.by, channel: pass.channel, relay: pass.relay.name };
}

/** Without the query: some providers take keys in it. */
function shown({ method, path }: WholeRequest): Readonly<Record<string, unknown>> {
  return { method, path };
}
