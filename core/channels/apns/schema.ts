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
    .transform((pem, context) => {
      const key = publicHalf(pem);
      if ('pem' in key) return key.pem;
      context.addIssue({ code: 'custom', message: key.fault });
      return z.NEVER;
    })
    .describe('PEM of the public key, or of the .p8 file, of which the public half is kept'),
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
  environment: z
    .enum(['either', 'production', 'development'])
    .default('either')
    .describe('of requests that name no host of Apple’s: `either` takes device tokens of both environments'),
  strict: z
    .boolean()
    .default(false)
    .describe('tokens (JWT) whose key is not among `keys` are refused: InvalidProviderToken'),
  keys: z.array(apnsKeySchema).max(keysMax).default([]).describe('whose signatures can be checked'),
  topics: z.array(topic).max(topicsMax).default([]).describe('bundle ids that there are; empty: all'),
  environmentKeyReason: z
    .enum(['BadEnvironmentKeyIdInToken', 'BadEnvironmentKeyInToken'])
    .default('BadEnvironmentKeyIdInToken')
    .describe(
      'how a key of the other environment is refused: the page of Apple and its servers do not agree',
    ),
  perDevicePerSecond: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      'pushes to one device token in a second of real time, then TooManyRequests; 0: without limit, for Apple names none',
    ),
  /**
   * Off by default: Apple's servers announce this, but put up with a client that sends more before it has read their
   * SETTINGS, as node-apn does with several devices; HTTP/2 as Node has it can only do both or neither.
   */
  oneStreamAtFirst: z
    .boolean()
    .default(false)
    .describe(
      'a connection has one stream until its token was found valid; what goes beyond is refused (REFUSED_STREAM)',
    ),
  broadcastApps: z
    .array(topic)
    .max(topicsMax)
    .default([])
    .describe('bundle ids that have broadcast enabled; empty: all'),
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

/** @returns the public key of a PEM, itself PEM; or why it is no key of a kind that APNs knows */
function publicHalf(pem: string): { readonly pem: string } | { readonly fault: string } {
  try {
    const key = createPublicKey(pem);
    const { asymmetricKeyType, asymmetricKeyDetails } = key;
    return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
      ? { pem: key.export({ type: 'spki', format: 'pem' }).toString() }
      : { fault: 'The key is not one on the curve P-256, as those of Apple are.' };
  } catch {
    // OpenSSL's words say nothing to a reader.
    return { fault: 'The key is no PEM of a public key, nor of a .p8 file.' };
  }
}
