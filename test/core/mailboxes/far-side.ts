/** The mailbox providers with everything around them stood in for: a store in memory, a DNS of a few records. */
import { onTestFinished } from 'vitest';
import type { OutboundConnection } from '../../../core/delivery/network.ts';
import type { Resolver } from '../../../core/dns/dns.ts';
import type { Reply } from '../../../core/doors/smtp/reply.ts';
import { reply } from '../../../core/doors/smtp/reply.ts';
import {
  type FarSideFact,
  type FarSideMail,
  type InboundMessage,
  type MailboxPorts,
  type MailboxProviders,
  type MailboxProvidersOptions,
  openMailboxProviders,
  type StrangersMessage,
  usualStrangerIp,
  type Visit,
  type VisitResult,
} from '../../../core/mailboxes/index.ts';
import type { Act } from '../../../core/model/delivery.ts';
import type { CopyRow, NewCopy } from '../../../core/model/mailbox-copy.ts';
import type { ExchangeEnd } from '../../../core/model/message.ts';
import { type FakeClock, fakeClock } from '../../fake-clock.ts';
import { type SmtpClient, smtpOn } from '../../smtp-client.ts';
import { type Zone, zoneResolver } from './zone.ts';

export interface FarSide {
  readonly providers: MailboxProviders;
  readonly clock: FakeClock;
  readonly copies: Map<string, CopyRow>;
  readonly bytes: Map<string, Uint8Array>;
  readonly acts: Act[];
  readonly facts: FarSideFact[];
  readonly sent: FarSideMail[];
  readonly visits: { readonly url: string; readonly visit: Visit }[];
  readonly strangers: StrangersMessage[];
  readonly inbound: InboundMessage[];
  readonly exchanges: ExchangeEnd[];
  readonly documents: Map<string, Map<string, unknown>>;
  readonly problems: string[];
  /** Virtual time goes on, and what is due by then is done. */
  pass(ms: number): Promise<void>;
  /** A connection of the core's own to a host. */
  connect(
    to: { readonly host: string; readonly address: string },
    connection?: Partial<OutboundConnection>,
  ): Promise<SmtpClient>;
  close(): Promise<void>;
}

export interface FarSideOptions {
  readonly zone?: Zone;
  readonly options?: Partial<MailboxProvidersOptions>;
  readonly ports?: Partial<MailboxPorts>;
  readonly documents?: Map<string, Map<string, unknown>>;
  readonly visited?: (url: string, visit: Visit) => VisitResult;
  readonly resolver?: Resolver;
}

export async function openFarSide(given: FarSideOptions = {}): Promise<FarSide> {
  const clock = fakeClock();
  let virtualMs = Date.UTC(2026, 0, 31, 10);
  let lastId = 0;
  let lastAct = 0;
  let seed = 0;
  const documents = given.documents ?? new Map<string, Map<string, unknown>>();
  const kindOf = (kind: string): Map<string, unknown> => {
    const known = documents.get(kind) ?? new Map<string, unknown>();
    documents.set(kind, known);
    return known;
  };
  const far: Omit<FarSide, 'providers' | 'pass' | 'connect' | 'close'> = {
    clock,
    copies: new Map(),
    bytes: new Map(),
    acts: [],
    facts: [],
    sent: [],
    visits: [],
    strangers: [],
    inbound: [],
    exchanges: [],
    documents,
    problems: [],
  };
  const keep = (copies: readonly NewCopy[]): void => {
    for (const { bytes, headOnly: _, ...copy } of copies) {
      far.bytes.set(copy.id, bytes);
      far.copies.set(copy.id, {
        ...copy,
        seq: far.copies.size + 1,
        messageSeq: null,
        flags: noFlags,
        subject: null,
        fromName: null,
      });
    }
  };
  const ports: MailboxPorts = {
    clock,
    virtual: { nowMs: () => virtualMs, at: () => () => undefined },
    // The fractions of the golden ratio: spread evenly, and the same in every run.
    random: () => (seed = (seed + 0.618_033_988_749_895) % 1),
    newId: () => `id-${++lastId}`,
    resolver: given.resolver ?? zoneResolver(given.zone ?? {}),
    ownDomain: (domain) => domain === 'example.com' || domain.endsWith('.example.com'),
    sharedAddress: (ip) => ip === '192.0.2.99',
    store: {
      copy: async (id) => far.copies.get(id) ?? null,
      copyBytes: async (id) => far.bytes.get(id) ?? null,
      async changeCopy(id, { flags, placement }) {
        const row = far.copies.get(id);
        if (row === undefined) return null;
        const changed = { ...row, flags: { ...row.flags, ...flags }, placement: placement ?? row.placement };
        far.copies.set(id, changed);
        return changed;
      },
      documents: async (kind) => [...kindOf(kind)].map(([key, value]) => ({ key, value })),
      async saveDocument(kind, key, value) {
        kindOf(kind).set(key, structuredClone(value));
      },
      async deleteDocument(kind, key) {
        kindOf(kind).delete(key);
      },
    },
    async accepted(copies, acts) {
      keep(copies);
      for (const act of acts)
        far.acts.push({ ...act, dueAtMs: act.dueAtMs ?? Number.POSITIVE_INFINITY, seq: ++lastAct });
    },
    async stranger(message) {
      far.strangers.push(message);
      return {
        messageId: `message-${far.strangers.length}`,
        deliveries: new Map(message.recipients.map(({ address }) => [address, `stranger-${address}`])),
      };
    },
    async inbound(message): Promise<Reply> {
      far.inbound.push(message);
      return reply(250, '2.0.0', 'OK: taken in');
    },
    async happened(fact) {
      far.facts.push(fact);
    },
    async send(mail) {
      far.sent.push(mail);
    },
    async visit(url, visit) {
      far.visits.push({ url, visit });
      return given.visited?.(url, visit) ?? { kind: 'answered', status: 200 };
    },
    certificate: null,
    exchangeEnded(end) {
      far.exchanges.push(end);
    },
    onProblem(text) {
      far.problems.push(text);
    },
    ...given.ports,
  };
  const providers = await openMailboxProviders(
    {
      hosts: ['127.0.0.1'],
      port: 0,
      hostname: 'mx.sandpost.example',
      strangerIp: usualStrangerIp,
      messageBytesMax: 10_000_000,
      recipientsMax: 100,
      connectionsMax: 50,
      idleMsMax: 60_000,
      ...given.options,
    },
    ports,
  );
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    const closed = providers.close(0);
    clock.advance(0);
    await closed;
  };
  onTestFinished(close);
  return {
    ...far,
    providers,
    close,
    async pass(ms) {
      const endMs = virtualMs + ms;
      for (;;) {
        const due = far.acts.filter((act) => act.dueAtMs <= endMs).sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
        if (due === undefined) break;
        far.acts.splice(far.acts.indexOf(due), 1);
        virtualMs = Math.max(virtualMs, due.dueAtMs);
        await providers.perform(due);
      }
      virtualMs = endMs;
    },
    async connect(to, connection = {}) {
      const socket = await providers.network.connect(
        { ...to, port: 25 },
        { id: `connection-${++lastId}`, fromIp: '192.0.2.10', transaction: null, ...connection },
      );
      return smtpOn(socket);
    },
  };
}

const noFlags = {
  seen: false,
  starred: false,
  answered: false,
  reportedSpam: false,
  unsubscribed: false,
  deleted: false,
};
