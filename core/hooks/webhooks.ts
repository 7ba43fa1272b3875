/**
 * Outgoing webhooks: turns events into calls. A call is a delivery of the carriage `webhook`, queued in the same queue as
 * mail, so that it is retried, held, replayed and never dropped in silence. A cursor says up to which event calls were
 * queued: after a crash the rest is made up for.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import { hostOfUrl } from '../delivery/callback-deliveries.ts';
import { callLifetimeMs } from '../delivery/schedule.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { callbackFault } from '../model/callback-rule.ts';
import type { NewDelivery } from '../model/delivery.ts';
import type { StoredEvent } from '../model/message.ts';
import {
  askedForAlone,
  toldOfInApps,
  type Webhook,
  type WebhookService,
  webhookEventTypes,
} from '../model/webhook.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import { webhookSecret } from './sign.ts';

export interface Webhooks extends WebhookService {
  /** Events were committed. */
  committed(events: readonly StoredEvent[]): void;
  /** Settles when all events so far have their calls queued. */
  caughtUp(): Promise<void>;
  secretOf(id: string): string | null;
  /** Queues the call that hands a message which came in for one of the app's domains on to its inbound route. */
  callInbound(url: string, message: { readonly id: string; readonly recipient: string }): Promise<void>;
  /** The secret that calls of inbound routes are signed with. */
  inboundSecret(): string;
  close(): Promise<void>;
}

export interface WebhooksPorts {
  readonly store: Store;
  readonly clock: Pick<Clock, 'after'>;
  readonly virtual: VirtualClock;
  readonly seal: Seal;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly callbackHosts: () => readonly string[];
  readonly onProblem: (text: string) => void;
}

const webhooksMax = 50;
const eventsAtOnceMax = 500;
const secretBytes = 24;
/** After a fault of the store, a full disk say: the events are there, and no new one may come that starts it again. */
const retryAfterFaultMs = 5_000;

interface Kept extends Webhook {
  readonly sealedSecret: string;
}

const told: ReadonlySet<string> = new Set(webhookEventTypes);

