import { generateKeyPairSync } from 'node:crypto';
import type { KeyPair, MakeKeyPair } from '../../../core/dns/keys.ts';
import type { RealDns } from '../../../core/dns/real-records.ts';
import {
  type Documents,
  openSendingDomains,
  type SendingDomains,
  type SendingDomainsOptions,
  type SendingDomainsPorts,
} from '../../../core/dns/sending-domains.ts';

/** Documents as the store keeps them: JSON, by kind and key. */
export class MemoryDocuments implements Documents {
  readonly kept = new Map<string, Map<string, string>>();

  load(kind: string): Promise<readonly { readonly key: string; readonly value: unknown }[]> {
    const rows = [...(this.kept.get(kind) ?? [])];
    return Promise.resolve(rows.map(([key, json]) => ({ key, value: JSON.parse(json) as unknown })));
  }

  save(kind: string, key: string, value: unknown): Promise<void> {
    const rows = this.kept.get(kind) ?? new Map<string, string>();
    if (value === null) rows.delete(key);
    else rows.set(key, JSON.stringify(value));
    this.kept.set(kind, rows);
    return Promise.resolve();
  }
}

/** Ed25519 for both kinds where nobody signs: a pair is made at once. */
export const quickKeyPair: MakeKeyPair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pair: KeyPair = {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  return Promise.resolve(pair);
};

const unasked = (): never => {
  throw new Error('the real DNS was asked');
};
export const noRealDns: RealDns = {
  resolve4: unasked,
  resolve6: unasked,
  resolveCname: unasked,
  resolveMx: unasked,
  resolveNs: unasked,
  resolvePtr: unasked,
  resolveSoa: unasked,
  resolveTxt: unasked,
};

export function openDomains(
  documents: Documents = new MemoryDocuments(),
  own: Partial<SendingDomainsPorts> = {},
  options: Partial<SendingDomainsOptions> = {},
): Promise<SendingDomains> {
  return openSendingDomains(
    {
      documents,
      seal: {
        seal: (text) => Buffer.from(text).toString('base64'),
        unseal: (text) => Buffer.from(text, 'base64').toString(),
      },
      clock: { wallMs: () => 1_000 },
      makeKeyPair: quickKeyPair,
      realDns: noRealDns,
      onProblem: (text) => {
        throw new Error(text);
      },
      ...own,
    },
    { strict: false, relayInclude: null, ...options },
  );
}
