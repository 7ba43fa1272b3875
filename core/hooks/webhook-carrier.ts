/** Makes the calls of webhooks: one POST an attempt, signed, never following a redirect. */
import type { Clock } from '../clock.ts';
import type { Carried, Carrier, CarryResult, ClaimedDelivery } from '../delivery/carrier.ts';
import { messageOf } from '../model/app-error.ts';
import { callbackFault } from '../model/callback-rule.ts';
import type { TranscriptLine } from '../model/delivery.ts';
import type { StoredEvent } from '../model/message.ts';
import type { Store } from '../store/store.ts';
import { webhookHeaders } from './sign.ts';
import type { Webhooks } from './webhooks.ts';

export interface WebhookCarrierPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly webhooks: Pick<Webhooks, 'list' | 'secretOf' | 'inboundSecret'>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly callbackHosts: () => readonly string[];
  /** The body of the call for a message that came in for one of the app's own domains, or null when it is gone. */
  readonly inbound: (
    messageId: string,
    recipient: string,
  ) => Promise<Readonly<Record<string, unknown>> | null>;
  readonly version: string;
}

const callMsMax = 15_000;
const answerCharsShown = 1_000;
const retryAfterSMax = 24 * 3_600;

export function createWebhookCarrier(ports: WebhookCarrierPorts): Carrier {
  return {
    async carry(job) {
      const [first, ...others] = job.deliveries;
      if (first === undefined) return { results: [], evidence: evidenceOf([]) };
      const lines: TranscriptLine[] = [];
      const results = [await callOne(first, lines, ports)];
      for (const one of others) results.push(await callOne(one, lines, ports));
      return { results, evidence: evidenceOf(lines) };
    },
    close: () => Promise.resolve(),
  };
}

async function callOne(
  { delivery, parameters }: ClaimedDelivery,
  lines: TranscriptLine[],
  ports: WebhookCarrierPorts,
): Promise<CarryResult> {
  const startedMs = ports.clock.monotonicMs();
  const say = (by: TranscriptLine['by'], text: string): void => {
    lines.push({ by, atMs: Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10, text });
  };
  const call = await callOf(delivery.recipient, parameters ?? {}, ports);
  if ('fault' in call) return gone(delivery.id, call.fault);
  const { url, secret } = call;
  const fault = callbackFault(url, ports.callbackHosts());
  if (fault !== null) return gone(delivery.id, `the webhook cannot call ${url}: ${fault}`);
  // Wall time: the receiver checks that a call is fresh.
  const timestampS = Math.floor(ports.clock.wallMs() / 1000);
  const body = JSON.stringify(call.body);
  const headers = {
    'content-type': 'application/json',
    'user-agent': `Sandpost/${ports.version}`,
    ...webhookHeaders(secret, delivery.retryOf ?? delivery.id, timestampS, body),
  };
  say('C', `POST ${url}`);
  for (const [name, value] of Object.entries(headers)) say('C', `${name}: ${value}`);
  say('C', body);
  try {
    const response = await ports.fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(callMsMax),
    });
    const answer = await startOf(response);
    say('S', `${response.status} ${response.statusText}`);
    if (answer !== '') say('S', answer);
    return judged(delivery.id, response, url);
  } catch (error) {
    const why =
      error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    say('N', why);
    return {
      ...deferred(delivery.id, `no answer: ${why}`, null),
      class: 'network',
      nextHop: url,
    };
  }
}

/** What is shown of the answer; the rest is not read, however much there is. */
async function startOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= answerCharsShown) break;
  }
  return text.slice(0, answerCharsShown);
}

/** 2xx is success; 410 says that it is gone for good; what else is not success is tried again. */
function judged(deliveryId: string, response: Response, url: string): CarryResult {
  const text = `${response.status} ${response.statusText}`.trim();
  if (response.ok) {
    return {
      deliveryId,
      outcome: { kind: 'sent' },
      class: null,
      code: response.status,
      enhanced: null,
      text,
      nextHop: url,
      suppresses: 'never',
    };
  }
  if (response.status === 410) return { ...gone(deliveryId, text), code: 410, nextHop: url };
  return {
    ...deferred(deliveryId, text, retryAfterMs(response.headers.get('retry-after'))),
    class: response.status === 429 ? 'rate_limited' : 'provider_down',
    code: response.status,
    nextHop: url,
  };
}

/** Seconds, as RFC 9110 §10.2.3 has it; a date is left to the schedule. */
function retryAfterMs(header: string | null): number | null {
  if (header === null || !/^\d{1,7}$/.test(header.trim())) return null;
  return Math.min(Number(header), retryAfterSMax) * 1000;
}

function deferred(deliveryId: string, text: string, retryAfterMs: number | null): CarryResult {
  return {
    deliveryId,
    outcome: { kind: 'deferred', retryAfterMs },
    class: null,
    code: null,
    enhanced: null,
    text,
    nextHop: null,
    suppresses: 'never',
  };
}

function gone(deliveryId: string, text: string): CarryResult {
  return {
    deliveryId,
    outcome: { kind: 'failed' },
    class: 'config',
    code: null,
    enhanced: null,
    text,
    nextHop: null,
    suppresses: 'never',
  };
}

type Call =
  | { readonly url: string; readonly secret: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly fault: string };

/** Whom to call, and what to say: an event to a webhook, or a message that came in to the route of its domain. */
async function callOf(
  recipient: string,
  parameters: Readonly<Record<string, string | true>>,
  ports: WebhookCarrierPorts,
): Promise<Call> {
  const { inbound, url } = parameters;
  if (typeof inbound === 'string' && typeof url === 'string') {
    const body = await ports.inbound(inbound, recipient);
    return body === null
      ? { fault: 'the message was deleted' }
      : { url, secret: ports.webhooks.inboundSecret(), body };
  }
  const webhook = ports.webhooks.list().find((one) => one.id === recipient);
  const secret = ports.webhooks.secretOf(recipient);
  if (webhook === undefined || secret === null) return { fault: 'the webhook was removed' };
  const body = await eventOf(parameters, ports.store);
  return body === null
    ? { fault: 'the event is gone: the oldest ones go in time' }
    : { url: webhook.url, secret, body };
}

async function eventOf(
  parameters: Readonly<Record<string, string | true>>,
  store: Store,
): Promise<Readonly<Record<string, unknown>> | null> {
  if (parameters.test === true) return { type: 'test', data: { detail: 'A test call from Sandpost.' } };
  const seq = Number(parameters.event);
  const [event] = await store.events({ after: seq - 1, limit: 1, messageId: null });
  return event?.seq === seq ? shownEvent(event) : null;
}

function shownEvent(event: StoredEvent): Readonly<Record<string, unknown>> {
  return {
    seq: event.seq,
    type: event.type,
    at: new Date(event.atMs).toISOString(),
    virtualAt: event.virtualAtMs === null ? null : new Date(event.virtualAtMs).toISOString(),
    project: event.project,
    messageId: event.messageId,
    deliveryId: event.deliveryId,
    data: event.data,
  };
}

function evidenceOf(transcript: readonly TranscriptLine[]): Carried['evidence'] {
  return { routing: [], changes: [], signatures: [], identity: null, transcript };
}
