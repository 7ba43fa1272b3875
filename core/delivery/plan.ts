/** Which deliveries a submission becomes. Pure: ids and time come in. */
import type { NewDelivery, Stream } from '../model/delivery.ts';
import type { EnvelopeParameters } from '../model/message.ts';

export interface PlanRequest {
  readonly recipients: readonly string[];
  readonly parameters: EnvelopeParameters | null;
  readonly stream: Stream;
  readonly nowMs: number;
  /** Virtual time before which nothing is tried, or null. */
  readonly sendAtMs: number | null;
  readonly lifetimeMs: number;
  readonly newId: () => string;
  readonly providerOf: (domain: string) => string;
}

export function planDeliveries(request: PlanRequest): {
  readonly nowMs: number;
  readonly to: readonly NewDelivery[];
} {
  const { nowMs, sendAtMs } = request;
  const dueAtMs = sendAtMs === null ? nowMs : Math.max(sendAtMs, nowMs);
  const to = request.recipients.map((recipient, index): NewDelivery => {
    const domain = domainOf(recipient);
    return {
      id: request.newId(),
      recipient,
      domain,
      provider: request.providerOf(domain),
      stream: request.stream,
      parameters: request.parameters?.rcpt[index] ?? null,
      dueAtMs,
      expiresAtMs: dueAtMs + request.lifetimeMs,
      status: 'queued',
      substatus: null,
      reason: null,
      class: null,
      retryOf: null,
    };
  });
  return { nowMs, to };
}

/** The part after the last `@`, lower case; empty for `postmaster` alone (RFC 5321 §4.5.1). */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}

/**
 * Which kind of traffic a message is: as its header `X-Sandpost-Stream` says, as the sub-domain says that it is from, and when nobody says:
 * bulk mail names a way out of the list (RFC 2369, RFC 8058) or calls itself bulk.
 *
 * @param bySubdomain the stream whose sub-domain is in From, or null
 */
export function streamOf(headerBlock: string, bySubdomain: Stream | null): Stream {
  const said = /^x-sandpost-stream:[ \t]*(transactional|marketing)[ \t]*\r?$/im
    .exec(headerBlock)?.[1]
    ?.toLowerCase();
  if (said === 'transactional' || said === 'marketing') return said;
  if (bySubdomain !== null) return bySubdomain;
  return /^(?:list-unsubscribe|list-id):|^precedence:[ \t]*(?:bulk|list)\b/im.test(headerBlock)
    ? 'marketing'
    : 'transactional';
}
