/**
 * What a message says of itself beside its bytes, as a file may bring it. What a rule ordered for its deliveries is not
 * among it: they stay where they were. Nor is what a request showed of its credentials.
 */
import { z } from 'zod';
import { streams } from '../model/delivery.ts';
import type { MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import { stepReasons } from '../model/multi-steps.ts';
import { pushProviders, pushTargetKinds } from '../model/push.ts';
import { smsProviders } from '../model/sms.ts';

const text = z.string().max(100_000);
const line = z.string().max(4_000);
const headers = z.array(z.tuple([line, text])).max(1_000);
const listMax = 1_000;

const pushSchema = z.object({
  provider: z.enum(pushProviders),
  target: z.object({ kind: z.enum(pushTargetKinds), value: line }),
  app: line,
  environment: z.enum(['production', 'development']).nullable(),
  pushType: line.nullable(),
  priority: line.nullable(),
  collapseKey: line.nullable(),
  expiresAtMs: z.number().nullable(),
  nowOrNever: z.boolean(),
  providerId: line,
  headers,
  credentials: z.null().default(null),
  plain: text.nullable(),
});

const smsSchema = z.object({
  provider: z.enum(smsProviders),
  api: line,
  account: line,
  sender: line,
  service: line.nullable(),
  providerId: line,
  text,
  media: z.array(z.object({ url: line, contentType: line.nullable() })).max(listMax),
  encoding: z.enum(['GSM-7', 'UCS-2', 'binary']),
  parts: z.int().min(0),
  headers,
  validityMs: z.number().nullable(),
  sendAtMs: z.number().nullable(),
  callbackUrl: line.nullable(),
  reference: line.nullable(),
  answers: line.nullable(),
});

const partOfSchema = z.object({
  messageId: line,
  deliveryId: line,
  step: z.int().min(1),
  why: z.enum(stepReasons).exactOptional(),
  startedAtMs: z.number().exactOptional(),
  unreadAfterMs: z.number().nullable().exactOptional(),
  giveUpAfterMs: z.number().nullable().exactOptional(),
});

/** What has its usual value may be left out. */
export const outcomeFreeDetails = z.object({
  origin: line.nullable().default(null),
  fromDomain: line.nullable().default(null),
  client: z.object({ ip: line, helo: line }).nullable().default(null),
  metadata: z.record(line, line).default({}),
  sendAtMs: z.number().nullable().default(null),
  trackOpens: z.boolean().default(false),
  trackClicks: z.boolean().default(false),
  links: z.array(line).max(10_000).default([]),
  stream: z.enum(streams).nullable().default(null),
  push: pushSchema.exactOptional(),
  sms: smsSchema.exactOptional(),
  partOf: partOfSchema.exactOptional(),
  template: z.object({ id: line, version: z.int() }).exactOptional(),
  topic: line.exactOptional(),
});

/** Short: what has its usual value is left out. */
export function exportedDetails(details: MessageDetails | null): Readonly<Record<string, unknown>> | null {
  if (details === null) return null;
  const { ordered: _ordered, push, ...rest } = details;
  const usual: Readonly<Record<string, unknown>> = { ...noDetails };
  const all: Readonly<Record<string, unknown>> = {
    ...rest,
    ...(push === undefined ? {} : { push: { ...push, credentials: null } }),
  };
  const said = Object.entries(all).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]),
  );
  return said.length === 0 ? null : Object.fromEntries(said);
}
