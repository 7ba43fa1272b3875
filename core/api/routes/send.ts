/** POST /v1/messages: the send API. */
import { createHash } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { validateSubmission } from '../../channels/email/validate-submission.ts';
import { validateInApp } from '../../channels/inapp/validate-submission.ts';
import { validatePush } from '../../channels/push/validate-submission.ts';
import { validateSms } from '../../channels/sms/validate-submission.ts';
import { AppError, DeferredError, type FieldError } from '../../model/app-error.ts';
import { validateMulti } from '../../multichannel/validate.ts';
import { problem } from '../problem.ts';
import { sendAnyRequestSchema } from '../send-any-schema.ts';
import { type SendAnswer, sendAnswerSchema } from '../send-schema.ts';
import type { KeepAnswer, Services, Submitted } from '../services.ts';
import { conflict, json, problems, refusal } from './responses.ts';

const keyCharsMax = 255;
/** Requests with a key that are under way at the same time. */
const underWayMax = 10_000;
/** Where the message has no limit. */
const bodyBytesMax = 512 * 1024 * 1024;
/**
 * Of requests that are read and worked on at the same time; one alone may be larger. Each is in memory several times on
 * its way: as text, as what it says, as the message.
 */
const bytesUnderWayMax = 128 * 1024 * 1024;
const retryAfterS = 1;
/** Of a request beside its message: names, headers, variables. */
const restBytesMax = 4 * 1024 * 1024;

