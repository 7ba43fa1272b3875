/** Refusals as RFC 9457 problem documents: one row per code, with its status and title. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AppError, type ErrorCode } from '../model/app-error.ts';
import type { ProblemDocument } from './schema.ts';

const rows: Readonly<Record<ErrorCode, readonly [status: ContentfulStatusCode, title: string]>> = {
  bad_configuration: [400, 'The setting is wrong'],
  bad_query: [400, 'The search cannot be read'],
  bad_request: [400, 'The request is wrong'],
  data_folder_held: [409, 'The data folder is held'],
  data_folder_unusable: [500, 'The data folder cannot be used'],
  domain_exists: [409, 'The sending domain is there already'],
  disk_full: [507, 'The disk is full'],
  forbidden: [403, 'Not allowed'],
  idempotency_in_progress: [409, 'The same request is under way'],
  idempotency_key_reused: [422, 'The key belongs to another request'],
  deferred_by_rule: [503, 'A rule puts it off'],
  invalid_rules: [422, 'The rules cannot be taken'],
  invalid_scenario: [422, 'The scenario cannot be taken'],
  invalid_submission: [422, 'The message cannot be taken'],
  rejected_by_rule: [422, 'A rule refuses it'],
  not_found: [404, 'Not found'],
  not_possible: [409, 'Not possible now'],
  nothing_due: [409, 'Nothing is due'],
  port_taken: [409, 'The port is taken'],
  sender_domain_unknown: [422, 'The sender domain is not set up'],
  store_busy: [503, 'Busy'],
  store_closed: [503, 'Stopping'],
  store_failed: [500, 'The store failed'],
  too_large: [413, 'Too large'],
  unauthorized: [401, 'A token is needed'],
  unreadable: [422, 'The message cannot be read'],
  usage: [400, 'Wrong usage'],
  wait_timed_out: [404, 'Nothing came in time'],
};

export function problemDocument(
  code: ErrorCode,
  detail: string,
  errors: ProblemDocument['errors'] = [],
): { readonly status: ContentfulStatusCode; readonly body: ProblemDocument } {
  const [status, title] = rows[code];
  return {
    status,
    body: { type: `https://sandpost.localhost/problems/${code}`, title, status, detail, code, errors },
  };
}

export function problem(
  c: Context,
  code: ErrorCode,
  detail: string,
  errors: ProblemDocument['errors'] = [],
): Response {
  const { status, body } = problemDocument(code, detail, errors);
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

export function problemOf(c: Context, error: unknown, onProblem: (text: string) => void): Response {
  if (error instanceof AppError) return problem(c, error.code, error.message, [...error.errors]);
  if (error instanceof HTTPException && error.status < 500)
    return problem(c, 'bad_request', `The request cannot be read: ${error.message}.`);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  onProblem(`${c.req.method} ${c.req.path} failed: ${text}`);
  return problem(c, 'store_failed', 'Something went wrong inside Sandpost; its log has the details.');
}
