/**
 * How the core pushes through FCM v1, ours or the real one: the address and the credentials alone decide. One delivery is
 * one POST; what FCM answers becomes what it means for the delivery.
 */
import type { Clock } from '../../clock.ts';
import type { Carried, Carrier, CarryResult, ClaimedDelivery, Job } from '../../delivery/carrier.ts';
import { type OwnSends, ownSendField } from '../../delivery/own-sends.ts';
import { NotSent, type Post, type PostAnswer } from '../../delivery/post.ts';
import { ProviderResponses } from '../../delivery/provider-responses.ts';
import {
  failedResult,
  requestEvidence,
  requestResult,
  retryAfterMsOf,
  withdrawnResult,
} from '../../delivery/request-result.ts';
import { messageOf } from '../../model/app-error.ts';
import type { CarriedOutRule, TranscriptLine } from '../../model/delivery.ts';
import { byCause } from '../../rules/decision.ts';
import { fcmErrorType } from './reply.ts';
import { createServiceAccountTokens, type ServiceAccount, type TokenOutcome } from './service-account.ts';

/** A push as FCM is to get it. */
export interface FcmRequest {
  /** The whole body: `{"message": {…}}`. */
  readonly payload: Uint8Array;
}

export type FcmCredentials =
  | ({ readonly kind: 'serviceAccount'; readonly projectId: string } & ServiceAccount)
  | { readonly kind: 'accessToken'; readonly projectId: string; readonly token: string };

export interface FcmClientPorts {
  /** What is to be sent for a delivery; `fault`: there is nothing to send, and why. */
  readonly render: (
    delivery: ClaimedDelivery,
    nowMs: number,
  ) => Promise<FcmRequest | { readonly fault: string }>;
  /** What stands before `/v1/projects/…`: `https://fcm.googleapis.com`, `http://127.0.0.1:8026/fcm`. */
  readonly address: () => string;
  /** Null: there are none, and nothing can be sent. */
  readonly credentials: () => FcmCredentials | null | Promise<FcmCredentials | null>;
  /** By which our own door knows the send; null where it goes to Google. */
  readonly ownSends: () => OwnSends | null;
  readonly post: Post;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly close?: () => Promise<void>;
}

const answerCharsShown = 2_000;
const textCharsMax = 500;

type Say = (by: TranscriptLine['by'], text: string) => void;

export function createFcmClient(ports: FcmClientPorts): Carrier {
  const tokens = createServiceAccountTokens(ports);

  async function tokenFor(credentials: FcmCredentials): Promise<TokenOutcome> {
    return credentials.kind === 'accessToken'
      ? { kind: 'token', token: credentials.token }
      : tokens.current(credentials);
  }

  async function carryOne(
    claimed: ClaimedDelivery,
    job: Job,
    say: Say,
    rules: CarriedOutRule[],
    responses: ProviderResponses,
  ): Promise<CarryResult> {
    const { delivery, message } = claimed;
    const request = await ports.render(claimed, job.nowMs);
    if ('fault' in request) return failedResult(delivery.id, request.fault);
    const credentials = await ports.credentials();
    if (credentials === null)
      return failedResult(
        delivery.id,
        'there is no service account for FCM: set one up before pushing to Android',
      );
    const url = new URL(
      `${ports.address().replace(/\/+$/, '')}/v1/projects/${encodeURIComponent(credentials.projectId)}/messages:send`,
    );
    let lost: string | null = null;
    const own =
      message === null
        ? undefined
        : ports.ownSends()?.open({
            messageId: message.id,
            deliveryId: delivery.id,
            orders: job.orders?.get(delivery.id) ?? null,
            carriedOut({ cause, action, point }) {
              const { ruleId, label } = cause;
              rules.push({ recipient: delivery.recipient, ruleId, label, action, point });
              say('N', `${byCause(cause)}: ${action}`);
              if (action === 'blackHole') lost = `taken and lost on purpose, ${byCause(cause)}`;
            },
          });
    try {
      // A token that Google no longer takes is asked for anew, once.
      for (let renewed = false; ; renewed = true) {
        if (job.live?.valid() === false) return withdrawn();
        const outcome = await tokenFor(credentials);
        if (outcome.kind !== 'token') {
          say('N', outcome.why);
          return outcome.kind === 'refused'
            ? failedResult(delivery.id, outcome.why, 'authentication_failed')
            : deferred(delivery.id, outcome.why, url.host);
        }
        say('C', `POST ${url.pathname}`);
        say('C', `host: ${url.host}`);
        say('C', 'authorization: Bearer (masked)');
        say('C', Buffer.from(request.payload).toString('utf8'));
        const answer = await ports.post(url, {
          fields: {
            authorization: `Bearer ${outcome.token}`,
            'content-type': 'application/json; charset=UTF-8',
            ...(own === undefined ? {} : { [ownSendField]: own.value }),
          },
          body: request.payload,
          signal: job.signal,
          ...(job.live === undefined ? {} : { mayGo: job.live.valid }),
        });
        responses.http(url.host, answer);
        say('S', String(answer.status));
        if (answer.retryAfter !== null) say('S', `retry-after: ${answer.retryAfter}`);
        if (answer.body !== '') say('S', answer.body.trim().slice(0, answerCharsShown));
        const again =
          !renewed &&
          answer.status === 401 &&
          errorIn(answer.body)?.errorCode === null &&
          credentials.kind === 'serviceAccount' &&
          tokens.forget(credentials, outcome.token);
        if (again) {
          say('N', 'once more, with a new access token');
          continue;
        }
        const result = judged(delivery.id, answer, url.host, ports.clock.wallMs());
        return lost !== null && result.outcome.kind === 'sent' ? { ...result, unconfirmed: lost } : result;
      }
    } catch (error) {
      if (error instanceof NotSent) return withdrawn();
      const why = `no answer: ${messageOf(error)}`;
      say('N', why);
      return deferred(delivery.id, why, url.host);
    } finally {
      own?.close();
    }

    function withdrawn(): CarryResult {
      say('N', 'live relay ended before the request was written');
      return withdrawnResult(delivery.id);
    }
  }

  return {
    async carry(job): Promise<Carried> {
      const startedMs = ports.clock.monotonicMs();
      const lines: TranscriptLine[] = [];
      const rules: CarriedOutRule[] = [];
      const elapsedMs = (): number => Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10;
      const responses = new ProviderResponses(elapsedMs);
      const say: Say = (by, text) => {
        lines.push({ by, atMs: elapsedMs(), text });
      };
      const results: CarryResult[] = [];
      for (const one of job.deliveries) results.push(await carryOne(one, job, say, rules, responses));
      return {
        results,
        evidence: requestEvidence(lines, rules, responses.kept),
      };
    },
    close: () => ports.close?.() ?? Promise.resolve(),
  };
}

