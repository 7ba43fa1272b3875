/**
 * Carries mail: route → connection → the bytes for that hop, made in the mail thread → SMTP → a result for each
 * recipient, with what it means. Nothing the far side does makes it reject.
 */
import type { Clock } from '../../clock.ts';
import type {
  Carried,
  Carrier,
  CarryResult,
  ClaimedDelivery,
  ClaimedMessage,
  Job,
} from '../../delivery/carrier.ts';
import { classify, type Stage } from '../../delivery/classify.ts';
import type { CarriedOut, ConnectionOrders, Network, TransactionOrders } from '../../delivery/network.ts';
import { ProviderResponses } from '../../delivery/provider-responses.ts';
import type { Resolver } from '../../dns/dns.ts';
import type { Authentication } from '../../model/authentication.ts';
import type { CarriedOutRule, EgressChange, OutcomeClass, SignatureEvidence } from '../../model/delivery.ts';
import { mailDate } from '../../model/mail-date.ts';
import { byCause } from '../../rules/decision.ts';
import { AttemptTranscript } from './client/attempt-transcript.ts';
import type { Offers, OpenFailure, RecipientResult, Session, TlsMode } from './client/connection.ts';
import { ConnectionPool, type Destination, type Lease, type PoolLimits } from './client/pool.ts';
import type { ServerReply } from './client/reply-reader.ts';
import { envelopeAddress } from './egress.ts';
import type { Prepared, PrepareRequest } from './mail-thread/prepare.ts';
import { type Route, Router } from './router.ts';
import type { SenderIdentity } from './sender-identity.ts';
import { trackingToken } from './tracking.ts';

export interface EmailCarrierPorts {
  readonly resolver: Resolver;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: () => number;
  readonly kinds?: 'both';
  readonly newId: () => string;
  /** MailThread's. Null: the message is not there any more. */
  readonly prepare: (request: PrepareRequest) => Promise<Prepared | null>;
  readonly identityOf: (message: ClaimedMessage) => Promise<SenderIdentity>;
  /** The reverse path of its own that a delivery has (`b+<delivery>@bounce.<domain>`), or null for the message's. */
  readonly bounceAddress: (delivery: ClaimedDelivery) => string | null;
  readonly tls: () => TlsMode;
  /** What each connection asks and tells before the first message; left out: nothing. */
  readonly session?: Session;
  /** It goes out for real; left out: into the simulated internet. */
  readonly relay?: RelayHop;
}

export interface RelayHop {
  /** Where all of it goes; null: to the mail hosts of each domain. */
  readonly host: string | null;
  readonly port: number;
  /** MAIL FROM in place of the message's; `{delivery}` in it is the delivery's id. Null: the message's. */
  readonly envelopeFrom: string | null;
}

/** The port that mail is taken at (RFC 5321 §4.5.4.2); the network leads it to where it really is. */
const smtpPort = 25;

/** How long what is under way may take to its end when the carrier closes. */
const closeMsMax = 10_000;

export function createEmailCarrier(
  ports: EmailCarrierPorts,
  limits: PoolLimits | (() => PoolLimits),
): Carrier {
  const pool = new ConnectionPool(typeof limits === 'function' ? limits : () => limits, ports);
  const underWay = new Set<Promise<unknown>>();
  return {
    carry(job) {
      const carried = carry(ports, pool, job);
      underWay.add(carried);
      const done = (): void => {
        underWay.delete(carried);
      };
      carried.then(done, done);
      return carried;
    },
    async close() {
      pool.close();
      const cancel = ports.clock.after(closeMsMax, () => pool.destroy());
      await Promise.allSettled(underWay);
      cancel();
    },
  };
}

async function carry(ports: EmailCarrierPorts, pool: ConnectionPool, job: Job): Promise<Carried> {
  return new Attempt(ports, pool, job).carry();
}

interface TransactionToBe {
  readonly from: string;
  readonly group: readonly ClaimedDelivery[];
}

/** What keeps everyone of a transaction from an answer, before there was one. */
interface Verdict {
  readonly kind: 'failed' | 'deferred';
  readonly class: OutcomeClass;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly retryAfterMs: number | null;
  readonly suppresses: CarryResult['suppresses'];
  /** Another address would hear the same from us, and say the same. */
  readonly everywhere?: true;
}

