/** Wires mail: what goes out, the simulated internet that it goes to, and what comes back from there. */

import { createEmailCarrier, type EmailCarrierPorts } from '../channels/email/carrier.ts';
import { standardPoolLimits } from '../channels/email/client/pool.ts';
import type { MailThread } from '../channels/email/mail-thread/mail-thread.ts';
import { plainIdentity, type SenderIdentity, senderIdentity } from '../channels/email/sender-identity.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import type { Carrier, ClaimedDelivery, ClaimedMessage } from '../delivery/carrier.ts';
import { bounceAddress, type Feedback, isReturnAddress } from '../delivery/feedback.ts';
import type { Network } from '../delivery/network.ts';
import { domainOf, planDeliveries, streamOf } from '../delivery/plan.ts';
import type { Settled } from '../delivery/recording.ts';
import type { DeliverySettings } from '../delivery/settings.ts';
import { sharedPool } from '../dns/addresses.ts';
import type { SendingDomains } from '../dns/sending-domains.ts';
import { type Reply, reply } from '../doors/smtp/reply.ts';
import type { ReceivedMessage } from '../doors/smtp/server.ts';
import type { Handover, Intake } from '../intake/intake.ts';
import {
  type FarSideMail,
  type InboundMessage,
  type MailboxPorts,
  type MailboxProviders,
  openMailboxProviders,
  type StoredStranger,
  type StrangersMessage,
  usualStrangerIp,
  type Visit,
  type VisitResult,
} from '../mailboxes/index.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { callbackFault } from '../model/callback-rule.ts';
import type { NewDelivery } from '../model/delivery.ts';
import { fromDomain } from '../model/from-domain.ts';
import { headerBlock } from '../model/header-block.ts';
import { mailProviders, type ProviderHosts, providerOf } from '../model/mail-provider.ts';
import type { ExchangeEnd, MessageDetails, Submission } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import { tagsOf } from '../model/message-tags.ts';
import { type InboundRoute, streamUnder } from '../model/sending-domain.ts';
import type { Store } from '../store/store.ts';
import { inboundNetwork, inboundResolver } from './inbound-network.ts';
import type { CallbackFetch } from './local-names.ts';
import { ownReportsDoor } from './own-reports.ts';

export interface Mail {
  readonly carrier: Carrier;
  readonly providers: MailboxProviders;
  /** Makes what goes over the wire of a stored message; null: it is not there any more. */
  readonly prepare: EmailCarrierPorts['prepare'];
  /** Port of the public MX door, when it is open. */
  readonly mxPort: number | null;
  /** What becomes of a message that a submission door took. */
  plan(received: ReceivedMessage): Pick<Submission, 'delivery' | 'details' | 'tags'>;
  deliveriesTo(request: {
    readonly recipients: readonly string[];
    readonly from: string | null;
    readonly stream: NewDelivery['stream'];
    readonly sendAtMs: number | null;
  }): { readonly nowMs: number; readonly to: readonly NewDelivery[] };
  /** The engine settled these: what went to the app's own server by an inbound route is read on the way. */
  passedOn(ended: readonly Settled[]): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface MailPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly domains: SendingDomains;
  readonly intake: Intake;
  readonly thread: MailThread;
  readonly fetch: CallbackFetch;
  readonly callbackHosts: readonly string[];
  readonly settings: () => DeliverySettings;
  readonly feedback: () => Feedback;
  /** Hands what came in for a domain on to a web address, through the queue. */
  readonly inboundCall: (
    url: string,
    message: { readonly id: string; readonly recipient: string },
  ) => Promise<void>;
  readonly certificate: { readonly key: string; readonly cert: string } | null;
  readonly onProblem: (text: string) => void;
  /** What strangers meet at the MX; without it, nothing. */
  readonly rules?: MailboxPorts['rules'];
}

export interface MailOptions {
  readonly hosts: readonly string[];
  readonly mxPort: number | 'off';
  /** Off: what the doors take is captured only, whatever the settings say. */
  readonly deliver: boolean;
  readonly hostname: string;
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  readonly connectionsMax: number;
  readonly idleMsMax: number;
}

const visitMsMax = 5_000;

