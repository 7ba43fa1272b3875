/**
 * What comes back: a DSN or a complaint that reaches one of the app's own domains is read, tied to the delivery that it
 * is about, and becomes that delivery's events, its end where it says so, and a suppression where the table says so.
 */
import type { VirtualClock } from '../clock.ts';
import type { DeliveryRow, OutcomeClass, ProviderReport } from '../model/delivery.ts';
import { headerBlock, headerFields, unfold } from '../model/header-block.ts';
import type { EventType } from '../model/message.ts';
import type { NewSuppression } from '../model/suppression.ts';
import { type ParsedArf, parseArf } from '../reports/arf.ts';
import { type DsnAction, type ParsedDsn, type ParsedDsnRecipient, parseDsn } from '../reports/dsn.ts';
import { attachedMessages } from '../reports/multipart-report.ts';
import type { SoftBounce } from '../store/deliveries.ts';
import type { Fact, Store } from '../store/store.ts';
import { classify } from './classify.ts';
import { responseBytesMax, verbatim } from './provider-responses.ts';
import { everyDelivery } from './queue.ts';
import type { DeliverySettings } from './settings.ts';

export interface Feedback {
  /**
   * Also of a report that somebody forwarded as an attachment.
   * @returns what it was and which deliveries it was tied to; null when it is no report
   */
  take(report: ReportedMail): Promise<TiedReport | null>;
}

export interface ReportedMail {
  readonly bytes: Uint8Array;
  readonly envelopeTo: readonly string[];
  /** It is no message of ours and kept nowhere else: its words are kept with the deliveries that it is about. */
  readonly keep?: { readonly wallMs: number };
}

export interface TiedReport {
  readonly kind: 'dsn' | 'complaint';
  readonly deliveryIds: readonly string[];
}

/** Deliveries of one message that are looked through for the recipient of a report. */
const deliveriesMax = 1_000;
/** Reports that are attached to one message. */
const attachedMax = 20;

