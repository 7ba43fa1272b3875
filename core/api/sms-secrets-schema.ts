/** Secrets that callbacks of SMS providers are signed with, as the API shows them. */
import { z } from '@hono/zod-openapi';
import { smsProviders } from '../model/sms.ts';

export const shownSmsSecretSchema = z
  .object({
    name: z.string().nullable().describe('what it is rotated by; null: it is not the sandbox’s own'),
    provider: z.enum(smsProviders),
    providerName: z.string(),
    account: z.string().nullable().describe('account, key or plan that it is of; null: of every one'),
    kind: z
      .enum(['own', 'seen', 'fixed'])
      .describe('own: made here; seen: a request carried it; fixed: by a setting'),
    value: z.string().describe('masked unless it was asked for with `reveal=true`'),
    publicKey: z
      .string()
      .nullable()
      .describe('of a key pair the half that an app checks with, as the provider’s portal shows it'),
  })
  .openapi('SmsSecret');
export type ShownSmsSecret = z.infer<typeof shownSmsSecretSchema>;

export interface SmsSecretsService {
  /** The sandbox's own, those fixed by settings, and those seen, the last one used first. */
  list(reveal: boolean): readonly ShownSmsSecret[];
  /** Makes one of the sandbox's own anew. @throws AppError `not_found` */
  rotate(name: string): Promise<ShownSmsSecret>;
}
