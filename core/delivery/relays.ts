/** The relays that were set up: what they are is kept in the store, what opens them in the vault. */
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import {
  type LiveActor,
  liveLimits,
  type NewAuditEntry,
  type Relay,
  type RelaySettings,
} from '../model/live-relay.ts';
import { returnMailboxName } from '../model/return-mailbox.ts';
import { type Credential, type Credentials, variablePart } from '../store/credential-vault.ts';
import type { Store } from '../store/store.ts';
import { relayAddress } from './live-summary.ts';

/** What a relay said when it was asked without sending to anyone. */
export interface RelayCheck {
  readonly ok: boolean;
  /** What was found, or what stands in the way and what to do. */
  readonly text: string;
  /** What was said on the way, without secrets. */
  readonly steps: readonly string[];
}

export interface RelayView {
  readonly relay: Relay;
  readonly address: string;
  /** Fields of its credential, and where each comes from; never what they are. */
  readonly credential: Readonly<Record<string, 'environment' | 'keychain' | 'file'>>;
  /** Fields that it needs, and that nobody gave yet: nothing goes by it before that. */
  readonly missing: readonly string[];
}

export interface Relays {
  find(id: string): Relay | null;
  /** Another number after each change of it, or of what opens it. */
  revision(id: string): number;
  /** See `RelayView`. @throws AppError `not_found` */
  missing(id: string): Promise<readonly string[]>;
  list(): Promise<readonly RelayView[]>;
  /** @throws AppError `not_found` */
  view(id: string): Promise<RelayView>;
  /** @throws AppError `bad_request` for a name that is taken */
  create(name: string, settings: RelaySettings, by: LiveActor): Promise<RelayView>;
  /** The kind stays. @throws AppError `not_found`, `bad_request`, `live_relay_on` */
  change(id: string, name: string, settings: RelaySettings, by: LiveActor): Promise<RelayView>;
  /** With its credential. @throws AppError `not_found`, `live_relay_on` */
  remove(id: string, by: LiveActor): Promise<void>;
  /** Replaces what is kept; none takes it away. @throws AppError `not_found`, `live_relay_on` */
  setCredential(id: string, credential: Credential | null, by: LiveActor): Promise<RelayView>;
  /** What opens it, for its client alone. */
  credential(id: string): Promise<Credential>;
  /** Asks it whether it would take something. @throws AppError `not_found` */
  verify(id: string, by: LiveActor): Promise<RelayCheck>;
}

export interface RelayPorts {
  readonly store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument' | 'addAudit'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly credentials: Credentials;
  readonly ask: (relay: Relay, credential: Credential) => Promise<RelayCheck>;
  /** It is in use: live relay is on with it, or something released by hand is on its way. */
  readonly inUse: (id: string) => boolean;
}

const documents = 'relay';
export const relayName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?$/;
const verifyMsMax = 60_000;

