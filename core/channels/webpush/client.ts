/**
 * How the core sends to a push service, simulated or real: the endpoint of the subscription alone decides. Encrypts
 * (RFC 8291), signs (RFC 8292), posts (RFC 8030 §5), and reads the answer.
 */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Carrier, CarryResult, ClaimedDelivery } from '../../delivery/carrier.ts';
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
import { AppError, messageOf } from '../../model/app-error.ts';
import type { CarriedOutRule, TranscriptLine } from '../../model/delivery.ts';
import { byCause } from '../../rules/decision.ts';
import { drawSecrets, encryptAes128gcm } from './encryption.ts';
import { bodyBytesMax, type Urgency } from './parse.ts';

/** A push as it is to be posted. */
export interface WebPushRequest {
  readonly subscription: {
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  /** What the page's worker gets; null: an event without data. */
  readonly payload: string | null;
  readonly ttlS: number;
  readonly urgency: Urgency | null;
  readonly topic: string | null;
}

/** Raw, base64url: 65 and 32 bytes. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
  /** `mailto:` or `https:`. */
  readonly subject: string;
}

export interface WebPushClientPorts {
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly random: (bytes: number) => Buffer;
  readonly vapid: () => VapidKeys | Promise<VapidKeys>;
  /** What is to be sent for a delivery; `fault`: there is nothing to send any more, and why. */
  readonly render: (
    delivery: ClaimedDelivery,
    nowMs: number,
  ) => Promise<WebPushRequest | { readonly fault: string }>;
  /** Why that endpoint may not be posted to, or null: in the sandbox nothing leaves the machine. */
  readonly endpointFault: (endpoint: URL) => string | null;
  readonly post: Post;
  /** By which our own door knows the send; null where it goes to the real one. */
  readonly ownSends: (endpoint: URL) => OwnSends | null;
  readonly close?: () => Promise<void>;
}

/** Tokens are signed for 12 hours and used for 11: RFC 8292 §2 allows 24, and clocks differ. */
const tokenLifeS = 12 * 3600;
const tokenUsedS = 11 * 3600;
const tokensMax = 100;
const answerCharsShown = 1_000;

export function createWebPushClient(ports: WebPushClientPorts): Carrier {
  const tokens = new Map<string, { readonly authorization: string; readonly untilS: number }>();

  async function authorization(origin: string): Promise<string> {
    const nowS = Math.floor(ports.clock.wallMs() / 1000);
    const vapid = await ports.vapid();
    const key = `${origin} ${vapid.publicKey} ${vapid.subject}`;
    const kept = tokens.get(key);
    if (kept !== undefined && kept.untilS > nowS) return kept.authorization;
    if (tokens.size >= tokensMax) tokens.clear();
    const made = `vapid t=${signedToken(origin, nowS + tokenLifeS, vapid)}, k=${vapid.publicKey}`;
    tokens.set(key, { authorization: made, untilS: nowS + tokenUsedS });
    return made;
  }

  return {
    async carry(job) {
      const results: CarryResult[] = [];
      const lines: TranscriptLine[] = [];
      const rules: CarriedOutRule[] = [];
      const startedMs = ports.clock.monotonicMs();
      const responses = new ProviderResponses(
        () => Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10,
      );
      for (const one of job.deliveries)
        results.push(
          await carryOne(ports, authorization, one, {
            nowMs: job.nowMs,
            signal: job.signal,
            ...(job.live === undefined ? {} : { mayGo: job.live.valid }),
            orders: job.orders?.get(one.delivery.id) ?? null,
            lines,
            rules,
            responses,
          }),
        );
      return { results, evidence: requestEvidence(lines, rules, responses.kept) };
    },
    close: () => ports.close?.() ?? Promise.resolve(),
  };
}

interface Attempt {
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly mayGo?: () => boolean;
  readonly orders: NonNullable<Parameters<OwnSends['open']>[0]['orders']> | null;
  readonly lines: TranscriptLine[];
  readonly rules: CarriedOutRule[];
  readonly responses: ProviderResponses;
}