export function createFeedback(ports: {
  readonly store: Store;
  readonly virtual: VirtualClock;
  readonly settings: () => DeliverySettings;
}): Feedback {
  const { store, virtual } = ports;

  async function takeDsn(dsn: ParsedDsn, mail: ReportedMail): Promise<TiedReport> {
    const tied = new Set<string>();
    for (const recipient of dsn.recipients.slice(0, deliveriesMax)) {
      const address = recipient.originalRecipient ?? recipient.finalRecipient;
      const id = await deliveryOf(pathsOf(mail), address, dsn);
      if (id === null) continue;
      tied.add(id);
      await keepDsn(id, recipient, dsn, mail);
    }
    return { kind: 'dsn', deliveryIds: [...tied] };
  }

  async function keepDsn(
    id: string,
    recipient: ParsedDsnRecipient,
    dsn: ParsedDsn,
    mail: ReportedMail,
  ): Promise<void> {
    const nowMs = virtual.nowMs();
    const aboutAnother = await wentToAnother(id);
    const verdict = classify({
      code: recipient.code,
      enhanced: recipient.status,
      text: recipient.diagnostic ?? dsn.explanation,
      stage: null,
    });
    const failed = recipient.action === 'failed';
    const reason = recipient.diagnostic ?? recipient.status ?? `the far side reported: ${recipient.action}`;
    await store.note([
      {
        deliveryId: id,
        type: eventOf[recipient.action],
        nowMs,
        data: {
          outOfBand: true,
          action: recipient.action,
          code: recipient.code,
          enhanced: recipient.status,
          // What went well is nobody's fault.
          class: failed || recipient.action === 'delayed' ? verdict.class : null,
          permanent: failed,
          reason,
          remoteMta: recipient.remoteMta,
          reportingMta: dsn.reportingMta,
        },
        ...reportOf(mail),
        change: failed
          ? {
              kind: 'fail',
              class: verdict.class,
              reason,
              softBounce:
                verdict.suppress === 'after_n' && !aboutAnother
                  ? await softBounceOf(id, verdict.class, reason)
                  : null,
            }
          : null,
      },
    ]);
    if (failed && verdict.suppress === 'now' && !aboutAnother && ports.settings().suppressHardBounces)
      await suppress(id, 'hard_bounce', 'dsn', verdict.class, reason);
  }

  /** One more message that the address did not take in the end, though it is not dead. */
  async function softBounceOf(
    id: string,
    outcomeClass: OutcomeClass,
    detail: string,
  ): Promise<SoftBounce | null> {
    const { softBounceRun, softSuppressionMs } = ports.settings();
    const found = softBounceRun === 0 ? null : await store.delivery(id);
    if (found === null) return null;
    const nowMs = virtual.nowMs();
    return {
      runMax: softBounceRun,
      suppression: {
        address: found.delivery.recipient.toLowerCase(),
        scope: 'all',
        reason: 'soft_bounces',
        source: 'dsn',
        class: outcomeClass,
        detail,
        deliveryId: id,
        createdAtMs: nowMs,
        expiresAtMs: nowMs + softSuppressionMs,
      },
    };
  }

  /** Live relay sent it to somebody else than it was for, and what is said of him says nothing of the other. */
  async function wentToAnother(id: string): Promise<boolean> {
    const route = (await store.delivery(id))?.attempts.at(-1)?.evidenceValue?.live;
    return route !== undefined && route.rewrittenFrom !== null;
  }

  /** As it came, up to a limit. */
  function reportOf({ bytes, keep }: ReportedMail): Pick<Fact, 'report'> {
    if (keep === undefined) return {};
    const cut = bytes.subarray(0, responseBytesMax);
    const report: ProviderReport = {
      provider: 'mail',
      protocol: 'mail',
      atMs: virtual.nowMs(),
      wallMs: keep.wallMs,
      method: null,
      target: null,
      fields: [],
      ...verbatim(cut),
      bytes: bytes.length,
      truncated: cut.length < bytes.length,
    };
    return { report };
  }

  async function takeComplaint(arf: ParsedArf, mail: ReportedMail): Promise<TiedReport> {
    // Our bounce address stands there also where the provider hides who complained.
    const paths = [...pathsOf(mail), ...(arf.originalMailFrom === null ? [] : [arf.originalMailFrom])];
    const id = await deliveryOf(paths, arf.originalRcptTo[0] ?? null, arf);
    if (id === null) return { kind: 'complaint', deliveryIds: [] };
    const fact: Fact = {
      deliveryId: id,
      type: 'complained',
      nowMs: virtual.nowMs(),
      data: {
        feedbackType: arf.feedbackType,
        userAgent: arf.userAgent,
        sourceIp: arf.sourceIp,
        reportedDomains: arf.reportedDomains,
      },
      ...reportOf(mail),
      change: null,
    };
    await store.note([fact]);
    if (arf.feedbackType === 'abuse' && ports.settings().suppressComplaints && !(await wentToAnother(id)))
      await suppress(id, 'complaint', 'report', null, `complained: ${arf.feedbackType}`);
    return { kind: 'complaint', deliveryIds: [id] };
  }

  async function suppress(
    id: string,
    reason: NewSuppression['reason'],
    source: string,
    outcomeClass: OutcomeClass | null,
    detail: string,
  ): Promise<void> {
    const found = await store.delivery(id);
    if (found === null) return;
    const { recipient, stream } = found.delivery;
    await store.suppress([
      {
        address: recipient.toLowerCase(),
        // A dead address is dead for everyone; who complains of news still wants the password reset.
        scope: reason === 'complaint' ? stream : 'all',
        reason,
        source,
        class: outcomeClass,
        detail,
        deliveryId: id,
        createdAtMs: virtual.nowMs(),
        expiresAtMs: null,
      },
    ]);
  }

  /**
   * By the bounce address that names the delivery, else by the message that was returned and the recipient. Our own
   * Received field names the message; its Message-ID is the app's, and may be that of many.
   */
  async function deliveryOf(
    reversePaths: readonly string[],
    recipient: string | null,
    returned: Pick<ParsedDsn, 'original' | 'originalMessageId'>,
  ): Promise<string | null> {
    const named = reversePaths.map(deliveryInBounceAddress).find((id) => id !== null) ?? null;
    if (named !== null && (await store.delivery(named)) !== null) return named;
    const traced = returned.original === null ? null : messageInReceived(headerBlock(returned.original));
    const wanted = (recipient ?? '').replace(/^[^;]*;\s*/, '').toLowerCase();
    if (traced !== null) {
      const entries = await deliveriesOf(traced);
      // An address that nobody was sent to is one that it was forwarded to.
      const found = matching(entries, wanted) ?? (entries.length === 1 ? entries[0] : undefined);
      if (found !== undefined) return found.id;
    }
    if (returned.originalMessageId === null) return null;
    const messageId = await store.messageByHeader(returned.originalMessageId);
    if (messageId === null) return null;
    const entries = await deliveriesOf(messageId);
    const [only, ...others] = entries;
    return (wanted === '' && others.length === 0 ? only : matching(entries, wanted))?.id ?? null;
  }

  async function deliveriesOf(messageId: string): Promise<readonly DeliveryRow[]> {
    const page = { after: null, limit: deliveriesMax };
    return (await store.deliveries({ ...everyDelivery, messageId }, page)).entries;
  }

  async function takeOne(mail: ReportedMail): Promise<TiedReport | null> {
    const dsn = parseDsn(mail.bytes);
    if (dsn !== null) return takeDsn(dsn, mail);
    const arf = parseArf(mail.bytes);
    return arf === null ? null : takeComplaint(arf, mail);
  }

  return {
    async take(mail) {
      const own = await takeOne(mail);
      if (own !== null) return own;
      const found: TiedReport[] = [];
      for (const bytes of attachedMessages(mail.bytes, attachedMax)) {
        const one = await takeOne({ ...mail, bytes });
        if (one !== null) found.push(one);
      }
      const [first] = found;
      return first === undefined
        ? null
        : { kind: first.kind, deliveryIds: found.flatMap(({ deliveryIds }) => deliveryIds) };
    },
  };
}

