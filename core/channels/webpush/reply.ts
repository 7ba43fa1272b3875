/**
 * Refusals, in the words of the push service that the request was for: Mozilla's and our own answer as autopush does,
 * fcm.googleapis.com as Google's, web.push.apple.com as Apple's, *.notify.windows.com as Microsoft's. Pure.
 *
 * Sources: RFC 8030 §§5, 7.3, RFC 8292 §4.2; mozilla-services.github.io/autopush-rs/errors.html;
 * developer.apple.com/documentation/usernotifications/sending-web-push-notifications-in-web-apps-and-browsers;
 * learn.microsoft.com/windows/apps/design/shell/tiles-and-notifications/push-request-response-headers. Google documents no
 * words: those are what its service is seen to say.
 */
import type { ProviderReply } from '../../doors/http/provider-request.ts';

export const voices = ['mozilla', 'google', 'apple', 'windows'] as const;
export type Voice = (typeof voices)[number];

export function voiceOf(host: string): Voice {
  if (host === 'fcm.googleapis.com') return 'google';
  if (host === 'web.push.apple.com') return 'apple';
  return host.endsWith('.notify.windows.com') ? 'windows' : 'mozilla';
}

export interface Refusal {
  /** What a rule's `answer` calls it. */
  readonly reason: RefusalReason;
  /** In our words: what is wrong, and what to change. */
  readonly detail: string;
}

interface Row {
  readonly mozilla: readonly [status: number, errno: number | null, message: string];
  readonly google: readonly [status: number, text: string];
  readonly apple: readonly [status: number, reason: string];
}

