/** From the bytes of a request to what it says, whichever interface it came by; or to a refusal. Pure. */
import type { z } from 'zod';
import type { ProviderRequest } from '../../../doors/http/provider-request.ts';
import type { Refusal, Violation } from './reply.ts';
import {
  binaryRequestSchema,
  type ContentType,
  requestSchema3,
  singleRequestSchema,
  textRequestSchema,
  timeMs,
} from './schema.ts';

export type Parsed<T> = { readonly value: T } | { readonly refusal: Refusal };

/** Which interface. */
export type SendForm = 'text' | 'binary' | 'single' | 'v3';

export interface SendRequest {
  readonly bulkId: string | null;
  readonly countInResponse: boolean;
  readonly messages: readonly Outgoing[];
}

export interface Outgoing {
  readonly from: string | null;
  readonly text: string;
  /** Octets in hexadecimal, and how they are read. */
  readonly binary: { readonly hex: string; readonly dataCoding: number } | null;
  readonly destinations: readonly { readonly to: string; readonly messageId: string | null }[];
  /** Null: as long as can be. */
  readonly validityMs: number | null;
  /** Wall time; null: at once. */
  readonly sendAtMs: number | null;
  readonly notifyUrl: string | null;
  readonly contentType: ContentType;
  readonly callbackData: string | null;
  readonly intermediate: boolean;
  readonly campaignReferenceId: string | null;
  readonly applicationId: string | null;
  readonly entityId: string | null;
}

const violationsShownMax = 20;
const minuteMs = 60_000;
const unitMs = { SECONDS: 1_000, MINUTES: minuteMs, HOURS: 60 * minuteMs, DAYS: 24 * 60 * minuteMs } as const;
/** "Must be sooner than 180 days from now." */
const scheduleMsMax = 180 * 24 * 60 * minuteMs;

export function parseSend(request: ProviderRequest, form: SendForm, nowWallMs: number): Parsed<SendRequest> {
  const json = jsonOf(request);
  if ('refusal' in json) return json;
  const parsed = readForm(json.value, form);
  if ('refusal' in parsed) return parsed;
  const late = parsed.value.messages.findIndex(
    ({ sendAtMs }) => sendAtMs !== null && sendAtMs > nowWallMs + scheduleMsMax,
  );
  if (late < 0) return parsed;
  const property = form === 'v3' ? 'options.schedule.sendAt' : `messages[${late}].sendAt`;
  return { refusal: badRequest([{ property, violation: 'must be sooner than 180 days from now' }]) };
}

function readForm(json: unknown, form: SendForm): Parsed<SendRequest> {
  switch (form) {
    case 'text': {
      const read = parseWith(textRequestSchema, json);
      if ('refusal' in read) return read;
      const { bulkId, includeSmsCountInResponse, messages } = read.value;
      return {
        value: {
          bulkId: bulkId ?? null,
          countInResponse: includeSmsCountInResponse === true,
          messages: messages.map((one) => ({ ...sharedOf(one), text: one.text, binary: null })),
        },
      };
    }
    case 'binary': {
      const read = parseWith(binaryRequestSchema, json);
      if ('refusal' in read) return read;
      const { bulkId, includeSmsCountInResponse, messages } = read.value;
      return {
        value: {
          bulkId: bulkId ?? null,
          countInResponse: includeSmsCountInResponse === true,
          messages: messages.map((one) => ({ ...sharedOf(one), text: '', binary: binaryOf(one.binary) })),
        },
      };
    }
    case 'single': {
      const read = parseWith(singleRequestSchema, json);
      if ('refusal' in read) return read;
      const { from, to, text } = read.value;
      return {
        value: {
          bulkId: null,
          countInResponse: true,
          messages: [
            {
              ...sharedOf({ from, destinations: [to].flat().map((one) => ({ to: one })) }),
              text,
              binary: null,
            },
          ],
        },
      };
    }
    case 'v3': {
      const read = parseWith(requestSchema3, json);
      return 'refusal' in read ? read : { value: ofVersion3(read.value) };
    }
    default:
      return form satisfies never;
  }
}

type Shared2 = Partial<z.output<typeof textRequestSchema>['messages'][number]> & {
  readonly destinations: readonly { readonly to: string; readonly messageId?: string | null | undefined }[];
};

