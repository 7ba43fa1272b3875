/** Carries what goes out for real: each relay has a client of its own, made at its first use and anew when it changes. */
import type { Carrier } from '../delivery/carrier.ts';
import type { RelayCheck } from '../delivery/relays.ts';
import { scrubber } from '../delivery/scrub.ts';
import { messageOf } from '../model/app-error.ts';
import type { Relay, RelayKind } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';

/** How relays of some kinds are spoken to. */
export interface RelayMaker {
  /** @param credential asked for at each use: it may be another one by then */
  carrier(relay: Relay, credential: () => Promise<Credential>): Promise<Carrier>;
  /** Asks whether it would take something, without sending to anyone. May throw: that is a no. */
  verify(relay: Relay, credential: Credential): Promise<RelayCheck>;
}

/** Loaded at first use: most starts never go live. */
export type RelayMakers = (kind: RelayKind) => Promise<RelayMaker>;

export interface RelayCarrier extends Carrier {
  /** Lets go of the client of a relay that was changed or deleted. */
  forget(id: string): Promise<void>;
}

export function createRelayCarrier(
  makers: RelayMakers,
  credentialOf: (id: string) => Promise<Credential>,
): RelayCarrier {
  const clients = new Map<
    string,
    { readonly settings: Relay['settings']; readonly made: Promise<Carrier> }
  >();

  function clientOf(relay: Relay): Promise<Carrier> {
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

  async function letGo(made: Promise<Carrier>): Promise<void> {
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
