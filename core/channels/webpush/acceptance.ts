/** The yes of the push service, and what is stored before it is said. */
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import { deliveryOf, withHold } from '../../delivery/push-deliveries.ts';
import type { AcceptedPush, LocatedDevice, PushFarSide, PushPlan } from '../../delivery/push-far-side.ts';
import type {
  FinishedExchange,
  OwnSend,
  ProviderAnswer,
  ProviderRequest,
} from '../../doors/http/provider-request.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import type { Intake } from '../../intake/intake.ts';
import type { ExchangePart } from '../../model/message.ts';
import { noDetails } from '../../model/message-details.ts';
import type { NewPush } from '../../model/phone.ts';
import type { PushCredentials, PushDetails } from '../../model/push.ts';
import { noContent, readWebPush } from '../../model/push-content.ts';
import type { Decision, RuleDesk } from '../../rules/decision.ts';
import type { Store } from '../../store/store.ts';
import type { Decrypted } from './encryption.ts';
import type { PushHeaders } from './parse.ts';
import { createdReply, refusalReply, type Voice } from './reply.ts';

export interface WebPushPorts {
  wallMs(): number;
  virtualMs(): number;
  readonly newId: () => string;
  readonly desk: Pick<RuleDesk, 'orders' | 'needs' | 'questions' | 'taken'>;
  readonly farSide: PushFarSide;
  readonly intake: Pick<Intake, 'accept'>;
  readonly store: Pick<Store, 'keepPushes'>;
  /** What the rules want done with one of our own sends, and whom to tell that it was done. */
  readonly ownOrders: (own: OwnSend) => OwnSendOrders | null;
  /** Takes a message back that still waits for its browser. @returns false when none waits; left out: it cannot be done */
  readonly cancel?: (messageId: string) => Promise<boolean>;
}

export interface Acceptance {
  readonly voice: Voice;
  /** Of the subscription. */
  readonly id: string;
  readonly device: LocatedDevice;
  readonly credentials: PushCredentials;
  readonly headers: PushHeaders;
  readonly plain: Decrypted;
  readonly after: readonly Decision[];
  /** What a stranger's tries of it are counted by; null: it is one of our own. */
  readonly tryKey: string | null;
}

const retryAfterUnstoredS = 60;
/** What suspensions go by where the app names no push service: it knows the sandbox by an address of this machine. */
const ownService = 'webpush';

export function acceptance(ports: WebPushPorts, request: ProviderRequest, about: Acceptance): ProviderAnswer {
  const { voice, headers } = about;
  const messageId = request.own?.messageId ?? ports.newId();
  // Google has its messages under the path of its subscriptions.
  const location = `${request.baseUrl}/m/${messageId}`;
  return {
    reply: createdReply(voice, { location, ttlS: headers.ttlS, id: messageId }),
    refused: null,
    take: (exchange) => keep(ports, request, { ...about, exchange, messageId, location }),
    unstored: () => refusalReply(voice, 'ServiceUnavailable', { retryAfterS: retryAfterUnstoredS }),
  };
}

async function keep(
  ports: WebPushPorts,
  request: ProviderRequest,
  about: Acceptance & {
    readonly exchange: FinishedExchange;
    readonly messageId: string;
    readonly location: string;
  },
): Promise<void> {
  const { id, device, headers, plain, messageId } = about;
  const deliveryId = request.own?.deliveryId ?? ports.newId();
  const nowMs = ports.virtualMs();
  const text = plain.ok ? plain.plain.toString('utf8') : null;
  const push: AcceptedPush = {
    id: ports.newId(),
    device,
    messageId,
    deliveryId,
    content: text === null ? noContent : readWebPush(text).content,
    collapseKey: headers.topic,
    priority: headers.urgency,
    expiresAtMs: nowMs + headers.ttlS * 1000,
    nowOrNever: headers.ttlS === 0,
    after: about.after,
  };
  const plan = plain.ok ? ports.farSide.plan([push]) : dropped(push, nowMs, plain.why);
  try {
    if (request.own !== null) {
      await ports.store.keepPushes(plan);
    } else {
      const { body } = request;
      await ports.intake.accept({
        id: messageId,
        channel: 'push',
        door: 'webpush',
        user: null,
        envelopeFrom: device.app,
        envelopeTo: [id],
        envelopeParameters: null,
        spooled: [],
        tail: body,
        head: Buffer.from(`${headerLines(request)}\r\n\r\n`, 'latin1'),
        bytes: body.length,
        exchange: exchangePart(about.exchange),
        delivery: {
          nowMs,
          to: [
            withHold(
              deliveryOf(plan.puts.find((put) => put.id === push.id) ?? plan.puts[0] ?? null, {
                id: deliveryId,
                recipient: id,
                host:
                  about.voice === 'mozilla' && !request.host.endsWith('.mozilla.com')
                    ? ownService
                    : request.host,
                stream: 'transactional',
                nowMs,
              }),
              about.after,
            ),
          ],
        },
        details: { ...noDetails, push: detailsOf(request, push, { ...about, text }) },
        pushes: plan,
      });
    }
  } catch (error) {
    plan.undo();
    throw error;
  }
  if (about.tryKey !== null) ports.desk.taken?.([about.tryKey]);
  // Of what no browser could read the phones know nothing.
  if (plain.ok) ports.farSide.settled(plan);
}

/** A browser that cannot read a message drops it, and tells nobody; the push service has said yes long before. */
function dropped(push: AcceptedPush, nowMs: number, why: string): PushPlan {
  const { id, device, messageId, deliveryId, content, collapseKey, priority, expiresAtMs } = push;
  const lost: NewPush = {
    id,
    phoneId: device.phoneId,
    app: device.app,
    provider: 'webpush',
    messageId,
    deliveryId,
    state: 'lost',
    shown: false,
    reason: `the browser cannot decrypt it and drops it: ${why}`,
    collapseKey,
    priority,
    receivedAtMs: nowMs,
    expiresAtMs,
    deliveredAtMs: null,
    content,
  };
  return { puts: [lost], changes: [], acts: [], undo: () => undefined };
}

function detailsOf(
  request: ProviderRequest,
  push: AcceptedPush,
  about: Acceptance & { readonly location: string; readonly text: string | null },
): PushDetails {
  return {
    provider: 'webpush',
    target: { kind: 'token', value: about.id },
    app: about.device.app,
    environment: null,
    pushType: null,
    priority: push.priority,
    collapseKey: push.collapseKey,
    expiresAtMs: push.expiresAtMs,
    nowOrNever: push.nowOrNever,
    providerId: about.location,
    headers: request.fields.entries.map(([name, value]) => [name, maskedField(name, value)]),
    credentials: about.credentials,
    plain: about.text,
  };
}

/**
 * The signature of a token is what makes it a credential; its claims stand in the credentials. Word by word: a pattern that
 * looks for the dots by itself begins anew at each character, and one long field would keep everybody waiting.
 */
export function maskedField(name: string, value: string): string {
  if (name !== 'authorization') return secretFields.has(name) ? '(masked)' : value;
  return value.replaceAll(/[\w.-]+/g, (word) => {
    const end = word.lastIndexOf('.');
    return end > word.indexOf('.') ? `${word.slice(0, end)}.…` : word;
  });
}

function headerLines({ fields }: ProviderRequest): string {
  return fields.entries.map(([name, value]) => `${name}: ${value}`).join('\r\n');
}

/** The message ends its exchange: both are kept at once. */
function exchangePart({ part, end }: FinishedExchange): ExchangePart {
  const { start: _start, transcript: _transcript, ...rest } = end;
  return part.end === undefined ? { ...part, end: rest } : part;
}
