/**
 * The push service: takes push messages for the subscriptions of simulated browsers (RFC 8030 §5), reads them as the browser
 * would (RFC 8291), and hands them on.
 *
 * Order: path, method, VAPID, size, TTL, encryption, topic, urgency (that of autopush); then what rules and magic tokens
 * want; then whether there is such a subscription. Autopush looks for the subscription first; here a magic token, which
 * nobody has subscribed with, is to do its work.
 */
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import type { Addressee } from '../../delivery/push-far-side.ts';
import type {
  ConnectionEffect,
  ProviderAnswer,
  ProviderHandler,
  ProviderRequest,
  ProviderRoute,
} from '../../doors/http/provider-request.ts';
import { noContent, readWebPush } from '../../model/push-content.ts';
import { byCause, type Decision, type FarSideOrders, noOrders } from '../../rules/decision.ts';
import { pushFacts } from '../../rules/push-facts.ts';
import { acceptance, type WebPushPorts } from './acceptance.ts';
import type { ReceiverKeys } from './encryption.ts';
import { bodyBytesMax, decrypted, parseHeaders, resourceOf } from './parse.ts';
import { webPushPassing } from './passing.ts';
import { type Refusal, reasonNamed, refusalReply, type Voice, voiceOf } from './reply.ts';
import { judgeVapid, type VapidVerdict } from './vapid.ts';

/** More than a push has, so that of one that is too large the size can be told. */
const routeBytesMax = 2 * bodyBytesMax;
export const webPushKey = 'webpush';

/**
 * The routes of the push service: by path and at the hosts that are its alone; and at fcm.googleapis.com, which it shares
 * with FCM.
 */
export function webPushRoutes(
  ports: WebPushPorts,
): readonly (ProviderRoute & { readonly paths?: readonly string[] })[] {
  const handle = webPushHandler(ports);
  const route = { key: webPushKey, bodyBytesMax: routeBytesMax, handle, passing: webPushPassing } as const;
  return [
    {
      ...route,
      prefix: '/webpush',
      hosts: ['updates.push.services.mozilla.com', 'web.push.apple.com', '*.notify.windows.com'],
    },
    { ...route, prefix: '', hosts: ['fcm.googleapis.com'], paths: ['/fcm/send/', '/wp/', '/m/'] },
  ];
}

export function webPushHandler(ports: WebPushPorts): ProviderHandler {
  return (request) => {
    const voice = voiceOf(request.host);
    const resource = resourceOf(request.path, request.query, voice);
    if (resource === null)
      return refused(voice, {
        reason: 'BadPath',
        detail: `there is nothing at ${request.path}: a subscription's endpoint ends in /v1/ and its id`,
      });
    if (resource.kind === 'message') return takeBack(ports, request, voice, resource.id);
    if (request.method !== 'POST')
      return refused(voice, {
        reason: 'MethodNotAllowed',
        detail: `${request.method} at a subscription: a message is sent by POST (RFC 8030 §5)`,
      });
    return pushed(ports, request, voice, resource.id);
  };
}

function pushed(ports: WebPushPorts, request: ProviderRequest, voice: Voice, id: string): ProviderAnswer {
  const held = ports.farSide.subscriptionKey(id);
  const verdict = judgeVapid({
    fields: request.fields,
    voice,
    origins: originsOf(request),
    // Our own are signed with the sandbox's key: the app's private one is the app's alone.
    restrictedTo: request.own === null ? (held?.keys.applicationServerKey ?? null) : null,
    wallMs: ports.wallMs(),
  });
  const user = subjectOf(verdict);
  if (verdict.refusal !== null) return refused(voice, verdict.refusal, user);
  const headers = parseHeaders(request, voice);
  if ('reason' in headers) return refused(voice, headers, user);
  const plain = decrypted(request.body, headers.encryption, held === null ? null : receiverKeys(held));
  const addressee: Addressee = { provider: 'webpush', token: id, app: null, environment: null };
  // Only whom somebody has subscribed: the others are looked for when the rules had their say.
  const known = held === null ? null : ports.farSide.locate(addressee);
  const app = known?.kind === 'found' ? known.device.app : '';
  const own = request.own === null ? null : ports.ownOrders(request.own);
  const facts =
    request.own === null
      ? pushFacts(ports.desk, {
          door: webPushKey,
          provider: 'webpush',
          app,
          recipient: id,
          fields: request.fields.entries,
          bytes: request.body.length,
          content: plain.ok ? readWebPush(plain.plain.toString('utf8')).content : noContent,
          // A library encrypts anew for every try: what stays is the text.
          same: plain.ok ? plain.plain : request.body,
          exchangeId: request.id,
        })
      : null;
  const orders = facts === null ? (own?.orders ?? noOrders) : ports.desk.orders(facts);
  const note = noteOf(own);
  const effects = effectsOf(orders, note);
  if (effects.instead !== null) return { ...instead(voice, effects.instead), user, ...effects.pace };
  for (const decision of orders.after) note(decision);
  ports.farSide.prepare(addressee, orders.after);
  const located = ports.farSide.locate(addressee);
  switch (located.kind) {
    case 'unregistered':
      return {
        ...refused(
          voice,
          {
            reason: 'Gone',
            detail: `the browser unsubscribed ${new Date(located.sinceMs).toISOString()}: delete the subscription (RFC 8030 §7.3)`,
          },
          user,
        ),
        ...effects.pace,
      };
    case 'found':
      return {
        ...acceptance(ports, request, {
          voice,
          id,
          device: located.device,
          credentials: verdict.credentials,
          headers,
          plain,
          after: orders.after,
          tryKey: facts?.tryKey ?? null,
        }),
        user,
        ...effects.pace,
        ...(effects.connection === null ? {} : { connection: effects.connection }),
      };
    case 'unknown':
    case 'otherApp':
    case 'otherEnvironment':
      return {
        ...refused(
          voice,
          {
            reason: 'NotFound',
            detail: `there is no subscription ${id}: endpoints are made with a browser, in the Phones room or by POST /v1/phones/:id/register`,
          },
          user,
        ),
        ...effects.pace,
      };
    default:
      return located satisfies never;
  }
}

