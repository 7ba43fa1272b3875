/**
 * What an MX decides before it has seen the content: at the connection, EHLO, MAIL and each RCPT. The inner door
 * knows by the PROXY header which provider's host was meant and whose delivery it is; at the public door the
 * recipient's domain tells the provider.
 */
import type { OutboundConnection } from '../../delivery/network.ts';
import type { Parameters } from '../../doors/smtp/command.ts';
import { printable } from '../../doors/smtp/printable.ts';
import { type Reply, replies, reply } from '../../doors/smtp/reply.ts';
import type { SmtpSession } from '../../doors/smtp/session.ts';
import type { Gate } from '../../doors/smtp/session-ports.ts';
import type { MxHost, ProviderHosts, ProviderKey } from '../../model/mail-provider.ts';
import { providerOf } from '../../model/mail-provider.ts';
import { domainOf } from '../address.ts';
import type { ArrivalLimits } from '../arrival-limits.ts';
import type { ProviderProfile, RefusalKind, ReplyFacts } from '../profile.ts';
import { profileOf } from '../profiles/profile-of.ts';
import type { ProviderBook } from '../provider-book.ts';
import type { SenderBook } from '../sender-book.ts';
import type { MailboxSettings, ProviderSettings } from '../settings.ts';

export interface AcceptedRecipient {
  readonly address: string;
  /** Of RCPT TO. */
  readonly parameters: Parameters;
  readonly provider: ProviderHosts;
  /** Null for what no delivery of ours brought. */
  readonly deliveryId: string | null;
}

/** What an MX knows of a session beside what the session knows itself. */
export interface MxSession {
  /** The core's own connection, at the inner door. */
  readonly connection: OutboundConnection | null;
  /** Whose host was connected to; null at the public door, which stands for all of them. */
  readonly provider: ProviderHosts | null;
  readonly host: MxHost | null;
  from: string;
  mailParameters: Parameters;
  recipients: AcceptedRecipient[];
}

export interface GatePorts {
  readonly book: ProviderBook;
  readonly limits: ArrivalLimits;
  readonly senders: SenderBook;
  nowMs(): number;
  ownDomain(domain: string): boolean;
  /** As providers put behind their replies to find them in their logs. */
  replyId(): string;
}

export interface MxIdentity {
  /** Name of the public door, which stands for every provider. */
  readonly publicHost: string;
  /** Address of a stranger who does not say who it is. */
  readonly strangerIp: string;
  /** There is a certificate to speak TLS with. */
  readonly tls: boolean;
}

export class MxGate implements Gate {
  readonly #identity: MxIdentity;
  readonly #ports: GatePorts;
  readonly #sessions = new WeakMap<SmtpSession, MxSession>();

  constructor(identity: MxIdentity, ports: GatePorts) {
    this.#identity = identity;
    this.#ports = ports;
  }

  /** A connection of the core's own: which host it is to be. */
  enter(session: SmtpSession, connection: OutboundConnection, provider: ProviderHosts, host: MxHost): void {
    this.#sessions.set(session, { ...newSession, connection, provider, host, recipients: [] });
  }

  of(session: SmtpSession): MxSession {
    const known = this.#sessions.get(session);
    if (known !== undefined) return known;
    const made: MxSession = { ...newSession, connection: null, provider: null, host: null, recipients: [] };
    this.#sessions.set(session, made);
    return made;
  }