export function sendRoutes(
  api: OpenAPIHono,
  services: Pick<Services, 'submissions' | 'idempotency' | 'clock' | 'status'>,
): void {
  const underWay = new Set<string>();
  let bytesUnderWay = 0;

  /** The door slows down before memory grows: who comes too much is told to come back. */
  async function takeTurn(c: Context, next: Next): Promise<Response | undefined> {
    const maxSize = requestBytesMax(services.status().limits.messageBytesMax);
    const said = Number(c.req.header('content-length') ?? Number.NaN);
    // What says nothing of its length may be as long as any.
    const bytes = Number.isSafeInteger(said) && said >= 0 ? Math.min(said, maxSize) : maxSize;
    if (bytesUnderWay > 0 && bytesUnderWay + bytes > bytesUnderWayMax) {
      c.header('retry-after', String(retryAfterS));
      return problem(c, 'store_busy', 'Too much is being sent at once; try again in a moment.');
    }
    bytesUnderWay += bytes;
    try {
      await next();
    } finally {
      bytesUnderWay -= bytes;
    }
    return undefined;
  }

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/messages',
      summary: 'Send a message',
      description:
        'Answers 202 when the message is on disk and its deliveries are queued. With an Idempotency-Key the same request can be sent again: it gets the same answer, and nothing is sent twice.',
      middleware: [
        takeTurn,
        (c: Context, next: Next) => {
          const maxSize = requestBytesMax(services.status().limits.messageBytesMax);
          const detail = `A request with a message in it has at most ${maxSize} bytes.`;
          return bodyLimit({ maxSize, onError: () => problem(c, 'too_large', detail) })(c, next);
        },
      ] as const,
      request: {
        headers: z.object({
          'idempotency-key': z
            .string()
            .min(1)
            .max(keyCharsMax)
            .optional()
            .openapi({ description: 'draft-ietf-httpapi-idempotency-key-header; quoted or not' }),
        }),
        body: { required: true, content: { 'application/json': { schema: sendAnyRequestSchema } } },
      },
      responses: {
        202: json(sendAnswerSchema, 'accepted'),
        ...problems,
        ...conflict,
        413: refusal('too large'),
        503: refusal('busy, stopping, or put off by a rule (`deferred_by_rule`); try again'),
        422: refusal(
          'the message cannot be taken, or a rule refuses it (`rejected_by_rule`); `errors` names each field and what is wrong with it',
        ),
        507: refusal('the disk is full'),
      },
    }),
    async (c) => {
      const request = c.req.valid('json');
      const key = c.req.valid('header')['idempotency-key'];
      if (key === undefined) return c.json(await send(c, request), 202);
      const scoped = `POST /v1/messages ${withoutQuotes(key)}`;
      if (underWay.has(scoped))
        throw new AppError(
          'idempotency_in_progress',
          'A request with this Idempotency-Key is under way; ask again when it was answered.',
        );
      if (underWay.size >= underWayMax)
        throw new AppError('store_busy', 'Too many requests are under way; try again.');
      underWay.add(scoped);
      try {
        const hash = createHash('sha256').update(JSON.stringify(request)).digest('base64');
        const known = await services.idempotency.find(scoped);
        if (known !== null) {
          if (known.hash !== hash)
            throw new AppError(
              'idempotency_key_reused',
              'This Idempotency-Key was used for another request; use a new key for each message.',
            );
          c.header('idempotency-replayed', 'true');
          return c.json(sendAnswerSchema.parse(known.answer), 202);
        }
        return c.json(await send(c, request, { key: scoped, hash, answer: answerOf }), 202);
      } finally {
        underWay.delete(scoped);
      }
    },
  );

  /** @throws AppError `invalid_submission` */
  function checked(
    request: z.infer<typeof sendAnyRequestSchema>,
  ): (keep: KeepAnswer | undefined, gone: () => AbortSignal) => Promise<Submitted> {
    const { submissions, clock, status } = services;
    if (request.channel === 'multi') {
      const validation = validateMulti(request, clock.wallMs());
      if (!validation.ok) throw refused(validation.errors);
      return (keep) => submissions.submitMulti(validation.submission, keep);
    }
    if (request.channel === 'push') {
      const validation = validatePush(request, clock.wallMs());
      if (!validation.ok) throw refused(validation.errors);
      return (keep, gone) => submissions.submitPush(validation.submission, keep, gone);
    }
    if (request.channel === 'sms') {
      const validation = validateSms(request, clock.wallMs());
      if (!validation.ok) throw refused(validation.errors);
      return (keep, gone) => submissions.submitSms(validation.submission, keep, gone);
    }
    if (request.channel === 'inapp') {
      const validation = validateInApp(request, clock.wallMs());
      if (!validation.ok) throw refused(validation.errors);
      return (keep, gone) => submissions.submitInApp(validation.submission, keep, gone);
    }
    const validation = validateSubmission(request, { ...status().limits, nowMs: clock.wallMs() });
    if (!validation.ok) throw refused(validation.errors);
    return (keep, gone) => submissions.submit(validation.submission, keep, gone);
  }

  async function send(
    c: Context,
    request: z.infer<typeof sendAnyRequestSchema>,
    keep?: KeepAnswer,
  ): Promise<SendAnswer> {
    const submit = checked(request);
    try {
      return answerOf(await submit(keep, () => c.req.raw.signal));
    } catch (error) {
      if (error instanceof DeferredError && error.retryAfterS !== null)
        c.header('retry-after', String(error.retryAfterS));
      throw error;
    }
  }
}

function refused(errors: readonly FieldError[]): AppError {
  const text = errors.map(({ field, detail }) => `${field}: ${detail}`).join(' ');
  return new AppError('invalid_submission', text, { errors });
}

function answerOf({ id, deliveries }: Submitted): SendAnswer {
  return {
    id,
    deliveries: deliveries.map((one) => ({
      id: one.id,
      recipient: one.recipient,
      status: one.status,
      substatus: one.substatus,
      class: one.class,
      reason: one.reason,
    })),
  };
}

/** Base64 takes four bytes for three. */
function requestBytesMax(messageBytesMax: number): number {
  return messageBytesMax === 0
    ? bodyBytesMax
    : Math.min(bodyBytesMax, Math.ceil((messageBytesMax * 4) / 3) + restBytesMax);
}

/** The draft has the key as a structured string, in quotes; clients in use send it bare. */
function withoutQuotes(key: string): string {
  return /^".*"$/.test(key) ? key.slice(1, -1) : key;
}
