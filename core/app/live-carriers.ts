/** Carries what goes out for real: each relay has a client of its own, made at its first use and anew when it changes. */
import type { SmsReported } from '../channels/sms/client.ts';
import type { ReportWords } from '../channels/sms/unify.ts';
import type { Clock } from '../clock.ts';
import type { Carried, Carrier, CarryResult, Job } from '../delivery/carrier.ts';
import type { RelayCheck } from '../delivery/relays.ts';
import { requestEvidence, requestResult } from '../delivery/request-result.ts';
import { relayScrubber } from '../delivery/scrub.ts';
import { messageOf } from '../model/app-error.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import type { Relay, RelayKind } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';

/** What a provider says of a message when it is asked. */
export type Standing =
  | { readonly kind: 'said'; readonly said: readonly SmsReported[]; readonly words: ReportWords }
  /** It answered, and knows nothing of it. */
  | { readonly kind: 'unknown'; readonly text: string }
  /** It cannot be asked: why. */
  | { readonly kind: 'not_offered'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

export interface LiveCarrier extends Carrier {
  /** What became of a delivery that it took; left out: nobody can be asked. */
  standing?(delivery: DeliveryRow): Promise<Standing>;
}

/** How relays of some kinds are spoken to. */
export interface RelayMaker {
  /** @param credential asked for at each use: it may be another one by then */
  carrier(relay: Relay, credential: () => Promise<Credential>): Promise<LiveCarrier>;
  /** Asks whether it would take something, without sending to anyone. May throw: that is a no. */
  verify(relay: Relay, credential: Credential): Promise<RelayCheck>;
}

/** Loaded at first use: most starts never go live. */
export type RelayMakers = (kind: RelayKind) => Promise<RelayMaker>;

export interface RelayCarrier extends Carrier {
  /** Lets go of the client of a relay that was changed or deleted. */
  forget(id: string): Promise<void>;
  standing(relay: Relay, delivery: DeliveryRow): Promise<Standing>;
}

/** After a refusal of what opens it a relay is left alone so long: asked by each message, it may lock the account. */
export const refusedPauseMs = 5 * 60_000;

export function createRelayCarrier(
  makers: RelayMakers,
  credentialOf: (id: string) => Promise<Credential>,
  clock: Pick<Clock, 'monotonicMs'>,
): RelayCarrier {
  /** By relay; gone with its client. */
  const pauses = new Map<string, { readonly untilMs: number; readonly text: string }>();
  const clients = new Map<
    string,
    { readonly settings: Relay['settings']; readonly made: Promise<LiveCarrier> }
  >();

  function clientOf(relay: Relay): Promise<LiveCarrier> {
    const known = clients.get(relay.id);
    if (known !== undefined && known.settings === relay.settings) return known.made;
    if (known !== undefined) void letGo(known.made);
    const made = makers(relay.settings.kind).then((maker) =>
      maker.carrier(relay, () => credentialOf(relay.id)),
    );
    clients.set(relay.id, { settings: relay.settings, made });
    // What stood in the way may be gone at the next attempt.
    made.catch(() => clients.delete(relay.id));
    return made;
  }

  /** @returns null: it may be asked */
  function paused({
    relay,
    deliveries,
  }: { readonly relay: Relay } & Pick<Job, 'deliveries'>): Carried | null {
    const pause = pauses.get(relay.id);
    const leftMs = (pause?.untilMs ?? 0) - clock.monotonicMs();
    if (pause === undefined || leftMs <= 0) return null;
    const minutes = Math.ceil(leftMs / 60_000);
    const text = `The relay ${relay.name} refused what opens it (${pause.text}): it is not asked again for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, or until it, or its credential, is changed`;
    return {
      results: deliveries.map(({ delivery }) => ({
        ...requestResult(delivery.id, text),
        outcome: { kind: 'deferred', retryAfterMs: leftMs },
        class: 'authentication_failed',
      })),
      evidence: requestEvidence([{ by: 'N', atMs: 0, text }], []),
    };
  }

  async function letGo(made: Promise<LiveCarrier>): Promise<void> {
    const [client] = await Promise.allSettled([made]);
    if (client.status === 'fulfilled') await client.value.close();
  }

  return {
    async carry(job) {
      if (job.live === undefined) throw new Error('a relay is to carry what has no leave to go');
      const { relay } = job.live;
      const client = await clientOf(relay);
      const clean = relayScrubber(relay, await credentialOf(relay.id));
      const pause = paused({ relay, deliveries: job.deliveries });
      if (pause !== null) return pause;
      try {
        const carried = clean(await client.carry(job));
        const refused = carried.results.find((one) => isRefusal(relay.settings.kind, one));
        // Of a client that was let go meanwhile it says nothing.
        if (refused !== undefined && (await clients.get(relay.id)?.made) === client)
          pauses.set(relay.id, { untilMs: clock.monotonicMs() + refusedPauseMs, text: refused.text });
        return carried;
      } catch (error) {
        // It is told in the log, and in the delivery.
        throw new Error(clean(messageOf(error)));
      }
    },
    async standing(relay, delivery) {
      const client = await clientOf(relay);
      const clean = relayScrubber(relay, await credentialOf(relay.id));
      const standing = await client.standing?.(delivery);
      return clean(
        standing ?? {
          kind: 'not_offered',
          text: notOffered[relay.settings.kind] ?? 'Nobody can be asked what became of it.',
        },
      );
    },
    async forget(id) {
      const known = clients.get(id);
      clients.delete(id);
      pauses.delete(id);
      if (known !== undefined) await letGo(known.made);
    },
    async close() {
      await Promise.all([...clients.values()].map(({ made }) => letGo(made)));
    },
  };
}

/** Of mail the pool of connections sees to it, before others log in; what push services and webhooks say is of one recipient. */
function isRefusal(kind: RelayKind, { outcome, class: why, code, text }: CarryResult): boolean {
  switch (kind) {
    case 'smtp':
    case 'mx':
    case 'apns':
    case 'webpush':
    case 'webhook':
      return false;
    case 'fcm':
      return why === 'authentication_failed' && outcome.kind === 'failed';
    default:
      return outcome.kind !== 'sent' && (code === 401 || /ESME_R(?:INVPASWD|INVSYSID|BINDFAIL)/.test(text));
  }
}

/** Why it cannot be asked what became of a message. */
const notOffered: Readonly<Partial<Record<RelayKind, string>>> = {
  smtp: 'A mail server tells of what it took by notices (DSNs) alone: set up the return mailbox.',
  mx: 'A mail server tells of what it took by notices (DSNs) alone: set up the return mailbox.',
  apns: 'APNs says nothing of a notification after it took it: whether it was shown, only the app can tell.',
  fcm: 'FCM says nothing of a message after it took it: whether it was shown, only the app can tell.',
  webpush:
    'A push service says nothing of a message after it took it: whether it was shown, only the page can tell.',
  webhook: 'An address of your own says nothing of a message after it took it.',
};
