/** The SMTP submission doors of the email channel: which there are, and how what they take reaches the intake. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Credentials } from '../../doors/smtp/auth.ts';
import { type Reply, replies, reply, unstoredReply } from '../../doors/smtp/reply.ts';
import {
  type ReceivedMessage,
  type SmtpServer,
  type SmtpServerPorts,
  startSmtpServer,
} from '../../doors/smtp/server.ts';
import type { Intake } from '../../intake/intake.ts';
import { AppError, messageOf } from '../../model/app-error.ts';
import type { Submission } from '../../model/message.ts';
import type { Store } from '../../store/store.ts';
import { withOrders } from './accepted-orders.ts';
import { doorTrouble } from './door-trouble.ts';
import { type EndOfDataPorts, endOfData, tryKeysOf } from './end-of-data.ts';

export type SmtpDoorKey = 'smtp' | 'submission' | 'smtps';

export interface SmtpDoorsOptions {
  readonly hosts: readonly string[];
  /** Port of each door that is to open; 0 picks a free one. */
  readonly ports: Readonly<Partial<Record<SmtpDoorKey, number>>>;
  readonly starttlsOnPlain: 'off' | 'optional' | 'required';
  readonly auth: 'optional' | 'required';
  /** User name → password; empty accepts everyone. */
  readonly credentials: ReadonlyMap<string, string>;
  readonly hostname: string;
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  readonly connectionsMax: number;
  readonly idleMsMax: number;
  readonly certificate: { readonly key: string; readonly cert: string };
}

export interface SmtpDoorsPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where it is to be delivered to, and what is known of it already. */
  readonly plan: (received: ReceivedMessage) => Pick<Submission, 'delivery' | 'details' | 'tags'>;
  /** What the doors do wrong on purpose; nothing when left out. */
  readonly rules?: EndOfDataPorts;
  readonly onProblem: (text: string) => void;
}

export interface SmtpDoors {
  readonly ports: Readonly<Partial<Record<SmtpDoorKey, number>>>;
  close(graceMs: number): Promise<void>;
}

const refusalsMax = 50;

/** @throws AppError `port_taken`; the doors already open are closed again */
export async function openSmtpDoors(options: SmtpDoorsOptions, ports: SmtpDoorsPorts): Promise<SmtpDoors> {
  const open: [SmtpDoorKey, SmtpServer][] = [];
  try {
    for (const door of ['smtp', 'submission', 'smtps'] as const) {
      const port = options.ports[door];
      if (port === undefined) continue;
      const server = await startSmtpServer(
        {
          door,
          hostname: options.hostname,
          greeting: 'ESMTP Sandpost',
          tls: door === 'smtps' ? 'implicit' : 'starttls',
          startTls: door === 'submission' ? 'optional' : door === 'smtp' ? options.starttlsOnPlain : 'off',
          auth: options.auth,
          messageBytesMax: options.messageBytesMax,
          recipientsMax: options.recipientsMax,
          connectionsMax: options.connectionsMax,
          idleMsMax: options.idleMsMax,
          refusalsMax,
        },
        serverPorts(door, options, ports),
        { hosts: options.hosts, port },
      );
      open.push([door, server]);
    }
  } catch (error) {
    await Promise.all(open.map(([, server]) => server.close(0)));
    throw error;
  }
  return {
    ports: Object.fromEntries(open.map(([door, server]) => [door, server.port])),
    async close(graceMs) {
      await Promise.all(open.map(([, server]) => server.close(graceMs)));
    },
  };
}

function serverPorts(door: SmtpDoorKey, options: SmtpDoorsOptions, ports: SmtpDoorsPorts): SmtpServerPorts {
  const { store, rules } = ports;
  return {
    ...(rules === undefined ? {} : { trouble: doorTrouble(door, rules) }),
    clock: ports.clock,
    newId: ports.newId,
    certificate: options.certificate,
    authenticate: (credentials) => checkCredentials(options.credentials, credentials),
    room: () => store.room(),
    spool: (chunk) => store.spool(chunk),
    unspool: (chunks) => store.unspool(chunks),
    challenge: () => `<${randomBytes(12).toString('hex')}@${options.hostname}>`,
    message: (received) => takeMessage(received, ports),
    exchangeEnded: (end) => {
      store.endExchange(end).catch((error: unknown) => {
        ports.onProblem(`the end of a session could not be kept: ${messageOf(error)}`);
      });
    },
  };
}

function checkCredentials(known: ReadonlyMap<string, string>, given: Credentials): Reply | null {
  if (known.size === 0) return null;
  const password = known.get(given.user);
  return password !== undefined && given.proves(password) ? null : replies.authFailed;
}

async function takeMessage(received: ReceivedMessage, ports: SmtpDoorsPorts): Promise<Reply> {
  const { envelope, content } = received;
  try {
    const judging = ports.rules === undefined ? null : endOfData(received, ports.rules, ports.newId);
    const judged = judging === null ? null : await judging;
    if (judged?.kind === 'refused') {
      ports.store.unspool(content.spooled);
      // It belongs to no message: the exchange alone has it.
      received.session.transcript.restore(received.transcript);
      return judged.reply;
    }
    const planned = ports.plan(received);
    const id = await ports.intake.accept({
      ...(judged === null ? planned : withOrders(planned, judged.orders, ports.newId)),
      ...(judged === null ? {} : { id: judged.id }),
      channel: 'email',
      door: received.door,
      user: received.user,
      envelopeFrom: envelope.from,
      envelopeTo: envelope.to,
      envelopeParameters: envelope.parameters,
      spooled: content.spooled,
      tail: content.tail,
      head: content.head,
      bytes: content.bytes,
      exchange: { start: received.exchange, transcript: received.transcript },
    });
    // The bytes are not ours any more: what was needed of them is known by now.
    ports.rules?.desk.taken?.(tryKeysOf(envelope.from, envelope.to, judged?.tryKey ?? null));
    return reply(250, '2.0.0', `OK: stored as ${id}`);
  } catch (error) {
    ports.store.unspool(content.spooled);
    received.session.transcript.restore(received.transcript);
    ports.onProblem(`a message could not be stored: ${messageOf(error)}`);
    if (!(error instanceof AppError)) throw error;
    return unstoredReply(error);
  }
}