class Attempt {
  readonly #ports: EmailCarrierPorts;
  readonly #pool: ConnectionPool;
  readonly #job: Job;
  readonly #message: ClaimedMessage;
  readonly #transcript: AttemptTranscript;
  readonly #responses: ProviderResponses;
  readonly #router: Router;
  readonly #results = new Map<string, CarryResult>();
  #changes: readonly EgressChange[] = [];
  #signatures: readonly SignatureEvidence[] = [];
  #notes: readonly EgressChange[] = [];
  #nextHop: string | null = null;
  #authentication: Authentication | null = null;
  /** What the far side did on purpose, as it said. */
  readonly #ruled: CarriedOutRule[] = [];
  /** Envelope recipients whose message was taken to be lost, with the reason. */
  readonly #lost = new Map<string, string>();
  /** Who found no room in a transaction, and goes in the next one. */
  #overflow: readonly ClaimedDelivery[] = [];
  /** The bytes for a hop; transactions that differ in the reverse path alone share them. */
  #prepared: { readonly key: string; readonly prepared: Promise<Prepared | null> } | null = null;

  constructor(ports: EmailCarrierPorts, pool: ConnectionPool, job: Job) {
    this.#ports = ports;
    this.#pool = pool;
    this.#job = job;
    const message = job.deliveries[0]?.message ?? null;
    if (message === null) throw new Error('a job of mail without a message');
    this.#message = message;
    this.#transcript = new AttemptTranscript(ports.clock);
    this.#responses = new ProviderResponses(() => this.#transcript.elapsedMs());
    this.#router = new Router(ports, () => this.#transcript.elapsedMs());
  }

