/** Answers of the in-app door. Pure. */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../doors/http/provider-request.ts';
import {
  AppError,
  DeferredError,
  type ErrorCode,
  type FieldError,
  messageOf,
} from '../../model/app-error.ts';
import { problemRows, problemType } from '../../model/problem-rows.ts';
import { foreignPage, isAllowedOrigin } from './access.ts';
import type { InAppDoorSettings } from './settings.ts';

export type ReplyFields = readonly (readonly [name: string, value: string])[];

const preflightSecondsMax = 600;
const methods = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';
const askedFields =
  'authorization, content-type, idempotency-key, if-none-match, last-event-id, x-user-hash, x-session, x-visit';
const toldFields = 'etag, idempotency-replayed, location, retry-after';

export function jsonReply(status: number, value: unknown, fields: ReplyFields = []): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/json; charset=utf-8'], ['cache-control', 'no-cache'], ...fields],
    body: JSON.stringify(value),
  };
}

export function emptyReply(status: number, fields: ReplyFields = []): ProviderReply {
  return { status, fields, body: '' };
}

export function problemReply(
  code: ErrorCode,
  detail: string,
  errors: readonly FieldError[] = [],
  fields: ReplyFields = [],
): ProviderReply {
  const [status, title] = problemRows[code];
  return statusReply(status, { type: problemType(code), title, status, detail, code, errors }, fields);
}

export function statusReply(status: number, document: unknown, fields: ReplyFields = []): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/problem+json'], ...fields],
    body: JSON.stringify(document),
  };
}

export function refusal(code: ErrorCode, detail: string, errors: readonly FieldError[] = []): ProviderAnswer {
  return { reply: problemReply(code, detail, errors), refused: detail };
}

/** Whatever went wrong, in the door's own words. */
export function failureReply(error: unknown): ProviderReply {
  if (!(error instanceof AppError))
    return problemReply('store_failed', 'Something went wrong inside Sandpost; its log has the details.');
  const fields: ReplyFields =
    error instanceof DeferredError && error.retryAfterS !== null
      ? [['retry-after', String(error.retryAfterS)]]
      : error.code === 'store_busy'
        ? [['retry-after', '1']]
        : [];
  return problemReply(error.code, error.message, error.errors, fields);
}

export function failure(error: unknown): ProviderAnswer {
  return { reply: failureReply(error), refused: messageOf(error) };
}

/**
 * What a page's browser needs beside the answer (https://fetch.spec.whatwg.org/#http-cors-protocol). The origin is named, not
 * starred, so that what is cached for one is not shown to another.
 */
export function corsFields(request: Pick<ProviderRequest, 'fields'>): ReplyFields {
  const origin = request.fields.get('origin');
  return origin === null
    ? [['vary', 'Origin']]
    : [
        ['access-control-allow-origin', origin],
        ['access-control-expose-headers', toldFields],
        ['vary', 'Origin'],
      ];
}

/** The API's own door, whose guard has looked at who asks, by the names that it was told to allow. */
const guardedDoor = 'http';

/** @returns null: the request is none of a page, or of one that may ask */
export function originRefusal(
  { fields, door }: Pick<ProviderRequest, 'fields'> & { readonly door?: string },
  settings: InAppDoorSettings,
): ProviderAnswer | null {
  if (door === guardedDoor) return null;
  const origin = fields.get('origin');
  const foreign =
    origin === null
      ? foreignPage(
          { site: fields.get('sec-fetch-site'), host: fields.get('host'), agent: fields.get('user-agent') },
          settings,
        )
      : isAllowedOrigin(origin, settings)
        ? null
        : origin;
  if (foreign === null) return null;
  const shown = foreign.slice(0, originCharsShown);
  const detail = `Pages of ${shown} may not ask here. Add that origin to allowedOrigins (PUT /v1/inapp/settings), or * for all.`;
  return {
    reply: problemReply('forbidden', detail, [], [['vary', 'Origin']]),
    refused: detail,
  };
}

const originCharsShown = 200;

export function preflightReply(request: Pick<ProviderRequest, 'fields'>): ProviderReply {
  return emptyReply(204, [
    ...corsFields(request),
    ['access-control-allow-methods', methods],
    ['access-control-allow-headers', askedFields],
    ['access-control-max-age', String(preflightSecondsMax)],
    // https://wicg.github.io/private-network-access/: a page of the network asks for this machine.
    ...(request.fields.get('access-control-request-private-network') === 'true'
      ? [['access-control-allow-private-network', 'true'] as const]
      : []),
  ]);
}

export function withFields(answer: ProviderAnswer, fields: ReplyFields): ProviderAnswer {
  const { reply, unstored } = answer;
  return {
    ...answer,
    reply: { ...reply, fields: [...reply.fields, ...fields] },
    ...(unstored === undefined
      ? {}
      : {
          unstored: (error: unknown) => {
            const failed = unstored(error);
            return { ...failed, fields: [...failed.fields, ...fields] };
          },
        }),
  };
}
