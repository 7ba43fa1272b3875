/**
 * The token that we show to APNs ourselves. "Refresh your token no more than once every 20 minutes and no less than once
 * every 60 minutes" (Establishing a token-based connection to APNs). Wall time.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';

export interface SigningKey {
  readonly kid: string;
  readonly teamId: string;
  /** PEM of the .p8 file. */
  readonly privateKey: string;
}

const renewedAfterMs = 40 * 60_000;
/** A token that was refused as too old is replaced no sooner. */
const renewableAfterMs = 20 * 60_000;

export interface ProviderTokens {
  /** Of the key as it is now; one token serves all connections. */
  current(key: SigningKey): string;
  /** APNs found it expired. @returns false when it is too young to be replaced: then it is the clock that is wrong */
  expired(): boolean;
}

export function createProviderTokens(wallMs: () => number): ProviderTokens {
  let made: { readonly key: SigningKey; readonly token: string; readonly atMs: number } | null = null;
  let parsed: { readonly pem: string; readonly key: KeyObject } | null = null;

  function keyOf({ privateKey }: SigningKey): KeyObject {
    // Parsed once: a PEM for each token is slow, and keys seldom change.
    if (parsed?.pem !== privateKey) parsed = { pem: privateKey, key: createPrivateKey(privateKey) };
    return parsed.key;
  }

  return {
    current(key) {
      const nowMs = wallMs();
      const same =
        made !== null &&
        made.key.kid === key.kid &&
        made.key.teamId === key.teamId &&
        made.key.privateKey === key.privateKey;
      // A clock that was put back counts as time for a new one, too.
      if (made !== null && same && nowMs - made.atMs < renewedAfterMs && nowMs >= made.atMs)
        return made.token;
      const token = signed(key, keyOf(key), nowMs);
      made = { key, token, atMs: nowMs };
      return token;
    },
    expired() {
      if (made !== null && wallMs() - made.atMs < renewableAfterMs) return false;
      made = null;
      return true;
    },
  };
}

/** RFC 7515 §3.1; ES256 has R and S side by side (RFC 7518 §3.4). */
function signed({ kid, teamId }: SigningKey, key: KeyObject, nowMs: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'ES256', kid })}.${part({ iss: teamId, iat: Math.floor(nowMs / 1000) })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