function sharedOf(one: Shared2): Omit<Outgoing, 'text' | 'binary'> {
  return {
    from: nameOf(one.from),
    destinations: one.destinations.map(({ to, messageId }) => ({ to, messageId: nameOf(messageId) })),
    validityMs:
      one.validityPeriod === undefined || one.validityPeriod === null ? null : one.validityPeriod * minuteMs,
    sendAtMs: one.sendAt === undefined || one.sendAt === null ? null : timeMs(one.sendAt),
    notifyUrl: one.notifyUrl ?? null,
    contentType: one.notifyContentType ?? 'application/json',
    callbackData: one.callbackData ?? null,
    intermediate: one.intermediateReport === true,
    campaignReferenceId: one.campaignReferenceId ?? null,
    applicationId: one.applicationId ?? null,
    entityId: one.entityId ?? null,
  };
}

function ofVersion3({ messages, options }: z.infer<typeof requestSchema3>): SendRequest {
  const { schedule } = options ?? {};
  const sendAtMs =
    schedule?.sendAt === undefined || schedule.sendAt === null ? null : timeMs(schedule.sendAt);
  return {
    bulkId: schedule?.bulkId ?? null,
    countInResponse: true,
    messages: messages.map(({ sender, destinations, content, options: each, webhooks }): Outgoing => {
      const validity = each?.validityPeriod ?? null;
      return {
        from: nameOf(sender),
        text: 'text' in content ? content.text : '',
        binary: 'hex' in content ? binaryOf(content) : null,
        destinations: destinations.map(({ to, messageId }) => ({ to, messageId: nameOf(messageId) })),
        validityMs: validity === null ? null : validity.amount * unitMs[validity.timeUnit ?? 'MINUTES'],
        sendAtMs,
        notifyUrl: webhooks?.delivery?.url ?? null,
        contentType: webhooks?.contentType ?? 'application/json',
        callbackData: webhooks?.callbackData ?? null,
        intermediate: webhooks?.delivery?.intermediateReport === true,
        campaignReferenceId: each?.campaignReferenceId ?? null,
        applicationId: each?.platform?.applicationId ?? null,
        entityId: each?.platform?.entityId ?? null,
      };
    }),
  };
}

function binaryOf(given: {
  readonly hex: string;
  readonly dataCoding?: number | null | undefined;
}): NonNullable<Outgoing['binary']> {
  return { hex: given.hex.replaceAll(/\s/g, '').toLowerCase(), dataCoding: given.dataCoding ?? 0 };
}

function nameOf(text: string | null | undefined): string | null {
  return text === undefined || text === null || text.trim() === '' ? null : text.trim();
}

export function jsonOf(request: ProviderRequest): Parsed<unknown> {
  if (request.bodyTooLarge)
    return {
      refusal: {
        error: 'BAD_REQUEST',
        why: 'the body is longer than the sandbox takes: send fewer messages at once',
      },
    };
  if (/xml/i.test(request.fields.get('content-type') ?? ''))
    return {
      refusal: { error: 'BAD_REQUEST', why: 'the body is XML: the sandbox takes JSON (application/json)' },
    };
  try {
    return { value: JSON.parse(Buffer.from(request.body).toString('utf8')) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError)
      return { refusal: { error: 'BAD_REQUEST', why: `the body is no JSON: ${error.message}` } };
    throw error;
  }
}

export function parseWith<T>(schema: z.ZodType<T>, json: unknown): Parsed<T> {
  const read = schema.safeParse(json);
  if (read.success) return { value: read.data };
  return { refusal: badRequest(read.error.issues.flatMap(violationsOf)) };
}

export function badRequest(violations: readonly Violation[]): Refusal {
  const shown = violations.slice(0, violationsShownMax);
  return {
    error: 'BAD_REQUEST',
    violations: shown,
    why: shown.map(({ property, violation }) => `${property} ${violation}`).join('; '),
  };
}

function violationsOf(issue: z.core.$ZodIssue): readonly Violation[] {
  const property = pathText(issue.path);
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return [{ property, violation: 'must not be null' }];
  return [{ property, violation: issue.message }];
}

/** `messages[0].destinations[1].to` */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`,
    '',
  );
}
