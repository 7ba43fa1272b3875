/** Which path is what. */
import type { ProviderAnswer, ProviderHandler } from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { judgeAccessKey } from './credentials.ts';
import { deleteMessage, listMessages, readMessage } from './read-back.ts';
import { codeReply, json } from './reply.ts';
import { sendMessage } from './send.ts';

const messagesPath = /^\/(messages|mms)(?:\/([^/]*))?$/;

export function createMessagebirdHandler(ports: SmsDoorPorts): ProviderHandler {
  return (request) => {
    const { method, path } = request;
    const query = new URLSearchParams(request.query);
    const caller = judgeAccessKey(
      request.fields,
      query,
      ports.farSide.settings().credentials.messagebird ?? [],
    );
    if (caller.kind === 'refused') return { reply: codeReply('2'), refused: caller.why, user: null };
    const { account } = caller;
    if (path === '/balance' && method === 'GET')
      return {
        reply: json(200, { payment: 'prepaid', type: 'credits', amount: 9.2 }),
        refused: null,
        user: account,
      };
    const [, room, id = ''] = messagesPath.exec(path) ?? [];
    if (room === undefined) return unknownPath(method, path, account);
    const kind = room === 'mms' ? 'mms' : 'sms';
    if (id === '' && method === 'POST') return sendMessage(kind, request, account, ports);
    if (id === '' && method === 'GET') return listMessages(kind, query, account, ports);
    if (id !== '' && method === 'GET') return readMessage(kind, id, account, ports);
    if (id !== '' && method === 'DELETE') return deleteMessage(kind, id, account, ports);
    return {
      reply: codeReply('21', { text: 'Method not allowed', status: 405 }),
      refused: `${path} does not take ${method}`,
      user: account,
    };
  };
}

function unknownPath(method: string, path: string, account: string): ProviderAnswer {
  return {
    reply: codeReply('98'),
    refused: `${method} ${path} is nothing that Sandpost plays of MessageBird: messages, mms and balance are`,
    user: account,
  };
}
