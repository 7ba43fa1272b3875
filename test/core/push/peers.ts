/**
 * A whole Sandpost, as `serve` starts it, for the SDKs of push and SMS providers: each comes to it as it is, by a way that
 * `sandpost env` prints, and is asked what it was told. One for a whole test file: who opens it closes it.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Phone, PhoneApp, PhonePush } from '../../../core/api/phones-schema.ts';
import type { MadeApnsKey, ServiceAccountFile, ShownPushSettings } from '../../../core/api/push-schema.ts';
import type { Exchange, List, Message, MessageDetail } from '../../../core/api/schema.ts';
import { loadConfig } from '../../../core/config.ts';
import { environmentOf, type Way } from '../../../core/connect/environment.ts';
import { startServe } from '../../../core/serve.ts';
import { run } from '../../run-program.ts';

export type Peers = Awaited<ReturnType<typeof startPeers>>;

/** What a rule is to make of a push to a token of its own. */
export interface Refusal {
  readonly reason: string;
  readonly status?: number;
  readonly retryAfterS?: number;
  /** So often, then it goes through. */
  readonly times?: number;
}

const listMax = 500;

export async function startPeers(flags: readonly string[] = []) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandpost-peers-'));
  const deliver = flags.includes('--deliver') ? [] : ['--no-deliver'];
  const config = loadConfig(['--data', dataDir, '--ports', '0', ...deliver, ...flags], {});
  const ignore = (): void => undefined;
  const { app, ready, close } = await startServe(config, { info: ignore, warn: ignore });
  const facts = { ...ready, host: '127.0.0.1', current: {} };

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${ready.url}${path}`, {
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
  const environment = (way: Way) => environmentOf(facts, way);

  return {
    dataDir,
    ca: await readFile(ready.caFile, 'utf8'),
    caFile: ready.caFile,
    url: ready.url,
    call,
    /** Nothing is under way and nothing is due. */
    settled: () => app.settled(),
    environment,
    port(door: string): number {
      const port = ready.ports[door];
      if (port === undefined) throw new Error(`the door ${door} is closed`);
      return port;
    },
    /** An app's first start on a device of its own. */
    async phone(
      platform: Phone['platform'],
      registration: Readonly<Record<string, unknown>> & { readonly app: string },
    ): Promise<PhoneApp & { readonly phoneId: string }> {
      const { id } = await call<Phone>('POST', '/v1/phones', { platform });
      return { ...(await call<PhoneApp>('POST', `/v1/phones/${id}/register`, registration)), phoneId: id };
    },
    /** Oldest first. */
    async pushesOn(phoneId: string): Promise<readonly PhonePush[]> {
      const { entries } = await call<List<PhonePush>>('GET', `/v1/phones/${phoneId}/pushes`);
      return entries.toReversed();
    },
    /** What the doors take, until the test is over. */
    async doors(
      change: Partial<Readonly<Record<'apns' | 'fcm', Readonly<Record<string, unknown>>>>>,
    ): Promise<void> {
      const { apns, fcm } = await call<ShownPushSettings>('GET', '/v1/push/settings');
      await call('PUT', '/v1/push/settings', change);
      onTestFinished(async () => {
        await call('PUT', '/v1/push/settings', { apns, fcm });
      });
    },
    apnsKey: (wanted: Readonly<Record<string, unknown>> = {}) =>
      call<MadeApnsKey>('POST', '/v1/push/apns-key', wanted),
    serviceAccount: (wanted: Readonly<Record<string, unknown>> = {}) =>
      call<ServiceAccountFile>('POST', '/v1/push/service-account', wanted),
    /** One rule for each token: the provider refuses a push to it so. */
    refuse: (byToken: Readonly<Record<string, Refusal>>) =>
      call('PUT', '/v1/rules', {
        rules: Object.entries(byToken).map(([recipient, refusal]) => ({
          name: refusal.reason,
          stage: 'farSide',
          when: { recipient },
          then: { do: 'answer', ...refusal },
        })),
      }),
    rules: (...rules: readonly Readonly<Record<string, unknown>>[]) => call('PUT', '/v1/rules', { rules }),
    /** Those to one token, or all; oldest first. */
    async messages(to?: string): Promise<readonly Message[]> {
      await app.caughtUp();
      const q = to === undefined ? '' : `&q=${encodeURIComponent(`to:"${to}"`)}`;
      const { entries } = await call<List<Message>>('GET', `/v1/messages?limit=${listMax}${q}`);
      return entries.toReversed();
    },
    message: (id: string) => call<MessageDetail>('GET', `/v1/messages/${id}`),
    /** What came through the doors, newest first. */
    async exchanges(): Promise<readonly Exchange[]> {
      return (await call<List<Exchange>>('GET', `/v1/exchanges?limit=${listMax}`)).entries;
    },
    /** An app of its own: an ES module that prints one JSON value. */
    async script(code: string, env: Readonly<Record<string, string>>): Promise<unknown> {
      const args = ['--input-type=module', '--no-warnings', '-e', code];
      const { stdout, stderr } = await run(process.execPath, args, { env });
      try {
        return JSON.parse(stdout) as unknown;
      } catch (error) {
        throw new Error(`the script printed no JSON: ${stdout}\n${stderr}`, { cause: error });
      }
    },
    async close(): Promise<void> {
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
