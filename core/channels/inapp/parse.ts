/** What requests at the in-app door say beside their paths. Pure. */
import { z } from 'zod';
import type { ProviderRequest } from '../../doors/http/provider-request.ts';
import { AppError, type FieldError } from '../../model/app-error.ts';
import type { PullQuery, Visit } from './room.ts';

const limitMax = 100;
const usualLimit = 20;
const tagsMax = 32;
const nameCharsMax = 200;
const urlCharsMax = 4_000;
/** Of one batch. */
export const idsMax = 1_000;
const snoozeMsMax = 365 * 24 * 3_600_000;

/** @throws AppError `bad_request` with every parameter at fault */
export function pullQuery(query: URLSearchParams): PullQuery {
  const errors: FieldError[] = [];
  const limit = Number(query.get('limit') ?? usualLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    errors.push({ field: 'limit', code: 'bad_number', detail: `limit is from 1 to ${limitMax}.` });
  const after = query.get('after') ?? '';
  if (after !== '' && !/^\d{1,16}$/.test(after))
    errors.push({ field: 'after', code: 'bad_cursor', detail: 'after is the nextCursor of a page.' });
  const tags = query
    .getAll('tags')
    .flatMap((text) => text.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length > tagsMax)
    errors.push({ field: 'tags', code: 'too_many', detail: `At most ${tagsMax} tags.` });
  const parsed = {
    after: after === '' ? null : Number(after),
    limit,
    status: oneOf(query, 'status', ['all', 'unseen', 'unread'], errors),
    archived: oneOf(query, 'archived', ['exclude', 'include', 'only'], errors),
    tags,
    url: short(query.get('url'), 'url', urlCharsMax, errors),
  };
  refuseFaults(errors);
  return parsed;
}

function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  known: readonly [T, ...T[]],
  errors: FieldError[],
): T {
  const said = query.get(name) ?? known[0];
  const found = known.find((one) => one === said);
  if (found === undefined)
    errors.push({ field: name, code: 'unknown', detail: `${name} is one of ${known.join(', ')}.` });
  return found ?? known[0];
}

function short(text: string | null, field: string, max: number, errors: FieldError[]): string | null {
  if (text === null || text === '') return null;
  if (text.length > max) errors.push({ field, code: 'too_long', detail: `At most ${max} characters.` });
  return text;
}

function refuseFaults(errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw new AppError('bad_request', errors.map(({ detail }) => detail).join(' '), { errors });
}

/** What any request may say of its visit: in its body, its query, or fields. */
const visitSchema = z.object({
  session: z.string().optional(),
  visit: z.string().optional(),
  url: z.string().optional(),
  user: z.string().optional(),
});

export interface SaidVisit extends Visit {
  /** Whose message it is. */
  readonly user: string | null;
}

/** @throws AppError `bad_request` */
export function visitOf(
  request: Pick<ProviderRequest, 'fields'>,
  query: URLSearchParams,
  body: unknown,
): SaidVisit {
  const said = parsed(visitSchema, body ?? {});
  const errors: FieldError[] = [];
  const value = (name: keyof typeof said, field: string | null, max: number): string | null =>
    short(
      said[name] ?? query.get(name) ?? (field === null ? null : request.fields.get(field)),
      name,
      max,
      errors,
    );
  const visit = {
    session: value('session', 'x-session', nameCharsMax),
    visit: value('visit', 'x-visit', nameCharsMax),
    url: value('url', null, urlCharsMax),
    user: value('user', null, nameCharsMax * 2),
  };
  refuseFaults(errors);
  return visit;
}

export function occasionOf(query: URLSearchParams, body: unknown): { readonly slot: string | null } {
  const said = parsed(z.object({ slot: z.string().optional() }), body ?? {});
  const errors: FieldError[] = [];
  const slot = short(said.slot ?? query.get('slot'), 'slot', nameCharsMax, errors);
  refuseFaults(errors);
  return { slot };
}

/** @throws AppError `bad_request` */
export function eventName(name: string | null): string | null {
  const errors: FieldError[] = [];
  const event = short(name, 'event', nameCharsMax, errors);
  refuseFaults(errors);
  return event;
}

const eventSchema = z.object({
  name: z.string().trim().min(1).max(nameCharsMax),
  data: z.record(z.string(), z.unknown()).default({}),
});

/** @throws AppError `bad_request` */
export function eventOf(body: unknown): z.output<typeof eventSchema> {
  return parsed(eventSchema, body);
}

const actionSchema = z.object({ action: z.string().max(nameCharsMax).nullish() });

export function actionOf(query: URLSearchParams, body: unknown): string | null {
  const action = parsed(actionSchema, body ?? {}).action ?? query.get('action');
  return action === '' ? null : action;
}

const batchSchema = z.object({
  ids: z.union([z.literal('all'), z.array(z.string()).max(idsMax)]),
});

export function batchOf(body: unknown): readonly string[] | 'all' {
  return parsed(batchSchema, body).ids;
}

const snoozeSchema = z
  .object({
    until: z.iso.datetime({ offset: true }).optional(),
    seconds: z.number().int().min(0).optional(),
  })
  .refine(({ until, seconds }) => (until === undefined) !== (seconds === undefined), {
    message: 'Give until, or seconds.',
    path: ['until'],
  });

/** @param wallMs by the app’s clock @returns milliseconds from now; none: it ends now */
export function snoozeMs(body: unknown, wallMs: number): number {
  const { until, seconds } = parsed(snoozeSchema, body);
  const ms = until === undefined ? (seconds ?? 0) * 1_000 : Date.parse(until) - wallMs;
  if (ms > snoozeMsMax) {
    const detail = `At most ${snoozeMsMax / 86_400_000} days ahead.`;
    throw new AppError('bad_request', detail, {
      errors: [{ field: until === undefined ? 'seconds' : 'until', code: 'too_far', detail }],
    });
  }
  return Math.max(0, ms);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whatever its content type says: a beacon of a page cannot say JSON. @returns undefined for none @throws AppError `bad_request` */
export function bodyOf({ body }: Pick<ProviderRequest, 'body'>): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    throw new AppError('bad_request', 'The body is no JSON (RFC 8259) in UTF-8.', { cause: error });
  }
}

/** @throws AppError `bad_request` with the fields at fault */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value ?? {});
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    field: issue.path.join('.'),
    code: issue.code,
    detail: issue.message,
  }));
  throw new AppError(
    'bad_request',
    errors.map(({ field, detail }) => (field === '' ? detail : `${field}: ${detail}`)).join('; '),
    { errors },
  );
}