interface AnsweredError {
  readonly status: string;
  readonly message: string;
  /** FCM's own; null where the front end refused it. */
  readonly errorCode: string | null;
}

/**
 * What an answer means.
 * Source: https://firebase.google.com/docs/cloud-messaging/error-codes and its advice on retries: 429, 500 and 503 are
 * tried again, what Retry-After says is believed; all else is not.
 */
function judged(deliveryId: string, answer: PostAnswer, nextHop: string, wallMs: number): CarryResult {
  const { status } = answer;
  const error = errorIn(answer.body);
  if (status === 200)
    return {
      ...requestResult(deliveryId, nameIn(answer.body)),
      code: 200,
      nextHop,
      outcome: { kind: 'sent' },
    };
  const word = error?.errorCode ?? error?.status ?? null;
  const text = [String(status), word, error?.message].filter(Boolean).join(' ').slice(0, textCharsMax);
  const result = { ...requestResult(deliveryId, text), code: status, nextHop };
  const retryAfterMs = retryAfterMsOf(answer.retryAfter, wallMs);
  if (status === 429 || word === 'QUOTA_EXCEEDED')
    return { ...result, outcome: { kind: 'deferred', retryAfterMs }, class: 'rate_limited' };
  if (status === 408 || status >= 500)
    return { ...result, outcome: { kind: 'deferred', retryAfterMs }, class: 'provider_down' };
  if (word === 'UNREGISTERED' || (word === 'INVALID_ARGUMENT' && isNoToken(error)))
    return { ...result, class: 'bad_address', unregistered: true };
  if (word === 'INVALID_ARGUMENT' && /too big/.test(error?.message ?? ''))
    return { ...result, class: 'too_large' };
  return { ...result, class: 'config' };
}

/** INVALID_ARGUMENT may be the payload's fault: only what FCM says of the token tells. */
function isNoToken(error: AnsweredError | null): boolean {
  return /not a valid FCM registration token|Invalid registration token/i.test(error?.message ?? '');
}

function errorIn(body: string): AnsweredError | null {
  const error = memberOf(parsed(body), 'error');
  if (error === undefined) return null;
  const details = memberOf(error, 'details');
  const own = Array.isArray(details)
    ? details.find((one: unknown) => memberOf(one, '@type') === fcmErrorType)
    : undefined;
  return {
    status: text(memberOf(error, 'status')) ?? '',
    message: text(memberOf(error, 'message')) ?? '',
    errorCode: text(memberOf(own, 'errorCode')),
  };
}

function nameIn(body: string): string {
  return text(memberOf(parsed(body), 'name')) ?? '200';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function deferred(deliveryId: string, why: string, nextHop: string): CarryResult {
  return {
    ...requestResult(deliveryId, why),
    outcome: { kind: 'deferred', retryAfterMs: null },
    class: 'network',
    nextHop,
  };
}
