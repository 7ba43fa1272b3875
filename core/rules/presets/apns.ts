import { apnsReasons } from '../push-reasons.ts';
import { outageMs, type Preset, type PresetEntry, type PresetKind, presetsOf } from './preset.ts';

const responses =
  'https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns';
const sending =
  'https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns';
const tokens =
  'https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns';

type Reason = keyof typeof apnsReasons;

/** One row per reason: what kind of trouble, what it is in words, and what a sender should do about it. */
const reasons: Readonly<Record<Reason, readonly [kind: PresetKind, title: string, about: string]>> = {
  BadDeviceToken: [
    'badToken',
    'Bad device token',
    'The token is none, or belongs to the other environment: a development token at the production host is the usual cause. Do not try again; look at the host, then drop the token.',
  ],
  Unregistered: [
    'goneToken',
    'The app was uninstalled',
    'The token is no longer active for the topic; the answer carries the time in milliseconds. Drop the token, unless the device registered it again since.',
  ],
  ExpiredToken: [
    'goneToken',
    'The device token has expired',
    'A 410 like that of an uninstalled app: the device has another token by now. Drop this one and wait for the app to register.',
  ],
  DeviceTokenNotForTopic: [
    'badToken',
    'The token is another app’s',
    'The token does not match the topic: bundle ids were mixed up, often of a beta and its release. Do not try again; store the bundle id beside the token.',
  ],
  MissingDeviceToken: [
    'badToken',
    'No device token in the path',
    'The path ends at /3/device/. An empty token was stored for the user.',
  ],
  BadCollapseId: [
    'badRequest',
    'Collapse id too long',
    'apns-collapse-id has more than 64 bytes; ids made of names and addresses grow beyond it. Hash what is long.',
  ],
  BadExpirationDate: [
    'badRequest',
    'Bad expiration date',
    'apns-expiration is no UNIX time in seconds; milliseconds are the usual mistake.',
  ],
  BadMessageId: ['badRequest', 'Bad apns-id', 'apns-id is no UUID in its canonical form of 32 hex digits.'],
  BadPriority: ['badRequest', 'Bad priority', 'apns-priority is none of 10, 5 and 1.'],
  BadTopic: ['badRequest', 'Bad topic', 'apns-topic is no bundle id that the credentials know.'],
  MissingTopic: [
    'badRequest',
    'No topic',
    'apns-topic is missing, which a token needs always, and a certificate that is for more than one topic.',
  ],
  TopicDisallowed: [
    'badRequest',
    'Topic not allowed',
    'Pushing to this topic is not allowed: the app lacks the capability, or the team is another.',
  ],
  DuplicateHeaders: ['badRequest', 'A header twice', 'One or more headers are there more than once.'],
  IdleTimeout: [
    'tooManyConnections',
    'Idle timeout',
    'The connection was idle for too long. Keep it open with pings, or open a new one; the request may be sent again.',
  ],
  InvalidPushType: [
    'badRequest',
    'Invalid push type',
    'apns-push-type is missing where it must be there, unknown, or does not fit the topic and the payload.',
  ],
  PayloadEmpty: [
    'badRequest',
    'Empty payload',
    'The body is empty. A push without anything still needs {"aps":{}}.',
  ],
  PayloadTooLarge: [
    'tooLarge',
    'Payload too large',
    'More than 4,096 bytes (5,120 for VoIP). Do not try again as it is; send less, and let the app fetch the rest.',
  ],
  BadCertificate: [
    'credentials',
    'Bad certificate',
    'The client certificate is none that Apple signed for pushes.',
  ],
  BadCertificateEnvironment: [
    'credentials',
    'Certificate of the other environment',
    'A development certificate at the production host, or the other way round.',
  ],
  BadEnvironmentKeyIdInToken: [
    'credentials',
    'Key of the other environment',
    'The key that signed the provider token is restricted to the other environment. Seen with team keys of 2025 and later.',
  ],
  ExpiredProviderToken: [
    'credentials',
    'Provider token expired',
    'The JWT is older than one hour. Make a new one, at most every 20 minutes, and send again. A clock that is wrong does the same.',
  ],
  InvalidProviderToken: [
    'credentials',
    'Provider token invalid',
    'The JWT cannot be verified: key, key id and team id do not go together, or the key was revoked.',
  ],
  MissingProviderToken: [
    'credentials',
    'Provider token missing',
    'Neither a certificate nor an authorization header with a bearer token came.',
  ],
  UnrelatedKeyIdInToken: [
    'credentials',
    'Key of another team on the connection',
    'A connection is for one team and key: another’s token came on it. Open one connection for each.',
  ],
  Forbidden: [
    'credentials',
    'Forbidden',
    'The action is not allowed. Do not try again; look at the account.',
  ],
  BadPath: ['badRequest', 'Bad path', 'The request is for a path that is not /3/device/<token>.'],
  MethodNotAllowed: ['badRequest', 'Method not allowed', 'The method is another than POST.'],
  TooManyRequests: [
    'rateLimited',
    'Too many requests to one device',
    'Too many pushes to the same token one after the other. Wait, collapse what can be collapsed, and slow down for this device alone.',
  ],
  TooManyProviderTokenUpdates: [
    'rateLimited',
    'Provider token renewed too often',
    'The JWT changes more often than every 20 minutes: it is made anew for each push, or each process makes its own. Share one.',
  ],
  InternalServerError: [
    'outage',
    'Internal server error',
    'Apple’s own fault. Try again, after 15 minutes as Apple asks, with the same apns-id.',
  ],
  ServiceUnavailable: [
    'outage',
    'Service unavailable',
    'The service is out of order. Try again after 15 minutes, with the same apns-id.',
  ],
  Shutdown: [
    'outage',
    'The server is shutting down',
    'This server goes away; others are there. Open a new connection and send again.',
  ],
};

