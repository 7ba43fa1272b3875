/** What can be set about the simulated APNs, and what it keeps of broadcast channels. */
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
    .describe('PEM of the public key; of a .p8 file only its public half is kept in memory'),
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
