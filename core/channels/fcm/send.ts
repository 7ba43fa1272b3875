/** `POST /v1/projects/{project}/messages:send`: judged in the order of FCM, then handed to the devices behind it. */
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import { deliveryOf, withHold } from '../../delivery/push-deliveries.ts';
import type { AcceptedPush, Addressee, LocatedDevice } from '../../delivery/push-far-side.ts';
import type {
  FinishedExchange,
  ProviderAnswer,
  ProviderReply,
  ProviderRequest,
} from '../../doors/http/provider-request.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import type { NewDelivery } from '../../model/delivery.ts';
import type { KeptPushes } from '../../model/message.ts';
import { noDetails } from '../../model/message-details.ts';
import type { NewPush, Platform } from '../../model/phone.ts';
import type { PushContent, PushDetails } from '../../model/push.ts';
import { readFcmMessage } from '../../model/push-content.ts';
import { type Facts, type FarSideOrders, noOrders } from '../../rules/decision.ts';
import { pushFacts } from '../../rules/push-facts.ts';
import { conditionHolds } from './condition.ts';
import { type Caller, judgeCredentials, projectDenied, withProjectCheck } from './credentials.ts';
import { createRateLimits, type Exceeded, type RateLimits } from './limits.ts';
import { type Effects, effectsOf } from './ordered.ts';
import { objectAt, parseSend, type SendRequest, type SendTarget } from './parse.ts';
import type { FcmPorts } from './ports.ts';
import { badFieldsReply, errorReply, jsonReply, quotaFailure } from './reply.ts';
import { type FcmProject, projectOf } from './settings.ts';
import {
  isNotification,
  messageBytesMax,
  type PushTerms,
  payloadBytes,
  termsOf,
  tooBigText,
  topicMessageBytesMax,
} from './terms.ts';

export const fcmHost = 'fcm.googleapis.com';
const sendMethod = 'google.firebase.fcm.v1.FcmService.SendMessage';
/** What the door answers to a body that is longer than its limit; far beyond any message that FCM takes. */
const tooLarge = badFieldsReply(
  [{ field: '', description: 'Request payload size exceeds the limit of FCM.' }],
  false,
);

interface Sending {
  readonly request: ProviderRequest;
  /** Null: tokens of any project. So are our own sends: the sandbox's account stands for the one that live would have. */
  readonly scope: FcmProject | null;
  readonly send: SendRequest;
  readonly caller: Caller;
  readonly project: FcmProject;
  readonly orders: FarSideOrders;
  readonly own: OwnSendOrders | null;
}

interface Target {
  readonly device: LocatedDevice;
  readonly platform: Platform;
  readonly content: PushContent;
  readonly terms: PushTerms;
}

type Refused = { readonly refusal: ProviderReply; readonly why: string };

export function createSend(ports: FcmPorts): (request: ProviderRequest, project: string) => ProviderAnswer {
  const limits = createRateLimits(() => ports.clock.monotonicMs());
  return (request, project) => sendOne(request, project, ports, limits);
}

function sendOne(
  request: ProviderRequest,
  projectName: string,
  ports: FcmPorts,
  limits: RateLimits,
): ProviderAnswer {
  const settings = ports.settings();
  const wallMs = ports.clock.wallMs();
  const judged = judgeCredentials(request, { tokens: ports.tokens, wallMs, settings, method: sendMethod });
  if ('refusal' in judged) return refusedAnswer(judged);
  const user = judged.caller.account;
  if (request.bodyTooLarge) return refusedAnswer({ refusal: tooLarge, why: 'the body is too large' }, user);
  const parsed = parseSend(request.body, settings.strictTokens);
  // The front end binds the body before it asks whether the caller may: only FCM's own look at it comes after.
  if ('refusal' in parsed && !parsed.byFcm) return refusedAnswer(parsed, user);
  const project = projectOf(settings, projectName);
  if (project === null || !mayUse(judged.caller, project, settings.projects.length > 0))
    return refusedAnswer(
      {
        refusal: projectDenied(projectName, 'cloudmessaging.messages.create'),
        why:
          project === null
            ? `there is no project ${projectName} in the settings`
            : `the account belongs to ${judged.caller.project}, not to ${projectName}`,
      },
      user,
    );
  if ('refusal' in parsed) return refusedAnswer(parsed, user);
  const caller = withProjectCheck(judged.caller, project.id);
  return answerSend(request, parsed.request, caller, project, ports, limits);
}

