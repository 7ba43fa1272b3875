/**
 * Brings one delivery of an SMS to a provider: read, its links shortened, handed to the client of the first provider that it
 * names, and to the next one where that cannot take it. The clients come in; what they speak to, the fakes or the real ones,
 * is a matter of their addresses.
 */
import type { Clock, VirtualClock } from '../../clock.ts';
import type { Carried, Carrier, CarryResult, ClaimedDelivery, Job } from '../../delivery/carrier.ts';
import type { OwnSends } from '../../delivery/own-sends.ts';
import { ProviderResponses } from '../../delivery/provider-responses.ts';
import {
  failedResult,
  requestEvidence,
  requestResult,
  withdrawnResult,
} from '../../delivery/request-result.ts';
import type { CarriedOutRule, EgressChange, OutcomeClass, TranscriptLine } from '../../model/delivery.ts';
import { type SmsProvider, smsProviderNames } from '../../model/sms.ts';
import { readSmsSubmission, type SmsSubmission, usualSmsSender } from '../../model/sms-submission.ts';
import { partsOf } from '../../model/sms-text.ts';
import { byCause, type FarSideOrders } from '../../rules/decision.ts';
import type { Say, SmsClient, SmsOutcome, SmsOutgoing } from './client.ts';
import { shortCode, withShortLinks } from './links.ts';

export interface SmsCarrierPorts {
  /** The bytes as they were stored; null when the message is gone. */
  readonly submissionOf: (messageId: string) => Promise<Uint8Array | null>;
  readonly clientOf: (provider: SmsProvider) => Promise<SmsClient>;
  /** Who is asked instead of those that the message names. */
  readonly providers?: readonly SmsProvider[];
  /** Sender in place of the message's; null or left out: as it says. */
  readonly sender?: string | null;
  /** Of what an app brought to a provider's door: what it says, as a submission; null: it cannot be sent anew, and why. */
  readonly otherSubmission?: (messageId: string) => Promise<SmsSubmission | { readonly fault: string }>;
  /** By which our own doors know the send; null where it goes to the real provider. */
  readonly ownSends: (provider: SmsProvider) => OwnSends | null;
  /** Where the provider is to report what becomes of it; null: nowhere. */
  readonly reportUrl: (provider: SmsProvider, deliveryId: string) => string | null;
  /** What the short links begin with (`http://localhost:8025/s/`), and what their codes are made with; null: links stay as they are. */
  readonly shortLinks: () => { readonly base: string; readonly secret: Uint8Array } | null;
  /** What the rules want done at a provider that the engine did not ask them about: one that is failed over to. */
  readonly ordersAt?: (
    claimed: ClaimedDelivery,
    provider: SmsProvider,
    message: { readonly text: string; readonly sender: string },
  ) => FarSideOrders | null;
  /** A provider took one by that sender: answers to it are to come back here. */
  readonly took?: (provider: SmsProvider, sender: string) => Promise<void>;
  /** Reports of it may come from now on, and are to wait until its attempt is recorded. */
  readonly begins: (deliveryId: string) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly virtual: VirtualClock;
  readonly close: () => Promise<void>;
}

export function createSmsCarrier(ports: SmsCarrierPorts): Carrier {
  async function carryOne(claimed: ClaimedDelivery, job: Job, log: Log): Promise<CarryResult> {
    const { delivery, message } = claimed;
    const submission = message === null ? null : await said(message.id);
    const providers =
      ports.providers ?? (submission === null || 'fault' in submission ? [] : submission.providers);
    if (message === null || submission === null || 'fault' in submission || providers.length === 0) {
      const why =
        submission !== null && 'fault' in submission
          ? submission.fault
          : 'What was stored of it cannot be sent: it is no SMS of the send API.';
      log.say('N', why);
      return failedResult(delivery.id, why);
    }
    if (ports.providers !== undefined && (ports.sender ?? submission.from) === null) {
      const why = 'There is no sender: give the message one (`from`), or the relay.';
      log.say('N', why);
      return failedResult(delivery.id, why);
    }
    ports.begins(delivery.id);
    const rendered = render(submission, claimed, ports, log);
    const tried: Tried[] = [];
    for (const provider of providers) {
      const last = tried.at(-1);
      if (last !== undefined)
        log.say(
          'N',
          `failed over to ${smsProviderNames[provider]}: ${smsProviderNames[last.provider]} did not take it (${last.outcome.text})`,
        );
      const { outcome, lost } = await sendBy(provider, { claimed, message, job, rendered }, log);
      const client = await ports.clientOf(provider);
      if (outcome.kind === 'withdrawn') return withdrawnResult(delivery.id);
      if (outcome.kind === 'sent') {
        await ports.took?.(provider, rendered.sender);
        return {
          ...requestResult(delivery.id, outcome.text),
          outcome: { kind: 'sent' },
          code: outcome.code,
          nextHop: client.host,
          takenBy: { provider, domain: client.host },
          ...(job.live === undefined ? {} : { providerId: outcome.providerId }),
          ...(lost === null ? {} : { unconfirmed: lost }),
        };
      }
      tried.push({ provider, host: client.host, outcome });
      if (isRecipients(outcome.class)) break;
      if (job.signal.aborted) break;
    }
    return resultOf(delivery.id, tried);
  }

  async function said(messageId: string): Promise<SmsSubmission | { readonly fault: string } | null> {
    const bytes = await ports.submissionOf(messageId);
    const submission = bytes === null ? null : readSmsSubmission(bytes);
    return submission ?? ports.otherSubmission?.(messageId) ?? null;
  }

  async function sendBy(
    provider: SmsProvider,
    about: {
      readonly claimed: ClaimedDelivery;
      readonly message: NonNullable<ClaimedDelivery['message']>;
      readonly job: Job;
      readonly rendered: Omit<SmsOutgoing, 'reportUrl'>;
    },
    log: Log,
  ): Promise<{ readonly outcome: SmsOutcome; readonly lost: string | null }> {
    const { claimed, message, job, rendered } = about;
    const { delivery } = claimed;
    const client = await ports.clientOf(provider);
    // What the engine asked about the delivery's own provider is no order for the next one.
    const orders =
      provider === delivery.provider
        ? (job.orders?.get(delivery.id) ?? null)
        : (ports.ordersAt?.(claimed, provider, rendered) ?? null);
    let lost: string | null = null;
    const own = ports.ownSends(provider)?.open({
      messageId: message.id,
      deliveryId: delivery.id,
      orders,
      carriedOut({ cause, action, point }) {
        const { ruleId, label } = cause;
        log.rules.push({ recipient: delivery.recipient, ruleId, label, action, point });
        log.say('N', `${byCause(cause)}: ${action}`);
        if (action === 'blackHole') lost = `taken and lost on purpose, ${byCause(cause)}`;
      },
    });
    try {
      const reportUrl = ports.reportUrl(provider, delivery.id);
      const outcome = await client.send(
        { ...rendered, reportUrl },
        {
          own: own?.value ?? null,
          signal: job.signal,
          say: log.say,
          responses: log.responses,
          ...(job.live === undefined ? {} : { mayGo: job.live.valid }),
        },
      );
      return { outcome, lost };
    } finally {
      own?.close();
    }
  }

  return {
    async carry(job): Promise<Carried> {
      const startedMs = ports.clock.monotonicMs();
      const lines: TranscriptLine[] = [];
      const elapsedMs = (): number => Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10;
      const log: Log = {
        rules: [],
        changes: [],
        responses: new ProviderResponses(elapsedMs),
        say: (by, text) => lines.push({ by, atMs: elapsedMs(), text }),
      };
      const results: CarryResult[] = [];
      for (const one of job.deliveries) results.push(await carryOne(one, job, log));
      const evidence = requestEvidence(lines, log.rules, log.responses.kept);
      return { results, evidence: { ...evidence, changes: log.changes } };
    },
    close: () => ports.close(),
  };
}

