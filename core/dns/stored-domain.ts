/** What is kept of the service in documents, parsed as it is read; private keys are sealed. */
import { z } from 'zod';
import { type DkimKey, domainFaults, type SendingDomain, signingChoices } from '../model/sending-domain.ts';
import { canonicalName, isQueryName } from './names.ts';
import { recipientFaults } from './zone-state.ts';

/** Encrypts what is secret, for the disk. */
export interface Seal {
  seal(text: string): string;
  unseal(text: string): string;
}

const keySchema = z.object({
  selector: z.string(),
  algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
  publicKey: z.string(),
  privateKey: z.string(),
  active: z.boolean(),
  createdAtMs: z.number(),
});
export const keysSchema = z.array(keySchema);

export const inboundSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mailbox') }),
  z.object({
    kind: z.literal('smtp'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535),
  }),
  z.object({
    kind: z.literal('webhook'),
    url: z.url({ protocol: /^https?$/, error: 'an http or https address is expected' }),
  }),
]);
export const dmarcSchema = z.object({
  policy: z.enum(['none', 'quarantine', 'reject']),
  alignment: z.enum(['relaxed', 'strict']),
});
export const signWithSchema = z.enum(signingChoices);
export const faultsSchema = z.array(z.enum(domainFaults));

const domainSchema = z.object({
  name: z.string(),
  createdAtMs: z.number(),
  onTheFly: z.boolean(),
  ip: z.string(),
  helo: z.string(),
  keys: keysSchema,
  signWith: signWithSchema.default('both'),
  dmarc: dmarcSchema,
  faults: faultsSchema,
  pool: z.enum(['dedicated', 'shared']),
  inbound: inboundSchema,
  streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }),
});

const queryName = z
  .string()
  .min(1)
  .max(254)
  .refine(
    (text) => isQueryName(canonicalName(text)),
    'a name of at most 253 characters is expected, each label at most 63',
  );
/** The root may be named as the target of an MX: that is what a null MX is (RFC 7505). */
const target = z
  .string()
  .max(254)
  .refine((text) => isQueryName(canonicalName(text)), 'a name is expected');
/** RFC 2181 §8. */
const ttlS = z.int().min(0).max(0x7fff_ffff);
/** The whole answer has to fit a message of 64 KB. */
const textCharsMax = 16_000;

/** A record as a user adds it. */
export const recordSchema = z.discriminatedUnion('type', [
  z.object({ name: queryName, ttlS, type: z.literal('A'), address: z.ipv4() }),
  z.object({ name: queryName, ttlS, type: z.literal('AAAA'), address: z.ipv6() }),
  z.object({ name: queryName, ttlS, type: z.enum(['CNAME', 'NS', 'PTR']), target }),
  z.object({
    name: queryName,
    ttlS,
    type: z.literal('MX'),
    preference: z.int().min(0).max(65_535),
    exchange: target,
  }),
  z.object({ name: queryName, ttlS, type: z.literal('TXT'), text: z.string().max(textCharsMax) }),
]);
export const recordsSchema = z.array(recordSchema);
export const recipientFaultSchema = z.enum(recipientFaults);
export const recipientFaultsSchema = z.record(z.string(), recipientFaultSchema);

export function sealedDomain(domain: SendingDomain, seal: Seal): unknown {
  return { ...domain, keys: sealedKeys(domain.keys, seal) };
}

export function sealedKeys(keys: readonly DkimKey[], { seal }: Seal): readonly DkimKey[] {
  return keys.map((key) => ({ ...key, privateKey: seal(key.privateKey) }));
}

/** @throws when it is not what was kept, or cannot be unsealed */
export function openedDomain(value: unknown, seal: Seal): SendingDomain {
  const domain = domainSchema.parse(value);
  return { ...domain, keys: openedKeys(domain.keys, seal) };
}

export function openedKeys(value: unknown, { unseal }: Seal): readonly DkimKey[] {
  return keysSchema.parse(value).map((key) => ({ ...key, privateKey: unseal(key.privateKey) }));
}
