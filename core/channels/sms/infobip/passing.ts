/** What a request would be at Infobip: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { answeredJson, listAt, memberAt, wordAt } from '../answered-json.ts';
import { smsPassing } from '../passing.ts';
import { infobipDialect } from './client.ts';
import { errorReply } from './reply.ts';

const sendPath = /^\/sms\/([123])\/(?:messages|text\/(?:advanced|multi|single)|binary\/advanced)\/?$/;
const infobipHost = 'api.infobip.com';

export function infobipPassing(request: WholeRequest): Passing | null {
  const { method, path, host } = request;
  const [, version] = sendPath.exec(path) ?? [];
  if (method !== 'POST' || version === undefined) return null;
  const said = answeredJson(Buffer.from(request.body).toString('utf8'));
  const messages = /single\/?$/.test(path) ? [said] : listAt(said, 'messages');
  const [first] = messages;
  return smsPassing(request, infobipDialect, {
    // Each account has a host of its own.
    host: host.endsWith(`.${infobipHost}`) ? host : infobipHost,
    api: version === '3' ? 'v3' : 'v2',
    account: '',
    sender: wordAt(first, 'sender') ?? wordAt(first, 'from') ?? '',
    to: numbersOf(messages),
    text: wordAt(first, 'content', 'text') ?? wordAt(first, 'text') ?? '',
    callbackUrl: wordAt(first, 'webhooks', 'delivery', 'url') ?? wordAt(first, 'notifyUrl'),
    reference: wordAt(first, 'webhooks', 'callbackData') ?? wordAt(first, 'callbackData'),
    unavailable: () => errorReply(version === '3' ? 3 : 2, 'GENERAL_ERROR'),
  });
}

/** @returns null where one message has nobody, or somebody written otherwise than is known here */
function numbersOf(messages: readonly unknown[]): readonly string[] | null {
  const numbers: string[] = [];
  for (const message of messages) {
    const to: unknown = memberAt(message, 'to');
    const destinations: readonly unknown[] = [
      ...(to === undefined ? [] : [to].flat()),
      ...listAt(message, 'destinations').map((one) => memberAt(one, 'to')),
    ];
    if (destinations.length === 0) return null;
    for (const one of destinations) {
      if (typeof one !== 'string' && typeof one !== 'number') return null;
      numbers.push(String(one));
    }
  }
  return numbers;
}