/** One row for each thing that a push service refuses; a rule's `answer` names them. */
export const refusals = {
  BadPath: { mozilla: [404, 102, 'Invalid token'], google: [404, 'Not Found'], apple: [404, 'BadPath'] },
  MethodNotAllowed: {
    mozilla: [405, null, 'Method Not Allowed'],
    google: [405, 'method not allowed.'],
    apple: [405, 'MethodNotAllowed'],
  },
  BadRequest: {
    mozilla: [400, null, 'Bad Request'],
    google: [400, 'bad request.'],
    apple: [400, 'BadWebPushRequest'],
  },
  MissingTtl: {
    mozilla: [400, 111, 'Missing TTL value'],
    google: [400, 'TTL header is required.'],
    apple: [400, 'BadTtl'],
  },
  BadTtl: {
    mozilla: [400, 114, 'TTL must be greater than 0'],
    google: [400, 'invalid TTL header value.'],
    apple: [400, 'BadTtl'],
  },
  BadTopic: {
    mozilla: [400, 113, 'Topic must be URL and Filename safe Base64 alphabet'],
    google: [400, 'invalid Topic header value.'],
    apple: [400, 'BadWebPushTopic'],
  },
  TopicTooLong: {
    mozilla: [400, 113, 'Topic must be no greater than 32 characters'],
    google: [400, 'invalid Topic header value.'],
    apple: [400, 'BadWebPushTopic'],
  },
  BadUrgency: {
    mozilla: [400, null, 'Invalid Urgency value'],
    google: [400, 'invalid Urgency header value.'],
    apple: [400, 'BadUrgency'],
  },
  MissingEncoding: {
    mozilla: [400, 110, 'Missing Content-Encoding header'],
    google: [400, 'bad request.'],
    apple: [400, 'BadWebPushRequest'],
  },
  UnknownEncoding: {
    mozilla: [400, 110, 'Unknown Content-Encoding header'],
    google: [400, 'bad request.'],
    apple: [400, 'BadWebPushRequest'],
  },
  BadEncryption: {
    mozilla: [400, 110, 'Invalid Encryption header'],
    google: [400, 'bad request.'],
    apple: [400, 'BadWebPushRequest'],
  },
  MissingAuthorization: {
    mozilla: [401, 109, 'Missing VAPID public key'],
    google: [401, 'authorization header must be specified.'],
    apple: [403, 'BadJwtToken'],
  },
  BadAuthorization: {
    mozilla: [401, 109, 'Unknown auth scheme'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  MissingVapidToken: {
    mozilla: [401, 109, 'Missing VAPID token'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  MissingVapidKey: {
    mozilla: [401, 109, 'Missing VAPID public key'],
    google: [403, 'crypto-key header had invalid format. The `p256ecdsa` is required.'],
    apple: [403, 'BadVapidPublicKey'],
  },
  BadVapidKey: {
    mozilla: [401, 109, 'Invalid VAPID public key'],
    google: [403, 'crypto-key header had invalid format. Public key of invalid length.'],
    apple: [403, 'BadVapidPublicKey'],
  },
  VapidKeyMismatch: {
    mozilla: [401, 109, 'VAPID public key mismatch'],
    google: [
      403,
      'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.',
    ],
    apple: [400, 'VapidPkHashMismatch'],
  },
  BadJwt: {
    mozilla: [401, 109, 'InvalidToken'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  BadSignature: {
    mozilla: [401, 109, 'InvalidSignature'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  ExpiredJwt: {
    mozilla: [401, 109, 'ExpiredSignature'],
    google: [403, 'the JWT provided has expired.'],
    apple: [403, 'BadJwtToken'],
  },
  ExpiryTooFar: {
    mozilla: [401, 109, 'The VAPID token expiration is too long'],
    google: [403, 'exp claim MUST NOT be more than 24 hours from the time of the request'],
    apple: [403, 'BadJwtToken'],
  },
  BadAudience: {
    mozilla: [401, 109, 'Invalid VAPID audience'],
    google: [403, 'aud claim in the token MUST include the origin of the push resource URL'],
    apple: [403, 'BadJwtToken'],
  },
  BadSubject: {
    mozilla: [401, 109, 'InvalidToken'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  NotFound: { mozilla: [404, 102, 'Invalid token'], google: [404, 'Not Found'], apple: [404, 'BadPath'] },
  Gone: {
    mozilla: [410, 106, 'No such subscription'],
    google: [410, 'push subscription has unsubscribed or expired.'],
    apple: [410, 'Unregistered'],
  },
  PayloadTooLarge: {
    mozilla: [413, 104, 'Payload reached size limit.'],
    google: [413, 'payload too large.'],
    apple: [413, 'PayloadTooLarge'],
  },
  TooManyRequests: {
    mozilla: [429, null, 'Too Many Requests'],
    google: [429, 'too many requests.'],
    apple: [429, 'TooManyRequests'],
  },
  InternalServerError: {
    mozilla: [500, 999, 'Internal Server Error'],
    google: [500, 'internal server error.'],
    apple: [500, 'InternalServerError'],
  },
  BadGateway: {
    mozilla: [502, null, 'Bad Gateway'],
    google: [502, 'bad gateway.'],
    apple: [502, 'BadGateway'],
  },
  Unauthorized: {
    mozilla: [401, 109, 'Invalid Authentication'],
    google: [401, 'authorization header must be specified.'],
    apple: [401, 'BadJwtToken'],
  },
  Forbidden: {
    mozilla: [403, 109, 'Forbidden'],
    google: [403, 'invalid JWT provided'],
    apple: [403, 'BadJwtToken'],
  },
  ServiceUnavailable: {
    mozilla: [503, 201, 'Service Unavailable'],
    google: [503, 'service unavailable.'],
    apple: [503, 'ServiceUnavailable'],
  },
} as const satisfies Readonly<Record<string, Row>>;
export type RefusalReason = keyof typeof refusals;

/** What other providers call the same: a rule for all of them, or a magic token, then answers here too. */
const alsoKnownAs: Readonly<Record<string, RefusalReason>> = {
  baddevicetoken: 'NotFound',
  invalidargument: 'BadRequest',
  unregistered: 'Gone',
  expiredtoken: 'Gone',
  senderidmismatch: 'VapidKeyMismatch',
  vapidpkhashmismatch: 'VapidKeyMismatch',
  badjwttoken: 'BadJwt',
  badwebpushtopic: 'BadTopic',
  unauthenticated: 'Unauthorized',
  permissiondenied: 'Forbidden',
  quotaexceeded: 'TooManyRequests',
  ratelimited: 'TooManyRequests',
  internal: 'InternalServerError',
  unavailable: 'ServiceUnavailable',
  shutdown: 'ServiceUnavailable',
};

const bySpelling = new Map<string, RefusalReason>(
  Object.keys(refusals).flatMap((reason) => (isReason(reason) ? [[spelling(reason), reason]] : [])),
);

/** @returns null for a reason that no push service knows */
export function reasonNamed(name: string): RefusalReason | null {
  return bySpelling.get(spelling(name)) ?? alsoKnownAs[spelling(name)] ?? null;
}

export interface Override {
  readonly status?: number | undefined;
  readonly text?: string | undefined;
  readonly retryAfterS?: number | undefined;
}

/** @param override what a rule says otherwise */
export function refusalReply(
  voice: Voice,
  reason: RefusalReason | { readonly unknown: string },
  override: Override = {},
): ProviderReply {
  const row: Row = typeof reason === 'string' ? refusals[reason] : unknownRow(reason.unknown);
  const retry =
    override.retryAfterS === undefined ? [] : [['retry-after', String(override.retryAfterS)] as const];
  switch (voice) {
    case 'mozilla': {
      const [usual, errno, message] = row.mozilla;
      const status = override.status ?? usual;
      return {
        status,
        fields: [
          ['content-type', 'application/json'],
          ...(status === 410 ? [['cache-control', 'max-age=86400'] as const] : []),
          ...(status === 401 ? [['www-authenticate', 'vapid'] as const] : []),
          ...retry,
        ],
        body: JSON.stringify({
          code: status,
          errno,
          error: statusWords[status] ?? '',
          message: override.text ?? message,
          more_info: 'http://autopush.readthedocs.io/en/latest/http.html#error-codes',
        }),
      };
    }
    case 'google': {
      const [status, text] = row.google;
      return {
        status: override.status ?? status,
        fields: [
          ['content-type', 'text/plain; charset=utf-8'],
          ['x-content-type-options', 'nosniff'],
          ['x-frame-options', 'SAMEORIGIN'],
          ['x-xss-protection', '0'],
          ...retry,
        ],
        body: `${override.text ?? text}\n`,
      };
    }
    case 'apple': {
      const [status, word] = row.apple;
      return {
        status: override.status ?? status,
        fields: [['content-type', 'application/json'], ...retry],
        body: JSON.stringify({ reason: override.text ?? word }),
      };
    }
    case 'windows': {
      const [status, text] = row.google;
      return {
        status: override.status ?? status,
        fields: [
          ['x-wns-status', status === 429 ? 'channelthrottled' : 'dropped'],
          ['x-wns-error-description', (override.text ?? text).replaceAll(/[^ -~]/g, ' ')],
          ...retry,
        ],
        body: '',
      };
    }
    default:
      return voice satisfies never;
  }
}

/** A reason of no push service: said as it is, so that what a client makes of it can be seen. */
function unknownRow(reason: string): Row {
  return { mozilla: [400, null, reason], google: [400, reason], apple: [400, reason] };
}

/** RFC 8030 §5: 201, where the message is, and how long it is kept at the most (§5.2). */
export function createdReply(
  voice: Voice,
  about: { readonly location: string; readonly ttlS: number; readonly id: string },
): ProviderReply {
  const location = ['location', about.location] as const;
  const ttl = ['ttl', String(about.ttlS)] as const;
  switch (voice) {
    case 'apple':
      return { status: 201, fields: [['apns-id', about.id.toUpperCase()], location, ttl], body: '' };
    case 'windows':
      return {
        status: 201,
        fields: [['x-wns-status', 'received'], ['x-wns-msg-id', about.id], location, ttl],
        body: '',
      };
    case 'mozilla':
    case 'google':
      return { status: 201, fields: [location, ttl], body: '' };
    default:
      return voice satisfies never;
  }
}

const statusWords: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

function isReason(name: string): name is RefusalReason {
  return Object.hasOwn(refusals, name);
}

function spelling(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}
