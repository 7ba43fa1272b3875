/**
 * Brings one delivery of a push to its provider: read, rendered for its device, measured, handed to the provider's client.
 * The clients come in as carriers; what they speak to, the fakes or the real ones, is a matter of their addresses.
 */
import type { VirtualClock } from '../../clock.ts';
import type { Carried, Carrier, CarryResult, ClaimedDelivery, Job } from '../../delivery/carrier.ts';
import type { AttemptEvidence, EgressChange, OutcomeClass } from '../../model/delivery.ts';
import { platforms } from '../../model/phone.ts';
import {
  type PushEnvironment,
  type PushProvider,
  pushProviderNames,
  pushProviders,
} from '../../model/push.ts';
import { type PushSubmission, readSubmission, topicRecipient } from '../../model/push-submission.ts';
import { payloadLimit, waitAskedBy } from './provider-limits.ts';
import { type Rendered, renderApns, renderFcm, renderWebPush } from './render.ts';

/** A push as it is brought to one provider: a client needs to know nothing of submissions. */
export interface PushRequest {
  readonly provider: PushProvider;
  readonly target: { readonly kind: 'token' | 'topic'; readonly value: string };
  /** Bundle id, package, or origin; null where nobody said. */
  readonly app: string | null;
  /** APNs only. */
  readonly environment: PushEnvironment | null;
  /** APNs: the payload. FCM: the whole body. Web Push: what is encrypted. */
  readonly payload: Uint8Array;
  /** Request fields beside credentials and content type, names in lower case: `apns-…`, `ttl`, `urgency`, `topic`. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface PushCarrierPorts {
  /** The bytes as they were stored; null when the message is gone. */
  readonly submissionOf: (messageId: string) => Promise<Uint8Array | null>;
  /** Of what an app brought to a provider's door itself; left out: it cannot be sent anew. */
  readonly otherRequest?: (
    claimed: ClaimedDelivery,
    provider: PushProvider,
  ) => Promise<PushRequest | { readonly fault: string }>;
  /** Asks `requestOf` for what it is to send. */
  readonly clientOf: (provider: PushProvider) => Promise<Carrier>;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly close: () => Promise<void>;
}

export interface PushCarrier extends Carrier {
  /** What a client is to send for a delivery of the job that it was just given. */
  requestOf(claimed: ClaimedDelivery): PushRequest | null;
}

/** RFC 8030 §5.2 wants a TTL: what says nothing of it is kept as long as others keep it. */
const usualTtlSeconds = 4 * 7 * 86_400;

export function createPushCarrier(ports: PushCarrierPorts): PushCarrier {
  const requests = new Map<string, PushRequest>();

  async function carryOne(claimed: ClaimedDelivery, job: Job): Promise<Carried> {
    const { delivery, message } = claimed;
    const provider = pushProviders.find((one) => one === delivery.provider);
    const bytes = message === null ? null : await ports.submissionOf(message.id);
    const submission = bytes === null ? null : readSubmission(bytes);
    const other =
      provider === undefined || bytes === null || submission !== null
        ? undefined
        : await ports.otherRequest?.(claimed, provider);
    if (other !== undefined && 'fault' in other) return failed(delivery.id, 'config', other.fault);
    if (provider === undefined || (submission === null && other === undefined))
      return failed(
        delivery.id,
        'config',
        'What was stored of it cannot be sent: it is no push of the send API.',
      );
    const { request, counted, changes } =
      submission === null
        ? // As the app made it: its provider measures it.
          { request: other, counted: 0, changes: [] }
        : requestFor(submission, claimed, provider, ports);
    if (request === undefined) throw new Error('a push without a request');
    const limit = payloadLimit(provider, request.target.kind === 'topic');
    const shown = [...changes, asRendered(request)];
    if (counted > limit.bytesMax)
      return failed(
        delivery.id,
        'too_large',
        `The payload is ${counted} bytes; ${limit.source}. Nothing was sent: shorten the texts or the data.`,
        shown,
      );
    requests.set(delivery.id, request);
    try {
      const client = await ports.clientOf(provider);
      const { results, evidence } = await client.carry({ ...job, deliveries: [claimed] });
      const waits = results.map((one) => withWait(one, provider, delivery.attempts + 1));
      return {
        results: waits.map(({ result }) => result),
        evidence: {
          ...evidence,
          changes: [...shown, ...evidence.changes, ...waits.flatMap(({ change }) => change ?? [])],
        },
      };
    } finally {
      requests.delete(delivery.id);
    }
  }

  return {
    requestOf: ({ delivery }) => requests.get(delivery.id) ?? null,
    close: () => ports.close(),
    async carry(job) {
      const carried: Carried[] = [];
      for (const claimed of job.deliveries) carried.push(await carryOne(claimed, job));
      return together(carried);
    },
  };
}

