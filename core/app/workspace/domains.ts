/** Sending domains, as a part of an exported workspace: without their private keys unless they are asked for. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { SendingDomains } from '../../dns/sending-domains.ts';
import { dmarcSchema, faultsSchema, inboundSchema, signWithSchema } from '../../dns/stored-domain.ts';
import type { DkimKey, SendingDomain } from '../../model/sending-domain.ts';
import { listSection, type Section } from '../../workspace/section.ts';
import { withoutPassword } from './without-password.ts';

const ed25519Bytes = 32;
const keyCharsMax = 8_192;

const keySchema = z
  .object({
    selector: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/),
    algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
    publicKey: z.string().max(keyCharsMax),
    privateKey: z.string().max(keyCharsMax),
    active: z.boolean(),
    createdAtMs: z.number(),
  })
  .refine(isPair, 'the private key is none, or not the one of its public key');

const domainSchema = z.object({
  name: z.string().max(253),
  createdAtMs: z.number(),
  onTheFly: z.boolean(),
  ip: z.ipv4(),
  helo: z.string().max(253),
  keys: z.array(keySchema).optional(),
  signWith: signWithSchema,
  dmarc: dmarcSchema,
  faults: faultsSchema,
  pool: z.enum(['dedicated', 'shared']),
  inbound: inboundSchema,
  streams: z.object({
    transactional: z.string().max(253).nullable(),
    marketing: z.string().max(253).nullable(),
  }),
});

export function domainSection(domains: SendingDomains): Section {
  return listSection({
    entry: 'domains.json',
    part: 'domains',
    schema: domainSchema,
    rows: ({ privateKeys }) => domains.list().map((domain) => exported(domain, privateKeys)),
    nameOf: ({ name }) => name,
    isKnown: ({ name }) => domains.get(name) !== null,
    check: ({ name, keys = [] }) => domains.checkAdoptable({ name, keys }),
    put: ({ keys = [], ...domain }) => domains.adopt({ ...domain, keys }),
  });
}

/** A public key is no use without its private one: the domain gets new ones where it comes in. */
function exported({ keys, inbound, ...domain }: SendingDomain, privateKeys: boolean) {
  return {
    ...domain,
    inbound: inbound.kind === 'webhook' ? { ...inbound, url: withoutPassword(inbound.url) } : inbound,
    ...(privateKeys ? { keys } : {}),
  };
}

function isPair({
  algorithm,
  publicKey,
  privateKey,
}: Pick<DkimKey, 'algorithm' | 'publicKey' | 'privateKey'>): boolean {
  try {
    const secret = createPrivateKey(privateKey);
    if (secret.asymmetricKeyType !== (algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519')) return false;
    const spki = createPublicKey(secret).export({ type: 'spki', format: 'der' });
    const own = algorithm === 'rsa-sha256' ? spki : spki.subarray(-ed25519Bytes);
    return own.toString('base64') === publicKey;
  } catch {
    // Not even a key.
    return false;
  }
}
