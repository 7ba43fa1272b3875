/**
 * Who takes part in which topic: by FCM v1 (`registrations/{token}/topicSubscriptions`), and by the Instance ID service
 * before it (`iid/v1:batchAdd`, `iid/info`).
 * Source: https://developers.google.com/instance-id/reference/server for the old one; the new one as Google's own SDKs use
 * it (firebase-admin 14.5).
 */
import type { Addressee } from '../../delivery/push-far-side.ts';
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../doors/http/provider-request.ts';
import { judgeCredentials, projectDenied } from './credentials.ts';
import { isToken, readTopic } from './parse.ts';
import type { FcmPorts } from './ports.ts';
import { badFieldsReply, errorReply, jsonReply } from './reply.ts';
import { mayUse, refusedAnswer } from './send.ts';
import { projectOf } from './settings.ts';

/** "An app instance can be subscribed to no more than 2000 topics." */
export const topicsMax = 2_000;
/** "You can include up to 1,000 app instances in a single request." */
export const batchTokensMax = 1_000;
const service = 'google.firebase.fcm.v1.RegistrationsService';

type Subscribed = 'done' | 'there already' | 'not there' | 'unknown' | 'malformed' | 'too many';

/** `POST …/topicSubscriptions?topic_name=` */
export function createSubscription(
  request: ProviderRequest,
  project: string,
  token: string,
  ports: FcmPorts,
): ProviderAnswer {
  const denied = deniedV1(request, project, 'CreateTopicSubscription', ports);
  if (denied !== null) return denied;
  const given = new URLSearchParams(request.query);
  const topic = readTopic(given.get('topic_name') ?? given.get('topicName') ?? bodyTopic(request) ?? '');
  if (topic === null)
    return refusedAnswer({
      refusal: badFieldsReply([{ field: 'topic_name', description: 'Malformed topic name' }], true),
      why: 'topic_name is no name of a topic',
    });
  return answerV1(subscribe(addresseeOf(token, project), topic, ports), project, token, topic);
}

/** `DELETE …/topicSubscriptions/{topic}?allow_missing=true` */
export function deleteSubscription(
  request: ProviderRequest,
  project: string,
  token: string,
  topicName: string,
  ports: FcmPorts,
): ProviderAnswer {
  const denied = deniedV1(request, project, 'DeleteTopicSubscription', ports);
  if (denied !== null) return denied;
  const topic = readTopic(topicName);
  if (topic === null)
    return refusedAnswer({
      refusal: badFieldsReply([{ field: 'name', description: 'Malformed topic name' }], true),
      why: `${topicName} is no name of a topic`,
    });
  const result = unsubscribe(addresseeOf(token, project), topic, ports);
  const given = new URLSearchParams(request.query);
  const allowMissing = (given.get('allow_missing') ?? given.get('allowMissing')) === 'true';
  if (result === 'not there' && allowMissing) return taken({});
  return answerV1(result, project, token, topic);
}

/** `POST /iid/v1:batchAdd` and `:batchRemove`: one result for each token, in their order. */
export function batchSubscriptions(
  request: ProviderRequest,
  change: 'add' | 'remove',
  ports: FcmPorts,
): ProviderAnswer {
  const denied = deniedIid(request, ports);
  if (denied !== null) return denied;
  const body = bodyOf(request);
  const topic = typeof body?.to === 'string' && /^\/topics\//.test(body.to) ? readTopic(body.to) : null;
  if (topic === null)
    return iidRefusal(400, 'InvalidTopicName', '`to` is no topic: it looks like /topics/news');
  const tokens = Array.isArray(body?.registration_tokens) ? body.registration_tokens : [];
  if (tokens.length === 0)
    return iidRefusal(400, 'MissingAppInstances', '`registration_tokens` names no app instance');
  if (tokens.length > batchTokensMax)
    return iidRefusal(400, 'TooManyAppInstances', `more than ${batchTokensMax} app instances in one request`);
  const results = tokens.map((token: unknown) => {
    if (typeof token !== 'string' || !isToken(token, ports.settings().strictTokens))
      return { error: 'INVALID_ARGUMENT' };
    const who = { provider: 'fcm', token, app: null, environment: null } as const;
    const result = change === 'add' ? subscribe(who, topic, ports) : unsubscribe(who, topic, ports);
    return iidResult(result);
  });
  return taken({ results });
}

