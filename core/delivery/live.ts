/**
 * The guard of live relay: nothing goes out for real unless it says so, and it says so only while it was told to, by
 * somebody who saw what would go. Off at every start: what it is told is kept nowhere. What it lets go is in the audit log
 * before it leaves. Durations run on the monotonic clock, and on the wall clock too, for a machine that slept.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import {
  type Confirmable,
  channelsOf,
  type LiveActor,
  type LiveChannel,
  type LiveChannelStatus,
  type LiveEnd,
  type LiveSetup,
  type LiveStatus,
  type LiveSummary,
  liveChannelOf,
  liveChannels,
  liveLimits,
  type NewAuditEntry,
  type Relay,
  type ReleaseSummary,
} from '../model/live-relay.ts';
import { placeOf, readSubscription } from '../model/web-push-subscription.ts';
import type { ClaimedRow } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import { type CapPlace, openLiveCap } from './live-cap.ts';
import { checkedSetup } from './live-check.ts';
import { createConfirmations } from './live-confirmations.ts';
import { notAllowed, overCap, whatWasLive } from './live-holds.ts';
import type {
  LiveAdmission,
  LiveDecision,
  LivePass,
  ReleasedDelivery,
  ReleaseRequest,
} from './live-leave.ts';
import { nobodyIsListed, openRecipients, type Recipients, type UsersPlaces } from './live-recipients.ts';
import { checkedRelease } from './live-release-check.ts';
import { createReleases } from './live-releases.ts';
import { summaryOf } from './live-summary.ts';
import { domainOf } from './plan.ts';
import { everyDelivery } from './queue.ts';
import type { Relays } from './relays.ts';

export type {
  LiveAdmission,
  LiveDecision,
  LivePass,
  ReleasedDelivery,
  ReleaseRequest,
} from './live-leave.ts';

export interface LiveGuard {
  status(): LiveStatus;
  isLive(): boolean;
  /** What went out by each channel since the start. */
  sent(): Readonly<Partial<Record<LiveChannel, number>>>;
  /** It is on with that relay, or something released by hand is on its way by it. */
  uses(relayId: string): boolean;
  /** What would go if it were turned on like that now. @throws AppError `bad_request`, `clock_not_real` */
  summarize(setup: LiveSetup): Promise<Confirmable<LiveSummary>>;
  /** @throws AppError `confirmation_unknown`, `changed_meanwhile` when more would go than was shown, `clock_not_real` */
  turnOn(confirmation: string, by: LiveActor): Promise<LiveStatus>;
  /** Back to the sandbox, releases by hand included: no attempt begins after it. Also when it is off already. */
  turnOff(by: LiveActor): Promise<LiveStatus>;
  /** @throws AppError `live_relay_on`: while it is on, the clock stays as it is */
  mayChangeClock(): void;
  /** By which way a delivery goes now. Takes a place under the cap: who does not send gives it back. */
  decide(row: ClaimedRow): LiveDecision;
  /** The same of what an app brings to a provider's door. */
  admit(channel: LiveChannel, recipients: readonly string[]): LiveAdmission;
  /** Of what an app asks a provider for beside sends (a token); null: it stays in the sandbox. */
  admitAsking(channel: LiveChannel): LivePass | null;
  /** Entered before it leaves. Settles when it is on disk. */
  begins(pass: LivePass, rows: readonly ClaimedRow[]): Promise<void>;
  /** Attempts under way by a relay. */
  enter(): () => void;
  audit(entries: readonly Omit<NewAuditEntry, 'atMs'>[]): Promise<void>;
  /** What would be released. @throws AppError `not_found`, `bad_request` */
  summarizeRelease(request: ReleaseRequest): Promise<Confirmable<ReleaseSummary>>;
  /**
   * Gives leave to send, then has the deliveries made.
   * @throws AppError `confirmation_unknown`, and whatever `make` throws: the leave is taken back then
   */
  release(
    confirmation: string,
    by: LiveActor,
    make: (request: ReleaseRequest, relay: Relay, made: readonly ReleasedDelivery[]) => Promise<void>,
  ): Promise<readonly ReleasedDelivery[]>;
  /** These have come to their end: leave to send them is over. */
  ended(deliveryIds: readonly string[]): void;
  /** Users changed: the lists that name them are read anew. */
  usersChanged(): Promise<void>;
  /** Of what a run before this one had live: it is due, so that it is held. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

export interface LiveGuardPorts {
  readonly store: Pick<
    Store,
    'beginLive' | 'addAudit' | 'liveSends' | 'deliveries' | 'message' | 'order' | 'suppressed'
  >;
  readonly clock: Clock;
  /** Virtual and wall time are the same, and go alike. */
  readonly virtual: { readonly nowMs: () => number; readonly speed: () => number };
  readonly relays: Pick<Relays, 'find' | 'missing' | 'revision'>;
  readonly newId: () => string;
  readonly places: UsersPlaces;
  /** It was turned on or off: what waits is looked at again. */
  readonly onChange: () => void;
  readonly onProblem: (text: string) => void;
}