function isReason(text: string): text is Reason {
  return text in reasons;
}

const words: readonly PresetEntry[] = Object.keys(reasons)
  .filter(isReason)
  .map((reason) => {
    const [kind, title, about] = reasons[reason];
    return {
      id: `apns-${dashed(reason)}`,
      kind,
      title: `${title} (${apnsReasons[reason]} ${reason})`,
      about,
      source:
        kind === 'credentials' || reason === 'TooManyProviderTokenUpdates'
          ? `${responses}; ${tokens}`
          : responses,
      then: { do: 'answer', reason },
    };
  });

function dashed(reason: string): string {
  return reason.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

export const apnsPresets: readonly Preset[] = presetsOf(
  { provider: 'apns', group: 'APNs', when: { provider: 'apns' } },
  [
    ...words,
    {
      id: 'apns-outage',
      kind: 'outage',
      title: 'Service unavailable for 2 hours',
      about:
        '503 to everything, for two hours of virtual time from when the rule comes into force. Keep the pushes that still matter then, and let the others expire.',
      source: responses,
      then: { do: 'answer', reason: 'ServiceUnavailable' },
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'apns-goaway',
      kind: 'goAway',
      title: 'GOAWAY: Shutdown',
      about:
        'The connection ends with GOAWAY and {"reason":"Shutdown"}, and the request is left without an answer. Streams above the last one that GOAWAY names were not processed and may be sent again (RFC 9113 §6.8).',
      source: `${sending}; RFC 9113 §6.8`,
      then: { do: 'goAway', reason: 'Shutdown', answered: false },
    },
    {
      id: 'apns-goaway-after',
      kind: 'goAway',
      title: 'GOAWAY after the answer, every time',
      about:
        'Each push is answered, and its connection ends behind it: what is left of your throughput when no connection can be kept.',
      source: `${sending}; RFC 9113 §6.8`,
      then: { do: 'goAway', reason: 'Shutdown', answered: true },
    },
    {
      id: 'apns-cut',
      kind: 'lostReply',
      title: 'Accepted, and the answer is lost',
      about:
        'APNs takes the push and the connection breaks before the 200. Who sends again without the same apns-collapse-id shows it twice.',
      source: sending,
      then: { do: 'disconnect', at: 'endOfData', keep: true },
    },
  ],
);