/** `POST /iid/v1/{token}/rel/topics/{topic}` */
export function relate(
  request: ProviderRequest,
  token: string,
  topicName: string,
  ports: FcmPorts,
): ProviderAnswer {
  const denied = deniedIid(request, ports);
  if (denied !== null) return denied;
  const topic = readTopic(topicName);
  if (topic === null) return iidRefusal(400, 'InvalidTopicName', `${topicName} is no name of a topic`);
  const result = subscribe({ provider: 'fcm', token, app: null, environment: null }, topic, ports);
  switch (result) {
    case 'done':
    case 'there already':
    case 'not there':
      return taken({});
    case 'malformed':
      return iidRefusal(400, 'InvalidToken', 'that is no registration token');
    case 'unknown':
      return iidRefusal(404, 'No information found about this instance id.', 'nobody has that token');
    case 'too many':
      return iidRefusal(400, 'TooManyTopics', `an app instance takes part in at most ${topicsMax} topics`);
    default:
      return result satisfies never;
  }
}

/** `GET /iid/info/{token}?details=true` */
export function instanceInfo(request: ProviderRequest, token: string, ports: FcmPorts): ProviderAnswer {
  const denied = deniedIid(request, ports);
  if (denied !== null) return denied;
  if (!isToken(token, ports.settings().strictTokens))
    return iidRefusal(400, 'InvalidToken', 'that is no registration token');
  const who = { provider: 'fcm', token, app: null, environment: null } as const;
  const topics = ports.farSide.topicsOf(who);
  const located = topics === null ? null : ports.farSide.locate(who);
  if (topics === null || located?.kind !== 'found')
    return iidRefusal(404, 'No information found about this instance id.', 'nobody has that token');
  const { device } = located;
  const details = new URLSearchParams(request.query).get('details') === 'true';
  const platform = device.platform ?? 'android';
  return taken({
    application: device.app,
    authorizedEntity: ports.settings().metadata.projectNumber,
    platform: { android: 'ANDROID', ios: 'IOS', browser: 'WEBPUSH' }[platform],
    attestStatus: 'NOT_ROOTED',
    scope: '*',
    ...(details ? { rel: { topics: Object.fromEntries(topics.map((topic) => [topic, {}])) } } : {}),
  });
}

function subscribe(who: Addressee, topic: string, ports: FcmPorts): Subscribed {
  if (!isToken(who.token, ports.settings().strictTokens)) return 'malformed';
  // Makes a phone of a token that nobody has, where the setting wants it so.
  if (ports.farSide.locate(who).kind !== 'found') return 'unknown';
  const topics = ports.farSide.topicsOf(who) ?? [];
  if (topics.includes(topic)) return 'there already';
  if (topics.length >= topicsMax) return 'too many';
  return ports.farSide.subscribe(who, topic) ? 'done' : 'unknown';
}

function unsubscribe(who: Addressee, topic: string, ports: FcmPorts): Subscribed {
  if (!isToken(who.token, ports.settings().strictTokens)) return 'malformed';
  if (ports.farSide.locate(who).kind !== 'found') return 'unknown';
  if (!(ports.farSide.topicsOf(who) ?? []).includes(topic)) return 'not there';
  return ports.farSide.unsubscribe(who, topic) ? 'done' : 'unknown';
}