/** Whether the account is let into the project, where projects are fixed. */
export function mayUse({ project }: Caller, { id, number }: FcmProject, fixed: boolean): boolean {
  return !fixed || project === null || project === id || project === number;
}

function answerSend(
  request: ProviderRequest,
  send: SendRequest,
  caller: Caller,
  project: FcmProject,
  ports: FcmPorts,
  limits: RateLimits,
): ProviderAnswer {
  const own = request.own === null ? null : ports.ownOrders(request.own);
  const orders =
    request.own === null
      ? ports.desk.orders(factsOf(request, send, project.id, ports))
      : (own?.orders ?? noOrders);
  const effects = effectsOf(orders);
  for (const { cause, action, point } of effects.done)
    own?.carriedOut({ recipient: recipientOf(send.target), cause, action: action.do, point });
  const scope = request.own === null ? project : null;
  const sending: Sending = { request, scope, send, caller, project, orders, own };
  if (effects.refusal !== null)
    return withEffects(
      refusedAnswer({ refusal: effects.refusal.reply, why: effects.refusal.why }, caller.account),
      effects,
    );
  const settings = ports.settings();
  const overProject = limits.ofProject(project.id, settings);
  if (overProject !== null) return refusedAnswer(quotaRefusal(overProject), caller.account);
  const targets = targetsOf(sending, ports);
  if ('refusal' in targets) return withEffects(refusedAnswer(targets, caller.account), effects);
  const overSize = sizeFault(send, targets);
  if (overSize !== null) return withEffects(refusedAnswer(overSize, caller.account), effects);
  if (send.validateOnly)
    return withEffects(
      acceptedAnswer(`projects/${project.id}/messages/fake_message_id`, caller.account),
      effects,
    );
  const [only] = targets;
  if (send.target.kind === 'token' && only !== undefined) {
    const over = limits.ofDevice(
      {
        token: only.device.token,
        android: only.platform === 'android',
        collapsible: only.terms.collapseKey !== null || isNotification(send.message),
      },
      settings,
    );
    if (over !== null) return withEffects(refusedAnswer(quotaRefusal(over), caller.account), effects);
  }
  const name = `projects/${project.id}/messages/${messageIdOf(send.target, ports)}`;
  return withEffects(
    {
      ...acceptedAnswer(name, caller.account),
      take: (exchange) => take(sending, targets, name, exchange, ports),
      unstored: () => unstored,
    },
    effects,
  );
}

const unstored = errorReply('UNAVAILABLE', { retryAfterS: 10 });

/** Whose the tokens are that a request is for; or why it is refused. */
function targetsOf({ send, scope, orders, own }: Sending, ports: FcmPorts): readonly Target[] | Refused {
  const { target, message } = send;
  const reader = targetReader(send, ports);
  if (target.kind === 'token') {
    const addressee = addresseeOf(target.token, scope);
    if (!send.validateOnly) ports.farSide.prepare(addressee, orders.after);
    const located = ports.farSide.locate(addressee);
    switch (located.kind) {
      case 'found': {
        const { device } = located;
        if (scope !== null && !isAppOf(scope, device.app))
          return mismatch(`${device.app} is no app of the project ${scope.id}`);
        const wanted = objectAt(message, 'android').restricted_package_name;
        // Of a phone made on the fly the package is not known.
        const known = device.app !== scope?.id;
        return known && typeof wanted === 'string' && wanted !== '' && wanted !== device.app
          ? wrongPackage(wanted, device.app)
          : [reader(device)];
      }
      case 'unregistered':
        return {
          refusal: errorReply('UNREGISTERED'),
          why: `the app was uninstalled, or the token replaced, at ${new Date(located.sinceMs).toISOString()}`,
        };
      case 'otherApp':
        return mismatch(`the token belongs to ${located.app}`);
      case 'otherEnvironment':
      case 'unknown':
        return {
          refusal: errorReply('INVALID_ARGUMENT', {
            message: 'The registration token is not a valid FCM registration token',
          }),
          why: 'nobody has that registration token, and the setting makes no phone of it',
        };
      default:
        return located satisfies never;
    }
  }
  const matches = (topics: readonly string[]): boolean =>
    target.kind === 'topic' ? topics.includes(target.topic) : conditionHolds(target.condition, topics);
  const audience = { provider: 'fcm', app: scope?.id ?? null, matches } as const;
  const changesDevices = orders.after.some(
    ({ action }) => action.do === 'offline' || action.do === 'uninstall',
  );
  if (changesDevices && own === null && !send.validateOnly)
    for (const { token } of ports.farSide.members(audience))
      ports.farSide.prepare(addresseeOf(token, scope), orders.after);
  return ports.farSide
    .members(audience)
    .filter(({ app }) => scope === null || isAppOf(scope, app))
    .map(reader);
}

