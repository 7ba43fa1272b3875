/** What can be set of the FCM door, of Google's OAuth and of the metadata server. By default everything is let in. */
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

const listMax = 1_000;
const pemCharsMax = 10_000;
export const projectIdSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9:.-]*$/, "a project's id has letters, digits and dashes");

export const fcmSettingsSchema = z.strictObject({
  strict: z
    .boolean()
    .default(false)
    .describe('only access tokens that the sandbox gave out, and only accounts that it knows'),
  strictTokens: z
    .boolean()
    .default(false)
    .describe('only registration tokens that look as if FCM had minted them'),
  projects: z
    .array(
      z.strictObject({
        id: projectIdSchema,
        number: z
          .string()
          .regex(/^\d{1,20}$/)
          .nullable()
          .default(null),
        apps: z
          .array(z.string().min(1).max(255))
          .max(listMax)
          .default([])
          .describe('packages that are its own; empty: any'),
      }),
    )
    .max(listMax)
    .default([])
    .describe('empty: every project is there'),
  serviceAccounts: z
    .array(
      z.strictObject({
        clientEmail: z.string().min(3).max(320),
        projectId: projectIdSchema.nullable().default(null),
        publicKey: z
          .string()
          .max(pemCharsMax)
          .transform((pem, context) => {
            const key = publicHalf(pem);
            if ('pem' in key) return key.pem;
            context.addIssue({ code: 'custom', message: key.fault });
            return z.NEVER;
          })
          .nullable()
          .default(null)
          .describe(
            'PEM, or the `private_key` of the account, of which the public half is kept; null: signatures are not checked',
          ),
      }),
    )
    .max(listMax)
    .default([]),
  deviceRates: z
    .boolean()
    .default(false)
    .describe('240 messages a minute and 5,000 an hour to one Android device'),
  collapsibleRate: z
    .boolean()
    .default(false)
    .describe('20 collapsible messages at once to an app on a device, then one in 3 minutes'),
  projectRate: z.boolean().default(false).describe('600,000 messages a minute of a project'),
  metadata: z
    .strictObject({
      projectId: projectIdSchema.default('demo-project'),
      projectNumber: z
        .string()
        .regex(/^\d{1,20}$/)
        .default('123456789012'),
      email: z.string().min(3).max(320).nullable().default(null),
    })
    .default({ projectId: 'demo-project', projectNumber: '123456789012', email: null })
    .describe('what the metadata server says of the machine'),
});
export type FcmSettings = z.infer<typeof fcmSettingsSchema>;
export type FcmProject = FcmSettings['projects'][number];

export const defaultFcmSettings: FcmSettings = fcmSettingsSchema.parse({});

/** By its id or its number; null where there is no such project. A known account's project is there too. */
export function projectOf({ projects, serviceAccounts }: FcmSettings, name: string): FcmProject | null {
  const fixed = projects.find(({ id, number }) => id === name || number === name);
  const any = projects.length === 0 || serviceAccounts.some(({ projectId }) => projectId === name);
  return fixed ?? (any ? { id: name, number: null, apps: [] } : null);
}

/** @returns the public key of a PEM, itself PEM; or why it is no key of a service account */
function publicHalf(pem: string): { readonly pem: string } | { readonly fault: string } {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa'
      ? { pem: key.export({ type: 'spki', format: 'pem' }).toString() }
      : { fault: 'The key is not an RSA key, as those of service accounts are.' };
  } catch {
    // OpenSSL's words say nothing to a reader.
    return { fault: 'The key is no PEM of a public key, nor the private_key of a service account.' };
  }
}