  async carry(): Promise<Carried> {
    const { deliveries } = this.#job;
    const identity = await this.#ports.identityOf(this.#message);
    this.#notes = identity.notes;
    const { relay } = this.#ports;
    const route: Route =
      relay === undefined || relay.host === null
        ? await this.#router.route(this.#domain)
        : { kind: 'hosts', hosts: [{ name: relay.host, preference: null }] };
    if (route.kind === 'hosts') {
      for (const { from, group } of this.#transactions(identity))
        await this.#send(
          identity,
          from,
          group,
          route.hosts.map(({ name }) => name),
        );
    } else {
      this.#everyone(deliveries, {
        kind: route.kind,
        class: route.kind === 'failed' ? route.class : 'network',
        code: route.kind === 'failed' ? route.code : null,
        enhanced: route.enhanced,
        text: route.text,
        retryAfterMs: null,
        suppresses: route.kind === 'failed' ? 'now' : 'never',
      });
    }
    return {
      results: deliveries.map((one) => this.#resultOf(one)),
      evidence: {
        routing: this.#router.steps,
        changes: [...this.#notes, ...this.#changes],
        signatures: this.#signatures,
        identity: identity.outbound.ip === null ? null : identity.outbound,
        authentication: this.#authentication,
        transcript: this.#transcript.lines,
        ...(this.#ruled.length === 0 ? {} : { rules: this.#ruled }),
        ...(this.#responses.kept.length === 0 ? {} : { responses: this.#responses.kept }),
      },
    };
  }

  get #domain(): string {
    return this.#job.deliveries[0]?.delivery.domain ?? '';
  }

  /** Deliveries with the same MAIL FROM share a transaction; of a message that is tracked each has bytes of its own. */
  #transactions(identity: SenderIdentity): readonly TransactionToBe[] {
    const byKey = new Map<string, { readonly from: string; readonly group: ClaimedDelivery[] }>();
    for (const one of this.#job.deliveries) {
      const own = this.#ports.bounceAddress(one) ?? this.#message.envelopeFrom;
      const from = this.#overridden(movedTo(identity.envelopeDomain, own), one);
      // Of several copies for one mailbox each goes by itself: within a transaction the address tells deliveries apart.
      const copy = this.#copiesBefore(one);
      const key = this.#tracked ? one.delivery.id : copy === 0 ? from : `${from} ${copy}`;
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, { from, group: [one] });
      else known.group.push(one);
    }
    return [...byKey.values()];
  }

  /** The null sender stays: what it sends must never be answered (RFC 5321 §4.5.5). */
  #overridden(from: string, { delivery }: ClaimedDelivery): string {
    const wanted = this.#ports.relay?.envelopeFrom ?? null;
    return wanted === null || from === '' ? from : wanted.replaceAll('{delivery}', delivery.id);
  }

  /** Live relay ended, and nothing of these was handed over. */
  #withdrawn(group: readonly ClaimedDelivery[]): boolean {
    if (this.#job.live?.valid() !== false) return false;
    const text = 'Live relay ended before anything of it was handed over';
    this.#transcript.add('N', text);
    const said = { class: null, code: null, enhanced: null, text, suppresses: 'never' } as const;
    for (const one of group)
      if (!this.#results.has(one.delivery.id)) this.#set(one, { outcome: { kind: 'withdrawn' }, ...said });
    return true;
  }

  #copiesBefore(one: ClaimedDelivery): number {
    const { deliveries } = this.#job;
    if (deliveries.length === 1) return 0;
    const mailbox = one.delivery.recipient;
    return deliveries
      .slice(0, deliveries.indexOf(one))
      .filter(({ delivery }) => delivery.recipient === mailbox).length;
  }

  get #tracked(): boolean {
    const { details } = this.#message;
    return details !== null && (details.trackOpens || details.trackClicks);
  }

  /** What was ordered for the connection of these deliveries: the engine puts together only what has the same. */
  #connectionOrders(group: readonly ClaimedDelivery[]): ConnectionOrders | null {
    const decisions = this.#job.orders?.get(group[0]?.delivery.id ?? '')?.connection ?? [];
    return decisions.length === 0 ? null : { decisions, carriedOut: (done) => this.#carriedOut(done) };
  }

  #transactionOrders(
    addressed: readonly { readonly one: ClaimedDelivery; readonly address: string }[],
  ): TransactionOrders | null {
    const { orders } = this.#job;
    if (orders === undefined) return null;
    const of = new Map(
      addressed.flatMap(({ one, address }) => {
        const ordered = orders.get(one.delivery.id);
        return ordered === undefined ? [] : [[address, ordered] as const];
      }),
    );
    return of.size === 0 ? null : { of, carriedOut: (done) => this.#carriedOut(done) };
  }

  /** Said by the far side as it does it: the note stands before its answer in the transcript. */
  #carriedOut({ recipient, cause, action, point }: CarriedOut): void {
    const { ruleId, label } = cause;
    this.#ruled.push({ recipient, ruleId, label, action, point });
    const whom = recipient === null ? '' : ` for ${recipient}`;
    this.#transcript.add('N', `${byCause(cause)}: ${action} at ${point}${whom}`);
    if (action === 'blackHole' && recipient !== null)
      this.#lost.set(recipient, `taken and lost on purpose, ${byCause(cause)}`);
  }

  /** One transaction: the hosts in their order until one of them answers to it. */
  async #send(
    identity: SenderIdentity,
    from: string,
    group: readonly ClaimedDelivery[],
    hosts: readonly string[],
  ): Promise<void> {
    const verdicts: HostVerdict[] = [];
    const { relay } = this.#ports;
    everywhere: for (const host of hosts) {
      if (this.#job.signal.aborted) break;
      if (this.#withdrawn(group)) return;
      const addresses = await this.#router.addresses(host);
      if (addresses === 'unknown') verdicts.push({ ...nothingKnown, nextHop: null });
      if (addresses === 'unknown' || addresses.length === 0) {
        if (relay !== undefined && relay.host === host) verdicts.push({ ...lostRelay(host), nextHop: null });
        this.#router.note(`${host} leads to no address; the next host is tried`);
        continue;
      }
      for (const address of addresses) {
        const destination: Destination = {
          host,
          address,
          port: relay?.port ?? smtpPort,
          // Of hosts that are real nobody here knows who stands behind them.
          group: (relay === undefined ? group[0]?.delivery.provider : null) ?? host,
          fromIp: identity.outbound.ip,
          helo: identity.outbound.helo,
          tls: this.#ports.tls(),
        };
        const verdict = await this.#sendTo(destination, identity, from, group);
        if (verdict === null) return this.#sendOverflow(identity, from, hosts);
        verdicts.push({ ...verdict, nextHop: this.#nextHop });
        if (verdict.everywhere === true) break everywhere;
      }
    }
    if (this.#job.signal.aborted) verdicts.push({ ...overdue, nextHop: null });
    const verdict = ofAllHosts(verdicts) ?? { ...nowhere(this.#domain), nextHop: null };
    this.#nextHop = verdict.nextHop;
    // Who got an answer of his own at a host that was lost afterwards has it already.
    const unanswered = group.filter(({ delivery }) => !this.#results.has(delivery.id));
    this.#everyone(unanswered, verdict);
  }

  /**
   * RFC 5321 §4.5.3.1.10: who was one too many goes at once, in a transaction of its own. Each transaction has taken
   * somebody, so that this comes to its end.
   */
  async #sendOverflow(identity: SenderIdentity, from: string, hosts: readonly string[]): Promise<void> {
    const group = this.#overflow;
    this.#overflow = [];
    if (group.length === 0) return;
    this.#transcript.add(
      'N',
      `too many recipients for one transaction: ${group.length} of them go in another`,
    );
    await this.#send(identity, from, group, hosts);
  }

  /** @returns why another host may be tried; null when there are results */
  async #sendTo(
    destination: Destination,
    identity: SenderIdentity,
    from: string,
    group: readonly ClaimedDelivery[],
  ): Promise<Verdict | null> {
    for (let fresh = false; ; fresh = true) {
      const acquired = await this.#pool.acquire(
        destination,
        this.#transcript,
        fresh,
        this.#connectionOrders(group),
      );
      this.#nextHop = `${destination.host}[${destination.address}]:${destination.port}`;
      if (!acquired.ok) {
        if (acquired.failure.kind === 'refused') this.#heard(null, acquired.failure.reply);
        return ofOpening(acquired.failure);
      }
      const { lease } = acquired;
      const cut = (): void => lease.connection.destroy();
      const { signal } = this.#job;
      if (signal.aborted) {
        this.#pool.release(lease);
        return overdue;
      }
      signal.addEventListener('abort', cut, { once: true });
      try {
        const ended = await this.#transact(lease, identity, from, group);
        if (ended !== 'once_more') return ended;
      } finally {
        signal.removeEventListener('abort', cut);
        this.#pool.release(lease);
      }
      this.#transcript.add('N', 'a connection used before had gone; once more on a new one');
    }
  }

  /**
   * @returns `once_more`: nothing was said yet to a connection that was used before, and is gone; a verdict: the
   * connection was lost before the message was handed over, and another host may take it (RFC 5321 §5.1); null: there
   * are results
   */
  async #transact(
    lease: Lease,
    identity: SenderIdentity,
    from: string,
    group: readonly ClaimedDelivery[],
  ): Promise<Verdict | 'once_more' | null> {
    const { connection, outbound, reused } = lease;
    const { offers } = connection;
    const sender = envelopeAddress(from);
    const prepared = await this.#prepare(offers, identity, sender.needsUtf8, group);
    if (prepared === null || !prepared.ok) {
      this.#everyone(group, prepared === null ? gone : { ...ownRefusal, ...prepared, kind: 'failed' });
      return null;
    }
    this.#changes = prepared.changes;
    this.#signatures = prepared.signatures;
    const addressed = group.map((one) => ({ one, ...envelopeAddress(one.delivery.recipient) }));
    const able = addressed.filter(({ needsUtf8 }) => !needsUtf8 || offers.smtputf8);
    this.#everyone(
      addressed.filter((entry) => !able.includes(entry)).map(({ one }) => one),
      utf8Recipient,
    );
    if (able.length === 0) return null;
    const utf8 = prepared.needsSmtputf8 || sender.needsUtf8 || able.some(({ needsUtf8 }) => needsUtf8);
    const [first] = able;
    const orders = this.#transactionOrders(able);
    outbound.transaction = {
      messageId: this.#message.id,
      deliveries: new Map(able.map(({ one, address }) => [address, one.delivery.id])),
      ...(first === undefined ? {} : { stream: first.one.delivery.stream }),
      ...(orders === null ? {} : { orders }),
      verdict: null,
    };
    const { transaction } = outbound;
    // From here on it is finished, not cut.
    if (this.#withdrawn(group)) return null;
    const answers = await connection.transact({
      from: sender.address,
      mailParameters: mailParameters(this.#message, offers, prepared.eightBit, utf8),
      recipients: able.map(({ one, address }) => ({ address, parameters: rcptParameters(one, offers) })),
      content: [prepared.content],
    });
    this.#keepAnswers(able, answers);
    // Of what was taken the mailbox's copy tells.
    if (answers.some((answer) => answer.kind === 'refused')) this.#authentication = transaction.verdict;
    if (!offers.dsn && able.some(({ one }) => wantsSuccess(one))) this.#changes = [...this.#changes, noDsn];
    const unheard = answers.every((answer) => answer.kind === 'lost' && answer.stage === 'mail');
    if (reused && unheard) return 'once_more';
    const loss = lossOf(answers);
    if (loss !== null) return loss;
    // Where nobody was taken, a smaller transaction would fare no better.
    const somebody = answers.some((answer) => !(answer.kind === 'refused' && answer.stage === 'rcpt'));
    const overflow: ClaimedDelivery[] = [];
    answers.forEach((answer, at) => {
      const entry = able[at];
      if (entry === undefined) return;
      if (somebody && isOneTooMany(answer)) overflow.push(entry.one);
      else this.#answered(entry, answer, { recipients: able.length, dsn: offers.dsn });
    });
    this.#overflow = overflow;
    return null;
  }

  /** Word for word: what was said to one recipient as theirs, what was said once to all of them once. */
  #keepAnswers(
    able: readonly { readonly one: ClaimedDelivery }[],
    answers: readonly RecipientResult[],
  ): void {
    const toAll = new Set<ServerReply>();
    answers.forEach((answer, at) => {
      if (answer.kind === 'lost') return;
      const own = answer.kind === 'refused' && answer.stage === 'rcpt' && able.length > 1;
      if (own) this.#heard(able[at]?.one.delivery.recipient ?? null, answer.reply);
      else toAll.add(answer.reply);
    });
    for (const reply of toAll) this.#heard(null, reply);
  }

  #heard(recipient: string | null, { code, lines }: ServerReply): void {
    this.#responses.smtp(this.#nextHop ?? this.#domain, recipient, code, lines);
  }

  #prepare(
    offers: Offers,
    identity: SenderIdentity,
    envelopeNeedsUtf8: boolean,
    group: readonly ClaimedDelivery[],
  ): Promise<Prepared | null> {
    const { eightBitMime, smtputf8, sizeMax } = offers;
    const only = this.#tracked ? (group[0]?.delivery.id ?? null) : null;
    const key = [eightBitMime, smtputf8, sizeMax, envelopeNeedsUtf8, only].join(' ');
    if (this.#prepared?.key === key) return this.#prepared.prepared;
    const { seq, receivedAtMs, id } = this.#message;
    const { helo } = identity.outbound;
    const prepared = this.#ports.prepare({
      seq,
      hop: { eightBitMime, smtputf8, sizeMax },
      context: {
        received: receivedBy(helo, this.#message),
        dateMs: receivedAtMs,
        messageId: `<${id}@${helo}>`,
        envelopeNeedsUtf8,
      },
      keys: identity.keys,
      wallSeconds: this.#ports.clock.wallMs() / 1_000,
      alterBody: identity.alterBody,
      tokens: only === null ? null : { message: trackingToken(id), delivery: trackingToken(only) },
    });
    this.#prepared = { key, prepared };
    return prepared;
  }

  #answered(
    { one, address }: { readonly one: ClaimedDelivery; readonly address: string },
    answer: RecipientResult,
    about: { readonly recipients: number; readonly dsn: boolean },
  ): void {
    if (answer.kind === 'sent') {
      const { code, enhanced } = answer.reply;
      const unconfirmed = this.#lost.get(address);
      this.#set(one, {
        outcome: { kind: 'sent' },
        class: null,
        code,
        enhanced,
        text: wordsOf(answer.reply),
        suppresses: 'never',
        dsnOffered: about.dsn,
        ...(unconfirmed === undefined ? {} : { unconfirmed }),
      });
      return;
    }
    this.#everyone([one], answer.kind === 'refused' ? ofReply(answer, about.recipients) : ofLoss(answer));
  }

  #everyone(group: readonly ClaimedDelivery[], verdict: Verdict): void {
    const { code, enhanced, text, suppresses } = verdict;
    const outcome =
      verdict.kind === 'failed'
        ? ({ kind: 'failed' } as const)
        : ({ kind: 'deferred', retryAfterMs: verdict.retryAfterMs } as const);
    for (const one of group)
      this.#set(one, { outcome, class: verdict.class, code, enhanced, text, suppresses });
  }

  #set(one: ClaimedDelivery, result: Omit<CarryResult, 'deliveryId' | 'nextHop'>): void {
    const deliveryId = one.delivery.id;
    this.#results.set(deliveryId, { deliveryId, nextHop: this.#nextHop, ...result });
  }

  #resultOf(one: ClaimedDelivery): CarryResult {
    const result = this.#results.get(one.delivery.id);
    if (result === undefined) throw new Error(`no result for the delivery ${one.delivery.id}`);
    return result;
  }
}

