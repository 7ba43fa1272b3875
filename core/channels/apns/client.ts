/**
 * How the core pushes through APNs, ours or the real one: the address and the credentials alone decide. One delivery is
 * one request over HTTP/2; what APNs answers becomes what it means for the delivery.
 */
import type { Clock } from '../../clock.ts';
import type { Carried, Carrier, CarryResult, ClaimedDelivery, Job } from '../../delivery/carrier.ts';
import { type OwnSends, ownSendField } from '../../delivery/own-sends.ts';
import { ProviderResponses } from '../../delivery/provider-responses.ts';
import {
  failedResult,
  requestEvidence,
  requestResult,
  retryAfterMsOf,
  withdrawnResult,
} from '../../delivery/request-result.ts';
import type { CarriedOutRule, TranscriptLine } from '../../model/delivery.ts';
import type { PushEnvironment } from '../../model/push.ts';
import { byCause } from '../../rules/decision.ts';
import {
  type ApnsAddress,
  ApnsConnections,
  type ConnectionLimits,
  connectionLimits,
  type Incoming,
  type Sent,
} from './client-connections.ts';
import { createProviderTokens, type SigningKey } from './provider-token.ts';
import { deadTokens, isReason, reasons } from './reply.ts';

/** A push as APNs is to get it. */
export interface ApnsRequest {
  readonly token: string;
  readonly environment: PushEnvironment | null;
  readonly payload: Uint8Array;
  /** `apns-topic`, `apns-push-type` …; names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface ApnsClientPorts {
  /** What is to be sent for a delivery; `fault`: there is nothing to send, and why. */
  readonly render: (
    delivery: ClaimedDelivery,
    nowMs: number,
  ) => Promise<ApnsRequest | { readonly fault: string }>;
  readonly address: (environment: PushEnvironment) => ApnsAddress;
  /** `certificate`: the connection itself says who we are. Null: there is none, and nothing can be sent. */
  readonly credentials: (
    environment: PushEnvironment,
  ) => SigningKey | 'certificate' | null | Promise<SigningKey | 'certificate' | null>;
  /** By which our own door knows the send; null where it goes to Apple. */
  readonly ownSends: (environment: PushEnvironment) => OwnSends | null;
  readonly clock: Clock;
  readonly limits?: Partial<ConnectionLimits>;
}

