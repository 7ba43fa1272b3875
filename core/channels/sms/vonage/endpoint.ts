/** Which path is what: the SMS API and Account (rest.nexmo.com), the Messages API (api.nexmo.com). */
import type {
  ProviderAnswer,
  ProviderHandler,
  ProviderRequest,
} from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { judgeKey } from './credentials.ts';
import { readParameters } from './parameters.ts';
import { json, notFoundProblem, type Problem, remainingBalance, unauthorizedProblem } from './reply.ts';
import { refusal, sendMessage } from './send-message.ts';
import { sendSms } from './send-sms.ts';

const messagePath = /^\/v1\/messages\/[^/]+$/;

export function createVonageHandler(ports: SmsDoorPorts): ProviderHandler {
  return (request) => {
    const { method, path } = request;
    if (path === '/sms/json' && (method === 'POST' || method === 'GET')) return sendSms(request, ports);
    if (path === '/sms/xml')
      return refusal(
        { ...notFoundProblem, detail: 'The sandbox answers in JSON: send to /sms/json.' },
        '/sms/xml is not played: send to /sms/json',
        null,
        ports,
      );
    if (path === '/account/get-balance' && method === 'GET') return balance(request, ports);
    if (path === '/v1/messages')
      return method === 'POST'
        ? sendMessage(request, ports)
        : refusal(noMethod, `/v1/messages takes POST, not ${method}`, null, ports);
    if (messagePath.test(path) && method === 'PATCH')
      return refusal(
        {
          status: 422,
          type: 'https://developer.vonage.com/api-errors/messages#1140',
          title: 'Facility not allowed',
          detail: 'Only messages of RCS can be revoked, and only those of WhatsApp marked as read.',
        },
        'an SMS can be neither revoked nor marked as read',
        null,
        ports,
      );
    return refusal(
      notFoundProblem,
      `${method} ${path} is nothing that Sandpost plays of Vonage`,
      null,
      ports,
    );
  };
}

const noMethod: Problem = {
  status: 405,
  type: 'https://developer.vonage.com/api-errors#method-not-allowed',
  title: 'Method Not Allowed',
  detail: 'This resource takes POST.',
};

function balance(request: ProviderRequest, ports: SmsDoorPorts): ProviderAnswer {
  const read = readParameters(request.query, '', '');
  const parameters = read.kind === 'read' ? read.parameters : new Map<string, string>();
  const caller = judgeKey(parameters, request.fields, {
    fixed: ports.farSide.settings().credentials.vonage ?? [],
    signatureSecret: ports.secrets.own('vonage'),
    wallMs: ports.clock.wallMs(),
  });
  if (caller.kind === 'refused') return refusal(unauthorizedProblem, caller.why, null, ports);
  return {
    reply: json(200, { value: Number(remainingBalance), autoReload: false }),
    refused: null,
    user: caller.account,
  };
}