  connect(session: SmtpSession): Reply {
    const { provider, host } = this.of(session);
    if (provider === null || host === null) {
      // Whoever is on this machine may say on whose behalf it speaks; others would only lie.
      session.change({ xclient: isLoopback(session.connection.remoteAddress) });
      return reply(220, null, `${this.#identity.publicHost} ESMTP Sandpost MX`);
    }
    const profile = profileOf[provider.key];
    const settings = this.#ports.book.provider(provider.key);
    session.change({
      hostname: host.name,
      extensions: profile.extensions,
      messageBytesMax: profile.messageBytesMax,
      recipientsMax: profile.recipientsMax,
      startTls: this.#identity.tls ? startTlsOf(settings) : 'off',
    });
    if (settings.disconnectAt === 'connect') return replies.hangUp;
    if (settings.rejectAll) return closing(this.refusal('blocked', session, provider.key, {}));
    if (settings.throttle) return this.#throttled(session, provider.key, settings);
    return reply(
      220,
      null,
      profile.greeting({ host: host.name, id: this.#ports.replyId(), nowMs: this.#ports.nowMs() }),
    );
  }

  hello(session: SmtpSession, name: string): string | Reply {
    this.#reset(session);
    const { provider, host } = this.of(session);
    if (provider === null || host === null) return `${this.#identity.publicHost} greets ${printable(name)}`;
    if (this.#ports.book.provider(provider.key).disconnectAt === 'ehlo') return replies.hangUp;
    return profileOf[provider.key].welcome({
      host: host.name,
      ip: this.ipOf(session),
      helo: printable(name),
    });
  }

  mail(session: SmtpSession, from: string, parameters: Parameters): Reply | null {
    this.#reset(session);
    const mx = this.of(session);
    mx.from = from;
    mx.mailParameters = parameters;
    if (mx.provider === null) return null;
    const settings = this.#ports.book.provider(mx.provider.key);
    return settings.disconnectAt === 'mail' ? replies.hangUp : null;
  }

  recipient(session: SmtpSession, to: string, parameters: Parameters): Reply | null {
    const mx = this.of(session);
    const provider = mx.provider ?? providerOf(domainOf(to), this.#ports.ownDomain);
    const refusal = this.#recipientRefusal(session, mx, provider, to);
    if (refusal !== null) return refusal;
    mx.recipients.push({ address: to, parameters, provider, deliveryId: deliveryOf(mx.connection, to) });
    return null;
  }

  data(session: SmtpSession): Reply | null {
    const cut = this.of(session).recipients.some(
      ({ provider }) => this.#ports.book.provider(provider.key).disconnectAt === 'data',
    );
    return cut ? replies.hangUp : null;
  }

  /** Named steps, the first that refuses wins. */
  #recipientRefusal(session: SmtpSession, mx: MxSession, provider: ProviderHosts, to: string): Reply | null {
    const { book, limits, senders } = this.#ports;
    const settings = book.provider(provider.key);
    const nowMs = this.#ports.nowMs();
    const ip = this.ipOf(session);
    const said = (kind: RefusalKind, facts: Partial<ReplyFacts> = {}): Reply =>
      this.refusal(kind, session, provider.key, { recipient: to, domain: domainOf(mx.from), ...facts });
    const before = mx.provider === null ? this.#refusalBefore(mx, provider, settings) : null;
    if (before === 'too_large') return said('tooLarge');
    if (before !== null) return before;
    if (settings.disconnectAt === 'rcpt') return replies.hangUp;
    if (mx.connection !== null && deliveryOf(mx.connection, to) === null)
      return reply(451, '4.3.0', 'No delivery of ours is under way to this recipient');
    if (settings.rejectAll) return said('blocked');
    if (settings.throttle) return this.#throttled(session, provider.key, settings);
    if (settings.tls === 'required' && !session.tls) return said('tlsRequired');
    const overMs = limits.overRateForMs(settings.rateLimit, `${provider.key}|${ip}`, nowMs);
    if (overMs !== null && settings.rateLimit !== null)
      return withCode(
        said('rateLimited', { retryAfterS: Math.ceil(overMs / 1000) }),
        settings.rateLimit.code,
      );
    const state = stateRefusals[book.mailbox(to).state];
    if (state === 'unknownUser' || state === 'inactive')
      senders.bounced(provider.key, { domain: senderDomain(mx.from), ip }, nowMs);
    if (state !== null) return said(state);
    const waitMs = limits.greylistedForMs(
      settings.greylisting,
      `${provider.key}|${ip}|${mx.from}|${to}`,
      nowMs,
    );
    return waitMs === null ? null : said('greylisted', { retryAfterS: Math.ceil(waitMs / 1000) });
  }

  /**
   * What a host of the provider's own does before it hears of a recipient. The public door stands for all hosts of all
   * providers: only the recipient tells it which one is meant.
   */
  #refusalBefore(
    { mailParameters }: MxSession,
    provider: ProviderHosts,
    settings: ProviderSettings,
  ): Reply | 'too_large' | null {
    if (provider.mx.every(({ name }) => settings.downHosts.includes(name))) {
      const why = settings.hostsTimeOut ? 'does not answer' : 'is down';
      return reply(451, '4.4.1', `${provider.mx.map(({ name }) => name).join(', ')} ${why}; try again later`);
    }
    if (['connect', 'ehlo', 'mail'].includes(settings.disconnectAt)) return replies.hangUp;
    // RFC 1870 §6.1: the size that was declared at MAIL may be refused for a recipient.
    const declared = Number(mailParameters.SIZE ?? 0);
    return declared > profileOf[provider.key].messageBytesMax ? 'too_large' : null;
  }

  #throttled(session: SmtpSession, key: ProviderKey, settings: ProviderSettings): Reply {
    const retryAfterS = settings.retryAfterMs === null ? null : Math.ceil(settings.retryAfterMs / 1000);
    return closing(this.refusal('throttled', session, key, { retryAfterS }));
  }

  refusal(kind: RefusalKind, session: SmtpSession, key: ProviderKey, facts: Partial<ReplyFacts>): Reply {
    const profile: ProviderProfile = profileOf[key];
    const said = profile.refusals[kind]({
      id: this.#ports.replyId(),
      host: this.hostName(session),
      ip: this.ipOf(session),
      recipient: '',
      domain: domainOf(this.of(session).from),
      retryAfterS: null,
      bytesMax: profile.messageBytesMax,
      spf: 'none',
      dkim: 'none',
      dmarc: 'none',
      why: '',
      ...facts,
    });
    // RFC 5321 §3.8: whoever says 421 closes.
    return said.code === 421 ? closing(said) : said;
  }

  replyId(): string {
    return this.#ports.replyId();
  }

  hostName(session: SmtpSession): string {
    return this.of(session).host?.name ?? this.#identity.publicHost;
  }

  /** The address that is judged, which is never the socket's own. */
  ipOf(session: SmtpSession): string {
    return session.peer.by === 'socket' ? this.#identity.strangerIp : session.peer.address;
  }

  #reset(session: SmtpSession): void {
    const mx = this.of(session);
    mx.from = '';
    mx.mailParameters = {};
    mx.recipients = [];
  }
}

