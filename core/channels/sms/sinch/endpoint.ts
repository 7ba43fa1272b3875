/** Which path is what: the SMS API under /xms/v1/{service plan or project}, and the OAuth 2.0 token endpoint. */
import type {
  ProviderAnswer,
  ProviderHandler,
  ProviderRequest,
} from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { cancelBatch, dryRun, replaceBatch, sendBatch, takeFeedback, updateBatch } from './batches.ts';
import { answerToken, credentialsRefusal } from './credentials.ts';
import {
  getBatch,
  getBatchReport,
  getInbound,
  getRecipientReport,
  listBatches,
  listInbounds,
  listReports,
} from './reading.ts';
import { refused } from './reply.ts';

type Answer = ProviderAnswer | Promise<ProviderAnswer>;

const apiPath = /^\/xms\/v1\/([^/]+)((?:\/[^/]+)*)\/?$/;

export function sinchHandler(ports: SmsDoorPorts): ProviderHandler {
  return (request) => {
    if (request.path === '/oauth2/token') return answerToken(request, ports);
    const [, plan, rest] = apiPath.exec(request.path) ?? [];
    if (plan === undefined || rest === undefined)
      return refused({
        error: 'resource_not_found',
        why: `${request.path} is nothing that Sinch has: the SMS API is at /xms/v1/{service_plan_id}/batches`,
      });
    const account = decoded(plan);
    return credentialsRefusal(request, account, ports) ?? answered(request, account, rest, ports);
  };
}

function answered(request: ProviderRequest, account: string, rest: string, ports: SmsDoorPorts): Answer {
  const { method } = request;
  const [room, first, second, third, ...more] = rest.split('/').slice(1).map(decoded);
  if (more.length > 0) return nothing(request, account);
  switch (room) {
    case 'batches':
      if (first === undefined) {
        if (method === 'POST') return sendBatch(request, account, ports);
        return method === 'GET' ? listBatches(request, account, ports) : noMethod(request, account);
      }
      if (first === 'dry_run' && second === undefined)
        return method === 'POST' ? dryRun(request, account, ports) : noMethod(request, account);
      return ofBatch(request, account, first, [second, third], ports);
    case 'delivery_reports':
      if (first !== undefined) return nothing(request, account);
      return method === 'GET' ? listReports(request, account, ports) : noMethod(request, account);
    case 'inbounds':
      if (second !== undefined) return nothing(request, account);
      if (method !== 'GET') return noMethod(request, account);
      return first === undefined ? listInbounds(request, account, ports) : getInbound(account, first, ports);
    case 'groups':
      return refused(
        {
          error: 'resource_not_found',
          why: 'the sandbox keeps no groups: send to the numbers themselves',
        },
        account,
      );
    default:
      return nothing(request, account);
  }
}

function ofBatch(
  request: ProviderRequest,
  account: string,
  id: string,
  [what, recipient]: readonly (string | undefined)[],
  ports: SmsDoorPorts,
): Answer {
  const { method } = request;
  if (what === undefined)
    switch (method) {
      case 'GET':
        return getBatch(account, id, ports);
      case 'POST':
        return updateBatch(request, account, id, ports);
      case 'PUT':
        return replaceBatch(request, account, id, ports);
      case 'DELETE':
        return cancelBatch(account, id, ports);
      default:
        return noMethod(request, account);
    }
  if (what === 'delivery_report') {
    if (method !== 'GET') return noMethod(request, account);
    return recipient === undefined
      ? getBatchReport(request, account, id, ports)
      : getRecipientReport(account, id, recipient, ports);
  }
  if (what === 'delivery_feedback' && recipient === undefined)
    return method === 'POST' ? takeFeedback(request, account, id, ports) : noMethod(request, account);
  return nothing(request, account);
}

function nothing({ method, path }: ProviderRequest, account: string): ProviderAnswer {
  return refused(
    { error: 'resource_not_found', why: `${method} ${path} is nothing that the SMS API has` },
    account,
  );
}

function noMethod({ method, path }: ProviderRequest, account: string): ProviderAnswer {
  return refused({ error: 'method_not_allowed', why: `${method} is not what ${path} takes` }, account);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    // Not percent-encoded right: it is what it is.
    if (error instanceof URIError) return part;
    throw error;
  }
}
