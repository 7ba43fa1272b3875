/**
 * A whole Sandpost, as `serve` starts it, for the SDKs of SMS providers, and the app behind each of them: it is called back
 * over real sockets, and asks its own SDK whether it was the provider who called.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import type { DeliveryDetail, List, Message, MessageDetail } from '../../../core/api/schema.ts';
import type { HandsetView, RepliedView, SmsView } from '../../../core/api/sms-schema.ts';
import type { ShownSmsSecret } from '../../../core/api/sms-secrets-schema.ts';
import type { SmsProvider } from '../../../core/model/sms.ts';
import { type Peers, startPeers } from '../push/peers.ts';

export type SmsPeers = Awaited<ReturnType<typeof startSmsPeers>>;

type Json = Readonly<Record<string, unknown>>;

export const hourMs = 3_600_000;

export async function startSmsPeers(flags: readonly string[] = []) {
  const peers = await startPeers(['--deliver', ...flags]);
  return { ...peers, ...smsPeersOf(peers) };
}

function smsPeersOf({ call, port, settled, message, messages }: Peers) {
  const handset = (number: string, rest = ''): string => `/v1/handsets/${encodeURIComponent(number)}${rest}`;
  const only = async (id: string) => {
    const { deliveries } = await message(id);
    const [first] = deliveries;
    if (first === undefined || deliveries.length > 1)
      throw new Error(`${id} has ${deliveries.length} deliveries`);
    return first;
  };
  return {
    /** Of the plain door. */
    base: (provider: SmsProvider): string => `http://127.0.0.1:${port('providers')}/${provider}`,
    /** The owner of a handset answers. */
    reply: (number: string, to: string, text: string) =>
      call<RepliedView>('POST', handset(number, '/replies'), { to, text }),
    newHandset: (number: string, about: Json = {}) =>
      call<HandsetView>('POST', '/v1/handsets', { number, ...about }),
    changeHandset: (number: string, change: Json) => call<HandsetView>('PATCH', handset(number), change),
    off: (number: string, forMs: number | null = null) =>
      call<HandsetView>('POST', handset(number, '/offline'), { forMs }),
    on: (number: string) => call<HandsetView>('POST', handset(number, '/online')),
    sender: (provider: SmsProvider, sender: string, change: Json) =>
      call('PUT', `/v1/sms/senders/${provider}/${encodeURIComponent(sender)}`, change),
    /** Until the test is over. */
    async smsSettings(change: Json): Promise<void> {
      const before = await call<Json>('GET', '/v1/sms/settings');
      await call('PUT', '/v1/sms/settings', change);
      const { credentials, ...rest } = before;
      onTestFinished(async () => {
        await call('PUT', '/v1/sms/settings', {
          ...rest,
          credentials: Object.fromEntries(Object.keys(change.credentials ?? {}).map((name) => [name, []])),
        });
      });
    },
    /** As Settings shows it: to be copied into the app. */
    async secret(provider: SmsProvider): Promise<ShownSmsSecret> {
      const { entries } = await call<List<ShownSmsSecret>>('GET', '/v1/sms/secrets?reveal=true');
      const found = entries.find((one) => one.provider === provider && one.kind === 'own');
      if (found === undefined) throw new Error(`no secret of ${provider} is shown`);
      return found;
    },
    /** Until the test is over. */
    async smsRules(...rules: readonly Json[]): Promise<void> {
      await call('PUT', '/v1/rules', { rules: rules.map((rule) => ({ stage: 'farSide', ...rule })) });
      onTestFinished(async () => {
        await call('PUT', '/v1/rules', { rules: [] });
      });
    },
    /** What goes on in virtual time. */
    clock: (change: Json) => call('POST', '/v1/clock', change),
    /** The newest message to that number, or of all. */
    async newest(to?: string): Promise<Message> {
      const newest = (await messages(to)).at(-1);
      if (newest === undefined) throw new Error(`there is no message to ${to ?? 'anybody'}`);
      return newest;
    },
    only,
    /** By the send API: the core itself is the provider's client. */
    async send(request: Json): Promise<MessageDetail> {
      const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', {
        channel: 'sms',
        ...request,
      });
      await settled();
      return message(id);
    },
    delivery: (id: string) => call<DeliveryDetail>('GET', `/v1/deliveries/${id}`),
    /** What became of a message at its provider, and what the app was told. */
    async sms(messageId: string): Promise<readonly SmsView[]> {
      return (await call<{ readonly entries: readonly SmsView[] }>('GET', `/v1/messages/${messageId}/sms`))
        .entries;
    },
  };
}

export interface Call {
  readonly method: string;
  readonly path: string;
  /** As the app gave it. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Webhook {
  readonly url: string;
  readonly calls: readonly Call[];
  /** The next one that nobody took yet. */
  next(): Promise<Call>;
  /** Settles when so many came. */
  until(count: number): Promise<readonly Call[]>;
}

/** The app's own door, until the test is over. */
export async function openWebhook(
  answer: (call: Call, response: ServerResponse) => void = (_, response) => response.end(),
  port = 0,
): Promise<Webhook> {
  const calls: Call[] = [];
  let taken = 0;
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      const call = {
        method: request.method ?? '',
        path,
        url: `${base}${path}`,
        headers: request.headers,
        body,
      };
      calls.push(call);
      answer(call, response);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const base = `http://127.0.0.1:${address.port}`;
  const until = async (count: number): Promise<readonly Call[]> => {
    while (calls.length < count)
      await new Promise<void>((resolve) => {
        const look = (): void => {
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    return calls;
  };
  return {
    url: base,
    calls,
    until,
    async next() {
      taken += 1;
      const at = taken;
      const call = (await until(at))[at - 1];
      if (call === undefined) throw new Error('no call');
      return call;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

/** What a call of an SDK was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  let taken: unknown;
  try {
    taken = await call;
  } catch (error) {
    return error;
  }
  throw new Error(`it was not refused: ${JSON.stringify(taken)}`);
}
