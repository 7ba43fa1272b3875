/** What a request would be at Vonage: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { answeredJson, listAt, wordAt } from '../answered-json.ts';
import type { SmsSaid } from '../client.ts';
import { smsPassing } from '../passing.ts';
import { vonageDialect } from './client.ts';
import { maskParameters, readParameters } from './parameters.ts';
import { internalProblem, problemReply, smsFaultReply } from './reply.ts';
import { messagesHost, vonageHost } from './schema.ts';

export function vonagePassing(request: WholeRequest, trace: () => string): Passing | null {
  const { method, path } = request;
  if (path === '/v1/messages' && method === 'POST') return messagePassing(request, trace);
  return path === '/sms/json' && (method === 'POST' || method === 'GET') ? textPassing(request) : null;
}

function textPassing(request: WholeRequest): Passing {
  const body = Buffer.from(request.body).toString('utf8');
  const read = readParameters(request.query, request.fields.get('content-type') ?? '', body);
  const parameters = read.kind === 'read' ? read.parameters : new Map<string, string>();
  const to = parameters.get('to');
  const shown = body === '' ? new URLSearchParams([...parameters]).toString() : body;
  return smsPassing(request, vonageDialect, {
    host: vonageHost,
    api: 'sms',
    account: parameters.get('api_key') ?? basicUser(request.fields.get('authorization')) ?? '',
    sender: parameters.get('from') ?? '',
    to: to === undefined || isElsewhereToo(request.query, to) ? null : [to],
    text: parameters.get('text') ?? parameters.get('body') ?? '',
    callbackUrl: parameters.get('callback') ?? null,
    reference: parameters.get('client-ref') ?? null,
    body: Buffer.from(maskParameters(shown)),
    unavailable: () => smsFaultReply({ code: '5' }),
  });
}

/** The query names somebody else than the body: whom Vonage would take, nobody knows here. */
function isElsewhereToo(query: string, to: string): boolean {
  return new URLSearchParams(query).getAll('to').some((one) => one !== to);
}

function messagePassing(request: WholeRequest, trace: () => string): Passing {
  const said = answeredJson(Buffer.from(request.body).toString('utf8'));
  // What is sent where the first does not arrive.
  const ways = [said, ...listAt(said, 'failover')];
  const to = ways.flatMap((way) => wordAt(way, 'to') ?? []);
  const isSms = ways.every((way) => ['sms', 'mms'].includes(wordAt(way, 'channel') ?? ''));
  return smsPassing(request, vonageDialect, {
    host: messagesHost,
    api: 'messages',
    account: basicUser(request.fields.get('authorization')) ?? '',
    sender: wordAt(said, 'from') ?? '',
    to: isSms && to.length === ways.length ? to : null,
    text: wordAt(said, 'text') ?? '',
    callbackUrl: wordAt(said, 'webhook_url'),
    reference: wordAt(said, 'client_ref'),
    said: readMessage,
    unavailable: () => problemReply(internalProblem, trace()),
  });
}

/** The Messages API has words of its own. */
function readMessage(status: number, text: string): SmsSaid {
  const answer = answeredJson(text);
  const id = wordAt(answer, 'message_uuid');
  if (status === 202 && id !== null) return { kind: 'taken', providerId: id, status: 'submitted' };
  const [, code = null] = /#(\d+)$/.exec(wordAt(answer, 'type') ?? '') ?? [];
  const words = [wordAt(answer, 'title'), wordAt(answer, 'detail')].filter((one) => one !== null);
  return { kind: 'refused', code, text: words.join(': ') };
}

function basicUser(field: string | null): string | null {
  const [, given] = /^Basic +(\S+)$/i.exec(field?.trim() ?? '') ?? [];
  if (given === undefined) return null;
  const said = Buffer.from(given, 'base64').toString('utf8');
  const colon = said.indexOf(':');
  return colon < 1 ? null : said.slice(0, colon);
}