function movedTo(domain: string | null, address: string): string {
  if (domain === null || address === '') return address;
  const at = address.lastIndexOf('@');
  return `${at < 0 ? address : address.slice(0, at)}@${domain}`;
}

/** RFC 5321 §4.4: what we write on top, as the server that took it from the app. */
function receivedBy(helo: string, message: ClaimedMessage): string {
  const own = message.details?.origin != null;
  const from = own || message.door === 'api' ? '' : 'from localhost (localhost [127.0.0.1])\r\n\t';
  const protocol = own ? '' : ` with ${protocols[message.door] ?? 'ESMTP'}`;
  return `${from}by ${helo} (Sandpost)${protocol} id ${message.id};\r\n\t${mailDate(message.receivedAtMs)}`;
}
const protocols: Readonly<Record<string, string>> = { api: 'HTTP', submission: 'ESMTPS', smtps: 'ESMTPS' };

/** RFC 6152 §3, RFC 6531 §3.4, RFC 3461 §5.2.1: what came along goes along, where the hop knows it. */
function mailParameters(
  message: ClaimedMessage,
  offers: Offers,
  eightBit: boolean,
  utf8: boolean,
): readonly string[] {
  const given = message.envelopeParameters?.mail ?? {};
  return [
    ...(eightBit && offers.eightBitMime ? ['BODY=8BITMIME'] : []),
    ...(utf8 && offers.smtputf8 ? ['SMTPUTF8'] : []),
    ...(offers.dsn ? parametersNamed(given, ['RET', 'ENVID']) : []),
  ];
}

