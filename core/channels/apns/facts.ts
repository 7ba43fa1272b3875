/** A request as the rules see it. Pure. */
import { createHash } from 'node:crypto';
import type { ProviderRequest } from '../../doors/http/provider-request.ts';
import type { PushContent } from '../../model/push.ts';
import type { Facts } from '../../rules/decision.ts';

export interface RequestFacts {
  readonly request: ProviderRequest;
  readonly token: string;
  readonly app: string;
  readonly content: PushContent;
}

/** Fields that are no part of what the app says of its push. */
const unsaid: ReadonlySet<string> = new Set(['authorization', 'cookie', 'sandpost-send']);

export function factsOf({ request, token, app, content }: RequestFacts): Facts {
  const { fields, body } = request;
  return {
    channel: 'push',
    door: 'apns',
    provider: 'apns',
    sender: app,
    recipient: token,
    headers: headerText(request, content),
    bytes: body.length,
    content: {
      text: wordsOf(content),
      attachments: content.image === null ? [] : [{ name: content.image, type: 'image/*', bytes: 0 }],
    },
    // The client's own id of it, where it gives one to be told by; else the same payload is taken for the same push.
    tryKey: `apns ${token} ${fields.get('apns-id') ?? createHash('sha1').update(body).digest('base64')}`,
    exchangeId: request.id,
  };
}

/** As latin1 of UTF-8, as header blocks of mail are; the title is the subject. */
export function headerText({ fields }: ProviderRequest, content: PushContent): string {
  let text = '';
  for (const [name, value] of fields.entries) if (!unsaid.has(name)) text += `${name}: ${value}\r\n`;
  if (content.title !== null) text += `subject: ${latin1Of(content.title.replace(/[\r\n]+/g, ' '))}\r\n`;
  return `${text}\r\n`;
}

function latin1Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function wordsOf({ title, subtitle, body, data }: PushContent): string {
  const words = [title, subtitle, body].filter((one) => one !== null);
  const keys = Object.keys(data);
  return (keys.length === 0 ? words : [...words, JSON.stringify(data)]).join('\n');
}
