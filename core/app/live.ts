/** Wires live relay: the guard, the relays with what opens them, and how each kind is spoken to. */
import type { LiveService } from '../api/services.ts';
import type { Feedback } from '../delivery/feedback.ts';
import { createLiveGuard, type LiveGuard } from '../delivery/live.ts';
import type { UserPlaces } from '../delivery/live-recipients.ts';
import { likeOf } from '../delivery/live-release-check.ts';
import { domainOf } from '../delivery/plan.ts';
import { openRelays, type Relays } from '../delivery/relays.ts';
import { relayScrubber } from '../delivery/scrub.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { DeliveryRow, NewDelivery } from '../model/delivery.ts';
import { channelsOf, type Relay } from '../model/live-relay.ts';
import { placeOf, readSubscription, subscriptionParameters } from '../model/web-push-subscription.ts';
import type { Store } from '../store/store.ts';
import type { Ground } from './ground.ts';
import { createRelayCarrier, type RelayCarrier, type RelayMakers } from './live-carriers.ts';
import { openReturns } from './live-return.ts';
import { knownRelays } from './live-sms-known.ts';
import { createReadBack } from './read-back.ts';
import type { Rooms } from './rooms.ts';
import type { Sms } from './sms.ts';

export interface Live {
  readonly guard: LiveGuard;
  readonly relays: Relays;
  readonly carrier: RelayCarrier;
  readonly service: LiveService;
}

export interface LivePorts {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly makers: RelayMakers;
  /** The delivery core is to look at what waits again; before it is open: nothing. */
  readonly wake: () => void;
  /** How long what was released may be tried (virtual). */
  readonly lifetimeMs: () => number;
  readonly providerOf: (domain: string) => string;
  readonly feedback: () => Feedback;
  readonly sms: Pick<Sms, 'sending' | 'relaysKnown'>;
}

export async function openLive(ports: LivePorts): Promise<Live> {
  const { store, clock, bus, newId, credentials, onProblem } = ports.ground;
  const { virtual } = ports.rooms;
  const { makers } = ports;
  let guard: LiveGuard | null = null;
  const relays = await openRelays({
    store,
    clock,
    newId,
    credentials,
    async ask(relay, credential) {
      const clean = relayScrubber(relay, credential);
      try {
        const maker = await makers(relay.settings.kind);
        return clean(await maker.verify(relay, credential));
      } catch (error) {
        return { ok: false, text: clean(messageOf(error)), steps: [] };
      }
    },
    inUse: (id) => guard?.uses(id) === true,
  });
  const carrier = createRelayCarrier(makers, (id) => relays.credential(id), clock);
  const opened = await createLiveGuard({
    store,
    clock,
    newId,
    virtual: { nowMs: () => virtual.nowMs(), speed: () => virtual.time().speed },
    relays,
    places: (ids) => placesOf(ids, store),
    onChange() {
      ports.wake();
      readBack.wake();
    },
    onProblem,
  });
  guard = opened;
  ports.sms.relaysKnown(knownRelays(relays));
  const readBack = createReadBack({
    store,
    clock,
    virtualMs: () => virtual.nowMs(),
    isLive: () => opened.isLive(),
    relays,
    standing: (relay, delivery) => carrier.standing(relay, delivery),
    unifier: ports.sms.sending.unifier,
    onProblem,
  });
  ports.ground.closing.add(() => readBack.close());
  bus.subscribe((events) => {
    if (events.some(({ type }) => type === 'user'))
      opened.usersChanged().catch((error: unknown) => onProblem(`live relay: ${messageOf(error)}`));
    // By hand, or by its lifetime: nothing of it is on its way any more.
    opened.ended(
      events.flatMap(({ type, deliveryId }) =>
        deliveryId !== null && (type === 'canceled' || type === 'undeliverable') ? [deliveryId] : [],
      ),
    );
  });
  // Of a run before this one, which may have been killed.
  await opened.begin();

  const returns = await openReturns({ ground: ports.ground, guard: opened, feedback: ports.feedback });
  ports.ground.closing.add(() => returns.close());

  async function release(
    confirmation: string,
    by: Parameters<LiveGuard['release']>[1],
  ): ReturnType<LiveGuard['release']> {
    return opened.release(confirmation, by, async ({ to }, relay, made) => {
      for (const { id, messageId } of made) {
        const message = await store.message(messageId);
        if (message === null) throw new AppError('not_found', `There is no message ${messageId}.`);
        const nowMs = virtual.nowMs();
        const found = await likeOf(messageId, channelsOf(relay.settings.kind), store);
        const like = found?.delivery ?? null;
        const domain = message.channel === 'email' ? domainOf(to) : (like?.domain ?? '');
        const delivery: NewDelivery = {
          id,
          recipient: placeOf(to),
          domain,
          provider: message.channel === 'email' ? ports.providerOf(domain) : providerOf(relay, like),
          stream: like?.stream ?? 'transactional',
          parameters: await parametersOf(like?.id ?? null, store, to),
          dueAtMs: nowMs,
          expiresAtMs: nowMs + ports.lifetimeMs(),
          status: 'queued',
          substatus: null,
          reason: null,
          class: null,
          retryOf: null,
          live: relay.id,
        };
        await store.addDeliveries({ nowMs, messageId, carriage: message.channel, deliveries: [delivery] });
      }
    });
  }

  return {
    guard: opened,
    relays,
    carrier,
    service: {
      status: () => opened.status(),
      sent: () => opened.sent(),
      summarize: (setup) => opened.summarize(setup),
      turnOn: (confirmation, by) => opened.turnOn(confirmation, by),
      turnOff(by) {
        readBack.forget();
        return opened.turnOff(by);
      },
      async summarizeRelease(request) {
        needSubscription(relays.find(request.relayId), request.to);
        return opened.summarizeRelease(request);
      },
      async release(confirmation, by) {
        const released = await release(confirmation, by);
        readBack.follow(released.map(({ id }) => id));
        return released;
      },
      readBack: (deliveryIds, by) => readBack.ask(deliveryIds, by),
      audit: (filter, page) => store.audit(filter, page),
      returns: returns.service,
      relays: {
        ...relays,
        async change(id, name, settings, by) {
          const changed = await relays.change(id, name, settings, by);
          await carrier.forget(id);
          return changed;
        },
        async setCredential(id, credential, by) {
          const changed = await relays.setCredential(id, credential, by);
          await carrier.forget(id);
          return changed;
        },
        async remove(id, by) {
          await relays.remove(id, by);
          await carrier.forget(id);
        },
      },
    },
  };
}

