/** What a request would be at Sinch: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { answeredJson, memberAt, wordAt } from '../answered-json.ts';
import { smsPassing, tokenPassing } from '../passing.ts';
import { sinchHost } from './batches.ts';
import { sinchDialect } from './client.ts';
import { errorReply } from './reply.ts';

const batchesPath = /^\/xms\/v1\/([^/]+)\/batches\/?$/;

/** A token of the sandbox's is no good at Sinch: while SMS are handed on, so is what is asked of its accounts. */
export function sinchPassing(request: WholeRequest): Passing | null {
  const { method, path, host } = request;
  if (method !== 'POST') return null;
  const named = host === 'sinch.com' || host.endsWith('.sinch.com');
  const unavailable = () => errorReply('service_unavailable');
  if (path === '/oauth2/token')
    return tokenPassing(request, 'sinch', { host: named ? host : 'auth.sinch.com', unavailable });
  const [, plan] = batchesPath.exec(path) ?? [];
  if (plan === undefined) return null;
  const batch = answeredJson(Buffer.from(request.body).toString('utf8'));
  const to: unknown = memberAt(batch, 'to');
  return smsPassing(request, sinchDialect, {
    host: named ? host : sinchHost,
    api: 'batches',
    account: plan,
    sender: wordAt(batch, 'from') ?? '',
    // Groups are known to Sinch alone; what is no number is one of them.
    to: Array.isArray(to) && to.every((one) => typeof one === 'string') ? to : null,
    text: wordAt(batch, 'body') ?? wordAt(batch, 'body', 'message') ?? '',
    callbackUrl: wordAt(batch, 'callback_url'),
    reference: wordAt(batch, 'client_reference'),
    unavailable,
  });
}
