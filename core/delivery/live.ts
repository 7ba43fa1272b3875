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
  type LiveChannelSetup,
  type LiveChannelStatus,
  type LiveEnd,
  type LiveRoute,
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
import { openLiveCap } from './live-cap.ts';
import { createConfirmations } from './live-confirmations.ts';
import { openRecipients, type Recipients, type UsersPlaces } from './live-recipients.ts';
import { relayAddress, summaryOf } from './live-summary.ts';

/** Leave to send one thing by a relay. */
export interface LivePass {
  readonly relay: Relay;
  readonly channel: LiveChannel;
  readonly route: LiveRoute;
  /** Who turned it on, or released it. */
  readonly by: LiveActor;
  /** Asked right before anything is handed over: once it is false nothing may be. */
  valid(): boolean;
  /** It was not handed over: its place under the cap is free again. */
  giveBack(): void;
}

export type LiveDecision =
  | { readonly kind: 'sandbox' }
  /** `row`: as it goes, to whom it really goes. */
  | { readonly kind: 'live'; readonly pass: LivePass; readonly row: ClaimedRow }
  | { readonly kind: 'hold'; readonly reason: string; readonly cause: string };

/** What an app itself brings to a provider's door. */
export type LiveAdmission =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'forward'; readonly pass: LivePass }
  | { readonly kind: 'hold'; readonly reason: string; readonly cause: string };

export interface ReleaseRequest {
  readonly messageIds: readonly string[];
  readonly relayId: string;
  /** Whom it goes to, whoever it was for: an address, a number, a token. */
  readonly to: string;
}

/** One message is one delivery. */
export interface ReleasedDelivery {
  readonly id: string;
  readonly messageId: string;
}

export interface LiveGuard {
  status(): LiveStatus;
  isLive(): boolean;
  /** It is on with that relay, or something released by hand is on its way by it. */
  uses(relayId: string): boolean;
  /** What would go if it were turned on like that now. @throws AppError `bad_request`, `clock_not_real` */
  summarize(setup: LiveSetup): Promise<Confirmable<LiveSummary>>;
  /** @throws AppError `confirmation_unknown`, `changed_meanwhile` when more would go than was shown, `clock_not_real` */
  turnOn(confirmation: string, by: LiveActor): Promise<LiveStatus>;
  /** Back to the sandbox, releases by hand included: no attempt begins after it. Also when it is off already. */
  turnOff(why: LiveEnd, by: LiveActor): Promise<LiveStatus>;
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
  close(): Promise<void>;
}