/** A phone that was made on the fly has the project in the place of its app. */
function isAppOf({ id, apps }: FcmProject, app: string): boolean {
  return apps.length === 0 || apps.includes(app) || app === id;
}

/** Reads the payload once for each platform, however many devices there are. */
function targetReader({ message }: SendRequest, ports: FcmPorts): (device: LocatedDevice) => Target {
  const contents = new Map<Platform, PushContent>();
  const now = { virtualMs: ports.virtualMs(), wallMs: ports.clock.wallMs() };
  return (device) => {
    const platform = device.platform ?? 'android';
    const content = contents.get(platform) ?? readFcmMessage(message, platform).content;
    contents.set(platform, content);
    return { device, platform, content, terms: termsOf(message, platform, now) };
  };
}

function sizeFault({ message, target }: SendRequest, targets: readonly Target[]): Refused | null {
  const bytesMax = target.kind === 'token' ? messageBytesMax : topicMessageBytesMax;
  const platforms = new Set<Platform>(targets.map(({ platform }) => platform));
  // A topic that nobody takes part in has a limit all the same.
  if (platforms.size === 0) platforms.add('android');
  for (const platform of platforms) {
    const bytes = payloadBytes(message, platform);
    if (bytes <= bytesMax) continue;
    const description = tooBigText(platform);
    return {
      refusal: badFieldsReply([{ field: 'message', description }], true),
      why: `keys and values have ${bytes} bytes: at most ${bytesMax} are taken`,
    };
  }
  return null;
}

async function take(
  sending: Sending,
  targets: readonly Target[],
  name: string,
  exchange: FinishedExchange,
  ports: FcmPorts,
): Promise<void> {
  const { request, orders, own } = sending;
  const messageId = request.own?.messageId ?? ports.newId();
  const single = targets.length === 1;
  const pushes = targets.map(
    ({ device, content, terms }): AcceptedPush => ({
      id: ports.newId(),
      device,
      messageId,
      // One delivery of our own to a topic is not where each of its devices is.
      deliveryId: request.own === null ? ports.newId() : single ? request.own.deliveryId : null,
      content,
      ...terms,
      after: orders.after,
    }),
  );
  const plan = ports.farSide.plan(pushes);
  try {
    if (request.own === null) await accept(sending, messageId, name, exchange, plan, pushes, ports);
    else await ports.store.keepPushes(plan);
  } catch (error) {
    plan.undo();
    throw error;
  }
  ports.farSide.settled(plan);
  for (const { cause, action, point } of orders.after)
    own?.carriedOut({ recipient: recipientOf(sending.send.target), cause, action: action.do, point });
}

async function accept(
  { request, send, caller, project, orders }: Sending,
  messageId: string,
  name: string,
  { part, end }: FinishedExchange,
  plan: KeptPushes,
  pushes: readonly AcceptedPush[],
  ports: FcmPorts,
): Promise<void> {
  const nowMs = ports.virtualMs();
  const recipient = recipientOf(send.target);
  await ports.intake.accept({
    id: messageId,
    channel: 'push',
    door: 'fcm',
    user: caller.account,
    envelopeFrom: project.id,
    envelopeTo: [recipient],
    envelopeParameters: null,
    spooled: [],
    tail: request.body,
    head: request.body,
    bytes: request.body.byteLength,
    exchange: part.end === undefined ? { ...part, end } : part,
    delivery: {
      nowMs,
      to: deliveriesOf(pushes, plan, recipient, nowMs, ports).map((one) => withHold(one, orders.after)),
    },
    details: { ...noDetails, push: detailsOf(request, send, caller, project, name, ports) },
    pushes: plan,
  });
}

/** One for each device; one to nobody where nobody takes part. */
function deliveriesOf(
  pushes: readonly AcceptedPush[],
  { puts }: KeptPushes,
  recipient: string,
  nowMs: number,
  ports: FcmPorts,
): readonly NewDelivery[] {
  const about = { host: fcmHost, stream: 'transactional', nowMs } as const;
  if (pushes.length === 0) return [deliveryOf(null, { ...about, id: ports.newId(), recipient })];
  const byDelivery = new Map<string, NewPush>();
  // A duplicate comes behind the first, which is the one that the delivery goes by.
  for (const put of puts)
    if (put.deliveryId !== null && !byDelivery.has(put.deliveryId)) byDelivery.set(put.deliveryId, put);
  return pushes.flatMap(({ deliveryId, device }) =>
    deliveryId === null
      ? []
      : [
          deliveryOf(byDelivery.get(deliveryId) ?? null, {
            ...about,
            id: deliveryId,
            recipient: device.token,
          }),
        ],
  );
}

