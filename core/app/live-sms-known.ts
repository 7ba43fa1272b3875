/** What real providers of SMS sign their reports with, from their relays. */
import type { SmsRelayKnown, SmsUnifierPorts } from '../channels/sms/unify.ts';
import type { Relays } from '../delivery/relays.ts';
import type { Relay } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';
import { pemOf } from './live-trust.ts';

export function knownRelays(
  relays: Pick<Relays, 'find' | 'list' | 'credential'>,
): NonNullable<SmsUnifierPorts['relays']> {
  async function known(relay: Relay | null): Promise<SmsRelayKnown | null> {
    if (relay === null || !('account' in relay.settings)) return null;
    const { account, callbackUrl, kind } = relay.settings;
    const credential = await relays.credential(relay.id);
    return {
      secrets: {
        account: { account, secret: credential.secret ?? '' },
        own: signingSecret(kind, credential),
      },
      callbackUrl: callbackUrl?.replace(/\/+$/, '') ?? null,
    };
  }
  return {
    find: (id) => known(relays.find(id)),
    async of(provider) {
      const all = (await relays.list()).filter(({ relay }) => relay.settings.kind === provider);
      const found = await Promise.all(all.map(({ relay }) => known(relay)));
      return found.filter((one) => one !== null);
    },
  };
}

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 §4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');
const ed25519KeyBytes = 32;

/** Telnyx shows its public key as base64 of its 32 bytes. */
function signingSecret(kind: string, { signingSecret: given = '' }: Credential): string | null {
  if (given === '') return null;
  const key = Buffer.from(given, 'base64');
  if (kind !== 'telnyx' || key.length !== ed25519KeyBytes) return pemOf(given);
  const spki = Buffer.concat([ed25519Prefix, key]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
}
