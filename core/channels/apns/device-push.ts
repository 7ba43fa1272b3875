/** A push to a device: judged in APNs' order, then by the rules, then by the far side. */
import type { Addressee, LocatedDevice } from '../../delivery/push-far-side.ts';
import type { ProviderAnswer } from '../../doors/http/provider-request.ts';
import { assertNever } from '../../model/app-error.ts';
import type { PushContent, PushDetails } from '../../model/push.ts';
import type { Decision, Facts } from '../../rules/decision.ts';
import { accept, commonDetails, whenItExpires } from './accept.ts';
import { type ApnsPorts, type Asked, authenticate, carryOut, factsOf, refuse } from './asked.ts';
import { mayPushTo, type Provider } from './credentials.ts';
import { type Directions, directionsOf } from './ordered.ts';
import { isToken, type PushHeaders, readDevicePath, readHeaders, readId, readPayload } from './parse.ts';
import type { IdField } from './reply.ts';

export function handlePush(asked: Asked, rate: Rate): ProviderAnswer {
  const { ports, request, environment } = asked;
  const path = readDevicePath(request.method, request.path);
  const read = readId(request.fields, 'apns-id');
  const id: IdField = ['apns-id', (read.ok ? read.id : null) ?? ports.newUuid().toUpperCase()];
  if (!path.ok) return refuse(path, id, null);
  if (!read.ok) return refuse(read, id, null);
  const judged = authenticate(asked);
  if (!judged.ok) return refuse(judged, id, null);
  const { provider } = judged;
  const step = readHeaders(request.fields, provider.usualTopic);
  if (!step.ok) return refuse(step, id, provider);
  const { headers } = step;
  const allowed = mayPushTo(provider, headers.topic, headers.app, ports.settings().topics);
  if (!allowed.ok) return refuse(allowed, id, provider);
  const payload = readPayload(request.body, request.bodyTooLarge, headers.pushType);
  if (!payload.ok) return refuse(payload, id, provider);

  // Phones know their tokens in lower case.
  const token = path.token.toLowerCase();
  const facts = factsOf(asked, token, headers.app, payload.content);
  const push: DevicePush = { id, provider, headers, content: payload.content, token, facts };
  const own = request.own === null ? null : ports.ownOrders(request.own);
  const directions = directionsOf(request.own === null ? ports.desk.orders(facts) : (own?.orders ?? null));
  const done = (decision: Decision): void => {
    const { cause, action, point } = decision;
    own?.carriedOut({ recipient: token, cause, action: action.do, point });
  };
  const onPurpose = carryOut(asked, directions, id, provider, done);
  if (onPurpose !== null) return onPurpose;

  const addressee: Addressee = { provider: 'apns', token, app: headers.app, environment };
  if (directions.after.length > 0) {
    ports.farSide.prepare(addressee, directions.after);
    directions.after.forEach(done);
  }
  if (headers.suffixMissing !== null)
    return refuse(
      {
        reason: 'DeviceTokenNotForTopic',
        detail: `a push of the type ${headers.pushType} goes to the topic ${headers.topic}${headers.suffixMissing}`,
      },
      id,
      provider,
    );
  // A token that is none is one all the same where somebody chose it for a phone, or had a rule do something with it.
  if (!isToken(token) && directions.none && ports.farSide.topicsOf(addressee) === null)
    return refuse(
      { reason: 'BadDeviceToken', detail: 'a device token is an even number of hexadecimal digits' },
      id,
      provider,
    );
  const { perDevicePerSecond } = ports.settings();
  if (perDevicePerSecond > 0 && !rate.admits(token, perDevicePerSecond, ports.clock.wallMs()))
    return refuse({ reason: 'TooManyRequests', detail: null }, id, provider);
  const located = ports.farSide.locate(addressee);
  switch (located.kind) {
    case 'found':
      return acceptPush(asked, push, located.device, directions);
    case 'unregistered':
      return refuse(
        { reason: 'Unregistered', detail: null, timestampMs: toWallMs(ports, located.sinceMs) },
        id,
        provider,
      );
    case 'otherEnvironment':
      return refuse(
        { reason: 'BadDeviceToken', detail: `the device token is of the ${located.environment} environment` },
        id,
        provider,
      );
    case 'otherApp':
      return refuse(
        {
          reason: 'DeviceTokenNotForTopic',
          detail: `the device token is of ${located.app}, not of ${headers.app}`,
        },
        id,
        provider,
      );
    case 'unknown':
      return refuse({ reason: 'BadDeviceToken', detail: 'no phone has this device token' }, id, provider);
    default:
      return assertNever(located);
  }
}

interface DevicePush {
  readonly id: IdField;
  readonly provider: Provider;
  readonly headers: PushHeaders;
  readonly content: PushContent;
  readonly token: string;
  readonly facts: Facts;
}

function acceptPush(
  asked: Asked,
  push: DevicePush,
  device: LocatedDevice,
  directions: Directions,
): ProviderAnswer {
  const { ports, request, environment } = asked;
  const { headers, content, id, provider, token } = push;
  const details: PushDetails = {
    ...commonDetails(request, provider, environment),
    target: { kind: 'token', value: token },
    app: headers.app,
    pushType: headers.pushType,
    priority: headers.priority,
    collapseKey: headers.collapseId,
    ...whenItExpires(headers.expiration, ports),
    providerId: id[1],
  };
  return accept(asked, {
    id,
    provider,
    content,
    details,
    recipient: token,
    devices: [device],
    directions,
    facts: push.facts,
  });
}

function toWallMs({ clock, virtual }: ApnsPorts, virtualMs: number): number {
  return Math.floor(virtualMs + (clock.wallMs() - virtual.nowMs()));
}

export interface Rate {
  admits(token: string, perSecond: number, nowMs: number): boolean;
}

/** Pushes to each device token within the second under way. */
export function createRate(): Rate {
  let second = 0;
  let counts = new Map<string, number>();
  return {
    admits(token, perSecond, nowMs) {
      const now = Math.floor(nowMs / 1000);
      if (now !== second || counts.size >= countedTokensMax) counts = new Map();
      second = now;
      const count = (counts.get(token) ?? 0) + 1;
      counts.set(token, count);
      return count <= perSecond;
    },
  };
}
/** Device tokens whose rate is counted at once. */
const countedTokensMax = 100_000;
