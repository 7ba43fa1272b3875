/** Phones, handsets and the senders of SMS, as parts of an exported workspace. What is on them stays where it is. */
import { z } from 'zod';
import { type Handset, lines, type SmsSender } from '../../model/handset.ts';
import { type Phone, platforms } from '../../model/phone.ts';
import { pushProviders } from '../../model/push.ts';
import { smsProviders } from '../../model/sms.ts';
import type { Phones } from '../../phones/index.ts';
import { appsMax, formerTokensMax } from '../../phones/phone-book.ts';
import type { Carriers } from '../../phones/sms/index.ts';
import { listSection, type Section } from '../../workspace/section.ts';
import { withoutPassword } from './without-password.ts';

const listMax = 1_000;
const name = z.string().min(1).max(300);
const token = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[!-~]+$/, 'a token has no spaces');
const url = z.url({ protocol: /^https?$/ }).max(2_000);

const appSchema = z.object({
  app: name.regex(/^[!-~]+$/),
  provider: z.enum(pushProviders),
  token,
  environment: z.enum(['production', 'development']).nullable(),
  permission: z.enum(['granted', 'denied']),
  installed: z.boolean(),
  uninstalledAtMs: z.number().nullable(),
  tellAfterSends: z.int().nullable(),
  tellAtMs: z.number().nullable(),
  formerTokens: z.array(z.object({ token, sinceMs: z.number() })).max(formerTokensMax),
  topics: z.array(name).max(listMax),
  badge: z.int(),
  subscription: z
    .object({ applicationServerKey: z.string().max(200).nullable() })
    .nullable()
    // Whoever takes it makes keys of its own.
    .transform((one) => (one === null ? null : { p256dh: '', auth: '', ...one })),
  linkSchemes: z.array(name).max(listMax),
  linkDomains: z.array(name).max(listMax),
  project: name.nullable().exactOptional(),
  dropped: z
    .object({ atMs: z.number(), why: z.string().max(listMax) })
    .nullable()
    .exactOptional(),
});

const phoneSchema = z.object({
  id: z.string().regex(/^[\w.:-]{1,200}$/),
  name,
  user: name.nullable(),
  platform: z.enum(platforms),
  online: z.boolean(),
  offlineUntilMs: z.number().nullable(),
  createdAtMs: z.number(),
  onTheFly: z.boolean(),
  apps: z.array(appSchema).max(appsMax),
});

const carrierSchema = z.object({ name, network: z.string().max(20) });
const handsetSchema = z.object({
  number: name,
  name,
  user: name.nullable(),
  country: z.string().length(2).nullable(),
  line: z.enum(lines),
  carrier: carrierSchema,
  portedFrom: carrierSchema.nullable(),
  online: z.boolean(),
  offlineUntilMs: z.number().nullable(),
  blocked: z.boolean(),
  unreachable: z.boolean(),
  optOuts: z
    .array(
      z.object({
        provider: z.enum(smsProviders),
        account: z.string().max(300),
        sender: name,
        word: z.string().max(300),
        atMs: z.number(),
      }),
    )
    .max(listMax),
  onTheFly: z.boolean(),
  createdAtMs: z.number(),
});

const senderSchema = z.object({
  sender: name,
  provider: z.enum(smsProviders),
  account: name.nullable(),
  countries: z.array(z.string().max(2)).max(listMax),
  service: name.nullable(),
  inboundUrl: url.nullable(),
  inboundMethod: z.enum(['POST', 'GET']),
  inboundFailoverUrl: url.nullable().exactOptional(),
  statusUrl: url.nullable(),
  onTheFly: z.boolean(),
});

export function deviceSections(phones: Phones, carriers: Carriers): readonly Section[] {
  const { handsets, settings } = carriers;
  return [
    listSection<Phone>({
      entry: 'phones.json',
      part: 'phones',
      schema: phoneSchema,
      rows: () => phones.list().map(withoutKeys),
      nameOf: (phone) => phone.name,
      isKnown: ({ id }) => phones.get(id) !== null,
      put: (phone) => phones.adopt(phone),
    }),
    listSection<Handset>({
      entry: 'handsets.json',
      part: 'handsets',
      schema: handsetSchema,
      rows: () => handsets.list(),
      nameOf: ({ number }) => number,
      isKnown: ({ number }) => handsets.get(number) !== null,
      put: (handset) => handsets.adopt(handset),
    }),
    listSection<SmsSender>({
      entry: 'sms-senders.json',
      part: 'SMS senders',
      schema: senderSchema,
      rows: () =>
        settings.senders().map((one) => ({
          ...one,
          inboundUrl: plain(one.inboundUrl),
          statusUrl: plain(one.statusUrl),
          ...(one.inboundFailoverUrl === undefined
            ? {}
            : { inboundFailoverUrl: plain(one.inboundFailoverUrl) }),
        })),
      nameOf: ({ provider, sender }) => `${provider} ${sender}`,
      isKnown: (one) =>
        settings.senders().some(({ provider, sender }) => provider === one.provider && sender === one.sender),
      put: (sender) => settings.saveSender(sender),
    }),
  ];
}

function withoutKeys({ apps, ...phone }: Phone) {
  return {
    ...phone,
    apps: apps.map(({ subscription, ...app }) => ({
      ...app,
      subscription:
        subscription === null ? null : { applicationServerKey: subscription.applicationServerKey },
    })),
  };
}

function plain(address: string | null): string | null {
  return address === null ? null : withoutPassword(address);
}
