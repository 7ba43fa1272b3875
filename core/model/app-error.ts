/**
 * The one error type for outcomes that a caller may want to tell apart. `code` is stable and documented; the
 * message says what happened and what to do next.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** What is wrong with which field, where fields are to blame. */
  readonly errors: readonly FieldError[];

  constructor(
    code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly errors?: readonly FieldError[] },
  ) {
    super(message, options);
    this.code = code;
    this.errors = options?.errors ?? [];
  }
}

/** Put off by a rule; it can be tried again. */
export class DeferredError extends AppError {
  /** Null where nobody knows. */
  readonly retryAfterS: number | null;

  constructor(message: string, retryAfterS: number | null, errors: readonly FieldError[]) {
    super('deferred_by_rule', message, { errors });
    this.retryAfterS = retryAfterS;
  }
}

/** `field` as in `to[1]` or `attachments[0].filename`; `code` is stable. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly detail: string;
}

export type ErrorCode =
  | 'bad_configuration'
  | 'bad_query'
  | 'bad_request'
  | 'changed_meanwhile'
  | 'clock_not_real'
  | 'confirmation_unknown'
  | 'data_folder_held'
  | 'data_folder_unusable'
  | 'disk_full'
  | 'domain_exists'
  | 'forbidden'
  | 'import_refused'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'deferred_by_rule'
  | 'invalid_rules'
  | 'invalid_scenario'
  | 'invalid_submission'
  | 'invalid_template'
  | 'live_relay_on'
  | 'not_found'
  | 'not_possible'
  | 'nothing_due'
  | 'port_taken'
  | 'rejected_by_rule'
  | 'sender_domain_unknown'
  | 'store_busy'
  | 'store_closed'
  | 'store_failed'
  | 'too_large'
  | 'unauthorized'
  | 'unpublished'
  | 'unreadable'
  | 'usage'
  | 'wait_timed_out';

/** For the `default` of a switch over a union: a new member then fails to compile until it is handled. */
export function assertNever(value: never): never {
  throw new Error(`a case was not handled: ${JSON.stringify(value)}`);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` that Node and SQLite put on their errors, or null. */
export function codeOf(error: unknown): string | null {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return null;
}
