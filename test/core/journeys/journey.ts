/** What the tests of journeys share: a core with the simulated world behind it, and what became of a message. */
import { openCore, startCore, type TestCore } from '../../start-core.ts';

export interface DeliveryView {
  readonly id: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly provider: string | null;
  readonly status: string;
  readonly substatus: string | null;
  readonly class: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly placement: string | null;
  readonly retryOf: string | null;
  readonly nextAttemptAt: string | null;
}

export interface AttemptView {
  readonly number: number;
  readonly startedAt: string;
  readonly outcome: string;
  readonly nextHop: string | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly class: string | null;
  readonly evidence: {
    readonly routing: readonly { readonly question: string; readonly answer: string }[];
    readonly changes: readonly { readonly code: string; readonly detail: string }[];
    readonly signatures: readonly {
      readonly domain: string;
      readonly selector: string;
      readonly algorithm: string;
      readonly header: string;
    }[];
    readonly identity: { readonly ptr: string | null } | null;
    readonly transcript: readonly { readonly by: string; readonly text: string }[];
    readonly rules: readonly {
      readonly ruleId: string | null;
      readonly label: string;
      readonly action: string;
    }[];
  };
}

export interface EventView {
  readonly type: string;
  readonly deliveryId: string | null;
  readonly virtualAt: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface MessageView {
  readonly id: string;
  readonly subject: string;
  readonly door: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly deliveries: readonly DeliveryView[];
}

/** A core with the simulated world, its clock standing still: time goes on when the test says so. */
export async function startWorld(flags: readonly string[] = []): Promise<World> {
  const world = worldOf(await startCore(['--deliver', ...flags]));
  await world.clock({ freeze: true });
  return world;
}

export async function openWorld(folder: string, flags: readonly string[] = []): Promise<World> {
  return worldOf(await openCore(folder, ['--deliver', ...flags]));
}

export type World = ReturnType<typeof worldOf>;

function worldOf(core: TestCore) {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
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
  };
  const one = async (messageId: string): Promise<DeliveryView> => {
    const { deliveries } = await core.json<MessageView>(`/v1/messages/${messageId}`);
    const [first] = deliveries;
    if (first === undefined || deliveries.length > 1)
      throw new Error(`${messageId} has ${deliveries.length} deliveries`);
    return first;
  };
  return {
    core,
    call,
    clock: (change: Readonly<Record<string, unknown>>) =>
      call<{ readonly virtualAt: string }>('POST', '/v1/clock', change),
    provider: (key: string, settings: Readonly<Record<string, unknown>>) =>
      call('PATCH', `/v1/providers/${key}`, settings),
    mailbox: (address: string, settings: Readonly<Record<string, unknown>>) =>
      call('PATCH', `/v1/mailboxes/${address}`, settings),
    domain: (name: string, change: Readonly<Record<string, unknown>>) =>
      call('PATCH', `/v1/domains/${name}`, change),
    /** By SMTP, from the app's own domain. @returns the message's id, once everything that is due was done */
    async send(
      to: string,
      about: Parameters<typeof mail>[0] = {},
      from = 'hello@shop.example',
    ): Promise<string> {
      const id = await core.send(mail({ to, ...about }), from, [to]);
      await core.app.settled();
      return id;
    },
    /** By the API. */
    async submit(to: string, about: Readonly<Record<string, unknown>> = {}): Promise<string> {
      const { id } = await call<{ readonly id: string }>('POST', '/v1/messages', {
        channel: 'email',
        from: 'hello@shop.example',
        to: [to],
        subject: 'Your order 1234 was sent',
        text: 'Hello Jane, your order is on its way and will be with you on Tuesday.',
        ...about,
      });
      await core.app.settled();
      return id;
    },
    delivery: one,
    async attempts(messageId: string): Promise<readonly AttemptView[]> {
      const { id } = await one(messageId);
      return (await core.json<{ attemptLog: AttemptView[] }>(`/v1/deliveries/${id}`)).attemptLog;
    },
    async events(messageId: string): Promise<readonly EventView[]> {
      return (await core.json<{ entries: EventView[] }>(`/v1/messages/${messageId}/events`)).entries;
    },
    async messages(q: string): Promise<readonly MessageView[]> {
      await core.app.caughtUp();
      return (await core.json<{ entries: MessageView[] }>(`/v1/messages?q=${encodeURIComponent(q)}`)).entries;
    },
    async suppressions(): Promise<readonly { readonly address: string; readonly reason: string }[]> {
      return (await core.json<{ entries: { address: string; reason: string }[] }>('/v1/suppressions'))
        .entries;
    },
    async inbox(address: string): Promise<readonly CopyView[]> {
      const { entries } = await core.json<{ entries: { id: string }[] }>(`/v1/mailboxes/${address}/messages`);
      return Promise.all(
        entries.map(({ id }) => core.json<CopyView>(`/v1/mailboxes/${address}/messages/${id}`)),
      );
    },
  };
}

export interface CopyView {
  readonly id: string;
  readonly placement: string;
  readonly deliveryId: string | null;
  readonly authentication: {
    readonly spf: { readonly result: string; readonly why: string };
    readonly dkim: readonly { readonly result: string; readonly algorithm: string; readonly why: string }[];
    readonly dmarc: { readonly result: string; readonly why: string };
  };
  readonly filter: {
    readonly score: number;
    readonly reasons: readonly { readonly code: string; readonly points: number }[];
  };
}

export const mail = (
  about: {
    readonly from?: string;
    readonly to?: string;
    readonly subject?: string;
    readonly body?: string;
    readonly headers?: string;
  } = {},
): string =>
  [
    `From: ${about.from ?? 'Shop <hello@shop.example>'}`,
    `To: ${about.to ?? 'jane@gmail.com'}`,
    `Subject: ${about.subject ?? 'Your order 1234 was sent'}`,
    'Date: Sat, 31 Jan 2026 12:00:00 +0000',
    'Message-ID: <1@shop.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...(about.headers === undefined ? [] : [about.headers]),
    '',
    about.body ?? 'Hello Jane, your order is on its way and will be with you on Tuesday.',
    '',
  ].join('\r\n');

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
