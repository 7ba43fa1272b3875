/** The wire shapes of what can be set about the doors of the push providers: as in `schema.ts`, of which they are a part. */
import { isIP } from 'node:net';
import { z } from '@hono/zod-openapi';
import { apnsKeySchema, apnsSettingsSchema } from '../channels/apns/index.ts';
import { fcmSettingsSchema, projectIdSchema } from '../channels/fcm/index.ts';

const listMax = 1_000;
const hostCharsMax = 260;
const hostPattern = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*(?::\d{1,5})?$/;

const apns = z
  .strictObject(apnsSettingsSchema.shape)
  .superRefine(({ keys }, context) =>
    once(
      keys.map((key) => key.kid),
      ['keys', 'kid'],
      context,
    ),
  )
  .openapi('ApnsSettings');

const fcm = z
  .strictObject(fcmSettingsSchema.shape)
  .superRefine(({ serviceAccounts, projects }, context) => {
    once(
      serviceAccounts.map((account) => account.clientEmail),
      ['serviceAccounts', 'clientEmail'],
      context,
    );
    once(
      projects.map((project) => project.id),
      ['projects', 'id'],
      context,
    );
  })
  .openapi('FcmSettings');

const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(hostCharsMax)
  .superRefine((text, context) => {
    if (hostPattern.test(text) || isIP(text) !== 0) return;
    context.addIssue({
      code: 'custom',
      message:
        text === '*'
          ? 'for every host write "otherHosts": "tunnel"'
          : 'a host, a host:port, or *.domain is expected, like api.stripe.com or *.example.com',
    });
  });

const proxy = z
  .strictObject({
    otherHosts: z
      .union([z.enum(['refuse', 'tunnel']), z.strictObject({ list: z.array(host).max(listMax) })], {
        error: '"refuse", "tunnel" or {"list": ["api.example.com", …]} is expected',
      })
      .describe(
        'what the CONNECT proxy does with hosts that are no provider’s: a 403, or it leads there; or the hosts that it leads to',
      ),
  })
  .openapi('ProxySettings');

export const pushSettingsSchema = z.strictObject({ apns, fcm, proxy });

const ownKeysSchema = z
  .object({
    apns: z.object({ kid: z.string(), teamId: z.string(), publicKey: z.string() }),
    fcm: z.object({ clientEmail: z.string(), projectId: z.string(), publicKey: z.string() }),
    vapid: z.object({
      publicKey: z
        .string()
        .describe('base64url, as PushManager.subscribe() takes it for `applicationServerKey`'),
      subject: z.string(),
    }),
  })
  .openapi('OwnPushKeys');

export const shownPushSettingsSchema = pushSettingsSchema
  .extend({ own: ownKeysSchema.describe('what the sandbox itself pushes with; its doors know these always') })
  .openapi('PushSettings');

const part = (name: string) =>
  z
    .looseObject({})
    .optional()
    .openapi({ $ref: `#/components/schemas/${name}` } as object);

/** What is in the parts is checked with what they had before: see `pushSettingsSchema`. */
export const pushSettingsChangeSchema = z
  .strictObject({
    apns: part('ApnsSettings'),
    fcm: part('FcmSettings'),
    proxy: part('ProxySettings'),
    own: z.unknown().optional().describe('as GET has it; passed over'),
  })
  .openapi('PushSettingsChange', {
    description: 'What is left out, a part or a member of one, stays as it is.',
  });

const { kid, teamId, environment, topics } = apnsKeySchema.shape;
export const newApnsKeySchema = z
  .strictObject({
    kid: kid.optional().describe('left out: one is made'),
    teamId: teamId.optional().describe('left out: the team of the sandbox’s own key'),
    environment,
    topics,
  })
  .openapi('NewApnsKey');

export const madeApnsKeySchema = z
  .object({
    kid: z.string(),
    teamId: z.string(),
    fileName: z.string(),
    privateKey: z.string().describe('what stands in the .p8 file; it is told this once and not kept'),
    publicKey: z.string(),
  })
  .openapi('MadeApnsKey');

const accountNamePattern = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const newServiceAccountSchema = z
  .strictObject({
    projectId: projectIdSchema.optional().describe('left out: the project of the sandbox’s own account'),
    name: z
      .string()
      .regex(accountNamePattern, 'a name has lower-case letters, digits and dashes, and begins with a letter')
      .optional()
      .describe('what stands before the @; left out: as Firebase names them'),
  })
  .openapi('NewServiceAccount');

/** Source: https://developers.google.com/workspace/guides/create-credentials, the file as Google Cloud hands it out. */
export const serviceAccountFileSchema = z
  .object({
    type: z.literal('service_account'),
    project_id: z.string(),
    private_key_id: z.string(),
    private_key: z.string(),
    client_email: z.string(),
    client_id: z.string(),
    auth_uri: z.string(),
    token_uri: z.string().describe('the token endpoint of this sandbox'),
    auth_provider_x509_cert_url: z.string(),
    client_x509_cert_url: z.string(),
    universe_domain: z.string(),
  })
  .openapi('ServiceAccountFile');

/** @param path of the list, and the member that must be there once only */
function once(
  values: readonly string[],
  [list, member]: readonly [string, string],
  context: z.RefinementCtx,
): void {
  values.forEach((value, at) => {
    if (values.indexOf(value) !== at)
      context.addIssue({ code: 'custom', path: [list, at, member], message: `${value} is there twice` });
  });
}

export type PushSettings = z.infer<typeof pushSettingsSchema>;
export type ShownPushSettings = z.infer<typeof shownPushSettingsSchema>;
export type PushSettingsChange = z.infer<typeof pushSettingsChangeSchema>;
export type NewApnsKey = z.infer<typeof newApnsKeySchema>;
export type MadeApnsKey = z.infer<typeof madeApnsKeySchema>;
export type NewServiceAccount = z.infer<typeof newServiceAccountSchema>;
export type ServiceAccountFile = z.infer<typeof serviceAccountFileSchema>;