function wantsSuccess({ parameters }: ClaimedDelivery): boolean {
  return typeof parameters?.NOTIFY === 'string' && /SUCCESS/i.test(parameters.NOTIFY);
}

/** What RFC 3461 §5.2.2 has us answer for: our own notification says that the message was relayed. */
export const noDsn: EgressChange = {
  code: 'no_dsn',
  detail: 'the next hop does not offer DSN; the notification of success that was asked for is ours to make',
};

function rcptParameters({ parameters }: ClaimedDelivery, offers: Offers): readonly string[] {
  return offers.dsn && parameters !== null ? parametersNamed(parameters, ['NOTIFY', 'ORCPT']) : [];
}

function parametersNamed(
  given: Readonly<Record<string, string | true>>,
  names: readonly string[],
): readonly string[] {
  return names.flatMap((name) => {
    const value = given[name];
    return typeof value === 'string' && /^[!-~]+$/.test(value) ? [`${name}=${value}`] : [];
  });
}

/** @param recipients of the transaction that was refused */
function ofReply(refused: Extract<RecipientResult, { kind: 'refused' }>, recipients: number): Verdict {
  const { reply, stage } = refused;
  const found = classify({ code: reply.code, enhanced: reply.enhanced, text: reply.text, stage });
  return {
    kind: found.permanent ? 'failed' : 'deferred',
    class: found.class,
    code: reply.code,
    enhanced: reply.enhanced,
    text: wordsOf(reply),
    retryAfterMs: found.retryAfterMs,
    suppresses: isAboutOne(stage, recipients) ? found.suppress : 'never',
  };
}

