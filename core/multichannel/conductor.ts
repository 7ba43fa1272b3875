/**
 * The conductor of sends over several channels: for each user it takes the next way, as a message of its own, until one of
 * them worked or there is none left. It is driven by durable acts, and decides by what stands in the store: an act that is
 * done twice, before and after a crash, leads to one message. What becomes of the ways the writer brings to the send itself.
 */
import { everyDelivery } from '../delivery/queue.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { Act, DeliveryRow } from '../model/delivery.ts';
import { type EndedStep, type KeptSteps, type MultiStep, multiActs } from '../model/multi-steps.ts';
import { isEnd } from '../model/status.ts';
import type { User } from '../model/user.ts';
import { addressesFor, noAddress, requestFor } from './channel-request.ts';
import { childIdOf } from './child-id.ts';
import { createGate, createTurns } from './gate.ts';
import { channelNames, type NextStep, nextMove, type PlanStep } from './plan.ts';
import type { ChildAbout, ConductorPorts } from './ports.ts';
import { profileOf, variablesOf } from './profile.ts';
import { type Refused, refusalOf, refused, refusedBy } from './refusal.ts';
import { createSends, type ReadSend } from './sends.ts';

export interface Conductor {
  /** Whether acts of that kind are its own. */
  performs(kind: string): boolean;
  /** @throws AppError of the store: the act is to be done again */
  perform(act: Act): Promise<void>;
}

/** Messages that are made and handed over at the same time. */
const atOnceMax = 16;
/** Ways of one user: each channel once. */
const waysMax = 4;
/** What a user did with a message that makes it read. Of SMS only a click or an answer tells. */
const readEvents = ['opened', 'clicked', 'replied'];

interface Going {
  readonly delivery: DeliveryRow;
  readonly user: User;
  /** In their order. */
  readonly steps: readonly PlanStep[];
}

interface Tried {
  readonly going: Going;
  readonly next: NextStep;
  readonly made: { readonly ready: Ready } | { readonly refused: Refused };
}

interface Ready {
  readonly request: Readonly<Record<string, unknown>>;
  readonly about: ChildAbout;
}