export async function openWebhooks(ports: WebhooksPorts): Promise<Webhooks> {
  const { store, seal } = ports;
  const kept = new Map<string, Kept>();
  for (const { key, value } of await store.documents('webhook')) kept.set(key, value as Kept);
  const [mark] = await store.documents('webhook-cursor');
  let cursor = typeof mark?.value === 'number' ? mark.value : store.lastEventSeq();
  const inboundSecret = await keptInboundSecret(ports);
  let running: Promise<void> | null = null;
  let wanted = false;
  let closed = false;
  let cancelRetry: () => void = () => undefined;
  if (kept.size > 0 && cursor < store.lastEventSeq()) start();

  function start(): void {
    wanted = true;
    if (running !== null || closed) return;
    running = work()
      .catch((error: unknown) => {
        ports.onProblem(`webhook calls wait: ${messageOf(error)}`);
        cancelRetry();
        cancelRetry = ports.clock.after(retryAfterFaultMs, start);
      })
      .finally(() => {
        running = null;
      });
  }

  async function work(): Promise<void> {
    while (wanted && !closed) {
      wanted = false;
      for (;;) {
        const events = await store.events({ after: cursor, limit: eventsAtOnceMax, messageId: null });
        const last = events.at(-1);
        if (last === undefined) break;
        const calls: NewDelivery[] = lostBefore(events[0]?.seq ?? 0);
        for (const event of events) calls.push(...callsFor(event, await projectOf(event)));
        if (calls.length > 0) await queue(calls);
        cursor = last.seq;
        if (kept.size > 0) await store.saveDocument('webhook-cursor', 'seq', cursor);
        if (events.length < eventsAtOnceMax) break;
      }
    }
  }

  /** The oldest events go in time, told or not: who was too far behind has it in the log. Their numbers have no gaps. */
  function lostBefore(firstSeq: number): NewDelivery[] {
    const lost = firstSeq - cursor - 1;
    if (lost <= 0) return [];
    const reason = `${lost} events (${cursor + 1} to ${firstSeq - 1}) went before this webhook could be told of them: only the newest are kept`;
    ports.onProblem(`webhooks were too far behind: ${reason}`);
    return [...kept.values()]
      .filter(({ active }) => active)
      .map((webhook) => ({
        ...call(webhook, cursor + 1, null),
        dueAtMs: null,
        status: 'undeliverable',
        class: 'expired',
        reason,
      }));
  }

  /** A suppression is of no project; one that a delivery led to is news to whoever sent that. */
  async function projectOf({ type, project, deliveryId }: StoredEvent): Promise<string | null> {
    if (project !== null || deliveryId === null || !told.has(type)) return project;
    return (await store.delivery(deliveryId))?.delivery.project ?? null;
  }

  function callsFor(event: StoredEvent, project: string | null): NewDelivery[] {
    if (!told.has(event.type)) return [];
    if (event.type === 'inapp' && !toldOfInApps.has(event.data.what)) return [];
    // What only the far side knows is shown on the screen; an app would not be told of it outside either.
    if ('copyId' in event.data) return [];
    // Of a webhook's own deliveries nobody is told: that would never end.
    if (event.messageId === null && event.deliveryId !== null) return [];
    return [...kept.values()]
      .filter(
        (one) =>
          one.active &&
          ((one.events.length === 0 && !askedForAlone.has(event.type)) ||
            one.events.some((type) => type === event.type)) &&
          (one.project === null || one.project === project),
      )
      .map((one) => call(one, event.seq, null));
  }

  function call(webhook: Webhook, eventSeq: number, test: 'test' | null): NewDelivery {
    const nowMs = ports.virtual.nowMs();
    return {
      id: ports.newId(),
      recipient: webhook.id,
      domain: hostOfUrl(webhook.url),
      provider: 'webhook',
      stream: 'transactional',
      parameters: { event: String(eventSeq), ...(test === null ? {} : { test: true }) },
      dueAtMs: nowMs,
      expiresAtMs: nowMs + callLifetimeMs,
      status: 'queued',
      substatus: null,
      reason: null,
      class: null,
      retryOf: null,
    };
  }

  function queue(deliveries: readonly NewDelivery[]): Promise<void> {
    return store.addDeliveries({
      nowMs: ports.virtual.nowMs(),
      messageId: null,
      carriage: 'webhook',
      deliveries,
    });
  }

  function known(id: string): Kept {
    const found = kept.get(id);
    if (found === undefined) throw new AppError('not_found', `There is no webhook ${id}.`);
    return found;
  }

  async function keep(webhook: Kept): Promise<Webhook> {
    const fault = callbackFault(webhook.url, ports.callbackHosts());
    if (fault !== null)
      throw new AppError('bad_request', `The webhook cannot call ${webhook.url}: ${fault}.`);
    await store.saveDocument('webhook', webhook.id, webhook);
    kept.set(webhook.id, webhook);
    return shown(webhook);
  }

  return {
    list: () => [...kept.values()].map(shown),

    async create(about) {
      if (kept.size >= webhooksMax)
        throw new AppError('bad_request', `There are ${webhooksMax} webhooks; remove one first.`);
      // From here on: what happened before it was there is not told.
      if (kept.size === 0) {
        if (running !== null) await running;
        cursor = store.lastEventSeq();
        await store.saveDocument('webhook-cursor', 'seq', cursor);
      }
      return keep({
        ...about,
        id: ports.newId(),
        createdAtMs: ports.virtual.nowMs(),
        sealedSecret: seal.seal(webhookSecret(ports.randomBytes(secretBytes))),
      });
    },

    change: async (id, about) => keep({ ...known(id), ...about }),

    async remove(id) {
      known(id);
      await store.deleteDocument('webhook', id);
      kept.delete(id);
    },

    secret: async (id) => seal.unseal(known(id).sealedSecret),

    async rotateSecret(id) {
      const secret = webhookSecret(ports.randomBytes(secretBytes));
      await keep({ ...known(id), sealedSecret: seal.seal(secret) });
      return secret;
    },

    async replay(id, eventSeq) {
      const webhook = known(id);
      const [event] = await store.events({ after: eventSeq - 1, limit: 1, messageId: null });
      if (event?.seq !== eventSeq)
        throw new AppError('not_found', `There is no event ${eventSeq}; the oldest events go in time.`);
      const delivery = call(webhook, eventSeq, null);
      await queue([delivery]);
      return delivery.id;
    },

    async test(id) {
      const delivery = call(known(id), 0, 'test');
      await queue([delivery]);
      return delivery.id;
    },

    committed(events) {
      if (kept.size > 0 && events.some((event) => told.has(event.type))) start();
    },

    async caughtUp() {
      while (running !== null) await running;
    },

    inboundSecret: () => inboundSecret,

    callInbound(url, message) {
      const nowMs = ports.virtual.nowMs();
      return queue([
        {
          id: ports.newId(),
          recipient: message.recipient,
          domain: hostOfUrl(url),
          provider: 'webhook',
          stream: 'transactional',
          parameters: { inbound: message.id, url },
          dueAtMs: nowMs,
          expiresAtMs: nowMs + callLifetimeMs,
          status: 'queued',
          substatus: null,
          reason: null,
          class: null,
          retryOf: null,
        },
      ]);
    },

    secretOf(id) {
      const found = kept.get(id);
      return found === undefined ? null : seal.unseal(found.sealedSecret);
    },

    async close() {
      closed = true;
      cancelRetry();
      while (running !== null) await running;
    },
  };
}

function shown({ sealedSecret: _, ...webhook }: Kept): Webhook {
  return webhook;
}

async function keptInboundSecret(
  ports: Pick<WebhooksPorts, 'store' | 'seal' | 'randomBytes'>,
): Promise<string> {
  const [kept] = await ports.store.documents('inbound-secret');
  if (typeof kept?.value === 'string') return ports.seal.unseal(kept.value);
  const secret = webhookSecret(ports.randomBytes(secretBytes));
  await ports.store.saveDocument('inbound-secret', 'all', ports.seal.seal(secret));
  return secret;
}