/** What is done in place of the yes, and what goes along with whatever is answered. */
interface Effects {
  readonly instead: Decision | null;
  readonly pace: Pick<ProviderAnswer, 'bytesPerSecond'>;
  /** After the message was taken all the same. */
  readonly connection: ConnectionEffect | null;
}

function effectsOf(orders: FarSideOrders, note: (decision: Decision) => void): Effects {
  const decisions: readonly Decision[] = [
    ...orders.connection,
    ...(orders.answer === null ? [] : [orders.answer]),
  ];
  let instead: Decision | null = null;
  let pace: Effects['pace'] = {};
  let connection: ConnectionEffect | null = null;
  for (const decision of decisions) {
    const { action } = decision;
    switch (action.do) {
      case 'slow':
        pace = { bytesPerSecond: action.bytesPerSecond };
        break;
      case 'goAway':
        if (action.answered) connection = goAway(action.reason, 'given');
        else instead = decision;
        break;
      case 'disconnect':
        if (action.keep === true) connection = { kind: 'cut' };
        else instead = decision;
        break;
      case 'answer':
      case 'refuseConnection':
        instead = decision;
        break;
      default:
        // What a push service has not: the desk passes over it.
        continue;
    }
    note(decision);
  }
  return { instead, pace, connection };
}

function instead(voice: Voice, decision: Decision): ProviderAnswer {
  const { action, cause } = decision;
  if (action.do === 'answer') {
    const reason = reasonNamed(action.reason) ?? { unknown: action.reason };
    const { status, text, retryAfterS } = action;
    return {
      reply: refusalReply(voice, reason, { status, text, retryAfterS }),
      refused: `refused on purpose ${byCause(cause)}`,
    };
  }
  return {
    reply: refusalReply(voice, 'ServiceUnavailable'),
    refused: `the connection was ended on purpose ${byCause(cause)}`,
    connection: action.do === 'goAway' ? goAway(action.reason, 'withheld') : { kind: 'cut' },
  };
}

function goAway(reason: string, reply: 'given' | 'withheld'): ConnectionEffect {
  return { kind: 'goAway', debug: JSON.stringify({ reason }), reply };
}

function noteOf(own: OwnSendOrders | null): (decision: Decision) => void {
  return ({ cause, action, point }) => own?.carriedOut({ recipient: null, cause, action: action.do, point });
}

/** `Location` names the message (RFC 8030 §5). A browser deletes what it got (§6.2); here a sender takes back what waits. */
async function takeBack(
  ports: WebPushPorts,
  request: ProviderRequest,
  voice: Voice,
  messageId: string,
): Promise<ProviderAnswer> {
  if (request.method !== 'DELETE' || ports.cancel === undefined)
    return refused(voice, {
      reason: 'MethodNotAllowed',
      detail: `${request.method} at a message: it can only be taken back, by DELETE`,
    });
  return (await ports.cancel(messageId))
    ? { reply: { status: 204, fields: [], body: '' }, refused: null }
    : refused(voice, {
        reason: 'NotFound',
        detail: `no message ${messageId} waits for a browser any more: it was delivered, replaced, taken back or never there`,
      });
}

function refused(voice: Voice, { reason, detail }: Refusal, user: string | null = null): ProviderAnswer {
  return { reply: refusalReply(voice, reason), refused: detail, user };
}

/** Origins that the app may know this door by: the one for answers, and what it said itself (RFC 8292 §2, `aud`). */
function originsOf({ baseUrl, fields, connection }: ProviderRequest): readonly string[] {
  const authority = fields.get(':authority') ?? fields.get('host');
  const scheme = connection.tls === null ? 'http' : 'https';
  const said = authority === null ? [] : [`${scheme}://${authority}`];
  return [...new Set([baseUrl, ...said].flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : [])))];
}

function subjectOf({ credentials }: VapidVerdict): string | null {
  const { sub } = credentials.claims;
  return typeof sub === 'string' ? sub : null;
}

function receiverKeys(
  held: NonNullable<ReturnType<WebPushPorts['farSide']['subscriptionKey']>>,
): ReceiverKeys {
  return {
    privateKey: held.privateKey,
    publicKey: Buffer.from(held.keys.p256dh, 'base64url'),
    auth: Buffer.from(held.keys.auth, 'base64url'),
  };
}