/** Of a push, and of an SMS: who is asked to bring it. */
function providerOf(relay: Relay, like: DeliveryRow | null): string | null {
  const { kind } = relay.settings;
  return kind === 'webhook' ? (like?.provider ?? null) : kind;
}

async function parametersOf(
  deliveryId: string | null,
  store: Pick<Store, 'delivery'>,
  to: string,
): Promise<NewDelivery['parameters']> {
  const like = deliveryId === null ? null : ((await store.delivery(deliveryId))?.parameters ?? null);
  const keys = readSubscription(to)?.keys ?? {};
  if (like === null && Object.keys(keys).length === 0) return null;
  const kept = Object.entries(like ?? {}).filter(([name]) => !ofRecipient.has(name));
  return { ...Object.fromEntries(kept), ...keys };
}

/** What says who a push was for says nothing of the one that it is released to. */
const ofRecipient: ReadonlySet<string> = new Set(['topic', 'phone', 'user', ...subscriptionParameters]);

/** @throws AppError `bad_request`: a push service needs the keys of the browser, too */
function needSubscription(relay: Relay | null, to: string): void {
  if (relay?.settings.kind === 'webpush' && readSubscription(to) === null)
    throw new AppError(
      'bad_request',
      'Give the whole subscription of the browser, as its page has it: {"endpoint": "https://…", "keys": {"p256dh": "…", "auth": "…"}}.',
    );
}

/** As the app's backend knows them: simulated phones have tokens that nobody else knows. */
async function placesOf(
  ids: readonly string[],
  store: Pick<Store, 'usersByIds'>,
): Promise<readonly UserPlaces[]> {
  const users = await store.usersByIds(ids);
  return users.map(({ id, email, phone, devices }) => ({
    id,
    entries: [
      ...(email === null ? [] : [{ kind: 'address', value: email } as const]),
      ...(phone === null ? [] : [{ kind: 'number', value: phone } as const]),
      ...devices.map(({ token }) => ({ kind: 'token', value: token }) as const),
    ],
  }));
}