interface Log {
  readonly say: Say;
  readonly rules: CarriedOutRule[];
  readonly changes: EgressChange[];
  readonly responses: ProviderResponses;
}

interface Tried {
  readonly provider: SmsProvider;
  readonly host: string;
  readonly outcome: Exclude<SmsOutcome, { kind: 'sent' | 'withdrawn' }>;
}

function render(
  submission: SmsSubmission,
  { delivery }: ClaimedDelivery,
  { shortLinks, virtual, sender = null }: Pick<SmsCarrierPorts, 'shortLinks' | 'virtual' | 'sender'>,
  { changes }: Log,
): Omit<SmsOutgoing, 'reportUrl'> {
  const { body, trackLinks, media, validitySeconds, reference, from } = submission;
  let text = body;
  const short = trackLinks ? shortLinks() : null;
  if (trackLinks && short === null)
    changes.push({
      code: 'links_left',
      detail:
        'Links stay as they are: short ones would lead to this machine. Give the relay a callback URL to follow them.',
    });
  if (short !== null) {
    const { base, secret } = short;
    text = withShortLinks(body, base, (link) => shortCode(delivery, link, secret));
    if (text !== body)
      changes.push({ code: 'short_links', detail: `Links were shortened, so that clicks are seen: ${text}` });
  }
  const { encoding, parts } = partsOf(text);
  changes.push({
    code: 'rendered',
    detail: `${parts} ${parts === 1 ? 'part' : 'parts'} of ${encoding}, ${text.length} characters`,
  });
  return {
    deliveryId: delivery.id,
    number: delivery.recipient,
    sender: sender ?? from ?? usualSmsSender,
    text,
    unicode: encoding !== 'GSM-7',
    media,
    // Counted from when it was to be sent: a retry has less of it.
    validitySeconds:
      validitySeconds === null
        ? null
        : Math.max(1, Math.round((delivery.expiresAtMs - virtual.nowMs()) / 1000)),
    reference,
  };
}

/** The number's own fault: no other provider would reach it either. */
function isRecipients(outcomeClass: OutcomeClass | null): boolean {
  return outcomeClass === 'bad_address' || outcomeClass === 'opted_out' || outcomeClass === 'inactive';
}

/**
 * What it comes to when nobody took it: one that may take it later is worth waiting for, and the soonest time that one of
 * them named is believed.
 */
function resultOf(deliveryId: string, tried: readonly Tried[]): CarryResult {
  const last = tried.at(-1);
  if (last === undefined) return failedResult(deliveryId, 'no provider could be asked');
  const waits = isRecipients(last.outcome.class) ? [] : tried.filter(({ outcome }) => outcome.deferred);
  const shown = waits.at(-1) ?? last;
  const { outcome, host } = shown;
  const asked = waits.flatMap(({ outcome: { retryAfterMs } }) => retryAfterMs ?? []);
  const text =
    tried.length === 1
      ? outcome.text
      : tried.map((one) => `${smsProviderNames[one.provider]}: ${one.outcome.text}`).join('; ');
  return {
    ...requestResult(deliveryId, text),
    outcome:
      waits.length === 0
        ? { kind: 'failed' }
        : { kind: 'deferred', retryAfterMs: asked.length === 0 ? null : Math.min(...asked) },
    class: outcome.class,
    code: outcome.code,
    nextHop: host,
    // Whoever wrote STOP is not written to again, by whichever provider it was heard of.
    suppresses: outcome.class === 'opted_out' && waits.length === 0 ? 'now' : 'never',
  };
}
