/** Which path is what. */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { judgeCredentials, mayUse } from './credentials.ts';
import type { TwilioDoor } from './door.ts';
import { type Form, readForm } from './form.ts';
import { isRefused, type Refused, refusedAnswer } from './reply.ts';
import { createMessage } from './send.ts';

export type Answer = ProviderAnswer | Promise<ProviderAnswer>;

const accountsPath = '/2010-04-01/Accounts/';
const utf8 = new TextDecoder();

export function createHandler(door: TwilioDoor): (request: ProviderRequest) => Answer {
  return (request) => {
    const caller = judgeCredentials(
      request.fields.get('authorization'),
      door.farSide.settings().credentials.twilio ?? [],
    );
    if (isRefused(caller)) return refusedAnswer(caller, door.newSid, null);
    const { path } = request;
    if (!path.startsWith(accountsPath)) return refusedAnswer(notFound(path), door.newSid, caller.user);
    const [account = '', resource = ''] = path
      .slice(accountsPath.length)
      .replace(/\.json$/, '')
      .split('/');
    const refused = mayUse(caller, account);
    if (refused !== null) return refusedAnswer(refused, door.newSid, caller.user);
    if (resource === 'Messages' && request.method === 'POST')
      return createMessage(request, account, caller, formOf(request), door);
    return refusedAnswer(notFound(path), door.newSid, caller.user);
  };
}

export function formOf(request: ProviderRequest): Form {
  return readForm(utf8.decode(request.body));
}

export function notFound(path: string, why = `nothing is at ${path}`): Refused {
  return { code: 20404, words: { resource: path }, why };
}