function detailsOf(
  request: ProviderRequest,
  { target, message }: SendRequest,
  { credentials }: Caller,
  project: FcmProject,
  name: string,
  ports: FcmPorts,
): PushDetails {
  // What the list shows is Android's view; each device has its own.
  const terms = termsOf(message, 'android', {
    virtualMs: ports.virtualMs(),
    wallMs: ports.clock.wallMs(),
  });
  return {
    provider: 'fcm',
    target:
      target.kind === 'token'
        ? { kind: 'token', value: target.token }
        : target.kind === 'topic'
          ? { kind: 'topic', value: target.topic }
          : { kind: 'condition', value: target.text },
    app: project.id,
    environment: null,
    pushType: null,
    priority: terms.priority,
    collapseKey: terms.collapseKey,
    expiresAtMs: terms.expiresAtMs,
    nowOrNever: terms.nowOrNever,
    providerId: name,
    headers: request.fields.entries.map(([field, value]) =>
      field === 'authorization'
        ? ([field, 'Bearer ***'] as const)
        : ([field, secretFields.has(field) ? '***' : value] as const),
    ),
    credentials,
    plain: null,
  };
}

function factsOf(
  request: ProviderRequest,
  { target, message }: SendRequest,
  project: string,
  { desk }: FcmPorts,
): Facts {
  return pushFacts(desk, {
    door: 'fcm',
    provider: 'fcm',
    app: project,
    recipient: recipientOf(target),
    fields: request.fields.entries,
    bytes: request.body.byteLength,
    // Which platforms it is for is not known before somebody looks at the devices.
    content: readFcmMessage(message, 'android').content,
    same: request.body,
    exchangeId: request.id,
  });
}

function addresseeOf(token: string, scope: FcmProject | null): Addressee {
  return { provider: 'fcm', token, app: scope?.id ?? null, environment: null };
}

/** As lists and rules have it. */
export function recipientOf(target: SendTarget): string {
  switch (target.kind) {
    case 'token':
      return target.token;
    case 'topic':
      return `/topics/${target.topic}`;
    case 'condition':
      return target.text;
    default:
      return target satisfies never;
  }
}

/** As FCM numbers them: by the microsecond and something random for a device, a number for a topic. */
function messageIdOf(target: SendTarget, ports: FcmPorts): string {
  const random = Buffer.from(ports.randomBytes(8));
  if (target.kind !== 'token') return random.readBigUInt64BE().toString().padStart(19, '1').slice(-19);
  const microseconds =
    BigInt(Math.floor(ports.clock.wallMs())) * 1000n + BigInt(random.readUInt16BE() % 1000);
  return `0:${microseconds}%${random.toString('hex')}`;
}

function mismatch(why: string): Refused {
  return { refusal: errorReply('SENDER_ID_MISMATCH'), why };
}

/** Source: the error codes' page names it among the causes of INVALID_ARGUMENT. */
function wrongPackage(wanted: string, actual: string): Refused {
  const field = 'message.android.restricted_package_name';
  return {
    refusal: badFieldsReply([{ field, description: 'Invalid package name' }], true),
    why: `${field} is ${wanted}, and the token belongs to ${actual}`,
  };
}

function quotaRefusal({ subject, description, retryAfterS }: Exceeded): Refused {
  return {
    refusal: errorReply('QUOTA_EXCEEDED', {
      message: description,
      details: [quotaFailure(subject, description)],
      retryAfterS,
    }),
    why: description,
  };
}

function acceptedAnswer(name: string, user: string | null): ProviderAnswer {
  return { reply: jsonReply(200, { name }), refused: null, user };
}

export function refusedAnswer({ refusal, why }: Refused, user: string | null = null): ProviderAnswer {
  return { reply: refusal, refused: why, user };
}

function withEffects(
  answer: ProviderAnswer,
  { connection, lateMs, bytesPerSecond }: Effects,
): ProviderAnswer {
  return {
    ...answer,
    ...(connection === null ? {} : { connection }),
    ...(lateMs === 0 ? {} : { lateMs }),
    ...(bytesPerSecond === null ? {} : { bytesPerSecond }),
  };
}