/** RFC 5321 §4.5.3.1.10: 452, or 552 from servers of old, and by their words not for want of disk space. */
function isOneTooMany(answer: RecipientResult): boolean {
  if (answer.kind !== 'refused' || answer.stage !== 'rcpt') return false;
  const { code, enhanced, text } = answer.reply;
  if (code !== 452 && code !== 552) return false;
  return enhanced === null ? /too many recipients/i.test(text) : /^[45]\.5\.3$/.test(enhanced);
}

/** What is said before a recipient is named, or once for several of them, does not tell which of them is dead. */
function isAboutOne(stage: Stage, recipients: number): boolean {
  return stage === 'rcpt' || ((stage === 'data' || stage === 'final') && recipients === 1);
}

/** The connection went before the final dot, and with it every answer: nothing can have arrived. */
function lossOf(answers: readonly RecipientResult[]): Verdict | null {
  const [first] = answers;
  const lost = answers.every((answer) => answer.kind === 'lost' && !answer.mayHaveArrived);
  return lost && first?.kind === 'lost' ? ofLoss(first) : null;
}

interface HostVerdict extends Verdict {
  readonly nextHop: string | null;
}

/**
 * What the hosts of a domain say together: no for good only when each of them says so. Of those that say "not now" the
 * one that names the earliest time is believed, then one that spoke at all, then the last.
 */
