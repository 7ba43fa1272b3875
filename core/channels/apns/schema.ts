/** What can be set about the simulated APNs, and what it keeps of broadcast channels. */
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

const keysMax = 100;
const topicsMax = 1_000;
const pemCharsMax = 4_000;
const idPattern = /^[A-Za-z0-9]{10}$/;
const topic = z.string().min(1).max(255);
const environment = z.enum(['production', 'development']);

export const apnsKeySchema = z.strictObject({
  kid: z.string().regex(idPattern, 'a key id has ten letters and digits'),
  teamId: z.string().regex(idPattern, 'a team id has ten letters and digits'),
  publicKey: z
    .string()
    .max(pemCharsMax)
    .superRefine((pem, context) => {
      const message = keyFault(pem);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .describe('PEM of the public key, or of the .p8 file, of which the public half is used'),
  environment: environment.optional().describe('left out: good for both'),
  topics: z
    .array(topic)
    .min(1)
    .max(topicsMax)
    .optional()
    .describe('bundle ids that it may push to; left out: all of the team'),
  revoked: z.boolean().optional(),
});
export type ApnsKey = z.infer<typeof apnsKeySchema>;

export const apnsSettingsSchema = z.object({
  /** Of requests that name no host of Apple's: `either` takes tokens of both environments. */
  environment: z.enum(['either', 'production', 'development']).default('either'),
  /** Tokens whose key is not among `keys` are refused. */
  strict: z.boolean().default(false),
  keys: z.array(apnsKeySchema).max(keysMax).default([]),
  /** Bundle ids that there are; empty: all. */
  topics: z.array(topic).max(topicsMax).default([]),
  /** How a key of the other environment is refused: Apple's page and its servers do not agree. */
  environmentKeyReason: z
    .enum(['BadEnvironmentKeyIdInToken', 'BadEnvironmentKeyInToken'])
    .default('BadEnvironmentKeyIdInToken'),
  /** Pushes to one device token in a second of real time; 0: without limit. Apple names no number. */
  perDevicePerSecond: z.int().min(0).max(100_000).default(0),
  /**
   * A connection with a token has one stream until the token was found valid, and what goes beyond is refused
   * (REFUSED_STREAM). Off by default: Apple's servers announce this, but put up with a client that sends more before it
   * has read their SETTINGS, as node-apn does with several devices; HTTP/2 as Node has it can only do both or neither.
   */
  oneStreamAtFirst: z.boolean().default(false),
  /** Bundle ids that have broadcast enabled; empty: all. */
  broadcastApps: z.array(topic).max(topicsMax).default([]),
});
export type ApnsSettings = z.infer<typeof apnsSettingsSchema>;

export const defaultApnsSettings: ApnsSettings = apnsSettingsSchema.parse({});

/** "Specify 0 for No Storage, 1 for Most Recent Message" (Sending channel management requests to APNs). */
export const channelSchema = z.object({
  id: z.string(),
  app: z.string(),
  environment: environment.nullable(),
  storagePolicy: z.union([z.literal(0), z.literal(1)]),
  createdAtMs: z.number(),
});
export type BroadcastChannel = z.infer<typeof channelSchema>;

/** @returns why a PEM is no P-256 key, or null */
export function keyFault(pem: string): string | null {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem);
    return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
      ? null
      : 'The key is not one on the curve P-256, as those of Apple are.';
  } catch {
    return 'The key is no PEM of a public key, nor of a .p8 file.';
  }
}