export async function openMail(options: MailOptions, ports: MailPorts): Promise<Mail> {
  const { store, virtual, domains, settings } = ports;
  const own = (domain: string): boolean => domains.owner(domain) !== null;

  function deliveriesTo(request: {
    readonly recipients: readonly string[];
    readonly from: string | null;
    readonly stream: NewDelivery['stream'];
    readonly sendAtMs: number | null;
    readonly parameters?: Handover['envelopeParameters'];
  }): { readonly nowMs: number; readonly to: readonly NewDelivery[] } {
    return planDeliveries({
      recipients: request.recipients,
      parameters: request.parameters ?? null,
      stream: request.stream,
      nowMs: virtual.nowMs(),
      sendAtMs: request.sendAtMs,
      lifetimeMs: settings().lifetimeMs,
      newId: ports.newId,
      // The sender's domain may be made on the fly a moment later; it is the app's own already.
      providerOf: (domain) => providerOf(domain, (name) => name === request.from || own(name)).key,
    });
  }

  const providers = await openMailboxProviders(
    {
      hosts: options.hosts,
      port: options.mxPort === 'off' ? null : options.mxPort,
      hostname: options.hostname,
      strangerIp: usualStrangerIp,
      messageBytesMax: options.messageBytesMax,
      recipientsMax: options.recipientsMax,
      connectionsMax: options.connectionsMax,
      idleMsMax: options.idleMsMax,
    },
    {
      clock: ports.clock,
      virtual,
      random: ports.random,
      newId: ports.newId,
      resolver: domains.resolver,
      ownDomain: own,
      sharedAddress: (ip) => ip === sharedPool.ip,
      store,
      accepted: (copies, acts) => store.keepCopies(copies, acts),
      stranger: (message) => takeStranger(message),
      inbound: (message) => takeInbound(message),
      happened: async (fact) => {
        if (fact.deliveryId === null) return;
        await store.note([{ ...fact, deliveryId: fact.deliveryId, change: null }]);
      },
      send: (mail) => takeFarSideMail(mail),
      visit: (url, visit) => makeVisit(url, visit, ports),
      certificate: ports.certificate,
      exchangeEnded: (end: ExchangeEnd) => {
        store.endExchange(end).catch((error: unknown) => {
          ports.onProblem(`the end of a session could not be kept: ${messageOf(error)}`);
        });
      },
      onProblem: ports.onProblem,
      ...(ports.rules === undefined ? {} : { rules: ports.rules }),
    },
  );
  const unsubscribe = domains.subscribe(() => providers.zonesChanged());

  /** A stranger's server has it delivered already: to the far side it is sent, and placed a moment later. */
  async function takeStranger(message: StrangersMessage): Promise<StoredStranger> {
    const block = headerBlock(message.bytes);
    const planned = deliveriesTo({
      recipients: message.recipients.map((one) => one.address),
      from: null,
      stream: streamOf(block, streamBySubdomain(fromDomain(block))),
      sendAtMs: null,
    });
    const to = planned.to.map((one, index): NewDelivery => {
      if (routeOf(one.domain)?.kind === 'smtp') return one;
      const { held, unconfirmed } = message.recipients[index] ?? {};
      return {
        ...one,
        status: 'sent',
        dueAtMs: null,
        ...(held === undefined ? {} : { substatus: 'held', reason: held.reason, heldBy: held.by }),
        ...(unconfirmed === undefined ? {} : { substatus: 'unconfirmed', reason: unconfirmed }),
      };
    });
    const messageId = await ports.intake.accept({
      id: message.id,
      channel: 'email',
      door: message.door,
      user: null,
      envelopeFrom: message.envelopeFrom,
      envelopeTo: message.recipients.map((one) => one.address),
      envelopeParameters: null,
      spooled: [],
      tail: message.bytes,
      head: message.bytes,
      bytes: message.bytes.length,
      exchange: message.exchange,
      delivery: { nowMs: planned.nowMs, to },
      details: { ...noDetails, fromDomain: fromDomain(block), client: message.client },
    });
    return { messageId, deliveries: new Map(to.map((one) => [one.recipient, one.id])) };
  }

  /** What reaches one of the app's own domains: reports are read, and the rest goes where the domain says. */
  async function takeInbound(message: InboundMessage): Promise<Reply> {
    try {
      if (!(await isOurReport(message.messageId)))
        await ports.feedback().take({
          bytes: message.bytes,
          envelopeTo: message.recipients.map((one) => one.address),
        });
      const stays = (mailbox: string): boolean => routeOf(domainOf(mailbox))?.kind !== 'smtp';
      const copies = message.copies.filter(({ mailbox }) => stays(mailbox));
      const acts = message.acts.flatMap(({ mailbox, act }) => (stays(mailbox) ? [act] : []));
      if (copies.length + acts.length > 0) await store.keepCopies(copies, acts);
      for (const { address } of message.recipients) {
        const route = routeOf(domainOf(address));
        if (route?.kind === 'webhook' && message.messageId !== null)
          await ports.inboundCall(route.url, { id: message.messageId, recipient: address });
      }
      return reply(250, '2.0.0', 'OK: taken');
    } catch (error) {
      ports.onProblem(`what came in for one of your domains could not be kept: ${messageOf(error)}`);
      return reply(451, '4.3.0', 'The message could not be stored; try again later');
    }
  }

  /**
   * A report of the real world that somebody has led here, to a bounce address: it is read as it comes in. What will go to
   * one of the app's own domains is read there.
   */
  function readHandedBack({ envelope, content }: ReceivedMessage, delivers: boolean): void {
    const to = envelope.to.filter(isReturnAddress);
    if (to.length === 0 || content.spooled.length > 0) return;
    if (delivers && to.some((address) => own(domainOf(address)))) return;
    ports
      .feedback()
      .take({ bytes: content.tail, envelopeTo: to, keep: { wallMs: ports.clock.wallMs() } })
      .catch((error: unknown) => ports.onProblem(`a report could not be kept: ${messageOf(error)}`));
  }

  /** A report of our own says what its delivery knows already: read like another's it would bounce a second time. */
  async function isOurReport(messageId: string | null): Promise<boolean> {
    return messageId !== null && (await store.message(messageId))?.door === ownReportsDoor;
  }

  function streamBySubdomain(from: string | null): NewDelivery['stream'] | null {
    const domain = from === null ? null : domains.owner(from);
    return from === null || domain === null ? null : (streamUnder(domain, from)?.stream ?? null);
  }

  function routeOf(domain: string): InboundRoute | null {
    return domains.owner(domain)?.inbound ?? null;
  }

  async function takeFarSideMail(mail: FarSideMail): Promise<void> {
    const block = headerBlock(mail.bytes);
    await ports.intake.accept({
      channel: 'email',
      door: 'far-side',
      user: null,
      envelopeFrom: mail.envelopeFrom,
      envelopeTo: mail.envelopeTo,
      envelopeParameters: null,
      spooled: [],
      tail: mail.bytes,
      head: mail.bytes,
      bytes: mail.bytes.length,
      exchange: null,
      delivery: deliveriesTo({
        recipients: mail.envelopeTo,
        from: null,
        stream: 'transactional',
        sendAtMs: null,
      }),
      details: { ...noDetails, origin: mail.origin, fromDomain: fromDomain(block) },
    });
  }

  async function identityOf(message: ClaimedMessage): Promise<SenderIdentity> {
    const { details } = message;
    const provider = mailProviders.find((one) => one.key === details?.origin);
    if (provider !== undefined) return providersIdentity(provider, details);
    const name = details?.fromDomain ?? domainOf(message.envelopeFrom);
    const domain = await domains.onTheFly(name);
    return senderIdentity({
      from: name,
      domain,
      signer: await domains.signerOf(domain),
      bounceDomain: domains.bounceDomainOf(domain),
      unsigned: settings().unsignedDoors.includes(message.door),
    });
  }

  /** What a provider sends itself: from its own server, signed with its own keys. */
  async function providersIdentity(
    provider: ProviderHosts,
    details: MessageDetails | null,
  ): Promise<SenderIdentity> {
    const { ip, helo } = provider.outbound;
    const identity = plainIdentity({ ip, helo, ptr: helo });
    const domain = details?.fromDomain ?? null;
    if (domain === null || own(domain)) return identity;
    const keys = (await domains.providerKeys()).map(({ selector, algorithm, publicKey, privateKey }) => ({
      domain,
      selector,
      algorithm,
      id: publicKey,
      privateKey,
    }));
    return { ...identity, keys };
  }

  /** What the API takes has an envelope of its own for each delivery, so that what comes back names it. */
  function reversePath({ delivery, message }: ClaimedDelivery): string | null {
    // An edited envelope is as it was typed in.
    if (message === null || message.door !== 'api' || delivery.mailFrom !== null) return null;
    const domain = domains.owner(message.details?.fromDomain ?? '');
    return domain === null ? null : bounceAddress(delivery.id, domain.name);
  }

  const network: Network = inboundNetwork(providers.network, routeOf, ports.callbackHosts);
  const resolver = inboundResolver(domains.resolver, routeOf);
  const carrier = createEmailCarrier(
    {
      resolver,
      network,
      clock: ports.clock,
      random: ports.random,
      newId: ports.newId,
      prepare: (request) => ports.thread.prepare(request),
      identityOf,
      bounceAddress: reversePath,
      tls: () => settings().tls,
    },
    () => ({ ...standardPoolLimits, connectionsPerHostMax: settings().connectionsPerHost }),
  );

  return {
    carrier: strictCarrier(carrier),
    providers,
    prepare: (request) => ports.thread.prepare(request),
    mxPort: providers.port,
    deliveriesTo,
    plan(received) {
      const block = headerBlock(received.content.head);
      const from = fromDomain(block);
      const details = { ...noDetails, fromDomain: from };
      const tags = tagsOf(block);
      const delivers = options.deliver && settings().deliver;
      readHandedBack(received, delivers);
      if (!delivers) return { delivery: null, details, tags };
      return {
        delivery: deliveriesTo({
          recipients: received.envelope.to,
          from,
          stream: streamOf(block, streamBySubdomain(from)),
          sendAtMs: null,
          parameters: received.envelope.parameters,
        }),
        details,
        tags,
      };
    },
    async passedOn(ended) {
      for (const { row, result, live } of ended) {
        // It went out for real: nobody behind an inbound route has it.
        if (live === true) continue;
        const { delivery, message } = row;
        if (message === null || result.change.kind !== 'send' || routeOf(delivery.domain)?.kind !== 'smtp')
          continue;
        if (message.door === ownReportsDoor) continue;
        const bytes = await wholeOf(message.id, store);
        if (bytes !== null) await ports.feedback().take({ bytes, envelopeTo: [delivery.recipient] });
      }
    },
    async close(graceMs) {
      unsubscribe();
      await providers.close(graceMs);
      await ports.thread.close();
    },
  };
}