function requestFor(
  submission: PushSubmission,
  { delivery, parameters }: ClaimedDelivery,
  provider: PushProvider,
  { virtual, wallMs }: Pick<PushCarrierPorts, 'virtual' | 'wallMs'>,
): { readonly request: PushRequest; readonly counted: number; readonly changes: readonly EgressChange[] } {
  const said = (name: string): string | null => {
    const value = parameters?.[name];
    return typeof value === 'string' ? value : null;
  };
  const leftMs = Math.max(0, delivery.expiresAtMs - virtual.nowMs());
  const { ttlSeconds: given } = submission;
  // Counted from when it was to be sent: a retry has less of it.
  const ttlSeconds = given === null || given === 0 ? given : Math.max(1, Math.round(leftMs / 1000));
  const expiresAtWallMs = given === null || given === 0 ? null : wallMs() + leftMs;
  const app = said('app');
  // One that was given another recipient is for that one alone.
  const named = said('topic');
  const topic = named !== null && delivery.recipient === topicRecipient(named) ? named : null;
  const target = { kind: topic === null ? 'token' : 'topic', value: topic ?? delivery.recipient } as const;
  const environment = said('environment') === 'development' ? 'development' : 'production';
  const { payload, counted, fields, changes } = render();
  return {
    counted,
    request: {
      provider,
      target,
      app,
      environment: provider === 'apns' ? environment : null,
      payload,
      fields,
    },
    changes,
  };

  function render(): Rendered {
    switch (provider) {
      case 'apns':
        return renderApns(submission, { app: app ?? '', expiresAtWallMs });
      case 'fcm': {
        const platform = platforms.find((one) => one === said('platform')) ?? null;
        return renderFcm(submission, { target, platform, ttlSeconds, expiresAtWallMs });
      }
      case 'webpush':
        return renderWebPush(submission, { ttlSeconds: ttlSeconds ?? usualTtlSeconds });
      default:
        return provider satisfies never;
    }
  }
}

/** What went out, for the journey: with Web Push the wire has it encrypted. */
function asRendered({ provider, payload, fields }: PushRequest): EgressChange {
  const names = fields.map(([name, value]) => `${name}: ${value}`).join(', ');
  const text = Buffer.from(payload).toString('utf8');
  return {
    code: 'rendered',
    detail: `For ${pushProviderNames[provider]}${names === '' ? '' : `, with ${names}`}, ${payload.length} bytes: ${text}`,
  };
}

/** What the provider documents, where its answer did not say how long to wait. */
function withWait(
  result: CarryResult,
  provider: PushProvider,
  attempt: number,
): { readonly result: CarryResult; readonly change: EgressChange | null } {
  const { outcome } = result;
  const wait =
    outcome.kind === 'deferred' && outcome.retryAfterMs === null
      ? waitAskedBy(provider, result.code, attempt)
      : null;
  if (wait === null) return { result, change: null };
  return {
    result: { ...result, outcome: { kind: 'deferred', retryAfterMs: wait.ms } },
    change: { code: 'retry_after', detail: `${wait.why}: it is tried again in ${wait.ms / 1000} seconds.` },
  };
}

const noEvidence: AttemptEvidence = {
  routing: [],
  changes: [],
  signatures: [],
  identity: null,
  transcript: [],
};

function failed(
  deliveryId: string,
  outcomeClass: OutcomeClass,
  text: string,
  changes: readonly EgressChange[] = [],
): Carried {
  return {
    results: [
      {
        deliveryId,
        outcome: { kind: 'failed' },
        class: outcomeClass,
        code: null,
        enhanced: null,
        text,
        nextHop: null,
        suppresses: 'never',
      },
    ],
    evidence: { ...noEvidence, changes, transcript: [{ by: 'N', atMs: 0, text }] },
  };
}

/** The engine gives a job one push; of more the evidence is shared. */
function together(carried: readonly Carried[]): Carried {
  const [first] = carried;
  if (first !== undefined && carried.length === 1) return first;
  return {
    results: carried.flatMap(({ results }) => results),
    evidence: {
      ...noEvidence,
      changes: carried.flatMap(({ evidence }) => evidence.changes),
      transcript: carried.flatMap(({ evidence }) => evidence.transcript),
      rules: carried.flatMap(({ evidence }) => evidence.rules ?? []),
      responses: carried.flatMap(({ evidence }) => evidence.responses ?? []),
    },
  };
}