const newSession = { from: '', mailParameters: {} };

const stateRefusals: Readonly<Record<MailboxSettings['state'], RefusalKind | null>> = {
  ok: null,
  unknown: 'unknownUser',
  full: 'mailboxFull',
  full_for_good: 'mailboxFullForGood',
  inactive: 'inactive',
};

function startTlsOf(settings: ProviderSettings): 'off' | 'optional' | 'broken' {
  switch (settings.tls) {
    case 'none':
      return 'off';
    case 'broken':
      return 'broken';
    case 'offered':
    case 'required':
      return 'optional';
  }
}

/** The delivery that the core says it brings: by the address as it stands in the envelope. */
function deliveryOf(connection: OutboundConnection | null, to: string): string | null {
  return connection?.transaction?.deliveries.get(to) ?? null;
}

function closing(said: Reply): Reply {
  return { ...said, close: true };
}

function withCode(said: Reply, code: 421 | 450 | 451): Reply {
  if (said.code === code) return said;
  const { close: _, ...kept } = said;
  return code === 421 ? { ...kept, code, close: true } : { ...kept, code };
}

/** The domain that a message will most likely be from: its envelope's, without the label that bounces go to. */
function senderDomain(envelopeFrom: string): string {
  return domainOf(envelopeFrom).replace(/^(?:bounces?|returns?)\./, '');
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address);
}
