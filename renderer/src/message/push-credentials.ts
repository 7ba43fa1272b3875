/** The words for a sender's credentials at a push provider, and what to change where a check fails. Pure. */
import type { PushCredentials } from '../../../core/model/push.ts';

type Kind = PushCredentials['kind'];

export const credentialWords: Readonly<Record<Kind, { readonly title: string; readonly about: string }>> = {
  apnsToken: {
    title: 'A provider token for APNs',
    about:
      'A JWT signed with ES256 by your key (.p8): good for an hour, and to be used for twenty minutes at least.',
  },
  certificate: {
    title: 'A client certificate for APNs',
    about: 'Shown when the connection was made; it is for one app.',
  },
  oauth: {
    title: 'An access token of Google',
    about: 'Got for a service account, and good for an hour.',
  },
  vapid: {
    title: 'VAPID',
    about: 'A JWT signed with ES256 by your application server’s key (RFC 8292): good for a day at the most.',
  },
  none: { title: 'No credentials', about: '' },
};

export const checkNames: Readonly<Record<string, string>> = {
  format: 'Format',
  algorithm: 'Algorithm',
  alg: 'Algorithm',
  kid: 'Key id',
  key: 'Key',
  signature: 'Signature',
  age: 'Age',
  iat: 'Age',
  expiry: 'Expiry',
  exp: 'Expiry',
  issuer: 'Issuer',
  iss: 'Issuer',
  audience: 'Audience',
  aud: 'Audience',
  subject: 'Subject',
  sub: 'Subject',
  scope: 'Scope',
  project: 'Project',
  topic: 'Topic',
  environment: 'Environment',
  subscription: 'Subscription’s key',
  certificate: 'Certificate',
  form: 'Form',
  token: 'Token',
  authorization: 'Authorization',
  connection: 'Connection',
  updates: 'Token updates',
};

/** By the check; what is particular to one kind stands under `kind check`. */
const advice: Readonly<Record<string, string>> = {
  format:
    'Send it as the provider’s documentation has it: “bearer <token>” (APNs), “Bearer <token>” (FCM), “vapid t=…, k=…” (Web Push).',
  form: 'Send “bearer <JWT>” with alg ES256, kid (10 characters), iss (your team) and iat; a certificate has to be one of Apple’s for the app.',
  token: 'Get one from the token endpoint, or by the metadata server, and send it as “Bearer <token>”.',
  authorization: 'Send `Authorization: vapid t=…, k=…` (RFC 8292 §3).',
  connection: 'A connection belongs to its first team and key: open another one for others.',
  updates: 'Keep a token for 20 minutes at least.',
  algorithm: 'Sign with ES256, on the curve P-256.',
  alg: 'Sign with ES256, on the curve P-256.',
  kid: 'Put the ten characters of your key’s id into the header’s kid.',
  signature:
    'Sign with the private half of the key that is named: a key that was revoked or swapped gives this.',
  'apnsToken age': 'Make a new token each 20 to 60 minutes, and let the machine’s clock be right.',
  'apnsToken iat': 'Make a new token each 20 to 60 minutes, and let the machine’s clock be right.',
  age: 'Make a new token, and let the machine’s clock be right.',
  expiry: 'Make a new token; exp lies at most 24 hours ahead.',
  exp: 'Make a new token; exp lies at most 24 hours ahead.',
  'apnsToken issuer':
    'iss is your team id: ten characters, from the membership page of the developer account.',
  'apnsToken iss': 'iss is your team id: ten characters, from the membership page of the developer account.',
  audience: 'aud is the origin of the endpoint: scheme, host and port, with no path.',
  aud: 'aud is the origin of the endpoint: scheme, host and port, with no path.',
  subject: 'sub is a mailto: or an https: address of somebody who answers.',
  sub: 'sub is a mailto: or an https: address of somebody who answers.',
  scope: 'Ask for https://www.googleapis.com/auth/firebase.messaging.',
  project: 'Use a service account of the project in the path, or one with the role for it.',
  subscription: 'Sign with the key that the page subscribed with (applicationServerKey).',
  key: 'Send the key that belongs to the private one: k is the uncompressed point, base64url.',
  environment: 'A key can be for one environment alone: use it at that host, or make one for both.',
};

export const adviceFor = (kind: Kind, check: string): string | null =>
  advice[`${kind} ${check}`] ?? advice[check] ?? null;
