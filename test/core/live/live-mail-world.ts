/** A core that may go live, and a far side that stands in for the real world: on loopback, on free ports. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { RelayShape } from '../../../core/api/live-relay-schema.ts';
import type { AppPorts } from '../../../core/app.ts';
import { startCore, type TestCore } from '../../start-core.ts';

export interface DeliveryView {
  readonly id: string;
  readonly recipient: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly class: string | null;
  readonly reason: string | null;
  readonly nextAttemptAt: string | null;
}

export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

export interface LiveWorld {
  readonly core: TestCore;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  relay(
    settings: Readonly<Record<string, unknown>>,
    credential?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** For all of these domains; or everything to one address. */
  turnOn(relayId: string, whom: readonly string[] | string): Promise<void>;
  turnOff(): Promise<void>;
  deliveries(messageId: string): Promise<readonly DeliveryView[]>;
}

export async function liveWorld(own: Partial<AppPorts> = {}): Promise<LiveWorld> {
  const core = await startCore(['--deliver'], own);
  const world: LiveWorld = {
    core,
    async call<T>(method: string, path: string, body?: unknown) {
      const response = await core.get(path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      const answer: T = text === '' ? null : JSON.parse(text);
      return answer;
    },
    async relay(settings, credential) {
      const made = await world.call<RelayShape>('POST', '/v1/live-relay/relays', { name: 'main', settings });
      if (credential !== undefined)
        await world.call('PUT', `/v1/live-relay/relays/${made.id}/credential`, credential);
      return made.id;
    },
    async turnOn(relayId, whom) {
      const recipients =
        typeof whom === 'string'
          ? { kind: 'rewrite', to: whom }
          : { kind: 'allow', entries: whom.map((value) => ({ kind: 'domain', value })) };
      const { confirmation } = await world.call<{ readonly confirmation: string }>(
        'POST',
        '/v1/live-relay/summary',
        { channels: { email: { relayId, recipients } } },
      );
      await world.call('POST', '/v1/live-relay', { confirmation });
    },
    async turnOff() {
      await world.call('DELETE', '/v1/live-relay');
    },
    async deliveries(messageId) {
      return (await core.json<{ readonly deliveries: readonly DeliveryView[] }>(`/v1/messages/${messageId}`))
        .deliveries;
    },
  };
  return world;
}

export interface FarServer {
  readonly port: number;
  readonly arrived: Arrived[];
  readonly logins: number;
}

/** @param onMail called at each MAIL FROM, before it is answered */
export async function farServer(
  options: SMTPServerOptions = {},
  onMail?: () => Promise<void>,
): Promise<FarServer> {
  const arrived: Arrived[] = [];
  let logins = 0;
  const smtp = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth(auth, _session, done) {
      logins++;
      done(null, auth.password === 'right' ? { user: 'app' } : {});
    },
    onMailFrom(_address, _session, done) {
      (onMail?.() ?? Promise.resolve()).then(() => done(), done);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        arrived.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString('latin1'),
        });
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  const { port } = smtp.server.address() as AddressInfo;
  return {
    port,
    arrived,
    get logins() {
      return logins;
    },
  };
}

/** An SMTP relay to this machine, with what else is to be said about it. */
export function smarthost(port: number, about: Readonly<Record<string, unknown>> = {}) {
  return { kind: 'smtp', host: 'localhost', port, tls: 'off', auth: 'none', ...about };
}