interface Session {
  readonly setup: LiveSetup;
  readonly startedBy: LiveActor;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly untilMonotonicMs: number;
  readonly recipients: Map<LiveChannel, Recipients>;
  readonly relays: ReadonlyMap<LiveChannel, Relay>;
  readonly held: Map<LiveChannel, number>;
  ended: boolean;
}

type Pending =
  | {
      readonly kind: 'on';
      readonly setup: LiveSetup;
      readonly shown: ReadonlySet<string>;
      readonly relays: string;
    }
  | { readonly kind: 'release'; readonly request: ReleaseRequest; readonly relay: string };

type PendingOf<K extends Pending['kind']> = Extract<Pending, { kind: K }>;

/** Virtual and wall time this close are the same. */
const driftMsMax = 2_000;
/** How often it is looked whether its time is over, or the clocks have drifted apart. */
const watchMs = 1_000;
/** Readings of the users on a list, while users go on changing. */
const readingsMax = 10;
const pageSize = 500;

export async function createLiveGuard(ports: LiveGuardPorts): Promise<LiveGuard> {
  const { store, clock, virtual } = ports;
  const cap = await openLiveCap(store, clock);
  const confirmations = createConfirmations<Pending>(clock);
  const released = createReleases(clock, cap, isReal);
  const sent = new Map<LiveChannel, number>();
  let session: Session | null = null;
  let cancelWatch: () => void = () => undefined;
  let lastEnd: LiveStatus['lastEnd'] = null;
  let underWay = 0;
  /** Counted up when all is stopped: what was being turned on, or released, by then is not. */
  let stops = 0;
  let usersChanges = 0;
  /** To turn it on takes a while, and is done by one at a time. */
  let turning: Promise<unknown> = Promise.resolve();
  let closed = false;

  function isReal(): boolean {
    return virtual.speed() === 1 && Math.abs(virtual.nowMs() - clock.wallMs()) < driftMsMax;
  }

  function needReal(): void {
    if (!isReal())
      throw new AppError(
        'clock_not_real',
        'Live relay needs the clock at wall time and its own speed. Reset the clock first (POST /v1/clock {"reset": true}).',
      );
  }

  function needNoStopSince(round: number): void {
    if (closed) throw new AppError('store_closed', 'Sandpost is stopping.');
    if (stops !== round)
      throw new AppError(
        'changed_meanwhile',
        'Live relay was stopped meanwhile: nothing goes out. Ask for the summary again.',
      );
  }

  /** @returns null when it is off; one whose time is over is ended on the way */
  function current(): Session | null {
    if (session === null) return null;
    if (!isOver(session)) return session;
    void endSession(isReal() || timeOver(session) ? 'time_over' : 'clock_drifted', 'sandpost');
    return null;
  }

  function timeOver(one: Session): boolean {
    return clock.monotonicMs() >= one.untilMonotonicMs || clock.wallMs() >= one.untilMs;
  }

  function isOver(one: Session): boolean {
    return closed || one.ended || timeOver(one) || !isReal();
  }

  /** At once; that it was entered in the log is waited for by whoever wants to. */
  function endSession(why: LiveEnd, by: LiveActor, letGo = 0): Promise<void> {
    if (session === null && letGo === 0) return Promise.resolve();
    letSessionGo(why, by);
    ports.onChange();
    if (!closed) makeDue();
    const detail = { why, ...(letGo === 0 ? {} : { releases: letGo }) };
    // It is off, whether that can be written or not.
    return audit([{ ...nobody, kind: 'turned_off', by, detail }]).catch(failed);
  }

  function letSessionGo(why: LiveEnd, by: LiveActor): void {
    if (session === null) return;
    session.ended = true;
    session = null;
    lastEnd = { atMs: clock.wallMs(), why, by };
  }

  /** By hand all of it stops; when time is over what was released by hand has a time of its own. */
  async function stop(why: 'stopped' | 'closed', by: LiveActor): Promise<void> {
    stops++;
    confirmations.forgetAll();
    const letGo = released.clear();
    cancelWatch();
    await endSession(why, by, letGo);
  }

  function dropOverdue(): void {
    if (released.dropOverdue()) makeDue();
  }

  /** Time goes by, and a clock may drift, while nothing is due that would ask. */
  function watch(): void {
    cancelWatch();
    if (session === null && released.size() === 0) return;
    const leftMs = session === null ? watchMs : session.untilMonotonicMs - clock.monotonicMs();
    cancelWatch = clock.after(Math.max(1, Math.min(watchMs, leftMs)), () => {
      current();
      dropOverdue();
      watch();
    });
  }

  function makeDue(): void {
    makeDueNow().catch(failed);
  }

  /** What had a live attempt and waits for the next one is due now: the policy holds it, rather than in an hour. */
  async function makeDueNow(): Promise<void> {
    const waiting = { ...everyDelivery, status: 'queued', live: true } as const;
    for (let after: number | null = null; ; ) {
      const page: Awaited<ReturnType<Store['deliveries']>> = await store.deliveries(waiting, {
        after,
        limit: pageSize,
      });
      if (closed || current() !== null) return;
      const nowMs = virtual.nowMs();
      const ids = page.entries.flatMap(({ id, substatus, nextAttemptAtMs }) =>
        substatus !== 'held' && (nextAttemptAtMs ?? 0) > nowMs && !released.has(id) ? [id] : [],
      );
      if (ids.length > 0) await store.order(ids, { kind: 'retry_now', nowMs });
      after = page.next;
      if (after === null) break;
    }
    if (!closed) ports.onChange();
  }

  async function audit(entries: readonly Omit<NewAuditEntry, 'atMs'>[]): Promise<void> {
    const atMs = clock.wallMs();
    await store.addAudit(entries.map((entry) => ({ ...entry, atMs })));
    for (const { kind, channel, recipient } of entries)
      if (kind === 'passed_through' && channel !== null && recipient !== null) countSent(channel, 1);
  }

  function countSent(channel: LiveChannel, count: number): void {
    sent.set(channel, (sent.get(channel) ?? 0) + count);
  }

  function relaysOf(setup: LiveSetup): ReadonlyMap<LiveChannel, Relay> {
    const relays = new Map<LiveChannel, Relay>();
    for (const channel of liveChannels) {
      const wanted = setup.channels[channel];
      if (wanted !== undefined) relays.set(channel, relayFor(wanted.relayId, channel));
    }
    if (relays.size === 0)
      throw new AppError('bad_request', `Name at least one channel: ${liveChannels.join(', ')}.`);
    return relays;
  }

  function needRelay(id: string): Relay {
    const relay = ports.relays.find(id);
    if (relay === null)
      throw new AppError(
        'not_found',
        `There is no relay ${id}; make one first (POST /v1/live-relay/relays).`,
      );
    return relay;
  }

  function relayFor(id: string, channel: LiveChannel): Relay {
    const relay = needRelay(id);
    if (!channelsOf(relay.settings.kind).includes(channel))
      throw new AppError(
        'bad_request',
        `The relay ${relay.name} is for ${channelsOf(relay.settings.kind).join(', ')}, not for ${channel}.`,
      );
    return relay;
  }

  async function needCredentials(relays: Iterable<Relay>): Promise<void> {
    for (const { id, name } of relays) {
      const missing = await ports.relays.missing(id);
      if (missing.length > 0)
        throw new AppError(
          'not_possible',
          `The relay ${name} has no ${missing.join(' and no ')} yet: give it what opens it (PUT /v1/live-relay/relays/${id}/credential, or by the environment), then ask again.`,
        );
    }
  }

  /** What they are now: another text when one was changed, or has another credential. */
  function keyOf(relays: Iterable<readonly [string, Relay]>): string {
    const said = [...relays].map(([channel, { id, settings }]) => [
      channel,
      id,
      settings,
      ports.relays.revision(id),
    ]);
    return createHash('sha256').update(JSON.stringify(said)).digest('hex');
  }

  async function recipientsOf(setup: LiveSetup): Promise<Map<LiveChannel, Recipients>> {
    for (let reading = 0; reading < readingsMax; reading++) {
      const all = new Map<LiveChannel, Recipients>();
      const round = usersChanges;
      for (const channel of liveChannels) {
        const wanted = setup.channels[channel];
        if (wanted !== undefined)
          all.set(channel, await openRecipients(wanted.recipients, channel, ports.places));
      }
      if (usersChanges === round) return all;
    }
    throw new AppError(
      'store_busy',
      'The users on the list are being changed all the time; ask again when they are not.',
    );
  }

  async function summaryFor(setup: LiveSetup) {
    const recipients = await recipientsOf(setup);
    for (const [channel, { unknownUsers }] of recipients)
      if (unknownUsers.length > 0)
        throw new AppError(
          'bad_request',
          `${channel}: the list names users that there are none of: ${unknownUsers.slice(0, unknownMax).join(', ')}.`,
        );
    const relays = relaysOf(setup);
    // What the app brings to a provider's door goes on with credentials of its own.
    await needCredentials(
      [...relays].flatMap(([channel, relay]) =>
        setup.channels[channel]?.passThrough === true ? [] : [relay],
      ),
    );
    const found = await summaryOf(setup, {
      store,
      relays,
      recipients,
      sentThisHour: (channel) => cap.count(channel),
      nowMs: clock.wallMs(),
    });
    return { ...found, relays };
  }

  function take<K extends Pending['kind']>(confirmation: string, kind: K, other: string): PendingOf<K> {
    const pending = confirmations.take(confirmation);
    if (!isKind(pending, kind))
      throw new AppError('confirmation_unknown', `This confirmation is for ${other}.`);
    return pending;
  }

  async function turnOnNow(pending: PendingOf<'on'>, by: LiveActor, round: number): Promise<void> {
    const { setup } = pending;
    const { going } = await summaryFor(setup);
    const relays = relaysOf(setup);
    if ([...going].some((one) => !pending.shown.has(one)) || keyOf(relays) !== pending.relays)
      throw new AppError(
        'changed_meanwhile',
        'More would go out than the summary showed, or a relay was changed since. Nothing was turned on: ask for the summary again.',
      );
    needNoStopSince(round);
    const before = session;
    const sinceMs = clock.wallMs();
    // In the log before it is on.
    await audit([
      ...(before === null ? [] : [turnedOff(by)]),
      {
        ...nobody,
        kind: 'turned_on',
        by,
        relay: [...new Set([...relays.values()].map(({ name }) => name))].join(', '),
        detail: { setup, untilMs: sinceMs + setup.durationMs },
      },
    ]);
    try {
      // The last thing that takes time: who is a user's is known as it is when it goes on.
      const recipients = await recipientsOf(setup);
      needNoStopSince(round);
      needReal();
      if (keyOf(relaysOf(setup)) !== pending.relays)
        throw new AppError('changed_meanwhile', 'A relay was changed meanwhile. Nothing was turned on.');
      letSessionGo('stopped', by);
      session = {
        setup,
        startedBy: by,
        sinceMs,
        untilMs: sinceMs + setup.durationMs,
        untilMonotonicMs: clock.monotonicMs() + setup.durationMs,
        recipients,
        relays,
        held: new Map(),
        ended: false,
      };
    } catch (error) {
      // As the log says: the one before is over too.
      if (before !== null && session === before) letSessionGo('stopped', by);
      makeDue();
      await audit([turnedOff(by)]).catch(failed);
      throw error;
    }
    watch();
    ports.onChange();
  }

  function passFor(
    one: Session,
    channel: LiveChannel,
    relay: Relay,
    rewrittenFrom: string | null,
    places: readonly CapPlace[],
  ): LivePass {
    return {
      relay,
      channel,
      by: one.startedBy,
      route: { relayId: relay.id, relay: relay.name, kind: relay.settings.kind, rewrittenFrom },
      valid: () => !isOver(one),
      begins() {
        for (const place of places) place.begins();
      },
      giveBack() {
        for (const place of places) place.giveBack();
      },
    };
  }

  function heldFor(one: Session, channel: LiveChannel): void {
    one.held.set(channel, (one.held.get(channel) ?? 0) + 1);
  }

  const guard: LiveGuard = {
    isLive: () => current() !== null,

    uses(relayId) {
      const relays = [...(current()?.relays.values() ?? [])];
      return relays.some(({ id }) => id === relayId) || released.uses(relayId);
    },

    status() {
      const one = current();
      dropOverdue();
      return {
        live: one !== null,
        channels: one === null ? {} : channelStatuses(one),
        sinceMs: one?.sinceMs ?? null,
        untilMs: one?.untilMs ?? null,
        startedBy: one?.startedBy ?? null,
        underWay,
        released: released.size(),
        lastEnd,
      };
    },

    sent: () => Object.fromEntries(sent),

    async summarize(wanted) {
      const setup = checkedSetup(wanted);
      needReal();
      const round = stops;
      const { summary, going, relays } = await summaryFor(setup);
      needNoStopSince(round);
      return confirmations.show(summary, { kind: 'on', setup, shown: going, relays: keyOf(relays) });
    },

    async turnOn(confirmation, by) {
      const pending = take(confirmation, 'on', 'a release by hand');
      needReal();
      const round = stops;
      const done = turning.then(() => turnOnNow(pending, by, round));
      // Whoever asked for it hears of its failure; the next one only waits for its end.
      turning = done.catch(() => undefined);
      await done;
      return guard.status();
    },

    async turnOff(by) {
      await stop('stopped', by);
      return guard.status();
    },

    mayChangeClock() {
      dropOverdue();
      if (current() !== null || released.size() > 0)
        throw new AppError(
          'live_relay_on',
          'Live relay is on, or something released by hand is on its way, and that goes by wall time: the clock stays as it is. Go back to the sandbox first (DELETE /v1/live-relay).',
        );
    },

    decide(row) {
      const { delivery, message } = row;
      const channel = liveChannelOf(delivery.carriage, delivery.provider);
      // Notices and answers of the simulated world stay in it.
      if (channel === null || message === null || message.details?.origin != null) return { kind: 'sandbox' };
      const byHand = closed ? null : released.passOf(delivery.id, delivery.recipient);
      if (byHand !== null) return { kind: 'live', pass: byHand, row };
      const one = current();
      const setup = one?.setup.channels[channel];
      const relay = one?.relays.get(channel);
      if (one === null || setup === undefined || relay === undefined)
        return (delivery.live == null ? null : whatWasLive(delivery)) ?? { kind: 'sandbox' };
      const to = one.recipients.get(channel)?.to(delivery.recipient) ?? null;
      if (to === null) {
        heldFor(one, channel);
        return notAllowed(delivery.recipient, channel);
      }
      const place = cap.take(channel, setup.perHourMax);
      if (place === null) {
        heldFor(one, channel);
        return overCap(channel, setup.perHourMax);
      }
      const rewrittenFrom = placeOf(to) === delivery.recipient ? null : delivery.recipient;
      return {
        kind: 'live',
        pass: passFor(one, channel, relay, rewrittenFrom, [place]),
        row: rewrittenFrom === null ? row : readdressed(row, to),
      };
    },

    admit(channel, recipients) {
      const one = current();
      const setup = one?.setup.channels[channel];
      const relay = one?.relays.get(channel);
      if (one === null || setup === undefined || relay === undefined || !setup.passThrough)
        return { kind: 'sandbox' };
      // The app's request is handed on as it is: there is nobody to rewrite it to.
      const listed = setup.recipients.kind === 'allow' ? one.recipients.get(channel) : undefined;
      const stranger = recipients.find((recipient) => (listed?.to(recipient) ?? null) === null);
      if (listed === undefined || stranger !== undefined || recipients.length === 0) {
        heldFor(one, channel);
        return notAllowed(stranger ?? 'nobody in particular', channel);
      }
      const places: CapPlace[] = [];
      for (const _ of recipients) {
        const place = cap.take(channel, setup.perHourMax);
        if (place === null) {
          for (const taken of places) taken.giveBack();
          heldFor(one, channel);
          return overCap(channel, setup.perHourMax);
        }
        places.push(place);
      }
      return { kind: 'forward', pass: passFor(one, channel, relay, null, places) };
    },

    admitAsking(channel) {
      const one = current();
      const relay = one?.relays.get(channel);
      if (one === null || relay === undefined || one.setup.channels[channel]?.passThrough !== true)
        return null;
      return passFor(one, channel, relay, null, []);
    },

    async begins(pass, rows) {
      const atMs = clock.wallMs();
      pass.begins?.();
      await store.beginLive(
        rows.map(({ delivery, message }) => ({
          deliverySeq: delivery.seq,
          relayId: pass.relay.id,
          entry: {
            atMs,
            kind: 'send',
            by: pass.by,
            channel: pass.channel,
            relay: pass.relay.name,
            recipient: delivery.recipient,
            messageId: message?.id ?? null,
            deliveryId: delivery.id,
            detail: pass.route.rewrittenFrom === null ? {} : { rewrittenFrom: pass.route.rewrittenFrom },
          },
        })),
      );
      countSent(pass.channel, rows.length);
    },

    enter() {
      underWay++;
      let left = false;
      return () => {
        if (!left) underWay--;
        left = true;
      };
    },

    audit,

    async summarizeRelease(wanted) {
      needReal();
      const relay = needRelay(wanted.relayId);
      await needCredentials([relay]);
      const { request, summary } = await checkedRelease(wanted, relay, { store, nowMs: virtual.nowMs() });
      return confirmations.show(summary, { kind: 'release', request, relay: keyOf([['', relay]]) });
    },

    async release(confirmation, by, make) {
      const pending = take(confirmation, 'release', 'turning live relay on');
      needReal();
      const round = stops;
      const relay = needRelay(pending.request.relayId);
      await needCredentials([relay]);
      const { request, channels } = await checkedRelease(pending.request, relay, {
        store,
        nowMs: virtual.nowMs(),
      });
      if (keyOf([['', needRelay(relay.id)]]) !== pending.relay)
        throw new AppError(
          'changed_meanwhile',
          'The relay was changed since. Nothing was released: ask again.',
        );
      needNoStopSince(round);
      dropOverdue();
      if (released.size() + channels.size > liveLimits.releasedMax)
        throw new AppError(
          'not_possible',
          `${released.size()} deliveries that were released by hand are still on their way; at most ${liveLimits.releasedMax} may be.`,
        );
      const made: ReleasedDelivery[] = [];
      // Before anything else is waited for: the relay is in use, and a stop takes it back.
      for (const [messageId, channel] of channels) {
        const id = ports.newId();
        made.push({ id, messageId });
        released.add(id, { relay, channel, by, recipient: placeOf(request.to) });
      }
      try {
        await audit(
          made.map(({ id, messageId }) => ({
            kind: 'released',
            by,
            channel: channels.get(messageId) ?? null,
            relay: relay.name,
            recipient: request.to,
            messageId,
            deliveryId: id,
            detail: {},
          })),
        );
        needNoStopSince(round);
        await make(request, relay, made);
      } catch (error) {
        released.remove(made.map(({ id }) => id));
        throw error;
      }
      watch();
      ports.onChange();
      return made;
    },

    ended: (deliveryIds) => released.remove(deliveryIds),

    async usersChanged() {
      usersChanges++;
      const one = current();
      if (one === null) return;
      const naming = liveChannels.filter((channel) => {
        const recipients = one.setup.channels[channel]?.recipients;
        return recipients?.kind === 'allow' && recipients.entries.some(({ kind }) => kind === 'user');
      });
      if (naming.length === 0) return;
      const round = usersChanges;
      try {
        const all = await recipientsOf(one.setup);
        // A later change reads them itself.
        if (round !== usersChanges) return;
        for (const [channel, recipients] of all) one.recipients.set(channel, recipients);
      } catch (error) {
        if (round === usersChanges) for (const channel of naming) one.recipients.set(channel, nobodyIsListed);
        throw error;
      }
    },

    async begin() {
      await makeDueNow();
    },

    async close() {
      closed = true;
      await stop('closed', 'sandpost');
    },
  };
  return guard;

  function failed(error: unknown): void {
    ports.onProblem(`live relay: ${messageOf(error)}`);
  }

  function channelStatuses(one: Session): LiveStatus['channels'] {
    const statuses: Partial<Record<LiveChannel, LiveChannelStatus>> = {};
    for (const [channel, relay] of one.relays) {
      const setup = one.setup.channels[channel];
      if (setup === undefined) continue;
      const { recipients, perHourMax, passThrough } = setup;
      statuses[channel] = {
        relayId: relay.id,
        relayName: relay.name,
        kind: relay.settings.kind,
        recipients,
        perHourMax,
        passThrough,
        sentThisHour: cap.count(channel),
        held: one.held.get(channel) ?? 0,
      };
    }
    return statuses;
  }
}

/** Unknown users that a refusal names. */
const unknownMax = 10;

/** Of an entry of the audit log that is about nobody in particular. */
const nobody = {
  channel: null,
  relay: null,
  recipient: null,
  messageId: null,
  deliveryId: null,
} as const;

function turnedOff(by: LiveActor): Omit<NewAuditEntry, 'atMs'> {
  return { ...nobody, kind: 'turned_off', by, detail: { why: 'stopped' } };
}

function isKind<K extends Pending['kind']>(pending: Pending, kind: K): pending is PendingOf<K> {
  return pending.kind === kind;
}

function readdressed(row: ClaimedRow, to: string): ClaimedRow {
  const { delivery } = row;
  const subscription = readSubscription(to);
  // ORCPT (RFC 3461 §4.2) would tell the server of the one that it goes to whom it was for.
  const { ORCPT: _, ...parameters } = row.parameters ?? {};
  return {
    ...row,
    parameters: { ...parameters, ...(subscription?.keys ?? {}) },
    delivery: {
      ...delivery,
      recipient: subscription?.endpoint ?? to,
      ...(delivery.carriage === 'email' ? { domain: domainOf(to) } : {}),
    },
  };
}
