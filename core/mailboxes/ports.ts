/** What the mailbox providers need of the rest of the core. */
import type { Clock, VirtualClock } from '../clock.ts';
import type { Resolver } from '../dns/dns.ts';
import type { Parameters } from '../doors/smtp/command.ts';
import type { Reply } from '../doors/smtp/reply.ts';
import type { Authentication } from '../model/authentication.ts';
import type { HeldBy } from '../model/delivery.ts';
import type { ProviderKey } from '../model/mail-provider.ts';
import type { NewCopy } from '../model/mailbox-copy.ts';
import type { EventType, ExchangeEnd, ExchangePart } from '../model/message.ts';
import type { ContentFacts, RuleDesk } from '../rules/decision.ts';
import type { NewAct, Store } from '../store/store.ts';

export interface MailboxPorts {
  /** Wall and monotonic time: for sockets, and for how long the examining thread may stay silent. */
  readonly clock: Clock;
  /** What greylisting, rates, reputations and later acts go by. */
  readonly virtual: VirtualClock;
  /** From 0 up to 1, seeded. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly resolver: Resolver;
  /** Is it one of the app's own domains, to which things come back? */
  readonly ownDomain: (domain: string) => boolean;
  /** Is it an address of the shared pool? */
  readonly sharedAddress: (ip: string) => boolean;
  readonly store: Pick<
    Store,
    'copy' | 'copyBytes' | 'changeCopy' | 'documents' | 'saveDocument' | 'deleteDocument'
  >;
  /**
   * What was accepted, and what is to come of it: on disk when the promise settles, all or nothing, and the deliveries of
   * the copies at their end.
   */
  accepted(copies: readonly NewCopy[], acts: readonly NewAct[]): Promise<void>;
  /** A message that no delivery of ours brought: stored when the promise settles. */
  stranger(message: StrangersMessage): Promise<StoredStranger>;
  /** What arrives for the app's own domains. The answer goes to whoever brought it. */
  inbound(message: InboundMessage): Promise<Reply>;
  /** A fact about a delivery that the far side brought about. */
  happened(fact: FarSideFact): Promise<void>;
  /** Mail that the far side itself sends: stored when the promise settles, and then delivered like any other. */
  send(mail: FarSideMail): Promise<void>;
  /** An HTTP request of a recipient or of a scanner, under the rule for callbacks; never throws. */
  visit(url: string, visit: Visit): Promise<VisitResult>;
  readonly certificate: { readonly key: string; readonly cert: string } | null;
  exchangeEnded(end: ExchangeEnd): void;
  readonly onProblem: (text: string) => void;
  /** What strangers meet on purpose; without it, nothing. Orders for our own deliveries come with their connection. */
  readonly rules?: {
    readonly desk: RuleDesk;
    /** Null: it cannot be read, and what asks for it is not met. */
    contentOf(bytes: Uint8Array): Promise<ContentFacts | null>;
  };
}

export interface StrangersMessage {
  /** Known before it is stored, so that what was decided about it leads to it. */
  readonly id: string;
  readonly door: 'mx';
  readonly client: { readonly ip: string; readonly helo: string };
  readonly envelopeFrom: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly provider: ProviderKey;
    /** Why it is kept back, or lost, although it is taken. */
    readonly held?: { readonly by: HeldBy; readonly reason: string };
    readonly unconfirmed?: string;
  }[];
  readonly mailParameters: Parameters;
  readonly bytes: Uint8Array;
  readonly exchange: ExchangePart;
}

export interface StoredStranger {
  readonly messageId: string;
  /** Envelope recipient → id of its delivery, as it was handed over. */
  readonly deliveries: ReadonlyMap<string, string>;
}

export interface InboundMessage {
  readonly envelopeFrom: string;
  readonly recipients: readonly { readonly address: string; readonly deliveryId: string | null }[];
  readonly messageId: string | null;
  readonly bytes: Uint8Array;
  readonly authentication: Authentication;
  /** The copies for the simulated mailboxes, to keep when that is where it goes, and what is to come of them there. */
  readonly copies: readonly NewCopy[];
  readonly acts: readonly { readonly mailbox: string; readonly act: NewAct }[];
}

export interface FarSideFact {
  /** Null for what a stranger's server brought. */
  readonly deliveryId: string | null;
  readonly type: EventType;
  readonly nowMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FarSideMail {
  readonly origin: ProviderKey;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly bytes: Uint8Array;
}

export interface Visit {
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  readonly contentType: string | null;
  readonly userAgent: string;
}

export type VisitResult =
  | { readonly kind: 'answered'; readonly status: number }
  /** The rule for callbacks does not allow it, or nobody is there. */
  | { readonly kind: 'not_made'; readonly why: string };
