/** Which path is what. */
import type {
  ProviderAnswer,
  ProviderHandler,
  ProviderRequest,
} from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { answerBulk, answerBulkStatus } from './bulks.ts';
import { accountOf } from './credentials.ts';
import type { SendForm } from './parse.ts';
import { answerInbox, answerLogs, answerPreview, answerReports } from './reading.ts';
import { type ApiVersion, refused, told } from './reply.ts';
import { answerSend } from './send.ts';

type Answer = ProviderAnswer | Promise<ProviderAnswer>;

/** Version 1 was much the same as 2, and is taken still. */
const sendForms: Readonly<Record<string, SendForm>> = {
  '/sms/3/messages': 'v3',
  '/sms/2/text/advanced': 'text',
  '/sms/1/text/advanced': 'text',
  '/sms/1/text/multi': 'text',
  '/sms/2/binary/advanced': 'binary',
  '/sms/1/binary/advanced': 'binary',
  '/sms/2/text/single': 'single',
  '/sms/1/text/single': 'single',
};

export function infobipHandler(ports: SmsDoorPorts): ProviderHandler {
  return (request) => {
    const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
    const version: ApiVersion = path.startsWith('/sms/3/') ? 3 : 2;
    if (path.endsWith('/text/query'))
      return refused(version, {
        error: 'NOT_FOUND',
        why: `${path} takes its password in the address, which the sandbox does not: send by /sms/3/messages`,
      });
    const account = accountOf(request, ports);
    if ('refusal' in account) return refused(version, account.refusal);
    return answered(request, path, version, account.value, ports);
  };
}

function answered(
  request: ProviderRequest,
  path: string,
  version: ApiVersion,
  account: string,
  ports: SmsDoorPorts,
): Answer {
  const { method } = request;
  const only = (wanted: readonly string[], answer: () => Answer): Answer =>
    wanted.includes(method)
      ? answer()
      : refused(
          version,
          {
            error: 'METHOD_NOT_ALLOWED',
            why: `${method} is not what ${path} takes: it is ${wanted.join(' or ')}`,
          },
          account,
        );
  const form = Object.hasOwn(sendForms, path) ? sendForms[path] : undefined;
  if (form !== undefined) return only(['POST'], () => answerSend(request, form, account, ports));
  switch (path) {
    case '/sms/1/preview':
      return only(['POST'], () => answerPreview(request, account));
    case '/sms/1/bulks':
      return only(['GET', 'PUT'], () => answerBulk(request, account, ports));
    case '/sms/1/bulks/status':
      return only(['GET', 'PUT'], () => answerBulkStatus(request, account, ports));
    case '/sms/1/reports':
    case '/sms/3/reports':
      return only(['GET'], () => answerReports(request, version === 3 ? 3 : 1, account, ports));
    case '/sms/1/logs':
    case '/sms/3/logs':
      return only(['GET'], () => answerLogs(request, version === 3 ? 3 : 1, account, ports));
    case '/account/1/balance':
      // Nothing is charged here, so nothing is ever used up.
      return only(['GET'], () => told({ balance: 100, currency: 'EUR' }, account));
    case '/sms/1/inbox/reports':
      return only(['GET'], () => answerInbox(request, account, ports));
    default:
      return refused(
        version,
        {
          error: 'NOT_FOUND',
          why: `${method} ${path} is nothing that the sandbox has of Infobip: SMS go to /sms/3/messages or /sms/2/text/advanced`,
        },
        account,
      );
  }
}