export interface LiveGuardPorts {
  readonly store: Pick<Store, 'beginLive' | 'addAudit' | 'liveSends' | 'deliveries' | 'message'>;
  readonly clock: Clock;
  /** Virtual and wall time are the same, and go alike. */
  readonly virtual: { readonly nowMs: () => number; readonly speed: () => number };
  readonly relays: { find(id: string): Relay | null };
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

interface Released {
  readonly relay: Relay;
  readonly channel: LiveChannel;
  readonly by: LiveActor;
  readonly untilMonotonicMs: number;
}

type Pending =
  | {
      readonly kind: 'on';
      readonly setup: LiveSetup;
      readonly shown: ReadonlySet<string>;
      readonly relays: string;
    }
  | { readonly kind: 'release'; readonly request: ReleaseRequest };

/** Virtual and wall time this close are the same. */
const driftMsMax = 2_000;

export async function createLiveGuard(ports: LiveGuardPorts): Promise<LiveGuard> {
  const { store, clock, virtual } = ports;
  const cap = await openLiveCap(store, clock);
  const confirmations = createConfirmations<Pending>(clock);
  const released = new Map<string, Released>();
  let session: Session | null = null;
  let cancelEnd: () => void = () => undefined;
  let lastEnd: LiveStatus['lastEnd'] = null;
  let underWay = 0;
  /** Counted up at each end: a pass of before is not good any more. */
  let releasesOver = 0;
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

  /** @returns null when it is off; one whose time is over is ended on the way */
  function current(): Session | null {
    if (session === null) return null;
    if (!isOver(session)) return session;
    const why: LiveEnd = isReal() || timeOver(session) ? 'time_over' : 'clock_drifted';
    void end(why, 'sandpost').catch((error: unknown) => ports.onProblem(`live relay: ${messageOf(error)}`));
    return null;
  }

  function timeOver(one: Session): boolean {
    return clock.monotonicMs() >= one.untilMonotonicMs || clock.wallMs() >= one.untilMs;
  }

  function isOver(one: Session): boolean {
    return one.ended || timeOver(one) || !isReal();
  }

  async function end(why: LiveEnd, by: LiveActor): Promise<void> {
    const one = session;
    session = null;
    cancelEnd();
    cancelEnd = () => undefined;
    // By hand all of it stops; when time is over what was released by hand has a time of its own.
    const alsoReleased = why === 'stopped' || why === 'closed';
    const letGo = alsoReleased ? released.size : 0;
    if (alsoReleased) {
      released.clear();
      releasesOver++;
    }
    if (one === null && letGo === 0) return;
    if (one !== null) {
      one.ended = true;
      lastEnd = { atMs: clock.wallMs(), why, by };
    }
    ports.onChange();
    await audit([
      { ...nobody, kind: 'turned_off', by, detail: { why, ...(letGo === 0 ? {} : { releases: letGo }) } },
    ]);
  }

  async function audit(entries: readonly Omit<NewAuditEntry, 'atMs'>[]): Promise<void> {
    const atMs = clock.wallMs();
    await store.addAudit(entries.map((entry) => ({ ...entry, atMs })));
  }

  function relaysOf(setup: LiveSetup): ReadonlyMap<LiveChannel, Relay> {
    const relays = new Map<LiveChannel, Relay>();
    for (const channel of liveChannels) {
      const wanted = setup.channels[channel];
      if (wanted === undefined) continue;
      relays.set(channel, relayFor(wanted.relayId, channel));
    }
    if (relays.size === 0)
      throw new AppError('bad_request', `Name at least one channel: ${liveChannels.join(', ')}.`);
    return relays;
  }

  function relayFor(id: string, channel: LiveChannel): Relay {
    const relay = ports.relays.find(id);
    if (relay === null)
      throw new AppError(
        'not_found',
        `There is no relay ${id}; make one first (POST /v1/live-relay/relays).`,
      );
    if (!channelsOf(relay.settings.kind).includes(channel))
      throw new AppError(
        'bad_request',
        `The relay ${relay.name} is for ${channelsOf(relay.settings.kind).join(', ')}, not for ${channel}.`,
      );
    return relay;
  }

  function recipientsOf(setup: LiveChannelSetup, channel: LiveChannel): Promise<Recipients> {
    return openRecipients(setup.recipients, channel, ports.places);
  }

  async function allRecipients(setup: LiveSetup): Promise<Map<LiveChannel, Recipients>> {
    const all = new Map<LiveChannel, Recipients>();
    for (const channel of liveChannels) {
      const wanted = setup.channels[channel];
      if (wanted !== undefined) all.set(channel, await recipientsOf(wanted, channel));
    }
    return all;
  }

  async function summary(setup: LiveSetup) {
    return summaryOf(setup, {
      store,
      relays: relaysOf(setup),
      recipients: await allRecipients(setup),
      sentThisHour: (channel) => cap.count(channel),
      nowMs: clock.wallMs(),
    });
  }

  function passFor(
    one: Session,
    channel: LiveChannel,
    relay: Relay,
    rewrittenFrom: string | null,
    giveBack: () => void,
  ): LivePass {
    return {
      relay,
      channel,
      by: one.startedBy,
      route: { relayId: relay.id, relay: relay.name, kind: relay.settings.kind, rewrittenFrom },
      valid: () => !closed && !isOver(one),
      giveBack,
    };
  }

  function heldFor(one: Session, channel: LiveChannel): void {
    one.held.set(channel, (one.held.get(channel) ?? 0) + 1);
  }

  function releasedPass(one: Released): LivePass | null {
    const round = releasesOver;
    const valid = (): boolean =>
      !closed && round === releasesOver && clock.monotonicMs() < one.untilMonotonicMs;
    if (!valid()) return null;
    const { relay, channel, by } = one;
    // What was chosen by hand has no cap, and counts.
    const giveBack = cap.take(channel, Number.POSITIVE_INFINITY) ?? (() => undefined);
    return {
      relay,
      channel,
      by,
      route: { relayId: relay.id, relay: relay.name, kind: relay.settings.kind, rewrittenFrom: null },
      valid,
      giveBack,
    };
  }

  const guard: LiveGuard = {
    isLive: () => current() !== null,

    uses(relayId) {
      const one = current();
      const relays = [...(one?.relays.values() ?? []), ...[...released.values()].map(({ relay }) => relay)];
      return relays.some(({ id }) => id === relayId);
    },

    status() {
      const one = current();
      return {
        live: one !== null,
        channels: one === null ? {} : channelStatuses(one),
        sinceMs: one?.sinceMs ?? null,
        untilMs: one?.untilMs ?? null,
        startedBy: one?.startedBy ?? null,
        underWay,
        released: released.size,
        lastEnd,
      };
    },

    async summarize(setup) {
      checkSetup(setup);
      needReal();
      const found = await summary(setup);
      return confirmations.show(found.summary, {
        kind: 'on',
        setup,
        shown: found.going,
        relays: relaysKey(relaysOf(setup)),
      });
    },

    async turnOn(confirmation, by) {
      const pending = confirmations.take(confirmation);
      if (pending.kind !== 'on')
        throw new AppError('confirmation_unknown', 'This confirmation is for a release by hand.');
      needReal();
      const { setup } = pending;
      const relays = relaysOf(setup);
      const found = await summary(setup);
      const more = [...found.going].some((id) => !pending.shown.has(id));
      if (more || relaysKey(relays) !== pending.relays)
        throw new AppError(
          'changed_meanwhile',
          'More would go out than the summary showed, or a relay was changed since. Nothing was turned on: ask for the summary again.',
        );
      const recipients = await allRecipients(setup);
      if (session !== null) await end('stopped', by);
      const sinceMs = clock.wallMs();
      // In the log before it is on.
      await audit([
        {
          ...nobody,
          kind: 'turned_on',
          by,
          relay: [...new Set([...relays.values()].map(({ name }) => name))].join(', '),
          detail: { setup, untilMs: sinceMs + setup.durationMs },
        },
      ]);
      if (closed) throw new AppError('store_closed', 'Sandpost is stopping.');
      // Somebody else was quicker while that was written.
      if (session !== null) session.ended = true;
      cancelEnd();
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
      const one = session;
      cancelEnd = clock.after(setup.durationMs, () => {
        if (session === one) void end('time_over', 'sandpost').catch(failed);
      });
      ports.onChange();
      return guard.status();
    },

    async turnOff(why, by) {
      await end(why, by);
      return guard.status();
    },

    mayChangeClock() {
      if (current() !== null || released.size > 0)
        throw new AppError(
          'live_relay_on',
          'Live relay is on, and goes by wall time: the clock stays as it is. Go back to the sandbox first (DELETE /v1/live-relay).',
        );
    },

    decide(row) {
      const { delivery, message } = row;
      const channel = liveChannelOf(delivery.carriage, delivery.provider);
      // Notices and answers of the simulated world stay in it.
      if (channel === null || message === null || message.details?.origin != null) return { kind: 'sandbox' };
      const byHand = released.get(delivery.id);
      if (byHand !== undefined) {
        const pass = releasedPass(byHand);
        if (pass !== null) return { kind: 'live', pass, row };
        released.delete(delivery.id);
      }
      const one = current();
      const setup = one?.setup.channels[channel];
      const relay = one?.relays.get(channel);
      if (one !== null && setup !== undefined && relay !== undefined) {
        const to = one.recipients.get(channel)?.to(delivery.recipient) ?? null;
        if (to === null) {
          heldFor(one, channel);
          return notAllowed(delivery.recipient, channel);
        }
        const giveBack = cap.take(channel, setup.perHourMax);
        if (giveBack === null) {
          heldFor(one, channel);
          return overCap(channel, setup.perHourMax);
        }
        const rewrittenFrom = placeOf(to) === delivery.recipient ? null : delivery.recipient;
        return {
          kind: 'live',
          pass: passFor(one, channel, relay, rewrittenFrom, giveBack),
          row: rewrittenFrom === null ? row : readdressed(row, to),
        };
      }
      if (delivery.live == null) return { kind: 'sandbox' };
      // To bring to a simulated mailbox what a real one may have, or put off, would be a lie about both.
      const cause = `live-ended:${delivery.attempts}`;
      if (delivery.releasedFrom.includes(cause)) return { kind: 'sandbox' };
      return {
        kind: 'hold',
        cause,
        reason:
          'Live relay was on for it and is over: it went, or was about to go, for real. Release it by hand through a relay to go on; released as it is, it goes to the sandbox.',
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
      const places: (() => void)[] = [];
      for (const _ of recipients) {
        const giveBack = cap.take(channel, setup.perHourMax);
        if (giveBack === null) {
          for (const back of places) back();
          heldFor(one, channel);
          return overCap(channel, setup.perHourMax);
        }
        places.push(giveBack);
      }
      const giveBack = (): void => {
        for (const back of places) back();
      };
      return { kind: 'forward', pass: passFor(one, channel, relay, null, giveBack) };
    },

    admitAsking(channel) {
      const one = current();
      const relay = one?.relays.get(channel);
      if (one === null || relay === undefined || one.setup.channels[channel]?.passThrough !== true)
        return null;
      return passFor(one, channel, relay, null, () => undefined);
    },

    async begins(pass, rows) {
      const atMs = clock.wallMs();
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

    async summarizeRelease(request) {
      const { messageIds, relayId, to } = request;
      if (messageIds.length === 0 || messageIds.length > liveLimits.releasedMax)
        throw new AppError('bad_request', `Name from 1 to ${liveLimits.releasedMax} messages.`);
      needReal();
      const messages: ReleaseSummary['messages'][number][] = [];
      let relay: Relay | null = null;
      for (const id of new Set(messageIds)) {
        const message = await store.message(id);
        if (message === null) throw new AppError('not_found', `There is no message ${id}.`);
        relay = relayFor(relayId, channelOfMessage(message, ports.relays.find(relayId)));
        messages.push({
          id,
          subject: message.summary?.subject ?? '',
          from: message.summary?.from?.address ?? message.envelopeFrom,
        });
      }
      if (relay === null) throw new AppError('not_found', `There is no relay ${relayId}.`);
      const shown: ReleaseSummary = { relay: shownRelay(relay), to, messages };
      return confirmations.show(shown, { kind: 'release', request });
    },

    async release(confirmation, by, make) {
      const pending = confirmations.take(confirmation);
      if (pending.kind !== 'release')
        throw new AppError('confirmation_unknown', 'This confirmation is for turning live relay on.');
      needReal();
      const { request } = pending;
      const relay = ports.relays.find(request.relayId);
      if (relay === null) throw new AppError('not_found', `There is no relay ${request.relayId}.`);
      if (released.size + request.messageIds.length > liveLimits.releasedMax)
        throw new AppError(
          'not_possible',
          `${released.size} deliveries that were released by hand are still on their way; at most ${liveLimits.releasedMax} may be.`,
        );
      const made: ReleasedDelivery[] = [];
      const channels = new Map<string, LiveChannel>();
      for (const messageId of new Set(request.messageIds)) {
        const message = await store.message(messageId);
        if (message === null) throw new AppError('not_found', `There is no message ${messageId}.`);
        const id = ports.newId();
        made.push({ id, messageId });
        channels.set(id, channelOfMessage(message, relay));
      }
      await audit(
        made.map(({ id, messageId }) => ({
          kind: 'released',
          by,
          channel: channels.get(id) ?? null,
          relay: relay.name,
          recipient: request.to,
          messageId,
          deliveryId: id,
          detail: {},
        })),
      );
      const untilMonotonicMs = clock.monotonicMs() + liveLimits.releaseMs;
      for (const [id, channel] of channels) released.set(id, { relay, channel, by, untilMonotonicMs });
      try {
        await make(request, relay, made);
      } catch (error) {
        for (const { id } of made) released.delete(id);
        throw error;
      }
      ports.onChange();
      return made;
    },

    ended(deliveryIds) {
      for (const id of deliveryIds) released.delete(id);
    },

    async usersChanged() {
      const one = current();
      if (one === null) return;
      for (const channel of liveChannels) {
        const setup = one.setup.channels[channel];
        if (setup?.recipients.kind !== 'allow') continue;
        if (setup.recipients.entries.some(({ kind }) => kind === 'user'))
          one.recipients.set(channel, await recipientsOf(setup, channel));
      }
    },

    async close() {
      await end('closed', 'sandpost');
      closed = true;
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

/** Of an entry of the audit log that is about nobody in particular. */
const nobody = {
  channel: null,
  relay: null,
  recipient: null,
  messageId: null,
  deliveryId: null,
} as const;

function notAllowed(
  recipient: string,
  channel: LiveChannel,
): { kind: 'hold'; reason: string; cause: string } {
  return {
    kind: 'hold',
    cause: 'live-not-allowed',
    reason: `Live relay is on and ${recipient} is not on its list (${channel}): nothing was sent. Add it to the list, or release the message by hand through a relay, or release it back in the sandbox.`,
  };
}

function overCap(channel: LiveChannel, max: number): { kind: 'hold'; reason: string; cause: string } {
  return {
    kind: 'hold',
    cause: 'live-cap',
    reason: `Live relay has sent the ${max} that are allowed in an hour (${channel}): nothing was sent. Release it later, or turn live relay on with a higher cap.`,
  };
}

function readdressed(row: ClaimedRow, to: string): ClaimedRow {
  const { delivery } = row;
  const at = to.lastIndexOf('@');
  const subscription = readSubscription(to);
  return {
    ...row,
    delivery: {
      ...delivery,
      recipient: subscription?.endpoint ?? to,
      ...(delivery.carriage === 'email' ? { domain: to.slice(at + 1).toLowerCase() } : {}),
    },
    ...(subscription === null ? {} : { parameters: { ...row.parameters, ...subscription.keys } }),
  };
}

function channelOfMessage(
  message: { readonly channel: string; readonly door: string },
  relay: Relay | null,
): LiveChannel {
  if (message.channel === 'email' || message.channel === 'sms') return message.channel;
  const kinds = relay === null ? [] : channelsOf(relay.settings.kind);
  const push = kinds.find((kind) => kind !== 'email' && kind !== 'sms');
  if (message.channel === 'push' && push !== undefined) return push;
  throw new AppError(
    'bad_request',
    `A message of the channel ${message.channel} cannot go by ${relay === null ? 'that relay' : `the relay ${relay.name}`}.`,
  );
}

export function shownRelay(relay: Relay): ReleaseSummary['relay'] {
  const { id, name, settings } = relay;
  return { id, name, kind: settings.kind, address: relayAddress(settings) };
}

function relaysKey(relays: ReadonlyMap<LiveChannel, Relay>): string {
  const said = [...relays].map(([channel, { id, settings }]) => [channel, id, settings]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

function checkSetup({ channels, durationMs }: LiveSetup): void {
  const { durationMsMin, durationMsMax, perHourMaxMax, entriesMax } = liveLimits;
  if (!(durationMs >= durationMsMin && durationMs <= durationMsMax))
    throw new AppError(
      'bad_request',
      `The duration is from ${durationMsMin / 1000} seconds to ${durationMsMax / 3_600_000} hours.`,
    );
  for (const channel of liveChannels) {
    const setup = channels[channel];
    if (setup === undefined) continue;
    const { recipients, perHourMax } = setup;
    if (!(Number.isInteger(perHourMax) && perHourMax >= 1 && perHourMax <= perHourMaxMax))
      throw new AppError('bad_request', `${channel}: the cap per hour is from 1 to ${perHourMaxMax}.`);
    if (recipients.kind === 'rewrite') {
      if (recipients.to.trim() === '' || (channel === 'email' && !/^[^@\s]+@[^@\s]+$/.test(recipients.to)))
        throw new AppError('bad_request', `${channel}: say whom everything goes to.`);
      continue;
    }
    if (recipients.entries.length === 0 || recipients.entries.length > entriesMax)
      throw new AppError(
        'bad_request',
        `${channel}: the list names from 1 to ${entriesMax} recipients; or send everything to one of your own.`,
      );
    if (recipients.entries.some(({ value }) => value.trim() === ''))
      throw new AppError('bad_request', `${channel}: an entry of the list is empty.`);
  }
}
