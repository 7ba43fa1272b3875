/**
 * Wire types of Infobip's SMS interfaces: `/sms/2/text/advanced`, `/sms/2/binary/advanced`, `/sms/2/text/single`, and version 3.
 * Source: Infobip's OpenAPI specification, https://www.infobip.com/docs/api/channels/sms
 */
import { z } from 'zod';

/** Of a request. Infobip names none; this one is ours. */
export const destinationsMax = 10_000;
export const messagesMax = 1_000;
const toCharactersMax = 64;
export const messageIdCharactersMax = 200;
const bulkIdCharactersMax = 100;
const callbackDataCharactersMax = 4_000;
/** Of names and addresses; each of them is kept with every message of a request. */
const wordCharactersMax = 255;
const urlCharactersMax = 2_048;

export const contentTypes = ['application/json', 'application/xml'] as const;
export type ContentType = (typeof contentTypes)[number];

const filled = z.string().refine((text) => text.trim() !== '', 'must not be blank');
const flag = z.boolean().nullish();
const word = z.string().max(wordCharactersMax, `size must be between 0 and ${wordCharactersMax}`).nullish();

const destinations = z
  .array(
    z.object({
      to: z.string().max(toCharactersMax, `size must be between 0 and ${toCharactersMax}`),
      // Cut to its length, as Infobip does.
      messageId: z.string().nullish(),
    }),
    'must be an array',
  )
  .min(1, 'must not be empty');

/** Counted before anything is looked at: what is wrong with each of a million would fill the memory. */
const fewEnough = z
  .looseObject({ messages: z.array(z.unknown(), 'must be an array').max(messagesMax) })
  .refine(({ messages }) => destinationsIn(messages) <= destinationsMax, {
    path: ['messages'],
    error: `must have at most ${destinationsMax} destinations in all`,
  });

function destinationsIn(messages: readonly unknown[]): number {
  return messages.reduce<number>((sum, one) => {
    const list: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'destinations') : null;
    return sum + (Array.isArray(list) ? list.length : 1);
  }, 0);
}

const url = z
  .string()
  .max(urlCharactersMax, `size must be between 0 and ${urlCharactersMax}`)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be a valid URL')
  .nullish();

const hex = z
  .string()
  .refine((text) => /^(?:[0-9a-f]{2})+$/i.test(text.replaceAll(/\s/g, '')), 'must be hexadecimal octets');

const binary = z.object({
  hex,
  dataCoding: z.int().min(0).max(255).nullish(),
  esmClass: z.int().min(0).max(255).nullish(),
});

const callbackData = z
  .string()
  .max(callbackDataCharactersMax, `size must be between 0 and ${callbackDataCharactersMax}`)
  .nullish();

/** `yyyy-MM-dd'T'HH:mm:ss.SSSZ`, "must be sooner than 180 days from now". */
const time = z
  .string()
  .refine((text) => !Number.isNaN(timeMs(text)), "must have the format yyyy-MM-dd'T'HH:mm:ss.SSSZ")
  .nullish();

export function timeMs(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/.test(text))
    return Number.NaN;
  // Without an offset it is UTC; Date reads one with a colon.
  const [, local = text, offset = 'Z'] = /^(.*?)(Z|[+-]\d{2}:?\d{2})?$/.exec(text) ?? [];
  return Date.parse(`${local}${offset.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`);
}

/** As the API writes times. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+0000');
}

const shared2 = {
  from: word,
  flash: flag,
  intermediateReport: flag,
  notifyUrl: url,
  notifyContentType: z.enum(contentTypes).nullish(),
  callbackData,
  /** Minutes; "longer than 48h is not supported". */
  validityPeriod: z.int().min(1).nullish(),
  sendAt: time,
  campaignReferenceId: word,
  applicationId: word,
  entityId: word,
  transliteration: word,
  language: z.object({ languageCode: word }).nullish(),
};

