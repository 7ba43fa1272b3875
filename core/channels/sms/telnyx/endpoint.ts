/** Which path of api.telnyx.com is what. */
import type { ProviderAnswer, ProviderHandler } from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { judgeCredentials } from './credentials.ts';
import type { SendKind } from './parse.ts';
import { createProfileBook } from './profiles.ts';
import { answerCancel, answerGroup, answerRead } from './read.ts';
import { errorReply, jsonReply } from './reply.ts';
import { createSend, refusedAnswer } from './send.ts';
import { answerSetup } from './setup.ts';

/** By which something is sent. */
export const sendPaths: Readonly<Record<string, SendKind>> = {
  '/v2/messages': 'any',
  '/v2/messages/schedule': 'schedule',
  '/v2/messages/long_code': 'long_code',
  '/v2/messages/short_code': 'short_code',
  '/v2/messages/number_pool': 'number_pool',
  '/v2/messages/alphanumeric_sender_id': 'alphanumeric_sender_id',
  '/v2/messages/group_mms': 'group_mms',
};
/** Nothing is charged here, so nothing is ever used up. */
const balance = {
  record_type: 'balance',
  pending: '0.00',
  balance: '100.00',
  credit_limit: '0.00',
  available_credit: '100.00',
  currency: 'USD',
};
const messagePath = /^\/v2\/messages\/([^/]+)$/;
const groupPath = /^\/v2\/messages\/group\/([^/]+)$/;

export function createTelnyxHandler(ports: SmsDoorPorts): ProviderHandler {
  const profiles = createProfileBook(ports);
  const send = createSend(ports, profiles);
  return async (request): Promise<ProviderAnswer> => {
    const { method, path } = request;
    const kind = sendPaths[path];
    if (method === 'POST' && kind !== undefined) return send(request, kind);
    const judged = judgeCredentials(request, ports.farSide.settings().credentials.telnyx ?? []);
    if ('refused' in judged) return refusedAnswer(errorReply('10009'), judged.refused, null);
    const { organization } = judged;
    if (path === '/v2/balance' && method === 'GET')
      return { reply: jsonReply(200, { data: balance }), refused: null, user: organization };
    const [, group] = groupPath.exec(path) ?? [];
    if (group !== undefined && method === 'GET') return answerGroup(group, organization, ports);
    const [, id] = messagePath.exec(path) ?? [];
    if (id !== undefined && method === 'GET') return answerRead(id, organization, ports);
    if (id !== undefined && method === 'DELETE') return answerCancel(id, organization, ports);
    const setup = await answerSetup(request, organization, ports, profiles);
    return (
      setup ??
      refusedAnswer(
        errorReply('10005'),
        `${method} ${path} is nothing that this fake of Telnyx has`,
        organization,
      )
    );
  };
}
