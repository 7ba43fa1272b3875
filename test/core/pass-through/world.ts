/**
 * Two cores: the one that an app asks, with live relay on, and one that stands in for the real providers, with its own CA.
 * What leaves the first can go to the second alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from '@hono/zod-openapi';
import type {
  auditEntrySchema,
  liveStatusSchema,
  liveSummarySchema,
  relaySchema,
} from '../../../core/api/live-relay-schema.ts';
import type {
  DeliveryDetail,
  Exchange,
  ExchangeDetail,
  List,
  Message,
  MessageDetail,
} from '../../../core/api/schema.ts';
import { environmentOf, type Way } from '../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../core/connect/redirect-kit.ts';
import { run } from '../../run-program.ts';
import { openCore, type TestCore } from '../../start-core.ts';

type AuditEntry = z.infer<typeof auditEntrySchema>;
type LiveStatus = z.infer<typeof liveStatusSchema>;
type LiveSummary = z.infer<typeof liveSummarySchema>;
type Relay = z.infer<typeof relaySchema>;
type Json = Readonly<Record<string, unknown>>;

export type PassWorld = Awaited<ReturnType<typeof openPassWorld>>;

export interface Side {
  readonly core: TestCore;
  readonly ca: string;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Those to one recipient, or all; the oldest first. */
  messages(to?: string): Promise<readonly MessageDetail[]>;
}

export async function openPassWorld() {
  const folders = await Promise.all(['a', 'b'].map((name) => mkdtemp(join(tmpdir(), `sandpost-${name}-`))));
  const [folderA = '', folderB = ''] = folders;
  const provider = await sideOf(await openCore(folderB));
  // Whatever real host is asked for is the second core.
  const reach = (to: { readonly host: string; readonly port: number }) =>
    to.host === '127.0.0.1' ? to : { host: '127.0.0.1', port: provider.core.port('tls') };
  const app = await sideOf(await openCore(folderA, ['--deliver'], { reach }));

  const facts = {
    url: app.core.app.url,
    caFile: app.core.app.caFile,
    ports: app.core.app.ports,
    host: '127.0.0.1',
    current: {},
  };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });

  async function relay(settings: Json): Promise<Relay> {
    const { entries } = await app.call<List<Relay>>('GET', '/v1/live-relay/relays');
    const name = `to-${String(settings.kind)}-${entries.length}`;
    const made = await app.call<Relay>('POST', '/v1/live-relay/relays', {
      name,
      settings: { ca: provider.ca, ...settings },
    });
    // For what the core itself sends: what the app brings has credentials of its own.
    if (made.channels.includes('sms'))
      await app.call('PUT', `/v1/live-relay/relays/${made.id}/credential`, { secret: 'of-the-relay' });
    return made;
  }

  return {
    app,
    provider,
    /** Where the second core is reached by TLS, with the prefix of a path. */
    url: (prefix = '', door = 'tls') => `https://127.0.0.1:${provider.core.port(door)}${prefix}`,
    relay,
    async goLive(channels: Json, durationMs = 600_000): Promise<LiveStatus> {
      const { confirmation } = await app.call<LiveSummary>('POST', '/v1/live-relay/summary', {
        channels,
        durationMs,
      });
      return app.call<LiveStatus>('POST', '/v1/live-relay', { confirmation });
    },
    status: () => app.call<LiveStatus>('GET', '/v1/live-relay'),
    stop: () => app.call<LiveStatus>('DELETE', '/v1/live-relay'),
    /** The oldest first. */
    async audit(): Promise<readonly AuditEntry[]> {
      return (await app.call<List<AuditEntry>>('GET', '/v1/live-relay/audit?limit=200')).entries.toReversed();
    },
    delivery: (id: string) => app.call<DeliveryDetail>('GET', `/v1/deliveries/${id}`),
    exchange: (id: string) => app.call<ExchangeDetail>('GET', `/v1/exchanges/${id}`),
    async exchanges(): Promise<readonly Exchange[]> {
      return (await app.call<List<Exchange>>('GET', '/v1/exchanges?limit=200')).entries;
    },
    /** An app of its own in another process, led to the first core: an ES module that prints one JSON value. */
    async script(code: string, way: Way, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
      const { stdout, stderr } = await run(
        process.execPath,
        ['--input-type=module', '--no-warnings', '-e', code],
        { env: { ...environmentOf(facts, way), ...env } },
      );
      try {
        return JSON.parse(stdout) as unknown;
      } catch (error) {
        throw new Error(`the script printed no JSON: ${stdout}\n${stderr}`, { cause: error });
      }
    },
    async close(): Promise<void> {
      await app.core.close();
      await provider.core.close();
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

async function sideOf(core: TestCore): Promise<Side> {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await core.get(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    const value: T = text === '' ? null : JSON.parse(text);
    return value;
  }
  return {
    core,
    ca: await core.ca(),
    call,
    async messages(to) {
      await core.app.settled();
      await core.app.caughtUp();
      const { entries } = await call<List<Message>>('GET', '/v1/messages?limit=500');
      const found = entries.filter(({ envelope }) => to === undefined || envelope.to.includes(to));
      return Promise.all(
        found.toReversed().map(({ id }) => call<MessageDetail>('GET', `/v1/messages/${id}`)),
      );
    },
  };
}
