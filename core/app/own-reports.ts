/**
 * What our own MTA owes the app: DSNs for what it took by SMTP and could not deliver, or could not yet. What is owed is
 * decided before the outcome is recorded, and written with it as an act; the act makes the notice.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type DsnEvent, type DsnOutcome, dsnsFor, kindFor } from '../delivery/dsn-policy.ts';
import { domainOf, planDeliveries } from '../delivery/plan.ts';
import type { Settled } from '../delivery/recording.ts';
import type { DeliverySettings } from '../delivery/settings.ts';
import type { Intake } from '../intake/intake.ts';
import type { Act } from '../model/delivery.ts';
import type { ProviderKey } from '../model/mail-provider.ts';
import type { MessageRow } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import { type OwnDsnData, type OwnDsnWords, ownDsnAct } from '../model/own-dsn.ts';
import { buildDsn } from '../reports/dsn.ts';
import type { DeliveryDetail } from '../store/deliveries.ts';
import type { NewAct, Store } from '../store/store.ts';

export interface OwnReportsPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly settings: () => DeliverySettings;
  readonly providerOf: (domain: string) => ProviderKey;
  /** What the server that sends for a domain calls itself. */
  readonly heloOf: (domain: string) => Promise<string>;
  readonly newId: () => string;
  /** Virtual. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
}

export interface OwnReports {
  /** What is owed for what an attempt led to; a plain success owes nothing. */
  owed(ended: readonly Settled[]): readonly NewAct[];
  /**
   * Makes the notice that an act is about, once: an act that is done a second time finds it there.
   * @throws AppError when it could not be stored
   */
  perform(act: Act): Promise<void>;
}

/** By which our own reports come into the queue. */
export const ownReportsDoor = 'dsn';
/** Doors by which an app hands over mail as to a mail server; what the API takes is told by events and webhooks. */
const smtpDoors: ReadonlySet<string> = new Set(['smtp', 'submission', 'smtps']);
/** Of the original no more is read for a report. */
const originalBytesMax = 1024 * 1024;

export function ownReports(ports: OwnReportsPorts): OwnReports {
  const { store } = ports;
  const delayByDefault = (): boolean => ports.settings().delayWarningMs > 0;

  function owedFor(settled: Settled): Owed | null {
    const { row, result, nowMs } = settled;
    const { message, delivery, parameters } = row;
    const event = eventOf(settled);
    if (event === null || message === null || !smtpDoors.has(message.door) || message.envelopeFrom === '')
      return null;
    const about = kindFor({ event, parameters }, delayByDefault());
    if (about === null) return null;
    const { id } = delivery;
    const to = { about, messageId: message.id, envelopeFrom: message.envelopeFrom };
    if (about === 'delay') {
      const { delayWarningMs } = ports.settings();
      const dueAtMs = delivery.createdAtMs + (delayWarningMs > 0 ? delayWarningMs : delayAskedMs);
      return { ...to, delivery: { id }, dueAtMs: Math.max(dueAtMs, nowMs) };
    }
    const said: OwnDsnWords = {
      text: result.text,
      status: result.enhanced ?? (result.class === 'expired' ? expiredStatus : null),
      remoteMta: hostIn(result.nextHop),
    };
    return { ...to, delivery: { id, said }, dueAtMs: nowMs };
  }

  async function report(message: MessageRow, data: OwnDsnData, id: string): Promise<void> {
    const found = await Promise.all(data.deliveries.map((one) => store.delivery(one.id)));
    const outcomes = found.flatMap((detail, at): DsnOutcome[] => {
      const outcome = detail === null ? null : outcomeOf(detail, data.about, data.deliveries[at]?.said);
      return outcome === null ? [] : [outcome];
    });
    const first = found.find((detail) => detail !== null);
    if (first === undefined || first === null) return;
    // Of a delivery whose envelope was edited MAIL FROM is its own; those of one notice have the same.
    const envelopeFrom = first.delivery.mailFrom ?? message.envelopeFrom;
    const [dsn] = dsnsFor({ ...message, envelopeFrom }, outcomes, { delayByDefault: delayByDefault() });
    if (dsn === undefined) return;
    const domain = message.details?.fromDomain ?? domainOf(envelopeFrom);
    const host = await ports.heloOf(domain);
    const nowMs = ports.nowMs();
    const bytes = buildDsn({
      ...dsn,
      reportingMta: host,
      from: `MAILER-DAEMON@${domain}`,
      // What it tells of happened in virtual time, all of it; when it was written is a matter of the clock on the wall,
      // as of every message.
      arrivalAtMs: first.delivery.createdAtMs,
      original: await originalOf(message.id, store),
      messageId: `<${id}@${host}>`,
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
      }),
      details: { ...noDetails, origin: 'dsn', fromDomain: domain },
    });
  }

  return {
    owed(ended) {
      const owed = ended.map(owedFor).filter((one) => one !== null);
      if (owed.length === 0) return [];
      const groups = Map.groupBy(owed, (one) =>
        JSON.stringify([one.about, one.messageId, one.dueAtMs, one.envelopeFrom]),
      );
      return [...groups.values()].flatMap(([first, ...others]) => {
        if (first === undefined) return [];
        const { about, messageId, dueAtMs } = first;
        const deliveries = [first, ...others].map(({ delivery }) => delivery);
        const data: OwnDsnData = { about, messageId, deliveries };
        return [{ kind: ownDsnAct, dueAtMs, data: { ...data } }];
      });
    },

    async perform(act) {
      const data = dataSchema.parse(act.data);
      const [first] = data.deliveries;
      const message = await store.message(data.messageId);
      // Deleted in the meantime, or handed over by the API, which hears of it by events.
      if (first === undefined || message === null || !smtpDoors.has(message.door)) return;
      const id = noticeId(first.id, data.about);
      if ((await store.message(id)) === null) await report(message, data, id);
    },
  };
}

