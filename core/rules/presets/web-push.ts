import { outageMs, type Preset, presetsOf } from './preset.ts';

const rfc = 'RFC 8030: https://www.rfc-editor.org/rfc/rfc8030';
const vapid = 'RFC 8292 §4.2: https://www.rfc-editor.org/rfc/rfc8292';
const autopush = 'https://mozilla-services.github.io/autopush-rs/errors.html';

export const webPushPresets: readonly Preset[] = presetsOf(
  { provider: 'webpush', group: 'Web Push', when: { provider: 'webpush' } },
  [
    {
      id: 'webpush-gone',
      kind: 'goneToken',
      title: 'Unsubscribed (410)',
      about: 'The browser gave the subscription up, or it expired. Delete it; it never comes back.',
      source: `${rfc} §7.3; ${autopush}`,
      then: { do: 'answer', reason: 'Gone' },
    },
    {
      id: 'webpush-not-found',
      kind: 'badToken',
      title: 'No such subscription (404)',
      about:
        'The endpoint is none of this push service, or was forgotten long ago. Delete the subscription as after 410.',
      source: `${rfc} §7.3; ${autopush}`,
      then: { do: 'answer', reason: 'NotFound' },
    },
    {
      id: 'webpush-bad-request',
      kind: 'badRequest',
      title: 'Bad request (400)',
      about: 'TTL is missing, Topic or Urgency is wrong, or the encryption headers do not fit the body.',
      source: `${rfc} §5; ${autopush}`,
      then: { do: 'answer', reason: 'BadRequest' },
    },
    {
      id: 'webpush-unauthorized',
      kind: 'credentials',
      title: 'VAPID missing or invalid (401)',
      about:
        'No VAPID header, or its JWT has expired or names another audience. A clock that is wrong does the same.',
      source: `${vapid}; ${autopush}`,
      then: { do: 'answer', reason: 'Unauthorized' },
    },
    {
      id: 'webpush-key-mismatch',
      kind: 'credentials',
      title: 'VAPID key is not the subscription’s',
      about:
        'The subscription was made with another applicationServerKey: the keys were changed, and every browser has to subscribe anew.',
      source: `${vapid}; ${autopush}`,
      then: { do: 'answer', reason: 'VapidKeyMismatch' },
    },
    {
      id: 'webpush-forbidden',
      kind: 'credentials',
      title: 'Forbidden (403)',
      about:
        'What Google’s and Apple’s services say where Mozilla’s says 401. Look at the VAPID token; no subscription is at fault.',
      source: vapid,
      then: { do: 'answer', reason: 'Forbidden' },
    },
    {
      id: 'webpush-too-large',
      kind: 'tooLarge',
      title: 'Payload too large (413)',
      about: 'More than 4,096 bytes after encryption. Send less, and let the service worker fetch the rest.',
      source: `${rfc} §7.2; ${autopush}`,
      then: { do: 'answer', reason: 'PayloadTooLarge' },
    },
    {
      id: 'webpush-rate-limited',
      kind: 'rateLimited',
      title: 'Too many requests, with Retry-After (429)',
      about: 'Too many messages to one subscription or from one server. Wait as long as Retry-After says.',
      source: `${rfc} §8.4`,
      then: { do: 'answer', reason: 'TooManyRequests', retryAfterS: 120 },
    },
    {
      id: 'webpush-internal',
      kind: 'outage',
      title: 'Internal server error (500)',
      about: 'A fault of the push service. Try again later, and keep the subscription.',
      source: autopush,
      then: { do: 'answer', reason: 'InternalServerError' },
    },
    {
      id: 'webpush-bad-gateway',
      kind: 'outage',
      title: 'Bad gateway (502)',
      about:
        'Something in front of the push service is out of order; the body is not that of the service. Try again later.',
      source: 'RFC 9110 §15.6.3: https://www.rfc-editor.org/rfc/rfc9110',
      then: { do: 'answer', reason: 'BadGateway' },
    },
    {
      id: 'webpush-unavailable',
      kind: 'outage',
      title: 'Service unavailable, with Retry-After (503)',
      about: 'The push service is out of order for now. Believe Retry-After, and keep the subscription.',
      source: autopush,
      then: { do: 'answer', reason: 'ServiceUnavailable', retryAfterS: 30 },
    },
    {
      id: 'webpush-outage',
      kind: 'outage',
      title: 'Service unavailable for 2 hours',
      about:
        '503 to everything, for two hours of virtual time from when the rule comes into force. What has a short TTL is not worth a retry then.',
      source: autopush,
      then: { do: 'answer', reason: 'ServiceUnavailable' },
      when: { time: { forMs: outageMs } },
    },
  ],
);