async function carryOne(
  ports: WebPushClientPorts,
  authorization: (origin: string) => Promise<string>,
  claimed: ClaimedDelivery,
  { nowMs, signal, mayGo, orders, lines, rules, responses }: Attempt,
): Promise<CarryResult> {
  const { delivery, message } = claimed;
  const startedMs = ports.clock.monotonicMs();
  const say = (by: TranscriptLine['by'], text: string): void => {
    lines.push({ by, atMs: Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10, text });
  };
  const request = await ports.render(claimed, nowMs);
  if ('fault' in request) return failedResult(delivery.id, request.fault);
  const { subscription } = request;
  if (!URL.canParse(subscription.endpoint))
    return failedResult(delivery.id, `the endpoint ${subscription.endpoint} is no URL`);
  const endpoint = new URL(subscription.endpoint);
  const fault = ports.endpointFault(endpoint);
  if (fault !== null) return failedResult(delivery.id, fault);
  const body = request.payload === null ? Buffer.alloc(0) : encrypted(request, request.payload, ports.random);
  if (body.length > bodyBytesMax)
    return failedResult(
      delivery.id,
      `the message is ${body.length} bytes when encrypted; a push service takes ${bodyBytesMax} (RFC 8030 §7.2)`,
      'too_large',
    );
  let lost: string | null = null;
  const own =
    message === null
      ? undefined
      : ports.ownSends(endpoint)?.open({
          messageId: message.id,
          deliveryId: delivery.id,
          orders,
          carriedOut: ({ cause, action, point }) => {
            rules.push({
              recipient: delivery.recipient,
              ruleId: cause.ruleId,
              label: cause.label,
              action,
              point,
            });
            if (action === 'blackHole') lost = `taken and lost on purpose, ${byCause(cause)}`;
          },
        });
  const shownFields: Readonly<Record<string, string>> = {
    ttl: String(request.ttlS),
    ...(request.urgency === null ? {} : { urgency: request.urgency }),
    ...(request.topic === null ? {} : { topic: request.topic }),
    ...(request.payload === null
      ? {}
      : { 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' }),
    'content-length': String(body.length),
  };
  say('C', `POST ${subscription.endpoint}`);
  say('C', 'authorization: vapid t=…');
  for (const [name, value] of Object.entries(shownFields)) say('C', `${name}: ${value}`);
  if (body.length > 0) say('C', `${body.length} bytes, encrypted`);
  try {
    const answer = await ports.post(endpoint, {
      fields: {
        ...shownFields,
        authorization: await authorization(endpoint.origin),
        ...(own === undefined ? {} : { [ownSendField]: own.value }),
      },
      body,
      signal,
      ...(mayGo === undefined ? {} : { mayGo }),
    });
    responses.http(endpoint.host, answer);
    say('S', String(answer.status));
    if (answer.location !== null) say('S', `location: ${answer.location}`);
    if (answer.retryAfter !== null) say('S', `retry-after: ${answer.retryAfter}`);
    if (answer.body !== '') say('S', answer.body.slice(0, answerCharsShown));
    const result = judged(delivery.id, answer, endpoint.host, ports.clock.wallMs());
    return lost !== null && result.outcome.kind === 'sent' ? { ...result, unconfirmed: lost } : result;
  } catch (error) {
    const why = messageOf(error);
    say('N', why);
    if (error instanceof NotSent) return withdrawnResult(delivery.id);
    return {
      ...requestResult(delivery.id, `no answer: ${why}`),
      outcome: { kind: 'deferred', retryAfterMs: null },
      class: 'network',
      nextHop: endpoint.host,
    };
  } finally {
    own?.close();
  }
}

function encrypted(
  { subscription: { keys } }: WebPushRequest,
  payload: string,
  random: (bytes: number) => Buffer,
): Buffer {
  return encryptAes128gcm(
    Buffer.from(payload),
    { publicKey: Buffer.from(keys.p256dh, 'base64url'), auth: Buffer.from(keys.auth, 'base64url') },
    drawSecrets(random),
  );
}

/** RFC 8030 §§5, 7.3, 8.4; RFC 8292 §4.2. Who is gone is `unregistered`: the subscription is to be forgotten. */
function judged(
  deliveryId: string,
  { status, retryAfter, body }: PostAnswer,
  nextHop: string,
  wallMs: number,
): CarryResult {
  const text = `${status} ${body.trim().slice(0, answerCharsShown)}`.trim();
  const answered = { ...requestResult(deliveryId, text), code: status, nextHop };
  if (status >= 200 && status < 300) return { ...answered, outcome: { kind: 'sent' } };
  const retryAfterMs = retryAfterMsOf(retryAfter, wallMs);
  if (status === 404 || status === 410)
    return { ...answered, outcome: { kind: 'failed' }, class: 'bad_address', unregistered: true };
  if (status === 429)
    return { ...answered, outcome: { kind: 'deferred', retryAfterMs }, class: 'rate_limited' };
  if (status === 408 || status >= 500)
    return { ...answered, outcome: { kind: 'deferred', retryAfterMs }, class: 'provider_down' };
  return { ...answered, outcome: { kind: 'failed' }, class: status === 413 ? 'too_large' : 'config' };
}

/** RFC 8292 §2, RFC 7515 §3.1. */
export function signedToken(origin: string, expS: number, vapid: VapidKeys): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part({ aud: origin, exp: expS, sub: vapid.subject })}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKeyOf(vapid),
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function privateKeyOf({ publicKey, privateKey }: VapidKeys): KeyObject {
  const point = Buffer.from(publicKey, 'base64url');
  if (point.length !== 65)
    throw new AppError(
      'bad_configuration',
      'the VAPID public key is no uncompressed point of P-256 (65 bytes)',
    );
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: privateKey,
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
}