interface Owed {
  readonly about: OwnDsnData['about'];
  readonly messageId: string;
  /** To whom it is owed. */
  readonly envelopeFrom: string;
  readonly delivery: OwnDsnData['deliveries'][number];
  readonly dueAtMs: number;
}

/** RFC 3463 §3.5: the delivery time expired. */
const expiredStatus = '4.4.7';
/** Asked for by NOTIFY=DELAY without a setting: after four hours, as mail servers do. */
const delayAskedMs = 4 * 3_600_000;

/** What may be worth a notice, or null. */
function eventOf({ row, result, dsnOffered }: Settled): DsnEvent | null {
  switch (result.change.kind) {
    case 'fail':
      return { kind: 'failed' };
    case 'send':
      return { kind: 'sent', dsnOffered };
    case 'defer':
      // Once, at the first time: the act then waits until it is late, and tells if it still is to be told.
      return row.delivery.attempts === 0 ? { kind: 'delayed', willRetryUntilMs: null } : null;
    case 'postpone':
    case 'withdraw':
    case 'hold':
      return null;
  }
}

/** How a delivery stands now that it is to be told of; null when that is not what the notice would say. */
function outcomeOf(
  { delivery, parameters, attempts }: DeliveryDetail,
  about: OwnDsnData['about'],
  said: OwnDsnWords | undefined,
): DsnOutcome | null {
  const last = attempts.at(-1);
  const base = {
    recipient: delivery.recipient,
    parameters,
    code: last?.code ?? null,
    lastAttemptAtMs: last?.startedAtMs ?? null,
  };
  switch (about) {
    case 'failure': {
      // What the next hop took is the next hop's to answer for.
      if (delivery.status !== 'undeliverable' || last?.outcome === 'sent') return null;
      const words = said ?? { text: delivery.reason ?? 'bounced by hand', status: null, remoteMta: null };
      return { ...base, ...named(words), event: { kind: 'failed' } };
    }
    case 'delay': {
      if (delivery.status !== 'queued') return null;
      const words = {
        text: last?.text ?? delivery.reason ?? 'it waits',
        status: last?.enhanced ?? null,
        remoteMta: hostIn(last?.nextHop ?? null),
      };
      // While it is held its lifetime stands still.
      const willRetryUntilMs = delivery.substatus === 'held' ? null : delivery.expiresAtMs;
      return { ...base, ...named(words), event: { kind: 'delayed', willRetryUntilMs } };
    }
    case 'success':
      if (last?.outcome !== 'sent' || said === undefined) return null;
      return { ...base, ...named(said), event: { kind: 'sent', dsnOffered: false } };
  }
}

function named({
  text,
  status,
  remoteMta,
}: OwnDsnWords): Pick<DsnOutcome, 'text' | 'enhanced' | 'remoteMta'> {
  return { text, enhanced: status, remoteMta };
}

/** What it was written with is ours; it is looked at again because it comes from the disk. */
const dataSchema = z.object({
  about: z.enum(['failure', 'delay', 'success']),
  messageId: z.string(),
  deliveries: z.array(
    z.object({
      id: z.string(),
      said: z
        .object({ text: z.string(), status: z.string().nullable(), remoteMta: z.string().nullable() })
        .optional(),
    }),
  ),
});

/**
 * The same for the same notice, so that it is there when its act is done again. Of a delivery there is one of each kind,
 * in one notice; the time in it is the delivery's (RFC 9562 §5.7).
 */
function noticeId(deliveryId: string, about: OwnDsnData['about']): string {
  const hash = createHash('sha256').update(`${deliveryId} ${about}`).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hash.charAt(3), 16) % 4);
  return `${deliveryId.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}

function hostIn(nextHop: string | null): string | null {
  return nextHop?.split('[')[0] ?? null;
}

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