/** Addresses in the header of one report that are looked at. */
const pathsMax = 50;
const pathFields = ['delivered-to', 'x-original-to', 'envelope-to', 'to'];

/** Whom it came to; and whom it says it was for, where it was handed on since. */
function pathsOf({ bytes, envelopeTo }: ReportedMail): readonly string[] {
  const said = headerFields(headerBlock(bytes))
    .filter(({ name }) => pathFields.includes(name.toLowerCase()))
    .flatMap(
      ({ raw }) =>
        unfold(raw)
          .slice(0, pathCharsMax)
          .match(/[^\s<>,;:"]+@[^\s<>,;:"]+/g) ?? [],
    );
  return [...envelopeTo, ...said.slice(0, pathsMax)];
}
const pathCharsMax = 8_000;

/** No attempt of ours was made, whatever the far side reports. */
const eventOf: Readonly<Record<DsnAction, EventType>> = {
  failed: 'bounced',
  delayed: 'deferred',
  delivered: 'reported',
  relayed: 'reported',
  expanded: 'reported',
};

function matching(deliveries: readonly DeliveryRow[], address: string): DeliveryRow | undefined {
  const exact = deliveries.find(({ recipient }) => recipient.toLowerCase() === address);
  if (exact !== undefined || address === '') return exact;
  // A report may name the mailbox, where the message was for a sub-address of it (RFC 5233).
  const [likely, ...others] = deliveries.filter(
    ({ recipient }) => mailboxOf(recipient) === mailboxOf(address),
  );
  return others.length === 0 ? likely : undefined;
}

const receivedPattern =
  /^Received:.{0,1000}? \(Sandpost\).{0,200}? id ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12});/im;

/** The message that our own MTA sent on, as the Received field of its egress says. */
function messageInReceived(block: string): string | null {
  return receivedPattern.exec(block.replace(/\r?\n[ \t]+/g, ' '))?.[1]?.toLowerCase() ?? null;
}

function mailboxOf(address: string): string {
  return address.toLowerCase().replace(/^([^"@+][^@+]*)\+[^@]*@/, '$1@');
}

/** Ours, and whatever a relay's own reverse path makes of `{delivery}`: the id is the same in all of them. */
const bouncePattern =
  /^(?:[^@]*[^0-9a-z@])?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[^0-9a-z@][^@]*)?@/i;

/** MAIL FROM of an API send: what comes back to it names the delivery (a variable envelope return path). */
export function bounceAddress(deliveryId: string, domain: string): string {
  return `b+${deliveryId}@bounce.${domain}`;
}

/** What is sent there is meant for whoever reads reports. */
export function isReturnAddress(address: string): boolean {
  return /^bounces?(?:[^0-9a-z@][^@]*)?@/i.test(address) || deliveryInBounceAddress(address) !== null;
}

function deliveryInBounceAddress(address: string): string | null {
  return bouncePattern.exec(address)?.[1]?.toLowerCase() ?? null;
}