/** Times that a request that was surely not heard is made anew at once. */
const repeatsMax = 2;
const closeMsMax = 5_000;
const answerCharsShown = 1_000;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createApnsClient(ports: ApnsClientPorts): Carrier {
  const limits = { ...connectionLimits, ...ports.limits };
  const tokens = createProviderTokens(() => ports.clock.wallMs());
  const byOrigin = new Map<string, ApnsConnections>();
  const underWay = new Set<Promise<unknown>>();

  function connectionsTo(address: ApnsAddress): ApnsConnections {
    const known = byOrigin.get(address.origin);
    if (known !== undefined) return known;
    const made = new ApnsConnections(address, ports.clock, limits);
    byOrigin.set(address.origin, made);
    return made;
  }

  async function carry(job: Job): Promise<Carried> {
    const startedMs = ports.clock.monotonicMs();
    const responses = new ProviderResponses(
      () => Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10,
    );
    const attempt: Attempt = { job, lines: [], rules: [], responses, startedMs };
    const results: CarryResult[] = [];
    for (const one of job.deliveries) results.push(await carryOne(one, attempt));
    const { lines, rules } = attempt;
    return {
      results,
      evidence: requestEvidence(lines, rules, responses.kept),
    };
  }

  async function carryOne(claimed: ClaimedDelivery, attempt: Attempt): Promise<CarryResult> {
    const { delivery, message } = claimed;
    const { job, lines, rules, responses, startedMs } = attempt;
    const say = (by: TranscriptLine['by'], text: string): void => {
      lines.push({ by, atMs: Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10, text });
    };
    const request = await ports.render(claimed, job.nowMs);
    if ('fault' in request) return failedResult(delivery.id, request.fault);
    const environment = request.environment ?? 'production';
    const key = await ports.credentials(environment);
    if (key === null)
      return failedResult(
        delivery.id,
        `there is no key for APNs (${environment}): set one up before pushing to iOS`,
      );
    const address = ports.address(environment);
    let lost: string | null = null;
    const own =
      message === null
        ? undefined
        : ports.ownSends(environment)?.open({
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
    // Its own id, so that a second try of the same delivery can be told from another push.
    const id =
      uuid.test(delivery.id) && request.fields.every(([name]) => name !== 'apns-id') ? delivery.id : null;
    const shown: Readonly<Record<string, string>> = {
      ...Object.fromEntries(request.fields),
      ...(id === null ? {} : { 'apns-id': id }),
    };
    const path = `/3/device/${encodeURIComponent(request.token)}`;
    try {
      for (let repeats = 0; ; repeats++) {
        say('C', `POST ${path} HTTP/2`);
        say('C', `:authority: ${new URL(address.origin).host}`);
        if (key !== 'certificate') say('C', 'authorization: bearer (masked)');
        for (const [name, value] of Object.entries(shown)) say('C', `${name}: ${value}`);
        say('C', `${request.payload.length} bytes`);
        const sent = await connectionsTo(address).send(
          {
            path,
            fields: {
              ...shown,
              ...(key === 'certificate' ? {} : { authorization: `bearer ${tokens.current(key)}` }),
              ...(own === undefined ? {} : { [ownSendField]: own.value }),
            },
            body: request.payload,
            ...(job.live === undefined ? {} : { mayGo: job.live.valid }),
          },
          job.signal,
        );
        if (sent.kind === 'withdrawn') {
          say('N', 'live relay ended before the request was written');
          return withdrawnResult(delivery.id);
        }
        heard(sent, say);
        if (sent.kind === 'answered') responses.http(new URL(address.origin).host, sent.answer);
        const again =
          repeats < repeatsMax &&
          !job.signal.aborted &&
          ((sent.kind === 'lost' && sent.again) ||
            (sent.kind === 'answered' &&
              reasonOf(sent.answer) === 'ExpiredProviderToken' &&
              tokens.expired()));
        if (again) {
          say('N', sent.kind === 'lost' ? 'once more, for it was not heard' : 'once more, with a new token');
          continue;
        }
        const result = judged(delivery.id, sent, new URL(address.origin).host, ports.clock.wallMs());
        return lost !== null && result.outcome.kind === 'sent' ? { ...result, unconfirmed: lost } : result;
      }
    } finally {
      own?.close();
    }
  }

  return {
    carry(job) {
      const carried = carry(job);
      underWay.add(carried);
      const done = (): void => {
        underWay.delete(carried);
      };
      carried.then(done, done);
      return carried;
    },
    async close() {
      const closed = [...byOrigin.values()].map((connections) => connections.close());
      const cancel = ports.clock.after(closeMsMax, () => {
        for (const connections of byOrigin.values()) connections.destroy();
      });
      await Promise.allSettled([...underWay, ...closed]);
      cancel();
    },
  };
}

interface Attempt {
  readonly job: Job;
  readonly lines: TranscriptLine[];
  readonly rules: CarriedOutRule[];
  readonly responses: ProviderResponses;
  readonly startedMs: number;
}

/** It was written, whatever came of it. */
type Tried = Exclude<Sent, { kind: 'withdrawn' }>;

function heard(sent: Tried, say: (by: TranscriptLine['by'], text: string) => void): void {
  if (sent.kind === 'lost') {
    say('N', sent.why);
    return;
  }
  const { status, fields, body } = sent.answer;
  say('S', `HTTP/2 ${status}`);
  for (const [name, value] of Object.entries(fields)) say('S', `${name}: ${value}`);
  if (body !== '') say('S', body.slice(0, answerCharsShown));
}

/**
 * What an answer means. Apple: "After 15 minutes, you can retry JSON payloads that receive response status codes that begin
 * with 5XX"; "Don't retry notification responses with the error code BadDeviceToken, DeviceTokenNotForTopic, Forbidden,
 * ExpiredToken, Unregistered, or PayloadTooLarge".
 */
function judged(deliveryId: string, sent: Tried, nextHop: string, wallMs: number): CarryResult {
  if (sent.kind === 'lost')
    return {
      ...requestResult(deliveryId, sent.why),
      outcome: { kind: 'deferred', retryAfterMs: null },
      class: 'network',
      nextHop,
    };
  const { answer } = sent;
  const { status } = answer;
  const reason = reasonOf(answer);
  const text =
    reason === null
      ? String(status)
      : `${status} ${reason}${isReason(reason) ? `: ${reasons[reason].words}` : ''}`;
  const result = { ...requestResult(deliveryId, text), code: status, nextHop };
  if (status === 200) return { ...result, text: '200', outcome: { kind: 'sent' } };
  const retryAfterMs = retryAfterMsOf(answer.fields['retry-after'] ?? null, wallMs);
  if (status === 429)
    return { ...result, outcome: { kind: 'deferred', retryAfterMs }, class: 'rate_limited' };
  if (status >= 500)
    return { ...result, outcome: { kind: 'deferred', retryAfterMs }, class: 'provider_down' };
  // The connection's fault, not the push's.
  if (reason === 'IdleTimeout')
    return { ...result, outcome: { kind: 'deferred', retryAfterMs: 0 }, class: 'network' };
  if (status === 410 || (reason !== null && deadTokens.has(reason)))
    return { ...result, outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true };
  return { ...result, outcome: { kind: 'failed' }, class: status === 413 ? 'too_large' : 'config' };
}

function reasonOf({ body }: Incoming): string | null {
  if (body === '') return null;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' &&
      parsed !== null &&
      'reason' in parsed &&
      typeof parsed.reason === 'string'
      ? parsed.reason
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
