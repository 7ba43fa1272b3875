/** What a request would be at MessageBird: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { wordAt } from '../answered-json.ts';
import { smsPassing } from '../passing.ts';
import { messagebirdDialect } from './client.ts';
import { type Given, givenOf } from './parse.ts';
import { codeReply } from './reply.ts';
import { messagebirdHost } from './schema.ts';

export function messagebirdPassing(request: WholeRequest): Passing | null {
  const { method, path, fields } = request;
  if (method !== 'POST' || (path !== '/messages' && path !== '/mms')) return null;
  const given = givenOf(fields.get('content-type') ?? '', Buffer.from(request.body).toString('utf8'));
  return smsPassing(request, messagebirdDialect, {
    host: messagebirdHost,
    api: path === '/mms' ? 'mms' : 'messages',
    // There is no account but the access key.
    account: '',
    sender: wordAt(given, 'originator') ?? '',
    to: given === null ? null : numbersOf(given),
    text: wordAt(given, 'body') ?? '',
    callbackUrl: wordAt(given, 'reportUrl'),
    reference: wordAt(given, 'reference'),
    unavailable: () => codeReply('99'),
  });
}

/** Groups are known to MessageBird alone. */
function numbersOf(given: Given): readonly string[] | null {
  if (Object.keys(given).some((name) => /^group/i.test(name))) return null;
  const { recipients } = given;
  const listed: readonly unknown[] = Array.isArray(recipients)
    ? recipients
    : typeof recipients === 'number'
      ? [recipients]
      : typeof recipients === 'string'
        ? recipients.split(',')
        : [];
  return listed.every((one) => typeof one === 'string' || typeof one === 'number')
    ? listed.map(String)
    : null;
}
