/** Sending domains, their records, and what is broken of them on purpose. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { checkResults } from '../dns/check-records.ts';
import { recordTypes } from '../dns/dns.ts';
import { purposes } from '../dns/records.ts';
import {
  dmarcSchema,
  faultsSchema,
  inboundSchema,
  recipientFaultSchema,
  recordSchema,
  signWithSchema,
} from '../dns/stored-domain.ts';

export const dnsRecordSchema = recordSchema.openapi('DnsRecord', {
  description:
    'A record made by hand; it takes the place of what the sandbox answers for that name and type.',
});

const checkResultSchema = z.enum(checkResults);

export const expectedRecordSchema = z
  .object({
    name: z.string(),
    type: z.enum(recordTypes),
    value: z.string(),
    purpose: z.enum(purposes),
    paste: z.boolean().describe('true outside too; the others would break real mail in real DNS'),
    why: z.string(),
  })
  .openapi('ExpectedRecord');

export const recordCheckSchema = expectedRecordSchema
  .extend({
    result: checkResultSchema,
    found: z.array(z.string()),
    note: z.string().nullable().describe('what is wrong and what to do, or what may be worth knowing'),
  })
  .openapi('RecordCheck');

export const sendingDomainSchema = z
  .object({
    name: z.string().describe('lower case, A-labels'),
    createdAt: z.string(),
    onTheFly: z.boolean().describe('set up because a message came from it'),
    ip: z.string().describe('simulated address that it sends from'),
    helo: z.string(),
    keys: z.array(
      z.object({
        selector: z.string(),
        algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
        publicKey: z.string().describe('what p= has'),
        active: z.boolean().describe('signs; the others are still published'),
        createdAt: z.string(),
      }),
    ),
    signWith: signWithSchema.describe('the keys that sign: both, or one kind alone'),
    dmarc: dmarcSchema,
    faults: faultsSchema.describe('what is broken on purpose'),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema.describe('where replies, DSNs and complaints go'),
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }),
    extraRecords: z.array(dnsRecordSchema),
    checks: z
      .partialRecord(z.enum(purposes), checkResultSchema)
      .describe('what a look at the zones finds, the worst of each kind'),
  })
  .openapi('SendingDomain');

export const domainChangeSchema = z
  .object({
    faults: faultsSchema,
    signWith: signWithSchema,
    dmarc: dmarcSchema.partial(),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema,
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }).partial(),
    extraRecords: z.array(dnsRecordSchema),
  })
  .partial()
  .openapi('SendingDomainChange');

export const recipientFaultsSchema = z
  .object({ faults: z.record(z.string(), recipientFaultSchema) })
  .openapi('RecipientFaults', {
    description: "Recipients' domains whose DNS goes wrong, each with how.",
  });
