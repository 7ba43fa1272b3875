/** What a push message request would be at the browsers' push services: for handing it on while live relay is on. Pure. */
import type { Passing, PassingSend, WholeRequest } from '../../doors/http/handing-on.ts';
import type { OutcomeClass } from '../../model/delivery.ts';
import { noDetails } from '../../model/message-details.ts';
import type { PushDetails } from '../../model/push.ts';
import { maskedField } from './acceptance.ts';
import { resourceOf } from './parse.ts';
import { refusalReply, voiceOf } from './reply.ts';

const retryAfterS = 60;
const realHost =
  /^(?:fcm\.googleapis\.com|web\.push\.apple\.com|(?:[\w-]+\.)*push\.services\.mozilla\.com|(?:[\w-]+\.)*notify\.windows\.com)$/;

/** An endpoint of the sandbox's own (`/webpush/v1/…` at this machine) is no real browser's: it stays here. */
export function webPushPassing(request: WholeRequest): Passing | null {
  const { host } = request;
  if (request.method !== 'POST' || !realHost.test(host)) return null;
  const voice = voiceOf(host);
  const resource = resourceOf(request.path, request.query, voice);
  if (resource?.kind !== 'subscription') return null;
  return {
    channel: 'webpush',
    provider: 'webpush',
    host: () => host,
    url: () => null,
    target: request.target,
    http2Only: false,
    send: sendOf(request, `https://${host}${request.target}`, resource.id),
    unavailable: () => refusalReply(voice, 'ServiceUnavailable', { retryAfterS }),
  };
}

function sendOf({ fields, body }: WholeRequest, endpoint: string, id: string): PassingSend {
  const ttl = fields.get('ttl');
  const push: PushDetails = {
    provider: 'webpush',
    target: { kind: 'token', value: id },
    app: '',
    environment: null,
    pushType: null,
    priority: fields.get('urgency'),
    collapseKey: fields.get('topic'),
    expiresAtMs: null,
    nowOrNever: ttl === '0',
    providerId: '',
    headers: fields.entries.map(([name, value]) => [name, maskedField(name, value)]),
    credentials: null,
    plain: null,
  };
  const head = push.headers.map(([name, value]) => `${name}: ${value}`).join('\r\n');
  return {
    recipients: [endpoint],
    obstacle: null,
    message: {
      user: null,
      envelopeFrom: '',
      body,
      head: Buffer.from(`${head}\r\n\r\n`, 'latin1'),
      details: { ...noDetails, push },
    },
    read(status, text, answer) {
      const taken = status >= 200 && status < 300;
      return {
        taken,
        class: taken ? null : classOf(status),
        text: `${status} ${text.trim().slice(0, textCharsMax)}`.trim(),
        providerId: answer.get('location'),
      };
    },
  };
}

const textCharsMax = 500;

/** RFC 8030 §§7.3, 8.4. */
function classOf(status: number): OutcomeClass {
  if (status === 404 || status === 410) return 'bad_address';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status >= 500) return 'provider_down';
  return status === 413 ? 'too_large' : 'config';
}