function ofAllHosts(verdicts: readonly HostVerdict[]): HostVerdict | null {
  const last = verdicts.at(-1);
  if (last?.everywhere === true) return last;
  const forNow = verdicts.filter(({ kind }) => kind === 'deferred');
  const timed = forNow.filter(({ retryAfterMs }) => retryAfterMs !== null);
  const [earliest] = timed.sort((a, b) => (a.retryAfterMs ?? 0) - (b.retryAfterMs ?? 0));
  return earliest ?? forNow.findLast(({ code }) => code !== null) ?? forNow.at(-1) ?? verdicts.at(-1) ?? null;
}

function ofLoss({ text }: { readonly text: string }): Verdict {
  return { ...forNow, text };
}

function ofOpening(failure: OpenFailure): Verdict {
  if (failure.kind === 'refused') return failure.stage === 'auth' ? ofLogin(failure) : ofReply(failure, 0);
  if (failure.kind === 'login_paused')
    return {
      ...forNow,
      class: 'authentication_failed',
      enhanced: '4.7.0',
      text: failure.text,
      retryAfterMs: failure.leftMs,
      everywhere: true,
    };
  if (failure.kind === 'no_login')
    return {
      ...forNow,
      kind: 'failed',
      class: 'config',
      enhanced: '5.7.0',
      text: failure.text,
      everywhere: true,
    };
  return failure.stage === 'tls'
    ? { ...forNow, class: 'config', enhanced: '4.7.4', text: failure.text }
    : ofLoss(failure);
}

/** Asked again at once, with the same, a server may lock the account. RFC 4954 §6: 535 for credentials, 454 for now. */
function ofLogin(refused: Extract<OpenFailure, { kind: 'refused' }>): Verdict {
  const { code } = refused.reply;
  return {
    ...ofReply(refused, 0),
    class: code === 535 || code < 500 ? 'authentication_failed' : 'config',
    suppresses: 'never',
    everywhere: true,
  };
}

function lostRelay(host: string): Verdict {
  return { ...forNow, class: 'config', enhanced: '4.4.3', text: `The relay’s host ${host} has no address` };
}

const forNow: Verdict = {
  kind: 'deferred',
  class: 'network',
  code: null,
  enhanced: '4.4.2',
  text: '',
  retryAfterMs: null,
  suppresses: 'never',
};

const nothingKnown: Verdict = {
  ...forNow,
  enhanced: '4.4.3',
  text: 'The DNS gave no address of any host of the domain',
};

const overdue: Verdict = {
  ...forNow,
  enhanced: '4.4.7',
  text: 'The attempt took too long and was broken off before the message was handed over',
};

const ownRefusal = { retryAfterMs: null, suppresses: 'never' } as const;

const gone: Verdict = {
  ...ownRefusal,
  kind: 'failed',
  class: 'config',
  code: null,
  enhanced: '5.3.0',
  text: 'The message was deleted before it was sent',
};

const utf8Recipient: Verdict = {
  ...ownRefusal,
  kind: 'failed',
  class: 'config',
  code: 550,
  enhanced: '5.6.7',
  text: 'The address is outside ASCII, and the next hop does not offer SMTPUTF8 (RFC 6531 §3.6)',
};

/** RFC 5321 §5.1: MX records that lead nowhere are an error, not a reason to try the domain's own address. */
function nowhere(domain: string): Verdict {
  return {
    kind: 'failed',
    class: 'bad_domain',
    code: 550,
    enhanced: '5.4.4',
    text: `None of the mail hosts of ${domain} has an address`,
    retryAfterMs: null,
    suppresses: 'after_n',
  };
}

function wordsOf(reply: ServerReply): string {
  return [String(reply.code), reply.enhanced, reply.text]
    .filter((word) => word !== null && word !== '')
    .join(' ');
}
