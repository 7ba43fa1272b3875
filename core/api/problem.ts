/** Refusals as RFC 9457 problem documents. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AppError, type ErrorCode } from '../model/app-error.ts';
import { problemRows, problemType } from '../model/problem-rows.ts';
import type { ProblemDocument } from './schema.ts';

export function problemDocument(
  code: ErrorCode,
  detail: string,
  errors: ProblemDocument['errors'] = [],
): { readonly status: ContentfulStatusCode; readonly body: ProblemDocument } {
  const [status, title] = problemRows[code];
  return {
    status,
    body: { type: problemType(code), title, status, detail, code, errors },
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
