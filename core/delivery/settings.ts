/** What can be set about the delivery core. Kept as one document; what is missing there has these values. */
import { z } from 'zod';
import { mailRetryPolicy, pushRetryDelaysMs, smsRetryDelaysMs } from './schedule.ts';

const dayMs = 24 * 3_600_000;

export const deliverySettingsSchema = z.object({
  /** Off: what the doors take is captured only. */
  deliver: z.boolean().default(true),
  retryDelaysMs: z
    .array(
      z
        .int()
        .min(1_000)
        .max(7 * dayMs),
    )
    .min(1)
    .max(50)
    .default([...mailRetryPolicy.retryDelaysMs]),
  /** The same for pushes; their lifetime is their time to live, where they have one. */
  pushRetryDelaysMs: z
    .array(
      z
        .int()
        .min(1_000)
        .max(7 * dayMs),
    )
    .min(1)
    .max(50)
    .default([...pushRetryDelaysMs]),
  /** The same for SMS. */
  smsRetryDelaysMs: z
    .array(
      z
        .int()
        .min(1_000)
        .max(7 * dayMs),
    )
    .min(1)
    .max(50)
    .default([...smsRetryDelaysMs]),
  lifetimeMs: z
    .int()
    .min(1_000)
    .max(30 * dayMs)
    .default(mailRetryPolicy.lifetimeMs),
  jitter: z.number().min(0).max(0.5).default(mailRetryPolicy.jitter),
  /** Soft bounces in a row that suppress an address; 0 never does. */
  softBounceRun: z.int().min(0).max(1_000).default(5),
  /** How long such a suppression lasts. */
  softSuppressionMs: z
    .int()
    .min(1_000)
    .max(3650 * dayMs)
    .default(7 * dayMs),
  suppressHardBounces: z.boolean().default(true),
  suppressComplaints: z.boolean().default(true),
  /** A delay DSN after this long in the queue for who did not ask otherwise, of what is put off first from then on; 0 makes none. */
  delayWarningMs: z
    .int()
    .min(0)
    .max(30 * dayMs)
    .default(0),
  /** Sender domains not set up are refused, not set up on the fly. */
  strictDomains: z.boolean().default(false),
  /** Doors whose mail is sent as it came, so that an app that signs by itself is checked as it is. */
  unsignedDoors: z.array(z.string()).max(20).default([]),
  tls: z.enum(['opportunistic', 'required', 'off']).default('opportunistic'),
  connectionsPerHost: z.int().min(1).max(100).default(10),
  /** Messages in an hour of virtual time, by stream; 0: no limit. */
  streamRatePerHour: z
    .object({
      transactional: z.int().min(0).max(10_000_000).default(0),
      marketing: z.int().min(0).max(10_000_000).default(0),
    })
    .default({ transactional: 0, marketing: 0 }),
  /** Seed of what chance decides: the same seed makes the same choices. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
});
export type DeliverySettings = z.infer<typeof deliverySettingsSchema>;