export async function openRelays(ports: RelayPorts): Promise<Relays> {
  const { store, credentials } = ports;
  const known = new Map<string, Relay>(
    (await store.documents(documents)).map(({ key, value }) => [key, value as Relay]),
  );

  const revisions = new Map<string, number>();

  function need(id: string): Relay {
    const relay = known.get(id);
    if (relay === undefined) throw new AppError('not_found', `There is no relay ${id}.`);
    return relay;
  }

  function needFree(id: string): Relay {
    const relay = need(id);
    if (ports.inUse(id))
      throw new AppError(
        'live_relay_on',
        `The relay ${relay.name} is in use: go back to the sandbox first (DELETE /v1/live-relay).`,
      );
    return relay;
  }

  function needName(name: string, id: string | null): void {
    if (!relayName.test(name))
      throw new AppError(
        'bad_request',
        'A relay’s name has letters, digits and hyphens, 40 at the most: variables of the environment go by it.',
        { errors: [{ field: 'name', code: 'invalid', detail: 'letters, digits and hyphens' }] },
      );
    if (name.toLowerCase() === returnMailboxName)
      throw new AppError('bad_request', `The name ${name} is that of the return mailbox; choose another.`, {
        errors: [{ field: 'name', code: 'taken', detail: 'the return mailbox has it' }],
      });
    // As the environment tells them apart: `a-b` and `a--b` are one there.
    const same = [...known.values()].find(
      (one) => one.id !== id && variablePart(one.name) === variablePart(name),
    );
    if (same !== undefined)
      throw new AppError(
        'bad_request',
        `There is a relay ${same.name} already${same.name === name ? '' : ', and variables of the environment could not tell the two apart'}.`,
        {
          errors: [{ field: 'name', code: 'taken', detail: 'another relay has it' }],
        },
      );
  }

  async function viewOf(relay: Relay): Promise<RelayView> {
    const credential = await credentials.known(relay.name);
    const missing = neededFields(relay.settings).filter((field) => credential[field] === undefined);
    return { relay, address: relayAddress(relay.settings), credential, missing };
  }

  function changed(id: string): void {
    revisions.set(id, (revisions.get(id) ?? 0) + 1);
  }

  async function save(relay: Relay): Promise<void> {
    await store.saveDocument(documents, relay.id, relay);
    known.set(relay.id, relay);
  }

  async function tell(
    kind: NewAuditEntry['kind'],
    by: LiveActor,
    relay: Relay,
    detail: NewAuditEntry['detail'],
  ): Promise<void> {
    await store.addAudit([
      {
        atMs: ports.clock.wallMs(),
        kind,
        by,
        channel: null,
        relay: relay.name,
        recipient: null,
        messageId: null,
        deliveryId: null,
        detail,
      },
    ]);
  }

  return {
    find: (id) => known.get(id) ?? null,
    revision: (id) => revisions.get(id) ?? 0,
    missing: async (id) => (await viewOf(need(id))).missing,
    list: () => Promise.all([...known.values()].sort((a, b) => a.name.localeCompare(b.name)).map(viewOf)),
    view: async (id) => viewOf(need(id)),
    credential: async (id) => credentials.get(need(id).name),

    async create(name, settings, by) {
      needName(name, null);
      if (known.size >= liveLimits.relaysMax)
        throw new AppError('bad_request', `There are ${liveLimits.relaysMax} relays; delete some first.`);
      const relay: Relay = {
        id: ports.newId(),
        name,
        settings,
        createdAtMs: ports.clock.wallMs(),
        verified: null,
      };
      await save(relay);
      await tell('relay_changed', by, relay, { made: true, settings });
      return viewOf(relay);
    },

    async change(id, name, settings, by) {
      const before = needFree(id);
      if (settings.kind !== before.settings.kind)
        throw new AppError('bad_request', 'A relay keeps its kind; make another one.');
      needName(name, id);
      changed(id);
      const relay: Relay = { ...before, name, settings, verified: null };
      if (name !== before.name) {
        // It is kept by the name: what opens it goes with it.
        const kept = await credentials.kept(before.name);
        if (kept !== null) await credentials.put(name, kept);
        await save(relay);
        if (kept !== null) await credentials.remove(before.name);
      } else await save(relay);
      await tell('relay_changed', by, relay, { settings });
      return viewOf(relay);
    },

    async remove(id, by) {
      const relay = needFree(id);
      changed(id);
      await credentials.remove(relay.name);
      await store.deleteDocument(documents, id);
      known.delete(id);
      await tell('relay_deleted', by, relay, {});
    },

    async setCredential(id, credential, by) {
      const relay = needFree(id);
      changed(id);
      if (credential === null) await credentials.remove(relay.name);
      else await credentials.put(relay.name, credential);
      await save({ ...relay, verified: null });
      await tell('credential_changed', by, relay, { fields: Object.keys(credential ?? {}) });
      return viewOf(need(id));
    },

    async verify(id, by) {
      const relay = need(id);
      // In the log before anything leaves.
      await tell('verified', by, relay, { asked: relayAddress(relay.settings) });
      const check = await withinTime(askSurely(relay), ports.clock);
      const now = known.get(id);
      // Changed while it was asked: what was found is of another one.
      if (now !== undefined && now.settings === relay.settings)
        await save({ ...now, verified: { atMs: ports.clock.wallMs(), ok: check.ok, text: check.text } });
      await tell('verified', by, relay, { ok: check.ok, text: check.text });
      return check;
    },
  };

  async function askSurely(relay: Relay): Promise<RelayCheck> {
    try {
      return await ports.ask(relay, await credentials.get(relay.name));
    } catch (error) {
      return { ok: false, text: messageOf(error), steps: [] };
    }
  }
}

/** What a relay cannot be used without. */
export function neededFields(settings: RelaySettings): readonly string[] {
  switch (settings.kind) {
    case 'smtp':
      if (settings.auth === 'none') return [];
      return settings.auth === 'xoauth2' ? ['user', 'accessToken'] : ['user', 'password'];
    case 'apns':
      return settings.auth === 'token' ? ['privateKey'] : ['certificate', 'privateKey'];
    case 'fcm':
    case 'webpush':
      return ['privateKey'];
    case 'mx':
    case 'webhook':
      return [];
    default:
      return ['secret'];
  }
}

async function withinTime(check: Promise<RelayCheck>, clock: Clock): Promise<RelayCheck> {
  let cancel: () => void = () => undefined;
  const late = new Promise<RelayCheck>((resolve) => {
    cancel = clock.after(verifyMsMax, () =>
      resolve({ ok: false, text: `no answer within ${verifyMsMax / 1000} seconds`, steps: [] }),
    );
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    cancel();
  }
}
