/** What a request to FCM, or to Google's accounts, would be at Google: for handing it on while live relay is on. Pure. */
import type { Passing, PassingSend, WholeRequest } from '../../doors/http/handing-on.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import type { OutcomeClass } from '../../model/delivery.ts';
import { noDetails } from '../../model/message-details.ts';
import type { PushDetails, PushTarget } from '../../model/push.ts';
import { decoded } from './escapes.ts';
import { readTopic } from './parse.ts';
import { errorReply } from './reply.ts';
import { fcmHost } from './send.ts';

const sendPath = /^\/v1\/projects\/([^/]+)\/messages:send$/;
const tokenPath = /^\/(?:token|o\/oauth2\/token|oauth2\/v[34]\/token)$/;
const retryAfterS = 10;

/** @param before what stands before the path of the request, where a prefix took it off: `/v1` */
export function fcmPassing(request: WholeRequest, before = ''): Passing | null {
  const [, project] = sendPath.exec(`${before}${request.path}`) ?? [];
  if (request.method !== 'POST' || project === undefined) return null;
  return {
    channel: 'fcm',
    provider: 'fcm',
    host: () => fcmHost,
    url: (relay) => (relay.kind === 'fcm' ? relay.url : null),
    target: `${before}${request.target}`,
    http2Only: false,
    // What is only to be judged reaches nobody.
    send: isTrial(request.body) ? null : sendOf(request, decoded(project)),
    unavailable: () => errorReply('UNAVAILABLE', { retryAfterS }),
  };
}

/** A token of the sandbox's is no good at Google: while pushes are handed on, so is what is asked of its accounts. */
export function googlePassing(request: WholeRequest): Passing | null {
  if (request.method !== 'POST' || !tokenPath.test(request.path)) return null;
  return {
    channel: 'fcm',
    provider: 'fcm',
    host: () => (request.host.endsWith('.googleapis.com') ? request.host : 'oauth2.googleapis.com'),
    url: (relay) => (relay.kind === 'fcm' ? relay.tokenUrl : null),
    // The relay has the whole address of the endpoint.
    target: null,
    http2Only: false,
    send: null,
    unavailable: () => errorReply('UNAVAILABLE', { retryAfterS }),
  };
}

function sendOf(request: WholeRequest, project: string): PassingSend {
  const { fields, body } = request;
  const { targets } = readTargets(body);
  const [target = { kind: 'token', value: '' } as const] = targets;
  const push: PushDetails = {
    provider: 'fcm',
    target,
    app: project,
    environment: null,
    pushType: null,
    priority: null,
    collapseKey: null,
    expiresAtMs: null,
    nowOrNever: false,
    providerId: '',
    headers: fields.entries.map(([name, value]) => [
      name,
      name === 'authorization' ? 'Bearer ***' : secretFields.has(name) ? '***' : value,
    ]),
    credentials: null,
    plain: null,
  };
  return {
    recipients: targets.map(recipientOf),
    obstacle: null,
    message: { user: null, envelopeFrom: project, body, head: body, details: { ...noDetails, push } },
    read(status, text) {
      const said = jsonOf(text);
      if (status >= 200 && status < 300) {
        const name = wordAt(said, 'name');
        return { taken: true, class: null, text: name ?? String(status), providerId: name };
      }
      const error = memberOf(said, 'error');
      const details = memberOf(error, 'details');
      const code =
        (Array.isArray(details) ? details : [])
          .map((one: unknown) => wordAt(one, 'errorCode'))
          .find((one) => one !== null) ?? null;
      const word = code ?? wordAt(error, 'status');
      const words = [String(status), word, wordAt(error, 'message')].filter((one) => one !== null).join(' ');
      return {
        taken: false,
        class: classOf(status, word, words),
        text: words.slice(0, textCharsMax),
        providerId: null,
      };
    },
  };
}

const textCharsMax = 500;

/** Source: https://firebase.google.com/docs/cloud-messaging/error-codes */
function classOf(status: number, word: string | null, words: string): OutcomeClass {
  if (status === 429 || word === 'QUOTA_EXCEEDED') return 'rate_limited';
  if (status === 408 || status >= 500) return 'provider_down';
  if (status === 401 || status === 403) return 'authentication_failed';
  if (word === 'UNREGISTERED' || /not a valid FCM registration token/i.test(words)) return 'bad_address';
  return /too big/.test(words) ? 'too_large' : 'config';
}

function isTrial(body: Uint8Array): boolean {
  const said = jsonOf(Buffer.from(body).toString('utf8'));
  return memberOf(said, 'validate_only') === true || memberOf(said, 'validateOnly') === true;
}

/** Whatever names a recipient: that only one of them may be there is for Google to say. */
function readTargets(body: Uint8Array): { readonly targets: readonly PushTarget[] } {
  const message = memberOf(jsonOf(Buffer.from(body).toString('utf8')), 'message');
  const targets: PushTarget[] = [];
  for (const name of ['token', 'fid'] as const) {
    const value = wordAt(message, name);
    if (value !== null && value !== '') targets.push({ kind: 'token', value });
  }
  const topic = wordAt(message, 'topic');
  if (topic !== null && topic !== '') targets.push({ kind: 'topic', value: readTopic(topic) ?? topic });
  const condition = wordAt(message, 'condition');
  if (condition !== null && condition !== '') targets.push({ kind: 'condition', value: condition });
  return { targets };
}

function recipientOf({ kind, value }: PushTarget): string {
  return kind === 'topic' ? `/topics/${value}` : value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function wordAt(value: unknown, name: string): string | null {
  const found = memberOf(value, name);
  return typeof found === 'string' ? found : null;
}
