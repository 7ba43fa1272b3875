/** The simulated mailbox providers: what the rest of the core sees of them. */
import { randomBytes } from 'node:crypto';
import type { Network } from '../delivery/network.ts';
import { noRules } from '../delivery/orders.ts';
import { replies } from '../doors/smtp/reply.ts';
import { type SmtpServer, type SmtpServerPorts, startSmtpServer } from '../doors/smtp/server.ts';
import { messageOf } from '../model/app-error.ts';
import type { Act, Placement } from '../model/delivery.ts';
import type { ProviderKey } from '../model/mail-provider.ts';
import {
  clickLink,
  deleteCopy,
  move,
  openMessage,
  reply,
  reportSpam,
  star,
  type UnsubscribeWay,
  unsubscribe,
  unsubscribeOffer,
} from './actions.ts';
import type { Reported } from './acts/complain.ts';
import { performAct } from './acts/perform-act.ts';
import { ArrivalLimits } from './arrival-limits.ts';
import { AuthThread } from './authentication/auth-thread.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { neighbourDrag, withNeighbour } from './ip-pool.ts';
import { copyOf, type MailboxRoom, type OpenedCopy } from './mailbox-room.ts';
import type { MessageFacts } from './message-facts.ts';
import { MxGate } from './mx/gate.ts';
import { InnerConnections } from './mx/inner-door.ts';
import { OrderedTrouble, StrangersTrouble } from './mx/mx-rules.ts';
import { takeMessage } from './mx/take-message.ts';
import { sandboxNetwork } from './network.ts';
import type { MailboxPorts, VisitResult } from './ports.ts';
import { type PostmasterDomain, postmasterPage } from './postmaster.ts';
import { profileOf } from './profiles/profile-of.ts';
import { ProviderBook } from './provider-book.ts';
import { complaintRate, faded, type Standing, scoreOf, standing, type Tally } from './reputation.ts';
import { SenderBook } from './sender-book.ts';
import type { PoolSettings } from './settings.ts';

export type {
  FarSideFact,
  FarSideMail,
  InboundMessage,
  MailboxPorts,
  StoredStranger,
  StrangersMessage,
  Visit,
  VisitResult,
} from './ports.ts';

export interface MailboxProvidersOptions {
  readonly hosts: readonly string[];
  /** Of the public door; null opens none. */
  readonly port: number | null;
  /** Name of the public door, which stands for every provider. */
  readonly hostname: string;
  /** Address of a stranger who does not say who it is. */
  readonly strangerIp: string;
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  readonly connectionsMax: number;
  readonly idleMsMax: number;
}

export const usualStrangerIp = '192.0.2.250';

const refusalsMax = 50;
/** The core's own connections: as many as it may have under way, and some. */
const innerConnectionsMax = 2_000;
/** What providers remember of senders is written this often. */
const flushEveryMs = 2_000;

export interface MailboxProviders {
  /** Of the public door; null when there is none. */
  readonly port: number | null;
  /** The way to the providers' hosts, for the SMTP client. */
  readonly network: Network;
  readonly settings: MailboxSettingsRoom;
  /** Does what is due; see `MailboxPorts.accepted`. */
  perform(act: Act): Promise<void>;
  /** Gets ready what the first message would have to wait for. */
  warm(): void;
  /** The DNS answers otherwise than before. */
  zonesChanged(): void;
  readonly actions: MailboxActions;
  reputations(): readonly Reputation[];
  pool(): PoolSettings & { readonly drag: number };
  setNeighbour(neighbour: PoolSettings['neighbour']): Promise<void>;
  postmaster(provider: ProviderKey): readonly PostmasterDomain[];
  close(graceMs: number): Promise<void>;
}

export type MailboxSettingsRoom = Pick<
  ProviderBook,
  'provider' | 'mailbox' | 'setMailboxes' | 'changeProvider' | 'changeMailbox'
>;

