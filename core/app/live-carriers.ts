/** Carries what goes out for real: each relay has a client of its own, made at its first use and anew when it changes. */
import type { SmsReported } from '../channels/sms/client.ts';
import type { ReportWords } from '../channels/sms/unify.ts';
import type { Carrier } from '../delivery/carrier.ts';
import type { RelayCheck } from '../delivery/relays.ts';
import { scrubber } from '../delivery/scrub.ts';
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

export function createRelayCarrier(
  makers: RelayMakers,
  credentialOf: (id: string) => Promise<Credential>,
): RelayCarrier {
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

  async function letGo(made: Promise<LiveCarrier>): Promise<void> {
    const [client] = await Promise.allSettled([made]);
    if (client.status === 'fulfilled') await client.value.close();
  }

  return {
    async carry(job) {
      if (job.live === undefined) throw new Error('a relay is to carry what has no leave to go');
      const { relay } = job.live;
      const client = await clientOf(relay);
      const clean = scrubber(await credentialOf(relay.id));
      try {
        return clean(await client.carry(job));
      } catch (error) {
        // It is told in the log, and in the delivery.
        throw new Error(clean(messageOf(error)));
      }
    },
    async standing(relay, delivery) {
      const client = await clientOf(relay);
      const clean = scrubber(await credentialOf(relay.id));
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
      if (known !== undefined) await letGo(known.made);
    },
    async close() {
      await Promise.all([...clients.values()].map(({ made }) => letGo(made)));
    },
  };
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
