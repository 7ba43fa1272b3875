/** What a push says beside its head: its payload, and the request that brought it. See `schema.ts`. */
import { z } from '@hono/zod-openapi';
import { pushProviders, pushTargetKinds } from '../model/push.ts';
import { pushContentSchema } from './phones-schema.ts';

const jsonObject = z.record(z.string(), z.unknown());

export const pushDetailsSchema = z
  .object({
    provider: z.enum(pushProviders),
    target: z.object({ kind: z.enum(pushTargetKinds), value: z.string() }),
    app: z.string(),
    environment: z.enum(['production', 'development']).nullable(),
    pushType: z.string().nullable().describe('apns-push-type'),
    priority: z.string().nullable(),
    collapseKey: z.string().nullable(),
    expiresAt: z.string().nullable().describe('virtual; null: as long as the provider keeps things'),
    nowOrNever: z.boolean().describe('tried once and never stored'),
    providerId: z.string().describe('apns-id, message name, Location'),
    headers: z.array(z.tuple([z.string(), z.string()])).describe('as they came; credentials are masked'),
    credentials: z
      .object({
        kind: z.enum(['apnsToken', 'certificate', 'oauth', 'vapid', 'none']),
        header: jsonObject,
        claims: jsonObject,
        signature: z.enum(['valid', 'invalid', 'unknownKey', 'none']),
        checks: z.array(
          z.object({
            check: z.string(),
            result: z.enum(['pass', 'fail', 'unchecked']),
            detail: z.string(),
          }),
        ),
      })
      .nullable(),
    plain: z.string().nullable().describe('what was inside where the payload came encrypted'),
  })
  .openapi('PushDetails', { description: 'What the request to a provider said beside its payload.' });

export const pushViewSchema = z
  .object({
    details: pushDetailsSchema
      .nullable()
      .describe('null: the send API took it, and it is rendered at each attempt'),
    content: pushContentSchema,
    problems: z
      .array(
        z.object({
          field: z.string().describe('where it is, as a path: `aps.alert.title`'),
          code: z.string(),
          detail: z.string(),
          refused: z.boolean().describe('the provider refuses it; else a device ignores it in silence'),
        }),
      )
      .describe('what is wrong with the payload'),
  })
  .openapi('PushView');
