/**
 * Wires the core as a client of SMS providers: clients with addresses and credentials, the carrier of the engine, what comes
 * back by reports, short links.
 */
import type { Socket } from 'node:net';
import type { SmsFeedbackService } from '../api/services.ts';
import { createSmsCarrier } from '../channels/sms/carrier.ts';
import {
  createSmsClient,
  type SmsAccount,
  type SmsClient,
  type SmsDialect,
  type SmsSecretsKnown,
} from '../channels/sms/client.ts';
import { digestOf, readShortCode } from '../channels/sms/links.ts';
import { smsRuleFacts } from '../channels/sms/rule-facts.ts';
import type { SmppClient } from '../channels/sms/smpp/client.ts';
import {
  createSmsUnifier,
  type SmsUnifier,
  type SmsUnifierPorts,
  wordsOfUnit,
} from '../channels/sms/unify.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import type { Carrier } from '../delivery/carrier.ts';
import type { OwnSends } from '../delivery/own-sends.ts';
import { everyDelivery } from '../delivery/queue.ts';
import type { Settled } from '../delivery/recording.ts';
import { type SmsFarSide, type SmsSecrets, smsOwnSecrets } from '../delivery/sms-far-side.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { SmsProvider } from '../model/sms.ts';
import { readSmsSubmission } from '../model/sms-submission.ts';
import type { ContentFacts, RuleDesk } from '../rules/decision.ts';
import { smsFacts } from '../rules/sms-facts.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface SmsSending {
  /** Brings SMS of the send API to their providers. */
  readonly carrier: Carrier;
  readonly feedback: SmsFeedbackService;
  readonly unifier: SmsUnifier;
  /** What the codes of short links are made with. */
  readonly linkSecret: Uint8Array;
  submissionOf(messageId: string): Promise<Uint8Array | null>;
  /** What the rules are told of an SMS of the send API; null when it is gone. */
  ruleFactsOf(
    messageId: string,
  ): Promise<{ readonly headers: string; readonly content: ContentFacts } | null>;
  /** The engine recorded these: reports of them may be heard. */
  passedOn(ended: readonly Settled[]): void;
  /** Binds where receipts of SMPP are still to come. Once its door is open. */
  begin(): Promise<void>;
}

export interface SmsSendingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly desk: RuleDesk;
  readonly seal: Seal;
  readonly ownSends: OwnSends;
  readonly secrets: SmsSecrets;
  readonly settings: SmsFarSide['settings'];
  /** Where senders are set up, so that answers to the core's own come back; left out, they do not. */
  readonly senders?: Pick<SmsFarSide, 'sender' | 'putSender'>;
  /** Port on which the core reaches the providers' HTTP doors. */
  readonly reach: () => Promise<number>;
  /** A socket to the SMPP door; null: it is closed. */
  readonly smpp: (() => Promise<Socket>) | null;
  /** Where this core's API is reached, without a slash at its end; empty: nowhere. */
  readonly baseUrl: () => string;
  readonly random: (bytes: number) => Buffer;
  readonly ca: () => string | undefined;
  /** Real providers that may tell of what was sent; left out: there are none. */
  readonly relays?: SmsUnifierPorts['relays'];
  readonly onProblem: (text: string) => void;
}

const submissionBytesMax = 1024 * 1024;
const documents = 'sms_sending';
const secretBytes = 32;

/** Where nothing else is fixed, the core shows itself by these at its own doors. */
const ownAccounts: Readonly<Record<SmsProvider, string>> = {
  twilio: `AC${'5a'.repeat(16)}`,
  vonage: 'a5a5a5a5',
  messagebird: 'sandpost',
  sinch: 'a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5',
  infobip: 'sandpost',
  telnyx: 'sandpost',
  smpp: 'sandpost',
};

