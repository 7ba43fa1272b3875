/** What was accepted is stored, with what becomes of it on devices, before the yes. */
import { ownSendField } from '../../delivery/own-sends.ts';
import { deliveryOf, withHold } from '../../delivery/push-deliveries.ts';
import type { AcceptedPush, LocatedDevice } from '../../delivery/push-far-side.ts';
import type {
  ConnectionEffect,
  FinishedExchange,
  ProviderAnswer,
  ProviderRequest,
} from '../../doors/http/provider-request.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import { assertNever } from '../../model/app-error.ts';
import { noDetails } from '../../model/message-details.ts';
import type { PushContent, PushDetails, PushEnvironment } from '../../model/push.ts';
import type { Facts } from '../../rules/decision.ts';
import { pushHeaders } from '../../rules/push-facts.ts';
import type { ApnsPorts, Asked } from './asked.ts';
import type { Provider } from './credentials.ts';
import type { Directions } from './ordered.ts';
import type { PushHeaders } from './parse.ts';
import { acceptedReply, goAwayData, type IdField, refusalReply } from './reply.ts';

export interface Accepted {
  readonly id: IdField;
  readonly provider: Provider;
  readonly content: PushContent;
  readonly details: PushDetails;
  /** Token, or `channel:<id>`. */
  readonly recipient: string;
  readonly devices: readonly LocatedDevice[];
  readonly directions: Directions;
  /** What the rules were told of it. */
  readonly facts: Facts;
}

export function accept(asked: Asked, accepted: Accepted): ProviderAnswer {
  const { ports, environment } = asked;
  const { id, provider, directions } = accepted;
  const uniqueId = environment === 'production' ? null : ports.newUuid().toUpperCase();
  const effect = effectAfter(directions);
  return {
    reply: acceptedReply(id, uniqueId),
    refused: null,
    user: provider.name,
    take: (exchange) => keep(asked, accepted, exchange),
    // Apple: 503 "The service is unavailable", to be tried again.
    unstored: () => refusalReply({ reason: 'ServiceUnavailable' }, id),
    ...(effect === null ? {} : { connection: effect }),
    ...(directions.slow === null ? {} : { bytesPerSecond: directions.slow.action.bytesPerSecond }),
  };
}

/** What is done to the connection although the push was accepted. */
function effectAfter({ cut, goAway }: Directions): ConnectionEffect | null {
  if (cut !== null) return { kind: 'cut' };
  return goAway === null ? null : { kind: 'goAway', debug: goAwayData(goAway.action.reason), reply: 'given' };
}

async function keep(
  { ports, request, environment }: Asked,
  { content, details, recipient, devices, directions, facts }: Accepted,
  exchange: FinishedExchange,
): Promise<void> {
  const nowMs = ports.virtual.nowMs();
  const { own } = request;
  const messageId = own?.messageId ?? ports.newId();
  const pushes = devices.map(
    (device, index): AcceptedPush => ({
      id: ports.newId(),
      device,
      messageId,
      deliveryId: index === 0 && own !== null ? own.deliveryId : ports.newId(),
      content,
      collapseKey: details.collapseKey,
      priority: details.priority,
      expiresAtMs: details.expiresAtMs,
      nowOrNever: details.nowOrNever,
      after: directions.after,
    }),
  );
  const plan = ports.farSide.plan(pushes);
  try {
    if (own !== null) await ports.store.keepPushes(plan);
    else {
      const byId = new Map(plan.puts.map((put) => [put.id, put]));
      const about = { host: hostOf(environment), stream: 'transactional', nowMs } as const;
      const to =
        pushes.length === 0
          ? [withHold(deliveryOf(null, { ...about, id: ports.newId(), recipient }), directions.after)]
          : pushes.map((push) => {
              const facts = { ...about, id: push.deliveryId ?? ports.newId(), recipient: push.device.token };
              return withHold(deliveryOf(byId.get(push.id) ?? null, facts), directions.after);
            });
      await ports.intake.accept({
        ...handover(request, details, recipient, content),
        id: messageId,
        exchange: partOf(exchange),
        delivery: { nowMs, to },
        pushes: plan,
      });
    }
  } catch (error) {
    // The promise was not kept: the phones forget what they were told, and APNs says that it is not available.
    plan.undo();
    throw error;
  }
  ports.farSide.settled(plan);
  if (own === null) ports.desk.taken?.(triesOf(facts));
}

/** By turns, for a push's key is only made when it is asked for. */
function* triesOf(facts: Facts): Generator<string> {
  if (facts.tryKey !== undefined) yield facts.tryKey;
}

function handover(request: ProviderRequest, details: PushDetails, recipient: string, content: PushContent) {
  return {
    channel: 'push',
    door: 'apns',
    // Keys are no users: projects go by app and rules.
    user: null,
    envelopeFrom: details.app,
    envelopeTo: [recipient],
    envelopeParameters: null,
    spooled: [],
    tail: request.body,
    head: Buffer.from(pushHeaders(content, request.fields.entries), 'latin1'),
    bytes: request.body.length,
    details: { ...noDetails, push: details },
  } as const;
}

function partOf({ part, end }: FinishedExchange): FinishedExchange['part'] {
  return { ...part, end };
}

export function hostOf(environment: PushEnvironment | null): string {
  return environment === 'development' ? 'api.sandbox.push.apple.com' : 'api.push.apple.com';
}

/** Of what every push says, whatever it is for. */
export function commonDetails(
  request: ProviderRequest,
  { credentials }: Provider,
  environment: PushEnvironment | null,
): Pick<PushDetails, 'provider' | 'environment' | 'headers' | 'credentials' | 'plain'> {
  return {
    provider: 'apns',
    environment,
    headers: request.fields.entries.flatMap(([name, value]) =>
      name === ownSendField ? [] : [[name, shownValue(name, value)] as const],
    ),
    credentials,
    plain: null,
  };
}

function shownValue(name: string, value: string): string {
  if (name === 'authorization') return 'bearer (masked)';
  return secretFields.has(name) ? '(masked)' : value;
}

/** The app's clock is the wall's; what it says of an absolute time holds as long after as it would outside. */
export function whenItExpires(
  expiration: PushHeaders['expiration'],
  { clock, virtual }: Pick<ApnsPorts, 'clock' | 'virtual'>,
): Pick<PushDetails, 'expiresAtMs' | 'nowOrNever'> {
  switch (expiration.kind) {
    case 'usual':
      return { expiresAtMs: null, nowOrNever: false };
    case 'nowOrNever':
      return { expiresAtMs: null, nowOrNever: true };
    case 'until': {
      const nowMs = virtual.nowMs();
      const expiresAtMs = expiration.wallMs + (nowMs - clock.wallMs());
      // What is over already is tried once, as with 0; Apple says nothing of it.
      return { expiresAtMs, nowOrNever: expiresAtMs <= nowMs };
    }
    default:
      return assertNever(expiration);
  }
}
