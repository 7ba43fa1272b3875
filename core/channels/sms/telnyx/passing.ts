/** What a request would be at Telnyx: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { answeredJson, listAt, memberAt, wordAt } from '../answered-json.ts';
import { smsPassing } from '../passing.ts';
import { telnyxDialect } from './client.ts';
import { errorReply } from './reply.ts';
import { telnyxHost } from './schema.ts';

/** @param sendPaths those by which something is sent */
export function telnyxPassing(
  request: WholeRequest,
  sendPaths: Readonly<Record<string, string>>,
): Passing | null {
  const { method, path } = request;
  const kind = Object.hasOwn(sendPaths, path) ? sendPaths[path] : undefined;
  if (method !== 'POST' || kind === undefined) return null;
  const said = answeredJson(Buffer.from(request.body).toString('utf8'));
  const to: unknown = memberAt(said, 'to');
  const listed: readonly unknown[] = [to].flat();
  return smsPassing(request, telnyxDialect, {
    host: telnyxHost,
    api: kind === 'any' ? 'messages' : kind,
    account: '',
    sender: wordAt(said, 'from') ?? '',
    service: wordAt(said, 'messaging_profile_id'),
    to: listed.every((one) => typeof one === 'string') ? listed : null,
    text: wordAt(said, 'text') ?? '',
    media: listAt(said, 'media_urls').flatMap((url) =>
      typeof url === 'string' ? [{ url, contentType: null }] : [],
    ),
    callbackUrl: wordAt(said, 'webhook_url'),
    unavailable: () => errorReply('10007', { status: 503 }),
  });
}
