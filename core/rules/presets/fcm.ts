import { outageMs, type Preset, presetsOf } from './preset.ts';

const codes = 'https://firebase.google.com/docs/cloud-messaging/error-codes';
const scale = 'https://firebase.google.com/docs/cloud-messaging/scale-fcm';
const quotas = 'https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas';

export const fcmPresets: readonly Preset[] = presetsOf(
  { provider: 'fcm', group: 'FCM', when: { provider: 'fcm' } },
  [
    {
      id: 'fcm-invalid-argument',
      kind: 'badToken',
      title: 'Invalid argument (400 INVALID_ARGUMENT)',
      about:
        'The registration token is none, or a field of the message is wrong; the fields stand in fieldViolations. If the payload is in order the token is at fault: drop it.',
      source: codes,
      then: { do: 'answer', reason: 'INVALID_ARGUMENT' },
    },
    {
      id: 'fcm-unregistered',
      kind: 'goneToken',
      title: 'The app was uninstalled (404 UNREGISTERED)',
      about:
        'The token was unregistered, or expired after 270 days without the device. Drop it; firebase-admin calls it registration-token-not-registered.',
      source: `${codes}; https://firebase.google.com/docs/cloud-messaging/manage-tokens`,
      then: { do: 'answer', reason: 'UNREGISTERED' },
    },
    {
      id: 'fcm-sender-id-mismatch',
      kind: 'badToken',
      title: 'Another project’s token (403 SENDER_ID_MISMATCH)',
      about:
        'The token was made for another sender id: tokens of staging and production were mixed up. Do not try again with this project.',
      source: codes,
      then: { do: 'answer', reason: 'SENDER_ID_MISMATCH' },
    },
    {
      id: 'fcm-third-party-auth-error',
      kind: 'credentials',
      title: 'APNs key or VAPID key refused (401 THIRD_PARTY_AUTH_ERROR)',
      about:
        'A push to an iPhone or to a browser: the APNs certificate or key that the project holds, or the web push key, is missing or was revoked. No token is at fault.',
      source: codes,
      then: { do: 'answer', reason: 'THIRD_PARTY_AUTH_ERROR' },
    },
    {
      id: 'fcm-unauthenticated',
      kind: 'credentials',
      title: 'Access token refused (401 UNAUTHENTICATED)',
      about:
        'The OAuth access token has expired or is none. Get a new one and send again; a client that caches it for too long fails so after an hour.',
      source: 'https://firebase.google.com/docs/cloud-messaging/send/v1-api',
      then: { do: 'answer', reason: 'UNAUTHENTICATED' },
    },
    {
      id: 'fcm-permission-denied',
      kind: 'credentials',
      title: 'Not this project’s account (403 PERMISSION_DENIED)',
      about:
        'The service account may not send for the project: the role is missing, or the project id in the path is another’s.',
      source:
        'https://firebase.google.com/docs/cloud-messaging/send/v1-api; https://cloud.google.com/apis/design/errors',
      then: { do: 'answer', reason: 'PERMISSION_DENIED' },
    },
    {
      id: 'fcm-quota-exceeded',
      kind: 'rateLimited',
      title: 'Quota exceeded, with Retry-After (429 QUOTA_EXCEEDED)',
      about:
        'More than 600,000 a minute for the project, or more than one device or topic may have. Wait as long as Retry-After says, a minute when it says nothing, then exponentially with jitter.',
      source: `${codes}; ${scale}`,
      then: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 60 },
    },
    {
      id: 'fcm-device-rate',
      kind: 'rateLimited',
      title: 'More than 240 a minute to one device',
      about:
        'The limit of Android devices, here of all pushes together: what goes beyond 240 in a minute is refused. Name one recipient in the rule to have it for that device.',
      source: quotas,
      then: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 60 },
      when: { rate: { moreThan: 240, perMs: 60_000 } },
    },
    {
      id: 'fcm-unavailable',
      kind: 'outage',
      title: 'Unavailable, with Retry-After (503 UNAVAILABLE)',
      about:
        'The server is overloaded. Believe Retry-After, or begin at 10 seconds and double; firebase-admin tries four times more by itself.',
      source: `${codes}; ${scale}`,
      then: { do: 'answer', reason: 'UNAVAILABLE', retryAfterS: 10 },
    },
    {
      id: 'fcm-unavailable-once',
      kind: 'outage',
      title: 'Unavailable at the first try of each push',
      about: 'What a retry is for: the second try of the same push to the same token gets through.',
      source: `${codes}; ${scale}`,
      then: { do: 'answer', reason: 'UNAVAILABLE', times: 1 },
    },
    {
      id: 'fcm-internal',
      kind: 'outage',
      title: 'Internal error (500 INTERNAL)',
      about: 'Google’s own fault. Try again as after UNAVAILABLE; if it stays, tell Firebase support.',
      source: codes,
      then: { do: 'answer', reason: 'INTERNAL' },
    },
    {
      id: 'fcm-outage',
      kind: 'outage',
      title: 'Unavailable for 2 hours',
      about:
        '503 to everything, for two hours of virtual time from when the rule comes into force. Keep what has a time to live that is longer, and come back slowly.',
      source: `${codes}; ${scale}`,
      then: { do: 'answer', reason: 'UNAVAILABLE' },
      when: { time: { forMs: outageMs } },
    },
  ],
);
