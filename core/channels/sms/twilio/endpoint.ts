/** Which path is what. */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { account as accountResource, balance } from './account.ts';
import { judgeCredentials, mayUse } from './credentials.ts';
import type { TwilioDoor } from './door.ts';
import { type Form, readForm } from './form.ts';
import {
  type Asking,
  listMessages,
  messageFeedback,
  messageMedia,
  noMethod,
  oneMessage,
  refuse,
} from './messages.ts';
import { listNumbers, oneNumber } from './numbers.ts';
import { errorReply, isRefused, type Refused, refusedAnswer } from './reply.ts';
import { createMessage } from './send.ts';
import { serviceResource } from './services.ts';
import { isSid } from './sids.ts';

type Answer = ProviderAnswer | Promise<ProviderAnswer>;

const accountsPath = '/2010-04-01/Accounts/';
const servicesPath = '/v1/Services';
const utf8 = new TextDecoder();

export function createHandler(door: TwilioDoor): (request: ProviderRequest) => Answer {
  return (request) => {
    const caller = judgeCredentials(
      request.fields.get('authorization'),
      door.farSide.settings().credentials.twilio ?? [],
    );
    if (isRefused(caller)) return refusedAnswer(caller, door.newSid, null);
    const { path } = request;
    const read = formOf(request);
    if (isRefused(read)) return refuse({ door, caller }, read);
    if (path.startsWith(accountsPath)) {
      const parts = path.slice(accountsPath.length).split('/');
      const account = (parts[0] ?? '').replace(/\.json$/, '');
      if (!isSid('AC', account)) return refuse({ door, caller }, notFound(path));
      const denied = mayUse(caller, account);
      if (denied !== null) return refuse({ door, caller }, denied);
      if (path.endsWith('.xml')) return refuse({ door, caller }, noXml);
      // What apps send most is not waited for.
      if (request.method === 'POST' && parts.length === 2 && isMessages(parts[1] ?? ''))
        return createMessage(request, account, caller, read, door);
      return stored(ofAccount({ request, caller, account, door }, parts.slice(1), read), door);
    }
    if (path === servicesPath || path.startsWith(`${servicesPath}/`))
      return stored(serviceResource({ request, caller, door }, path.slice(servicesPath.length), read), door);
    return refuse({ door, caller }, notFound(path));
  };
}

/** With the ending or without it: JSON is answered either way. */
function isMessages(name: string): boolean {
  return name === 'Messages.json' || name === 'Messages';
}

async function ofAccount(asking: Asking, parts: readonly string[], form: Form): Promise<ProviderAnswer> {
  const { request } = asking;
  const { method, path } = request;
  const names = parts.map((part) => part.replace(/\.json$/, ''));
  const [resource, sid, part, partSid] = names;
  const asJson = path.endsWith('.json');
  switch (resource) {
    case undefined:
      return method === 'GET' ? accountResource(asking) : refuse(asking, noMethod(request));
    case 'Balance':
      return method === 'GET' && names.length === 1 ? balance(asking) : refuse(asking, notFound(path));
    case 'Messages':
      if (sid === undefined)
        return method === 'GET' ? listMessages(asking) : refuse(asking, noMethod(request));
      if (names.length === 2) return oneMessage(asking, sid, form);
      if (part === 'Media' && names.length <= 4) return messageMedia(asking, sid, partSid ?? null, asJson);
      if (part === 'Feedback' && names.length === 3)
        return method === 'POST' ? messageFeedback(asking, sid, form) : refuse(asking, noMethod(request));
      return refuse(asking, notFound(path));
    case 'IncomingPhoneNumbers':
      if (names.length === 1) return listNumbers(asking, form);
      return names.length === 2 && sid !== undefined
        ? oneNumber(asking, sid, form)
        : refuse(asking, notFound(path));
    default:
      return refuse(asking, notFound(path));
  }
}

/** The yes to a change comes after the disk's. */
async function stored(answer: Promise<ProviderAnswer>, door: TwilioDoor): Promise<ProviderAnswer> {
  try {
    return await answer;
  } catch (error) {
    return {
      reply: errorReply({ code: 20503 }, door.newSid),
      refused: `it could not be stored: ${messageOf(error)}`,
    };
  }
}

const noForm = readForm('');

function formOf(request: ProviderRequest): Form | Refused {
  if (request.body.length === 0) return noForm;
  if (request.bodyTooLarge)
    return {
      code: 20001,
      text: 'Request entity too large',
      why: 'the body is larger than any that Twilio takes',
    };
  // Twilio reads nothing but forms; of JSON it says that all is missing.
  const type = request.fields.get('content-type') ?? '';
  if (type !== '' && !/^application\/x-www-form-urlencoded\b/i.test(type))
    return request.path.includes('/Messages')
      ? {
          code: 21604,
          why: `the body is ${type}, and Twilio reads forms (application/x-www-form-urlencoded) alone`,
        }
      : noForm;
  return readForm(utf8.decode(request.body));
}

const noXml: Refused = {
  code: 20001,
  text: 'XML is not available here; ask for the same path with .json',
  why: 'the sandbox answers in JSON alone: end the path in .json',
};

function notFound(path: string): Refused {
  return { code: 20404, words: { resource: path }, why: `nothing is at ${path}` };
}
