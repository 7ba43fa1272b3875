/** Wires SMS: carriers and handsets, the rooms of the providers before them, what they call the app back by, and the core as their client. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { SmsFeedbackService } from '../api/services.ts';
import { infobip } from '../channels/sms/infobip/index.ts';
import { messagebird } from '../channels/sms/messagebird/index.ts';
import type { SmsDoorPorts, SmsRoom } from '../channels/sms/room.ts';
import { sinch } from '../channels/sms/sinch/index.ts';
import { openSmppDoor, type SmppDoor, smpp } from '../channels/sms/smpp/index.ts';
import { telnyx } from '../channels/sms/telnyx/index.ts';
import { twilio } from '../channels/sms/twilio/index.ts';
import type { SmsUnifierPorts } from '../channels/sms/unify.ts';
import { vonage } from '../channels/sms/vonage/index.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import type { Carrier } from '../delivery/carrier.ts';
import type { Settled } from '../delivery/recording.ts';
import type { CallbackHabit, SmppReceivers } from '../delivery/sms-far-side.ts';
import type { ProviderRoute } from '../doors/http/provider-request.ts';
import type { Intake } from '../intake/intake.ts';
import { AppError } from '../model/app-error.ts';
import type { SmsProvider } from '../model/sms.ts';
import { type Carriers, openCarriers } from '../phones/sms/index.ts';
import type { ContentFacts, RuleDesk } from '../rules/decision.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import type { Providers } from './providers.ts';
import { openSmsSecrets, type SmsSecretsRoom } from './sms-secrets.ts';
import { openSmsSending, type SmsSending } from './sms-sending.ts';

export interface Sms {
  readonly carriers: Carriers;
  readonly secrets: SmsSecretsRoom;
  readonly routes: readonly ProviderRoute[];
  /** How each provider calls the app back. */
  readonly habits: Readonly<Partial<Record<SmsProvider, CallbackHabit>>>;
  /** Port of the SMPP door; null: it is closed. */
  readonly smppPort: number | null;
  smpp(): SmppReceivers | null;
  /** Brings SMS of the send API to their providers. */
  readonly carrier: Carrier;
  readonly feedback: SmsFeedbackService;
  /** What sending by real providers stands on. */
  readonly sending: Pick<SmsSending, 'unifier' | 'linkSecret' | 'submissionOf'>;
  /** Real providers may tell of what was sent. */
  relaysKnown(relays: NonNullable<SmsUnifierPorts['relays']>): void;
  /** What the rules are told of an SMS of the send API; null when it is gone. */
  ruleFactsOf(
    messageId: string,
  ): Promise<{ readonly headers: string; readonly content: ContentFacts } | null>;
  /** The engine recorded these: reports of them may be heard. */
  passedOn(ended: readonly Settled[]): void;
  /** What the core itself is still to hear of by SMPP is asked for. Once all doors are open. */
  begin(): Promise<void>;
  /** Ends the sessions of SMPP. */
  close(graceMs: number): Promise<void>;
}

export interface SmsPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly seal: Seal;
  readonly desk: RuleDesk;
  readonly providers: Providers;
  readonly newId: () => string;
  /** Of the SMPP door. */
  readonly hosts: readonly string[];
  readonly port: number | 'off';
  /** Calls that wait for that host may be made at once. */
  readonly retryCallbacks: (host: string) => void;
  /** Where this core's API is reached; empty: nowhere. */
  readonly baseUrl: () => string;
  /** PEM of the local CA. */
  readonly ca: string;
  readonly onProblem: (text: string) => void;
}

const rooms: readonly SmsRoom[] = [twilio, vonage, messagebird, sinch, infobip, telnyx, smpp];

/** @throws AppError `port_taken` */
export async function openSms(ports: SmsPorts): Promise<Sms> {
  const { store, clock, virtual, seal, desk, providers, newId, onProblem } = ports;
  const random = (count: number): Buffer => randomBytes(count);
  const secrets = await openSmsSecrets({
    store,
    seal,
    random,
    fixed: () => farSide.settings().credentials,
    onProblem,
  });
  const carriers = await openCarriers({
    store,
    virtual,
    wallMs: () => clock.wallMs(),
    seal,
    newId,
    voices: new Map(rooms.map((room) => [room.provider, room.voice({ random })])),
    onProblem,
  });
  const { farSide } = carriers;
  const doorPorts: SmsDoorPorts = {
    clock,
    virtual,
    desk,
    farSide,
    secrets,
    intake: ports.intake,
    store,
    newId,
    random,
    ownOrders: providers.ownOrders,
    onProblem,
  };
  const habits: Partial<Record<SmsProvider, CallbackHabit>> = {};
  for (const room of rooms) habits[room.provider] = room.habit(doorPorts);
  let smppDoor: SmppDoor | null = null;
  let relays: SmsUnifierPorts['relays'];
  const sending = await openSmsSending({
    store,
    clock,
    virtual,
    desk,
    seal,
    ownSends: providers.ownSends,
    secrets,
    settings: () => farSide.settings(),
    senders: farSide,
    reach: () => providers.reach('providers'),
    smpp: ports.port === 'off' ? null : () => connectTo(ports.hosts, smppDoor),
    baseUrl: ports.baseUrl,
    random,
    ca: () => ports.ca,
    relays: {
      find: (id) => relays?.find(id) ?? Promise.resolve(null),
      of: (provider) => relays?.of(provider) ?? Promise.resolve([]),
    },
    onProblem,
  });
  smppDoor =
    ports.port === 'off'
      ? null
      : await openSmppDoor(
          { hosts: ports.hosts, port: ports.port },
          {
            ...doorPorts,
            ownSend: providers.findOwn,
            exchangeEnded: providers.exchangeEnded,
            receiverBound: (systemId) => ports.retryCallbacks(`smpp:${systemId}`),
          },
        );
  return {
    carriers,
    secrets,
    smppPort: smppDoor?.port ?? null,
    routes: rooms.flatMap((room) => room.routes(doorPorts)),
    habits,
    smpp: () => smppDoor,
    begin: () => sending.begin(),
    carrier: sending.carrier,
    feedback: sending.feedback,
    sending,
    relaysKnown(known) {
      relays = known;
    },
    ruleFactsOf: (messageId) => sending.ruleFactsOf(messageId),
    passedOn: (ended) => sending.passedOn(ended),
    async close(graceMs) {
      await smppDoor?.close(graceMs);
      await carriers.idle();
    },
  };
}

/** The core's own session, as any other client's. */
function connectTo(hosts: readonly string[], door: SmppDoor | null): Promise<Socket> {
  if (door === null) throw new AppError('not_possible', 'the SMPP door is closed; open it to send by it');
  const loopback = hosts.some(
    (host) => host === 'localhost' || host === '0.0.0.0' || host.startsWith('127.'),
  );
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host: loopback ? '127.0.0.1' : (hosts[0] ?? '127.0.0.1'), port: door.port });
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  return promise;
}
