/** Which path is what: FCM itself, Google's accounts and Instance ID, the metadata server. */
import type { ProviderAnswer, ProviderRequest } from '../../doors/http/provider-request.ts';
import { messageOf } from '../../model/app-error.ts';
import { decoded } from './escapes.ts';
import { answerToken } from './oauth.ts';
import type { FcmPorts } from './ports.ts';
import { errorReply } from './reply.ts';
import { createSend, refusedAnswer } from './send.ts';
import {
  batchSubscriptions,
  createSubscription,
  deleteSubscription,
  instanceInfo,
  relate,
} from './topics.ts';

const sendPath = /^\/v1\/projects\/([^/]+)\/messages:send$/;
const subscriptionsPath =
  /^\/v1\/projects\/([^/]+)\/registrations\/([^/]+)\/topicSubscriptions(?:\/([^/]+))?$/;
const infoPath = /^\/iid\/info\/([^/]+)$/;
const relationPath = /^\/iid\/v1\/([^/]+)\/rel\/topics\/([^/]+)$/;
const tokenPaths = new Set(['/token', '/o/oauth2/token', '/oauth2/v3/token', '/oauth2/v4/token']);

/** @returns a handler that may be told another path than the request's own */
export function createFcmHandler(
  ports: FcmPorts,
): (request: ProviderRequest, path?: string) => ProviderAnswer | Promise<ProviderAnswer> {
  const send = createSend(ports);
  return (request, path = request.path) => {
    const [, sendProject] = sendPath.exec(path) ?? [];
    if (sendProject !== undefined)
      return request.method === 'POST' ? send(request, decoded(sendProject)) : noMethod(request, path);
    const [, project, token, topic] = subscriptionsPath.exec(path) ?? [];
    if (project !== undefined && token !== undefined) {
      const [of, whose] = [decoded(project), decoded(token)];
      if (topic === undefined && request.method === 'POST')
        return onceWritten(createSubscription(request, of, whose, ports), ports);
      if (topic !== undefined && request.method === 'DELETE')
        return onceWritten(deleteSubscription(request, of, whose, decoded(topic), ports), ports);
    }
    return noMethod(request, path);
  };
}

export function createGoogleHandler(
  ports: FcmPorts,
): (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer> {
  return (request) => {
    const { path, method } = request;
    if (tokenPaths.has(path)) return answerToken(request, ports);
    if (method === 'POST' && path === '/iid/v1:batchAdd')
      return onceWritten(batchSubscriptions(request, 'add', ports), ports);
    if (method === 'POST' && path === '/iid/v1:batchRemove')
      return onceWritten(batchSubscriptions(request, 'remove', ports), ports);
    const [, infoToken] = infoPath.exec(path) ?? [];
    if (infoToken !== undefined && (method === 'GET' || method === 'POST'))
      return instanceInfo(request, decoded(infoToken), ports);
    const [, token, topic] = relationPath.exec(path) ?? [];
    if (token !== undefined && topic !== undefined && method === 'POST')
      return onceWritten(relate(request, decoded(token), decoded(topic), ports), ports);
    return noMethod(request, path);
  };
}

/** The yes to a change of topics comes after the disk's, as that to a message. */
async function onceWritten(answer: ProviderAnswer, { farSide }: FcmPorts): Promise<ProviderAnswer> {
  if (answer.refused !== null) return answer;
  try {
    await farSide.written();
    return answer;
  } catch (error) {
    return refusedAnswer(
      {
        refusal: errorReply('UNAVAILABLE', { retryAfterS: retryUnstoredS }),
        why: `it could not be stored: ${messageOf(error)}`,
      },
      answer.user ?? null,
    );
  }
}

const retryUnstoredS = 10;

/** What no longer is says so: requests of the legacy API end here too. */
function noMethod({ method }: ProviderRequest, path: string): ProviderAnswer {
  const why =
    path === '/fcm/send' || path === '/batch'
      ? `${path} was the legacy API, which Google shut down in 2024: send to /v1/projects/{project}/messages:send`
      : `${method} ${path} is nothing that the API has`;
  return refusedAnswer({ refusal: errorReply('NOT_FOUND', { message: 'Method not found.' }), why });
}
