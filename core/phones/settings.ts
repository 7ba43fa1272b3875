/** How the push providers and the phones behind them behave, where a user may choose. */
import { z } from 'zod';
import { apnsStorageMsMax, apnsStorageMsUsual } from './storage-policy.ts';

export const phoneSettingsSchema = z.object({
  unknownTokens: z
    .enum(['make', 'refuse'])
    .describe(
      'a token that no phone has: a phone is made for it, or the provider refuses it; a Web Push subscription that is not there is always refused, for its keys are not there either',
    ),
  apnsStorageMs: z
    .int()
    .min(0)
    .max(apnsStorageMsMax)
    .describe(
      'how long APNs keeps a notification for a device that is off at the most: 30 days, or 4 hours (14400000)',
    ),
});
export type PhoneSettings = z.infer<typeof phoneSettingsSchema>;

export const usualPhoneSettings: PhoneSettings = { unknownTokens: 'make', apnsStorageMs: apnsStorageMsUsual };

/** One that an older version wrote lacks what is new. */
export function readPhoneSettings(value: unknown): PhoneSettings {
  const parsed = phoneSettingsSchema.safeParse({ ...usualPhoneSettings, ...(value as object | null) });
  return parsed.success ? parsed.data : usualPhoneSettings;
}
