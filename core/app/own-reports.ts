/** What our own MTA owes the app: DSNs for what it took by SMTP and could not deliver, or could not yet. */

import { type DsnOutcome, dsnsFor } from '../delivery/dsn-policy.ts';
import type { Settled } from '../delivery/engine.ts';
import { domainOf, type PlanRequest, planDeliveries } from '../delivery/plan.ts';
import type { DeliverySettings } from '../delivery/settings.ts';
import type { Intake } from '../intake/intake.ts';
import type { ProviderKey } from '../model/mail-provider.ts';
import { noDetails } from '../model/message-details.ts';
import { buildDsn } from '../reports/dsn.ts';
import type { Store } from '../store/store.ts';

export interface OwnReportsPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly settings: () => DeliverySettings;
  readonly providerOf: (domain: string) => ProviderKey;
  readonly newId: () => string;
  readonly wallMs: () => number;
}

/** By which our own reports come into the queue. */
export const ownReportsDoor = 'dsn';
/** Doors by which an app hands over mail as to a mail server; what the API takes is told by events and webhooks. */
const smtpDoors: ReadonlySet<string> = new Set(['smtp', 'submission', 'smtps']);
/** Of the original no more is read for a report. */
const originalBytesMax = 1024 * 1024;

/** @returns a function for what the engine settled; it rejects when a report that is owed could not be stored */
export function ownReports(ports: OwnReportsPorts): (ended: readonly Settled[]) => Promise<void> {
  const told = new Set<string>();

  function outcomeOf({ row, result, nowMs }: Settled): DsnOutcome | null {
    const base = {
      recipient: row.delivery.recipient,
      parameters: row.parameters,
      code: result.code,
      enhanced: result.enhanced ?? (result.class === 'expired' ? expiredStatus : null),
      text: result.text,
      remoteMta: result.nextHop?.split('[')[0] ?? null,
      lastAttemptAtMs: nowMs,
    };
    switch (result.change.kind) {
      case 'fail':
        told.delete(row.delivery.id);
        return { ...base, event: { kind: 'failed' } };
      case 'send':
        told.delete(row.delivery.id);
        return { ...base, event: { kind: 'sent', dsnOffered: false } };
      case 'defer': {
        const { delayWarningMs } = ports.settings();
        const waitedMs = nowMs - row.delivery.createdAtMs;
        const asked = String(row.parameters?.NOTIFY ?? '')
          .toUpperCase()
          .includes('DELAY');
        const afterMs = delayWarningMs > 0 ? delayWarningMs : asked ? delayAskedMs : Number.POSITIVE_INFINITY;
        // Once: what was told of its delay is not told again.
        if (waitedMs < afterMs || told.has(row.delivery.id)) return null;
        told.add(row.delivery.id);
        if (told.size > toldMax) told.clear();
        return { ...base, event: { kind: 'delayed', willRetryUntilMs: row.delivery.expiresAtMs } };
      }
      case 'postpone':
        return null;
    }
  }

  return async (ended) => {
    const byMessage = Map.groupBy(
      ended.filter(({ row }) => row.message !== null && smtpDoors.has(row.message.door)),
      ({ row }) => row.message?.id ?? '',
    );
    for (const settled of byMessage.values()) {
      const message = settled[0]?.row.message ?? null;
      if (message === null) continue;
      const outcomes = settled.map(outcomeOf).filter((outcome) => outcome !== null);
      const dsns = dsnsFor(message, outcomes, { delayByDefault: ports.settings().delayWarningMs > 0 });
      for (const dsn of dsns) {
        const nowMs = settled[0]?.nowMs ?? 0;
        const domain = message.details?.fromDomain ?? domainOf(message.envelopeFrom);
        const id = ports.newId();
        const bytes = buildDsn({
          ...dsn,
          reportingMta: `mta.${domain}`,
          from: `MAILER-DAEMON@${domain}`,
          arrivalAtMs: message.receivedAtMs,
          original: await originalOf(message.id, ports.store),
          messageId: `<${id}@mta.${domain}>`,
          dateMs: ports.wallMs(),
        });
        await ports.intake.accept({
          id,
          channel: 'email',
          door: ownReportsDoor,
          project: message.project,
          user: null,
          // RFC 5321 §4.5.5: a report has no reverse path, so that it is never answered.
          envelopeFrom: '',
          envelopeTo: [dsn.to],
          envelopeParameters: null,
          spooled: [],
          tail: bytes,
          head: bytes,
          bytes: bytes.length,
          exchange: null,
          delivery: planDeliveries({
            recipients: [dsn.to],
            parameters: null,
            stream: 'transactional',
            nowMs,
            sendAtMs: null,
            lifetimeMs: ports.settings().lifetimeMs,
            newId: ports.newId,
            providerOf: ports.providerOf,
          } satisfies PlanRequest),
          details: { ...noDetails, origin: 'dsn', fromDomain: domain },
        });
      }
    }
  };
}

/** RFC 3463 §3.5: the delivery time expired. */
const expiredStatus = '4.4.7';
/** Asked for by NOTIFY=DELAY without a setting: after four hours, as mail servers do. */
const delayAskedMs = 4 * 3_600_000;
const toldMax = 100_000;

async function originalOf(messageId: string, store: Store): Promise<Uint8Array> {
  const raw = await store.raw(messageId);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (raw === null) return new Uint8Array();
  for await (const chunk of raw.chunks) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= originalBytesMax) break;
  }
  return Buffer.concat(chunks);
}
