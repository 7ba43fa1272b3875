/** What a request would be at Twilio: for handing it on while live relay is on. Pure. */
import type { Passing, WholeRequest } from '../../../doors/http/handing-on.ts';
import { smsPassing } from '../passing.ts';
import { twilioDialect } from './client.ts';
import { readForm } from './form.ts';
import { mediumOf } from './parse.ts';
import { errorReply } from './reply.ts';
import { twilioHost } from './send.ts';
import type { NewSid } from './sids.ts';

const messagesPath = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages(?:\.json)?$/;

export function twilioPassing(request: WholeRequest, newSid: NewSid): Passing | null {
  const [, account] = messagesPath.exec(request.path) ?? [];
  if (request.method !== 'POST' || account === undefined) return null;
  const form = readForm(Buffer.from(request.body).toString('utf8'));
  const to = form.fields.filter(([name]) => name.toLowerCase() === 'to').map(([, value]) => value.trim());
  const [number = ''] = to;
  return smsPassing(request, twilioDialect, {
    host: request.host.endsWith('.twilio.com') ? request.host : twilioHost,
    api: 'messages',
    account,
    sender: form.get('From') ?? form.get('MessagingServiceSid') ?? '',
    service: form.get('MessagingServiceSid'),
    // Without a plus sign Twilio reads it as one of the account's own country, which nobody knows here.
    to: to.length === 1 && number.startsWith('+') ? to : null,
    text: form.get('Body') ?? '',
    media: form.all('MediaUrl').flatMap(mediumOf),
    callbackUrl: form.get('StatusCallback'),
    unavailable: () => errorReply({ code: 20503 }, newSid),
  });
}