export async function openSmsSending(ports: SmsSendingPorts): Promise<SmsSending> {
  const { store, clock, virtual, desk, secrets } = ports;
  const secret = await keptSecret(ports);
  const shown = secret.toString('hex');

  function accountOf(provider: SmsProvider): SmsAccount {
    const [fixed] = ports.settings().credentials[provider] ?? [];
    if (fixed !== undefined) return fixed;
    return { account: ownAccounts[provider], secret: secretOf(provider, shown) };
  }

  function secretsOf(provider: SmsProvider): SmsSecretsKnown {
    const own = smsOwnSecrets.find((one) => one === provider);
    return { account: accountOf(provider), own: own === undefined ? null : secrets.own(own) };
  }

  function baseUrl(): string | null {
    const url = ports.baseUrl();
    return url === '' ? null : url.replace(/\/+$/, '');
  }

  const unifier = createSmsUnifier({
    store,
    dialectOf,
    secretsOf,
    baseUrl,
    urlSecret: secret,
    clock,
    virtual,
    ...(ports.relays === undefined ? {} : { relays: ports.relays }),
  });

  const clients = new Map<SmsProvider, Promise<SmsClient>>();
  let smppMade: Promise<SmppClient> | null = null;
  const carrier = createSmsCarrier({
    submissionOf,
    clientOf,
    ownSends: () => ports.ownSends,
    reportUrl: (provider, deliveryId) => unifier.reportUrl(provider, deliveryId),
    shortLinks: () => ({ base: `${baseUrl() ?? 'http://localhost'}/s/`, secret }),
    ordersAt: ({ delivery, message }, provider, { text, sender }) =>
      desk.orders(
        smsFacts(desk, {
          door: 'queue',
          provider,
          sender,
          recipient: delivery.recipient,
          text,
          media: [],
          fields: [],
          bytes: message?.bytes ?? 0,
          tryKey: `${delivery.id} ${provider}`,
          triesBefore: delivery.attempts,
          messageId: message?.id ?? null,
          deliveryId: delivery.id,
          releasedFrom: delivery.releasedFrom,
        }),
      ),
    took: answersComeBack,
    begins: (deliveryId) => unifier.begins(deliveryId),
    clock,
    virtual,
    async close() {
      const made = await Promise.allSettled([...clients.values(), ...(smppMade === null ? [] : [smppMade])]);
      await Promise.all(made.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  });

  function clientOf(provider: SmsProvider): Promise<SmsClient> {
    const known = clients.get(provider);
    if (known !== undefined) return known;
    const made = clientFor(provider);
    clients.set(provider, made);
    // What stood in the way may be gone at the next attempt.
    made.catch(() => clients.delete(provider));
    return made;
  }

  /** One session, whoever asks for it first. */
  function smppBound(): Promise<SmppClient> {
    smppMade ??= smppClient();
    return smppMade;
  }

  /** As whoever sends by a provider sets a number up there; one that the app set up itself stays as it is. */
  async function answersComeBack(provider: SmsProvider, sender: string): Promise<void> {
    const { senders } = ports;
    const kept = senders?.sender(provider, sender) ?? null;
    const url = unifier.inboundUrl(provider);
    if (senders?.putSender === undefined || kept === null || url === null || !kept.onTheFly) return;
    // The port may be another one since.
    const ours = kept.inboundUrl === null || kept.inboundUrl.includes(`/v1/sms/inbound/${provider}?`);
    if (!ours || kept.inboundUrl === url) return;
    try {
      await senders.putSender({ ...kept, inboundUrl: url, inboundMethod: 'POST' });
    } catch (error) {
      // The message is gone by then: that answers to it are not heard here is no fault of its delivery.
      ports.onProblem(`answers to ${sender} will not be heard of: ${messageOf(error)}`);
    }
  }

  /** Loaded with the first SMS: most starts never need them. */
  async function clientFor(provider: SmsProvider): Promise<SmsClient> {
    const account = (): SmsAccount => accountOf(provider);
    const dialect = await dialectOf(provider);
    if (dialect === null) return await smppBound();
    const { createPost } = await import('../delivery/post.ts');
    const { post, close } = createPost(ports.ca);
    const port = await ports.reach();
    return createSmsClient(dialect, {
      address: () => `http://127.0.0.1:${port}/${provider}`,
      account,
      post,
      clock,
      close,
    });
  }

  async function smppClient(): Promise<SmppClient> {
    const { createSmppClient } = await import('../channels/sms/smpp/client.ts');
    return createSmppClient({
      connect() {
        if (ports.smpp === null)
          throw new AppError('not_possible', 'the SMPP door is closed; open it to send by it');
        return ports.smpp();
      },
      account: () => accountOf('smpp'),
      clock,
      deliveryOf: async (messageId) => (await store.smsOf('smpp', messageId))?.deliveryId ?? null,
      reported: (deliveryId, said, unit) => unifier.reported('smpp', deliveryId, said, wordsOfUnit(unit)),
      replied: (said) => unifier.replied('smpp', said),
      onProblem: ports.onProblem,
    });
  }

  async function submissionOf(messageId: string): Promise<Uint8Array | null> {
    const raw = await store.raw(messageId);
    if (raw === null || raw.bytes > submissionBytesMax) return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async function follow(code: string): Promise<{ readonly url: string; readonly deliveryId: string } | null> {
    const read = readShortCode(code);
    if (read === null) return null;
    const { entries } = await store.deliveries(everyDelivery, { after: read.deliverySeq + 1, limit: 1 });
    const [delivery] = entries;
    if (delivery?.seq !== read.deliverySeq || digestOf(delivery.id, read.link, secret) !== read.digest)
      return null;
    const url = (await store.message(delivery.messageId))?.details?.links[read.link];
    return url === undefined ? null : { url, deliveryId: delivery.id };
  }

  return {
    carrier,
    unifier,
    linkSecret: secret,
    submissionOf,
    feedback: {
      report: (provider, notice) => unifier.report(provider, notice),
      inbound: (provider, notice) => unifier.inbound(provider, notice),
      follow,
    },
    async ruleFactsOf(messageId) {
      const bytes = await submissionOf(messageId);
      const submission = bytes === null ? null : readSmsSubmission(bytes);
      return submission === null ? null : smsRuleFacts(submission, desk.questions?.('farSide', 'sms') ?? []);
    },
    async begin() {
      if (ports.smpp === null) return;
      const { entries } = await store.deliveries(
        { ...everyDelivery, carriage: 'sms', provider: 'smpp', status: 'sent' },
        { after: null, limit: 1 },
      );
      if (entries.length === 0) return;
      try {
        const client = await smppBound();
        await client.listen();
      } catch (error) {
        ports.onProblem(`receipts of SMPP will be heard with the next message: ${messageOf(error)}`);
      }
    },
    passedOn(ended) {
      unifier.settled(
        ended.flatMap(({ row: { delivery } }) => (delivery.carriage === 'sms' ? [delivery.id] : [])),
      );
    },
  };
}

export async function dialectOf(provider: SmsProvider): Promise<SmsDialect | null> {
  switch (provider) {
    case 'twilio':
      return (await import('../channels/sms/twilio/client.ts')).twilioDialect;
    case 'vonage':
      return (await import('../channels/sms/vonage/client.ts')).vonageDialect;
    case 'messagebird':
      return (await import('../channels/sms/messagebird/client.ts')).messagebirdDialect;
    case 'sinch':
      return (await import('../channels/sms/sinch/client.ts')).sinchDialect;
    case 'infobip':
      return (await import('../channels/sms/infobip/client.ts')).infobipDialect;
    case 'telnyx':
      return (await import('../channels/sms/telnyx/client.ts')).telnyxDialect;
    case 'smpp':
      return null;
    default:
      return provider satisfies never;
  }
}

/** Eight characters is all that SMPP has room for (SMPP 3.4 §5.2.2); the others have as many as Twilio's. */
function secretOf(provider: SmsProvider, shown: string): string {
  return provider === 'smpp' ? shown.slice(0, 8) : shown.slice(0, 32);
}

async function keptSecret({
  store,
  seal,
  random,
}: Pick<SmsSendingPorts, 'store' | 'seal' | 'random'>): Promise<Buffer> {
  const kept = (await store.documents(documents)).find(({ key }) => key === 'secret');
  if (typeof kept?.value === 'string') return Buffer.from(seal.unseal(kept.value), 'base64');
  const secret = random(secretBytes);
  await store.saveDocument(documents, 'secret', seal.seal(secret.toString('base64')));
  return secret;
}
