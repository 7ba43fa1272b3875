/** Messaging profiles, as the app sets them up: where it is told of what, and which numbers are whose. */
import type { SmsSender } from '../../../model/handset.ts';
import type { SmsDoorPorts } from '../room.ts';
import { type Profile, profileDocuments, profileSchema } from './schema.ts';

/** More than that is a mistake, and would be in memory for good. */
export const profilesMax = 1_000;

export interface ProfileBook {
  /** The one that is named, else the one that the sender is of; null: nobody set it up. */
  profileFor(id: string | null, sender: string | null): Promise<Profile | null>;
  /** By the time of their making. */
  all(): Promise<readonly Profile[]>;
  /** @throws AppError where it could not be kept */
  put(profile: Profile): Promise<void>;
  remove(profile: Profile): Promise<void>;
  /** Gives a number to a profile; null: to none. Answers to it go where the profile says. */
  assign(number: string, profile: Profile | null): Promise<void>;
}

export function createProfileBook(ports: SmsDoorPorts): ProfileBook {
  let loading: Promise<Map<string, Profile>> | null = null;
  const book = (): Promise<Map<string, Profile>> => {
    loading ??= load(ports).catch((error: unknown) => {
      // The next request tries again.
      loading = null;
      throw error;
    });
    return loading;
  };
  const senderOf = (number: string, profile: Profile | null): SmsSender => {
    const known = ports.farSide.sender('telnyx', number);
    return {
      sender: number,
      provider: 'telnyx',
      account: profile?.organization_id ?? known?.account ?? null,
      countries: known?.countries ?? ['*'],
      service: profile?.id ?? null,
      inboundUrl: profile?.webhook_url ?? null,
      inboundMethod: 'POST',
      inboundFailoverUrl: profile?.webhook_failover_url ?? null,
      statusUrl: profile?.webhook_url ?? null,
      onTheFly: false,
    };
  };
  return {
    async profileFor(id, sender) {
      const profiles = await book();
      const wanted =
        id ?? (sender === null ? null : (ports.farSide.sender('telnyx', sender)?.service ?? null));
      return wanted === null ? null : (profiles.get(wanted) ?? null);
    },
    async all() {
      return [...(await book()).values()];
    },
    async put(profile) {
      const profiles = await book();
      await ports.store.saveDocument(profileDocuments, profile.id, profile);
      profiles.set(profile.id, profile);
      // Its numbers answer where it says from now on.
      for (const { sender } of ports.farSide.sendersOf('telnyx', profile.id))
        await ports.farSide.putSender?.(senderOf(sender, profile));
    },
    async remove({ id }) {
      const profiles = await book();
      await ports.store.deleteDocument(profileDocuments, id);
      profiles.delete(id);
      for (const { sender } of ports.farSide.sendersOf('telnyx', id))
        await ports.farSide.putSender?.(senderOf(sender, null));
    },
    async assign(number, profile) {
      await ports.farSide.putSender?.(senderOf(number, profile));
    },
  };
}

async function load({ store }: SmsDoorPorts): Promise<Map<string, Profile>> {
  const profiles = new Map<string, Profile>();
  for (const { key, value } of await store.documents(profileDocuments)) {
    const read = profileSchema.safeParse(value);
    if (read.success) profiles.set(key, read.data);
  }
  return profiles;
}
