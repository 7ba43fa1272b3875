/** Asks a mail host whether it would take something, without a sender or a recipient: connect, EHLO, STARTTLS, AUTH, QUIT. */
import type { Resolver } from '../../dns/dns.ts';
import { AttemptTranscript } from './client/attempt-transcript.ts';
import type { OpenFailure, SmtpConnection } from './client/connection.ts';
import { ConnectionPool, type Destination, type PoolLimits, type PoolPorts } from './client/pool.ts';
import { Router } from './router.ts';

export interface Probe {
  readonly ok: boolean;
  readonly text: string;
  /** What was said, without secrets. */
  readonly steps: readonly string[];
}

export async function probe(
  destination: Omit<Destination, 'address' | 'group' | 'fromIp'>,
  limits: PoolLimits,
  ports: PoolPorts & {
    readonly resolver: Resolver;
    readonly clock: ConstructorParameters<typeof AttemptTranscript>[0];
  },
): Promise<Probe> {
  const { host } = destination;
  const transcript = new AttemptTranscript(ports.clock);
  const router = new Router({ resolver: ports.resolver, random: () => 0, kinds: 'both' }, () =>
    transcript.elapsedMs(),
  );
  const found = await router.addresses(host);
  for (const { question, answer } of router.steps) transcript.add('N', `${question}: ${answer}`);
  const steps = (): readonly string[] => transcript.lines.map(({ by, text }) => `${by}: ${text}`);
  if (found === 'unknown' || found.length === 0)
    return { ok: false, text: `${host} has no address: is its name right?`, steps: steps() };
  const pool = new ConnectionPool(() => limits, ports);
  let why = '';
  for (const address of found) {
    const acquired = await pool.acquire(
      { ...destination, address, group: host, fromIp: null },
      transcript,
      true,
    );
    if (acquired.ok) {
      const { connection } = acquired.lease;
      const text = standing(host, connection, ports.session?.login !== undefined);
      connection.quit();
      pool.release(acquired.lease);
      return { ok: true, text, steps: steps() };
    }
    why = wordsOf(acquired.failure);
    // What is wrong with the login is wrong at each of its addresses, and asking again may lock the account.
    if (acquired.failure.stage === 'auth') break;
  }
  return { ok: false, text: why, steps: steps() };
}

function standing(host: string, { tls }: SmtpConnection, loggedIn: boolean): string {
  const secured =
    tls === null
      ? 'without TLS'
      : `over ${tls.protocol}, ${tls.distrust === null ? 'its certificate is trusted' : `its certificate is not checked by a root (${tls.distrust})`}`;
  return `${host} answers ${secured}${loggedIn ? ', and took the login' : ''}. Nothing was sent to anyone.`;
}

function wordsOf(failure: OpenFailure): string {
  if (failure.kind !== 'refused') return failure.text;
  const { reply, stage } = failure;
  const what = stage === 'auth' ? 'the login was refused' : `it refused at ${stage}`;
  return `${what}: ${[reply.code, reply.enhanced, reply.text].filter((word) => word !== null && word !== '').join(' ')}`;
}