/** A sender domain that cannot be set up on the fly: strict mode does not know it, or there are too many. */
export function isDomainRefusal(error: unknown): error is AppError {
  return (
    error instanceof AppError && (error.code === 'sender_domain_unknown' || error.code === 'bad_request')
  );
}

/** It is a fault of the setting, not of the attempt: it ends the delivery. */
export function strictCarrier(carrier: Carrier): Carrier {
  return {
    close: () => carrier.close(),
    async carry(job) {
      try {
        return await carrier.carry(job);
      } catch (error) {
        if (!isDomainRefusal(error)) throw error;
        return {
          results: job.deliveries.map(({ delivery }) => ({
            deliveryId: delivery.id,
            outcome: { kind: 'failed' },
            class: 'config',
            code: null,
            enhanced: null,
            text: error.message,
            nextHop: null,
            suppresses: 'never',
          })),
          evidence: {
            routing: [],
            changes: [],
            signatures: [],
            identity: null,
            transcript: [{ by: 'N', atMs: 0, text: error.message }],
          },
        };
      }
    },
  };
}

async function makeVisit(
  url: string,
  visit: Visit,
  ports: Pick<MailPorts, 'fetch' | 'callbackHosts'>,
): Promise<VisitResult> {
  const fault = callbackFault(url, ports.callbackHosts);
  if (fault !== null) return { kind: 'not_made', why: fault };
  try {
    const response = await ports.fetch(url, {
      method: visit.method,
      headers: {
        'user-agent': visit.userAgent,
        ...(visit.contentType === null ? {} : { 'content-type': visit.contentType }),
      },
      ...(visit.body === null ? {} : { body: visit.body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(visitMsMax),
    });
    await response.body?.cancel();
    return { kind: 'answered', status: response.status };
  } catch (error) {
    const why =
      error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    return { kind: 'not_made', why };
  }
}

/** Reports are small; what is larger is none. */
const reportBytesMax = 16 * 1024 * 1024;

async function wholeOf(messageId: string, store: Store): Promise<Uint8Array | null> {
  const raw = await store.raw(messageId);
  if (raw === null || raw.bytes > reportBytesMax) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of raw.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}