export interface MailboxActions {
  /** What the message of a copy offers its owner. */
  facts(
    copyId: string,
  ): Promise<{ readonly facts: MessageFacts; readonly unsubscribe: ReturnType<typeof unsubscribeOffer> }>;
  open(copyId: string, showPictures: boolean): Promise<{ readonly pictures: number }>;
  click(copyId: string, url: string): Promise<VisitResult>;
  reply(copyId: string, text: string): Promise<{ readonly to: string }>;
  unsubscribe(
    copyId: string,
  ): Promise<{ readonly way: UnsubscribeWay; readonly why: string; readonly result: VisitResult | null }>;
  reportSpam(copyId: string): Promise<Reported>;
  star(copyId: string, starred: boolean): Promise<void>;
  delete(copyId: string): Promise<void>;
  move(copyId: string, to: Placement): Promise<void>;
}

export interface Reputation {
  readonly provider: string;
  readonly kind: 'domain' | 'ip' | 'stream';
  readonly subject: string;
  readonly score: number;
  readonly standing: Standing;
  /** Points that the neighbours on a shared address cost it. */
  readonly drag: number;
  readonly complaintRate: number | null;
  readonly counts: Tally;
}

/** @throws AppError `port_taken`; what was opened by then is closed again */
export async function openMailboxProviders(
  options: MailboxProvidersOptions,
  ports: MailboxPorts,
): Promise<MailboxProviders> {
  const book = new ProviderBook(ports.store);
  const senders = new SenderBook(ports.store, ports.sharedAddress);
  await Promise.all([book.load(), senders.load()]);
  const thread = new AuthThread(ports.clock, ports.resolver);
  const limits = new ArrivalLimits();
  const memory = new ChunkMemory();
  const replyId = (): string =>
    Math.floor(ports.random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
  const gate = new MxGate(
    {
      publicHost: options.hostname,
      strangerIp: options.strangerIp,
      tls: ports.certificate !== null,
    },
    {
      book,
      limits,
      senders,
      nowMs: () => ports.virtual.nowMs(),
      ownDomain: (domain) => ports.ownDomain(domain),
      replyId,
    },
  );
  const questions = {
    desk: ports.rules?.desk ?? noRules.desk,
    gate,
    ownDomain: (domain: string) => ports.ownDomain(domain),
    async contentOf(bytes: Uint8Array) {
      try {
        return (await ports.rules?.contentOf(bytes)) ?? null;
      } catch (error) {
        // What asks for it is not met then; the message is taken as any other.
        ports.onProblem(`a body could not be read for the rules: ${messageOf(error)}`);
        return null;
      }
    },
  };
  const taker = { gate, book, senders, limits, thread, memory, ports, questions };
  const connections = new InnerConnections(randomBytes(32));
  const shared: SmtpServerPorts = {
    clock: ports.clock,
    newId: ports.newId,
    certificate: ports.certificate,
    authenticate: () => replies.authNotOffered,
    room: () => memory.room(),
    spool: (chunk) => memory.spool(chunk),
    unspool: (chunks) => memory.unspool(chunks),
    message: (received) => takeMessage(taker, received),
    exchangeEnded: (end) => ports.exchangeEnded(end),
    challenge: () => '',
    gate,
  };
  const open: SmtpServer[] = [];
  let publicPort: number | null = null;
  try {
    const inner = await startSmtpServer(
      { ...serverOptions(options, ports), door: 'mx-inner', connectionsMax: innerConnectionsMax },
      {
        ...shared,
        // What the core itself says is in the transcripts of its attempts already.
        exchangeEnded: () => undefined,
        trouble: new OrderedTrouble(gate),
        proxied: (header, session) => connections.take(header, session, gate),
      },
      { hosts: ['127.0.0.1'], port: 0 },
    );
    open.push(inner);
    if (options.port !== null) {
      const door = await startSmtpServer(
        { ...serverOptions(options, ports), door: 'mx', connectionsMax: options.connectionsMax },
        { ...shared, trouble: new StrangersTrouble(questions) },
        { hosts: options.hosts, port: options.port },
      );
      open.push(door);
      publicPort = door.port;
    }
  } catch (error) {
    await Promise.all(open.map((server) => server.close(0)));
    await thread.close();
    throw error;
  }
  const [innerServer] = open;
  const flush = (): Promise<void> => senders.flush(ports.onProblem);
  let cancelFlush = flushLater();
  function flushLater(): () => void {
    return ports.clock.after(flushEveryMs, () => {
      void flush().finally(() => {
        cancelFlush = flushLater();
      });
    });
  }
  const room: MailboxRoom = { ports, book, senders, thread };
  return {
    port: publicPort,
    network: sandboxNetwork({ book, connections, innerPort: innerServer?.port ?? 0, random: ports.random }),
    settings: book,
    perform: (act) => performAct(room, act),
    warm: () => thread.warm(),
    zonesChanged: () => thread.zonesChanged(),
    actions: actionsIn(room),
    reputations: () => reputations(senders, book, ports),
    pool: () => ({ ...senders.pool(), drag: neighbourDrag(senders.pool(), ports.virtual.nowMs()) }),
    setNeighbour: (neighbour) =>
      senders.setPool(withNeighbour(senders.pool(), neighbour, ports.virtual.nowMs())),
    postmaster: (provider) =>
      postmasterPage(
        provider,
        senders.days.entries().values(),
        (domain) => senders.tallies.get(`${provider}|domain|${domain}`),
        {
          warned: profileOf[provider].rules.complaintRateWarned,
          throttled: profileOf[provider].rules.complaintRateThrottled,
        },
        ports.virtual.nowMs(),
      ),
    async close(graceMs) {
      await Promise.all(open.map((server) => server.close(graceMs)));
      await thread.close();
      cancelFlush();
      await flush();
    },
  };
}

function serverOptions(options: MailboxProvidersOptions, ports: MailboxPorts) {
  return {
    hostname: options.hostname,
    greeting: 'ESMTP Sandpost MX',
    tls: 'starttls',
    startTls: ports.certificate === null ? 'off' : 'optional',
    auth: 'none',
    messageBytesMax: options.messageBytesMax,
    recipientsMax: options.recipientsMax,
    idleMsMax: options.idleMsMax,
    refusalsMax,
  } as const;
}

function actionsIn(room: MailboxRoom): MailboxActions {
  const on = async <T>(copyId: string, act: (opened: OpenedCopy) => Promise<T>): Promise<T> =>
    act(await copyOf(room, copyId));
  return {
    facts: (id) => on(id, async (opened) => ({ facts: opened.facts, unsubscribe: unsubscribeOffer(opened) })),
    open: (id, showPictures) => on(id, (opened) => openMessage(room, opened, { showPictures })),
    click: (id, url) => on(id, (opened) => clickLink(room, opened, url)),
    reply: (id, text) => on(id, (opened) => reply(room, opened, text)),
    unsubscribe: (id) => on(id, (opened) => unsubscribe(room, opened)),
    reportSpam: (id) => on(id, (opened) => reportSpam(room, opened)),
    star: (id, starred) => on(id, (opened) => star(room, opened, starred)),
    delete: (id) => on(id, (opened) => deleteCopy(room, opened)),
    move: (id, to) => on(id, (opened) => move(room, opened, to)),
  };
}

function reputations(senders: SenderBook, book: ProviderBook, ports: MailboxPorts): readonly Reputation[] {
  const nowMs = ports.virtual.nowMs();
  const drag = neighbourDrag(senders.pool(), nowMs);
  return [...senders.tallies.entries()].flatMap(([key, tally]) => {
    const [provider = '', kind, subject = ''] = key.split('|');
    if (kind !== 'domain' && kind !== 'ip' && kind !== 'stream') return [];
    const counts = faded(tally, nowMs);
    const dragged = kind === 'ip' && ports.sharedAddress(subject) ? drag : 0;
    const score = Math.max(0, scoreOf(counts) - dragged);
    const sampleMin = isKnown(provider) ? book.provider(provider).complaintSampleMin : 1;
    return [
      {
        provider,
        kind,
        subject,
        score,
        standing: standing(score),
        drag: dragged,
        complaintRate: complaintRate(counts, sampleMin),
        counts,
      },
    ];
  });
}

function isKnown(provider: string): provider is ProviderKey {
  return provider in profileOf;
}