function answerV1(result: Subscribed, project: string, token: string, topic: string): ProviderAnswer {
  switch (result) {
    case 'done':
      return taken({ name: `projects/${project}/registrations/${token}/topicSubscriptions/${topic}` });
    case 'there already':
      return refusedAnswer({
        refusal: errorReply('ALREADY_EXISTS'),
        why: `it takes part in ${topic} already; Google's SDKs take that for a yes`,
      });
    case 'not there':
      return refusedAnswer({
        refusal: errorReply('NOT_FOUND'),
        why: `it does not take part in ${topic}; with allow_missing=true that would be a yes`,
      });
    case 'unknown':
      return refusedAnswer({
        refusal: errorReply('UNREGISTERED'),
        why: 'nobody has that registration token (any more)',
      });
    case 'malformed':
      return refusedAnswer({
        refusal: errorReply('INVALID_ARGUMENT', {
          message: 'The registration token is not a valid FCM registration token',
        }),
        why: 'that is no registration token',
      });
    case 'too many': {
      const description = `An app instance can be subscribed to no more than ${topicsMax} topics.`;
      return refusedAnswer({
        refusal: errorReply('RESOURCE_EXHAUSTED', {
          message: description,
          details: [
            { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'TOO_MANY_TOPICS' },
          ],
        }),
        why: description,
      });
    }
    default:
      return result satisfies never;
  }
}

function iidResult(result: Subscribed): { readonly error?: string } {
  switch (result) {
    case 'done':
    case 'there already':
    case 'not there':
      return {};
    case 'unknown':
      return { error: 'NOT_FOUND' };
    case 'malformed':
      return { error: 'INVALID_ARGUMENT' };
    case 'too many':
      return { error: 'TOO_MANY_TOPICS' };
    default:
      return result satisfies never;
  }
}

function deniedV1(
  request: ProviderRequest,
  project: string,
  method: string,
  ports: FcmPorts,
): ProviderAnswer | null {
  const settings = ports.settings();
  const judged = judgeCredentials(request, {
    tokens: ports.tokens,
    wallMs: ports.clock.wallMs(),
    settings,
    method: `${service}.${method}`,
  });
  if ('refusal' in judged) return refusedAnswer(judged);
  const found = projectOf(settings, project);
  if (found !== null && mayUse(judged.caller, found, settings.projects.length > 0)) return null;
  return refusedAnswer(
    {
      refusal: projectDenied(project, 'cloudmessaging.messages.create'),
      why:
        found === null
          ? `there is no project ${project} in the settings`
          : `the account belongs to ${judged.caller.project}, not to ${project}`,
    },
    judged.caller.account,
  );
}

/** The service knows legacy server keys by `key=`, and OAuth by `Bearer` where the header says `access_token_auth`. */
function deniedIid(request: ProviderRequest, ports: FcmPorts): ProviderAnswer | null {
  const field = request.fields.get('authorization') ?? '';
  if (/^key=\S+$/i.test(field))
    return ports.settings().strict
      ? unauthorized('a legacy server key is no longer good: send an OAuth 2 access token')
      : null;
  if (request.fields.get('access_token_auth') !== 'true')
    return unauthorized(
      'the header “access_token_auth: true” is missing: without it the service wants a legacy server key',
    );
  const judged = judgeCredentials(request, {
    tokens: ports.tokens,
    wallMs: ports.clock.wallMs(),
    settings: ports.settings(),
    method: 'iid',
  });
  return 'refusal' in judged ? unauthorized(judged.why) : null;
}

/** As the service says it: no JSON. */
function unauthorized(why: string): ProviderAnswer {
  const body =
    '<HTML>\n<HEAD>\n<TITLE>Unauthorized</TITLE>\n</HEAD>\n<BODY BGCOLOR="#FFFFFF" TEXT="#000000">\n<H1>Unauthorized</H1>\n<H2>Error 401</H2>\n</BODY>\n</HTML>\n';
  return refusedAnswer({
    refusal: { status: 401, fields: [['content-type', 'text/html; charset=UTF-8']], body },
    why,
  });
}

function iidRefusal(status: number, error: string, why: string): ProviderAnswer {
  const refusal: ProviderReply = jsonReply(status, { error });
  return refusedAnswer({ refusal, why });
}

function taken(body: unknown): ProviderAnswer {
  return { reply: jsonReply(200, body), refused: null };
}

function addresseeOf(token: string, project: string): Addressee {
  return { provider: 'fcm', token, app: project, environment: null };
}

function bodyTopic(request: ProviderRequest): string | null {
  const body = bodyOf(request);
  const name = body?.topic_name ?? body?.topicName;
  return typeof name === 'string' ? name : null;
}

function bodyOf(request: ProviderRequest): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