export function createConductor(ports: ConductorPorts): Conductor {
  const { store, virtual } = ports;
  const sends = createSends(store);
  const gate = createGate(atOnceMax);
  const inTurn = createTurns();

  async function perform(act: Act): Promise<void> {
    const { deliveryId, step, deliveries } = act.data;
    switch (act.kind) {
      case multiActs.start:
        return goOn(Array.isArray(deliveries) ? deliveries.map(String) : []);
      case multiActs.next:
        return goOn([String(deliveryId)]);
      case multiActs.unread:
        return passOver(String(deliveryId), Number(step), 'unread');
      case multiActs.giveUp:
        return passOver(String(deliveryId), Number(step), 'given_up');
      case multiActs.gone:
        await store.keepSteps({
          nowMs: virtual.nowMs(),
          gone: [{ deliveryId: String(deliveryId), step: Number(step), reason: 'its message was deleted' }],
        });
        return goOn([String(deliveryId)]);
      default:
        ports.onProblem(`an act of an unknown kind: ${act.kind}`);
    }
  }

  /** All of them are of one send. One act after the other: what one begins, the next one knows. */
  async function goOn(ids: readonly string[]): Promise<void> {
    await inTurn.run(ids, async () => {
      const { deliveries, steps } = await standing(ids);
      const [first] = deliveries;
      const read = first === undefined ? null : await sends.of(first.messageId);
      if (read === null) return;
      const users = await ports.users.byIds(deliveries.map(userOf));
      let active = deliveries.map((delivery): Going => {
        const id = userOf(delivery);
        const user = profileOf(id, users.get(id) ?? null, read.said.get(id) ?? null, virtual.nowMs());
        return { delivery, user, steps: steps.get(delivery.id) ?? [] };
      });
      for (let round = 0; round <= waysMax && active.length > 0; round++)
        active = await oneRound(active, read);
    });
  }

  /** @returns those for whom there is more to be done at once: a way was refused */
  async function oneRound(active: readonly Going[], read: ReadSend): Promise<Going[]> {
    const ends: NonNullable<KeptSteps['ends']>[number][] = [];
    const tried: Tried[] = [];
    for (const going of active) {
      const { delivery, steps } = going;
      const move = nextMove(read.send, delivery, steps);
      if (move.kind === 'end')
        ends.push({ deliveryId: delivery.id, kind: move.as, class: move.class, reason: move.reason });
      if (move.kind !== 'begin') continue;
      for (const next of move.steps) {
        // Thousands of users may be ahead: the doors have their turn in between.
        await ports.pause();
        tried.push({ going, next, made: await prepare(going, next, read) });
      }
    }
    // Before anything goes out: after a crash it is known what was tried before.
    await keepRefused(tried, ends);
    const handedOver = await allOf(
      tried.flatMap((one) => ('ready' in one.made ? [handOver(one, one.made.ready)] : [])),
    );
    await keepRefused(handedOver, []);
    return goingOn([...tried.filter((one) => 'refused' in one.made), ...handedOver]);
  }

  async function keepRefused(tried: readonly Tried[], ends: NonNullable<KeptSteps['ends']>): Promise<void> {
    const ended: EndedStep[] = [];
    const again: NonNullable<KeptSteps['again']>[number][] = [];
    const over = [...ends];
    for (const { going, next, made } of tried) {
      if (!('refused' in made)) continue;
      const { id: deliveryId, messageId } = going.delivery;
      const no = made.refused;
      if (no.over === 'later')
        again.push({ ...next, deliveryId, dueAtMs: virtual.nowMs() + no.afterS * 1000, reason: no.reason });
      else if (no.over === 'send')
        over.push({ deliveryId, kind: 'fail', class: no.class, reason: no.reason });
      else ended.push({ ...next, messageId, deliveryId, class: no.class, reason: no.reason });
    }
    if (ended.length + over.length + again.length > 0)
      await store.keepSteps({ nowMs: virtual.nowMs(), ended, ends: over, again });
  }

  async function prepare(
    { delivery, user }: Going,
    next: NextStep,
    { send, said }: ReadSend,
  ): Promise<Tried['made']> {
    const { channel } = next;
    try {
      const unwanted = ports.users.refusalOf(user, channel, {
        topic: send.topic,
        transactional: send.stream === 'transactional',
      });
      if (unwanted !== null) return { refused: refusedBy(unwanted) };
      const none = ports.reach.noProvider(channel);
      if (none !== null) return { refused: refused('no_provider', none) };
      const to = addressesFor(channel, user, ports.reach);
      if (to === null) return { refused: refused('no_channel', noAddress[channel]) };
      const { content, version } = await ports.templates.render({
        id: send.template?.id ?? null,
        version: send.template?.version ?? null,
        content: send.content,
        locale: user.locale,
        timezone: user.timezone,
        variables: variablesOf(user, send.variables, said.get(user.id)?.variables ?? {}),
        channels: [channel],
      });
      const made = requestFor(channel, to, content, { send, user, project: delivery.project }, ports.reach);
      if ('refused' in made) return made;
      const about: ChildAbout = {
        id: childIdOf(delivery.id, next.step),
        user: user.id,
        partOf: partOf(delivery, next, send),
        ...(send.template === null ? {} : { template: { id: send.template.id, version } }),
        ...(send.topic === null ? {} : { topic: send.topic }),
      };
      return { ready: { request: made.request, about } };
    } catch (error) {
      return { refused: refusalHere(error, delivery) };
    }
  }

  async function handOver(tried: Tried, { request, about }: Ready): Promise<Tried> {
    try {
      await gate.run(() => ports.submit(tried.next.channel, request, about));
      return tried;
    } catch (error) {
      return { ...tried, made: { refused: refusalHere(error, tried.going.delivery) } };
    }
  }

  /** @throws what the store cannot take now: the whole act is done again */
  function refusalHere(error: unknown, { expiresAtMs }: DeliveryRow): Refused {
    const no = refusalOf(error);
    if (no === null) throw error;
    if (!(error instanceof AppError))
      ports.onProblem(`a way of a send over several channels broke off: ${messageOf(error)}`);
    if (no.over === 'later' && virtual.nowMs() + no.afterS * 1000 > expiresAtMs)
      return refused('filtered', `put off for as long as it was to be tried: ${no.reason}`, 'expired');
    return no;
  }

  function partOf(
    { id: deliveryId, messageId }: DeliveryRow,
    { step, why }: NextStep,
    { channels, routing, fallback }: ReadSend['send'],
  ): ChildAbout['partOf'] {
    const isLast = routing === 'all' || step === channels.length;
    return {
      messageId,
      deliveryId,
      step,
      why,
      startedAtMs: virtual.nowMs(),
      unreadAfterMs: isLast ? null : inMs(fallback.unreadAfterSeconds),
      giveUpAfterMs: isLast ? null : inMs(fallback.giveUpAfterSeconds),
    };
  }

  async function passOver(deliveryId: string, step: number, why: 'unread' | 'given_up'): Promise<void> {
    const { deliveries, steps } = await standing([deliveryId]);
    const [delivery] = deliveries;
    const tried = steps.get(deliveryId) ?? [];
    const last = tried.at(-1);
    const read = delivery === undefined ? null : await sends.of(delivery.messageId);
    // Another way was taken by now, or there is none.
    if (delivery === undefined || read === null || last === undefined || last.step !== step) return;
    if (last.passedOver !== null || tried.length >= read.send.channels.length) return;
    const { unreadAfterSeconds, giveUpAfterSeconds } = read.send.fallback;
    const channel = channelNames[last.channel];
    if (why === 'given_up') {
      if (isEnd(last.status)) return;
      const reason = `not delivered by ${channel} within ${giveUpAfterSeconds} s; the next way is tried`;
      await store.keepSteps({ nowMs: virtual.nowMs(), passedOver: [{ deliveryId, step, for: why, reason }] });
    } else {
      if (last.status === 'undeliverable' || last.status === 'canceled' || (await wasRead(tried))) return;
      const reason = `not read by ${channel} within ${unreadAfterSeconds} s; the next way is tried too`;
      await store.keepSteps({ nowMs: virtual.nowMs(), passedOver: [{ deliveryId, step, for: why, reason }] });
    }
    await goOn([deliveryId]);
  }

  /** By whichever way it came. An in-app message is delivered when it was seen. */
  async function wasRead(steps: readonly MultiStep[]): Promise<boolean> {
    for (const { channel, status, childMessageId } of steps) {
      if (channel === 'inapp' && status === 'delivered') return true;
      if (childMessageId === null) continue;
      const filter = { messageId: childMessageId, deliveryId: null, types: readEvents };
      if ((await store.countEvents(filter)) > 0) return true;
    }
    return false;
  }

  async function standing(ids: readonly string[]): Promise<{
    readonly deliveries: readonly DeliveryRow[];
    readonly steps: ReadonlyMap<string, readonly MultiStep[]>;
  }> {
    if (ids.length === 0) return { deliveries: [], steps: new Map() };
    const [deliveries, tried] = await Promise.all([
      store.deliveries({ ...everyDelivery, ids }, { after: null, limit: ids.length }),
      store.multiSteps({ deliveryIds: ids }, { after: null, limit: ids.length * waysMax }),
    ]);
    const steps = new Map<string, MultiStep[]>();
    for (const one of tried.entries) {
      const others = steps.get(one.deliveryId);
      if (others === undefined) steps.set(one.deliveryId, [one]);
      else others.push(one);
    }
    for (const others of steps.values()) others.sort((a, b) => a.step - b.step);
    // Newest first as they come; the first of the request goes first.
    return { deliveries: deliveries.entries.toReversed(), steps };
  }

  return {
    performs: (kind) => Object.values<string>(multiActs).includes(kind),
    perform,
  };
}

/** Waits for all of them, also where one fails: what is done again must not meet what is still under way. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** What was refused has its next way now; of what goes by all channels, only once nothing of it is put off. */
function goingOn(tried: readonly Tried[]): Going[] {
  const byDelivery = Map.groupBy(tried, ({ going }) => going);
  return [...byDelivery].flatMap(([going, ways]) => {
    const refusals = ways.flatMap(({ made }) => ('refused' in made ? [made.refused.over] : []));
    if (!refusals.includes('step') || refusals.some((over) => over !== 'step')) return [];
    const steps = [...going.steps, ...ways.map(standingOf)].toSorted((a, b) => a.step - b.step);
    return [{ ...going, steps }];
  });
}

function standingOf({ next, made }: Tried): PlanStep {
  const no = 'refused' in made && made.refused.over !== 'later' ? made.refused : null;
  return {
    ...next,
    status: no === null ? 'queued' : 'undeliverable',
    class: no?.class ?? null,
    reason: no?.reason ?? null,
    passedOver: null,
  };
}

function userOf({ user, recipient }: DeliveryRow): string {
  return user ?? recipient;
}

function inMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}
