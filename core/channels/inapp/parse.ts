/** What requests at the in-app door say beside their paths. Pure. */
import { z } from 'zod';
import type { ProviderRequest } from '../../doors/http/provider-request.ts';
import { AppError } from '../../model/app-error.ts';
import type { PullQuery, Visit } from './room.ts';

const limitMax = 100;
const tagsMax = 32;
const nameCharsMax = 200;
const urlCharsMax = 4_000;
/** Of one batch. */
export const idsMax = 1_000;
const snoozeMsMax = 365 * 24 * 3_600_000;

const text = (max: number) => z.string().max(max, `At most ${max} characters.`);
const limitWords = `limit is from 1 to ${limitMax}.`;

/** The schemas are those that `/inapp/v1/openapi.json` is made of: what stands here is what it says. */
export const pullQuerySchema = z.object({
  after: z
    .string()
    .regex(/^\d{0,16}$/, 'after is the nextCursor of a page.')
    .optional()
    .describe('nextCursor of the page before; from the newest where it is missing'),
  limit: z.coerce.number(limitWords).int(limitWords).min(1, limitWords).max(limitMax, limitWords).default(20),
  status: z.enum(['all', 'unseen', 'unread']).default('all'),
  archived: z.enum(['exclude', 'include', 'only']).default('exclude'),
  tags: z
    .array(z.string())
    .max(tagsMax, `At most ${tagsMax} tags.`)
    .optional()
    .describe('with any of them; also in one, with commas in between'),
  url: text(urlCharsMax).optional().describe('only what its page rules let be shown there'),
});

/** @throws AppError `bad_request` with every parameter at fault */
export function pullQuery(query: URLSearchParams): PullQuery {
  const tags = query
    .getAll('tags')
    .flatMap((one) => one.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const { after, url, ...said } = parsed(pullQuerySchema, { ...Object.fromEntries(query), tags });
  return { ...said, tags, after: orNull(after) === null ? null : Number(after), url: orNull(url) };
}

/** An empty value says nothing. */
function orNull(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}

/** What any request may say of its visit: in its body, its query, or fields. */
export const visitSchema = z.object({
  session: text(nameCharsMax)
    .optional()
    .describe('name of the client’s session; rules of sessions count where it is said'),
  visit: text(nameCharsMax)
    .optional()
    .describe('name of this one display or act: a request that is repeated with it counts once'),
  url: text(urlCharsMax).optional().describe('the page’s URL, or the screen’s name'),
  user: text(nameCharsMax * 2)
    .optional()
    .describe('whose message it is; needed where the hash is asked for'),
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
  const field = (name: string): string | undefined => request.fields.get(name) ?? undefined;
  const { session, visit, url, user } = parsed(visitSchema, {
    session: said.session ?? query.get('session') ?? field('x-session'),
    visit: said.visit ?? query.get('visit') ?? field('x-visit'),
    url: said.url ?? query.get('url') ?? undefined,
    user: said.user ?? query.get('user') ?? undefined,
  });
  return { session: orNull(session), visit: orNull(visit), url: orNull(url), user: orNull(user) };
}

export const occasionSchema = z.object({
  slot: text(nameCharsMax).optional().describe('only what is for that place of the page'),
});

export function occasionOf(query: URLSearchParams, body: unknown): { readonly slot: string | null } {
  const said = parsed(occasionSchema, body ?? {});
  const { slot } = parsed(occasionSchema, { slot: said.slot ?? query.get('slot') ?? undefined });
  return { slot: orNull(slot) };
}

export const eventQuerySchema = z.object({
  event: text(nameCharsMax)
    .optional()
    .describe('name of the event that it answers to; a visit where it is missing'),
});

/** @throws AppError `bad_request` */
export function eventName(name: string | null): string | null {
  return orNull(parsed(eventQuerySchema, { event: name ?? undefined }).event);
}

export const eventSchema = z.object({
  name: z.string().trim().min(1).max(nameCharsMax),
  data: z.record(z.string(), z.unknown()).default({}),
});

/** @throws AppError `bad_request` */
export function eventOf(body: unknown): z.output<typeof eventSchema> {
  return parsed(eventSchema, body);
}

export const actionSchema = z.object({
  action: text(nameCharsMax).nullish().describe('id of the action; missing: the message itself'),
});

export function actionOf(query: URLSearchParams, body: unknown): string | null {
  const action = parsed(actionSchema, body ?? {}).action ?? query.get('action');
  return action === '' ? null : action;
}

export const batchSchema = z.object({
  ids: z.union([z.literal('all'), z.array(z.string()).max(idsMax)]),
});

export function batchOf(body: unknown): readonly string[] | 'all' {
  return parsed(batchSchema, body).ids;
}

/** One of the two. */
export const snoozeSchema = z.object({
  until: z.iso.datetime({ offset: true }).optional().describe('by the app’s clock'),
  seconds: z.number().int().min(0).optional().describe('from now; 0 ends it'),
});
const oneSnoozeSchema = snoozeSchema.refine(
  ({ until, seconds }) => (until === undefined) !== (seconds === undefined),
  { message: 'Give until, or seconds.', path: ['until'] },
);

/** @param wallMs by the app’s clock @returns milliseconds from now; none: it ends now */
export function snoozeMs(body: unknown, wallMs: number): number {
  const { until, seconds } = parsed(oneSnoozeSchema, body);
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