export const textRequestSchema = fewEnough.pipe(
  z.object({
    bulkId: z.string().max(bulkIdCharactersMax).nullish(),
    includeSmsCountInResponse: flag,
    messages: z
      .array(z.object({ ...shared2, destinations, text: filled }), 'must be an array')
      .min(1, 'must not be empty'),
  }),
);

export const binaryRequestSchema = fewEnough.pipe(
  z.object({
    bulkId: z.string().max(bulkIdCharactersMax).nullish(),
    includeSmsCountInResponse: flag,
    messages: z
      .array(z.object({ ...shared2, destinations, binary }), 'must be an array')
      .min(1, 'must not be empty'),
  }),
);

export const singleRequestSchema = z.object({
  from: word,
  to: z.union(
    [
      filled,
      z
        .array(z.unknown())
        .min(1, 'must not be empty')
        .max(destinationsMax)
        .pipe(z.array(filled.max(toCharactersMax))),
    ],
    'must be a number, or several',
  ),
  text: filled,
});

export const requestSchema3 = fewEnough.pipe(
  z.object({
    messages: z
      .array(
        z.object({
          sender: word,
          destinations,
          content: z.union(
            [
              z.object({
                text: filled,
                transliteration: word,
                language: z.object({ languageCode: word }).nullish(),
              }),
              binary,
            ],
            'must have a text, or hex',
          ),
          options: z
            .object({
              flash: flag,
              campaignReferenceId: word,
              validityPeriod: z
                .object({
                  amount: z.int().min(1),
                  timeUnit: z.enum(['MINUTES', 'HOURS', 'SECONDS', 'DAYS']).nullish(),
                })
                .nullish(),
              platform: z.object({ applicationId: word, entityId: word }).nullish(),
            })
            .nullish(),
          webhooks: z
            .object({
              delivery: z.object({ url, intermediateReport: flag, notify: flag }).nullish(),
              contentType: z.enum(contentTypes).nullish(),
              callbackData,
            })
            .nullish(),
        }),
        'must be an array',
      )
      .min(1, 'must not be empty'),
    options: z
      .object({
        schedule: z.object({ bulkId: z.string().max(bulkIdCharactersMax).nullish(), sendAt: time }).nullish(),
        includeSmsCountInResponse: flag,
      })
      .nullish(),
  }),
);

export const previewSchema = z.object({ text: filled, languageCode: word, transliteration: word });
export const rescheduleSchema = z.object({
  sendAt: z
    .string()
    .refine((text) => !Number.isNaN(timeMs(text)), "must have the format yyyy-MM-dd'T'HH:mm:ss.SSSZ"),
});
export const bulkStatuses = ['PENDING', 'PAUSED', 'PROCESSING', 'CANCELED', 'FINISHED', 'FAILED'] as const;
export type BulkStatus = (typeof bulkStatuses)[number];
export const bulkStatusSchema = z.object({ status: z.enum(bulkStatuses) });

/** What is kept with each message. */
export const recordSchema = z.object({
  version: z.union([z.literal(2), z.literal(3)]),
  /** Digits, as the API writes numbers. */
  to: z.string(),
  /** As the request has it. */
  from: z.string().nullable(),
  notifyUrl: z.string().nullable(),
  contentType: z.enum(contentTypes),
  callbackData: z.string().nullable(),
  intermediate: z.boolean(),
  campaignReferenceId: z.string().nullable(),
  applicationId: z.string().nullable(),
  entityId: z.string().nullable(),
  /** Virtual; null: at once. */
  sendAtMs: z.number().nullable(),
  validityMs: z.number(),
  revision: z.int(),
  /** Put off to another time before it went out: nobody hears of it. */
  superseded: z.boolean().optional(),
  /** The status that was fetched last from …/reports. */
  pulled: z.string().optional(),
});
export type InfobipRecord = z.infer<typeof recordSchema>;

export function recordOf({
  record,
}: {
  readonly record: Readonly<Record<string, unknown>>;
}): InfobipRecord | null {
  return recordSchema.safeParse(record).data ?? null;
}
