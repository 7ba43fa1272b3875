/** Refusals as HTTP says them (RFC 9457): one row per code, with its status and title. */
import type { ErrorCode } from './app-error.ts';

export const problemRows = {
  bad_configuration: [400, 'The setting is wrong'],
  bad_query: [400, 'The search cannot be read'],
  bad_request: [400, 'The request is wrong'],
  changed_meanwhile: [412, 'Changed meanwhile'],
  clock_not_real: [409, 'The clock is not the wall clock'],
  confirmation_unknown: [409, 'It was not confirmed'],
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
  invalid_template: [422, 'The template cannot be taken'],
  rejected_by_rule: [422, 'A rule refuses it'],
  live_relay_on: [409, 'Live relay is on'],
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
  unpublished: [422, 'The template is not published'],
  import_refused: [422, 'The import was refused'],
  unreadable: [422, 'The message cannot be read'],
  usage: [400, 'Wrong usage'],
  wait_timed_out: [404, 'Nothing came in time'],
} as const satisfies Readonly<Record<ErrorCode, readonly [status: number, title: string]>>;

/** What names the kind of a problem. */
export function problemType(code: ErrorCode): string {
  return `https://sandpost.localhost/problems/${code}`;
}
