/** The words for what rules ask and do. What a table lacks does not compile: the kinds come from the core's schema. */
import type { MailProvider } from '../../../core/api/mailbox-schema.ts';
import type { ExplainedRule, RuleEntry } from '../../../core/api/rules-schema.ts';
import type { SmsProvider } from '../../../core/model/sms.ts';
import type { InAppMoment } from '../../../core/rules/schema.ts';

export type Conditions = RuleEntry['when'];
export type ConditionKey = keyof Conditions;
export type Action = RuleEntry['then'];
export type ActionKind = Action['do'];
export type Stage = RuleEntry['stage'];
export type Point = ExplainedRule['point'];
export type Verdict = ExplainedRule['verdict'];
export type PushProviderKey = 'apns' | 'fcm' | 'webpush';
export type SmsProviderKey = SmsProvider;
export type ProviderKey = MailProvider['key'] | PushProviderKey | SmsProviderKey;

export const stageWords: Readonly<Record<Stage, { readonly place: string; readonly about: string }>> = {
  door: { place: 'our door', about: 'What your app sees while it hands a message over.' },
  farSide: { place: 'the far side', about: 'What the delivery sees at the provider of the recipient.' },
};

export const conditionGroups = ['Who', 'What', 'When', 'How often'] as const;

interface ConditionWords {
  readonly group: (typeof conditionGroups)[number];
  readonly label: string;
  readonly about: string;
}

export const conditionWords: Readonly<Record<ConditionKey, ConditionWords>> = {
  recipient: {
    group: 'Who',
    label: 'Recipient',
    about:
      'of the envelope; * and ? stand for anything; of a push the token, of an SMS the number (+4915…), in-app the user’s id',
  },
  domain: {
    group: 'Who',
    label: 'Recipient’s domain',
    about: 'gmail.com, or *.example.com for what is under it; pushes and SMS have none',
  },
  provider: {
    group: 'Who',
    label: 'Provider',
    about: 'who keeps the mailbox, which push service, or whose SMS',
  },
  sender: {
    group: 'Who',
    label: 'Sender',
    about: 'of the envelope: an address, a domain, or * and ?; of a push the app, of an SMS number or name',
  },
  moment: {
    group: 'When',
    label: 'Moment (in-app)',
    about: 'what the in-app door is asked for; left out: those at which the action is usual',
  },
  channel: { group: 'Who', label: 'Channel', about: 'mail, push, SMS or in-app' },
  door: {
    group: 'Who',
    label: 'Door',
    about: 'the way in: smtp, submission, api …; apns, fcm, twilio, inapp …',
  },
  subject: {
    group: 'What',
    label: 'Subject',
    about: 'words in it, or a pattern; of a push and in-app its title; an SMS has none',
  },
  header: { group: 'What', label: 'Header', about: 'that is there, has words in it, or is missing' },
  body: {
    group: 'What',
    label: 'Body',
    about:
      'the words of its text and HTML; of a push its title, body and data; of an SMS its text; in-app title, body and buttons',
  },
  attachment: {
    group: 'What',
    label: 'Attachment',
    about: 'any, or one by name, type and size; of a push its picture, of an MMS its media',
  },
  size: {
    group: 'What',
    label: 'Size',
    about: 'of the whole message; of a push its payload, of an SMS the request',
  },
  tag: { group: 'What', label: 'Tag', about: 'that the app or a project gave it' },
  time: { group: 'When', label: 'Time', about: 'a window of virtual time' },
  nth: { group: 'How often', label: 'Only the n-th', about: 'of those that meet the rest, counted from 1' },
  everyNth: { group: 'How often', label: 'Every n-th', about: 'of those that meet the rest' },
  rate: { group: 'How often', label: 'Beyond a rate', about: 'only what goes over so many in a window' },
  probability: {
    group: 'How often',
    label: 'By chance',
    about: 'drawn from the seed: the same run, the same luck',
  },
  atMost: { group: 'How often', label: 'At most', about: 'so many times, then no more' },
};

export const actionGroups = ['Refuse', 'Hold up', 'Break the connection', 'Accept, and then'] as const;

interface ActionWords {
  readonly group: (typeof actionGroups)[number];
  readonly label: string;
  readonly about: string;
}

export const actionWords: Readonly<Record<ActionKind, ActionWords>> = {
  reject: { group: 'Refuse', label: 'Reject it', about: 'A 5xx reply: it is not tried again.' },
  defer: { group: 'Refuse', label: 'Defer it', about: 'A 4xx reply: it is tried again later.' },
  refuseAuth: { group: 'Refuse', label: 'Refuse the login', about: 'The answer to AUTH, at our door only.' },
  hold: {
    group: 'Hold up',
    label: 'Hold it',
    about:
      'It waits until somebody releases it: in the queue, or at the provider where an app pushed itself.',
  },
  delay: {
    group: 'Hold up',
    label: 'Delay it',
    about: 'At our door the answer comes late; at the far side the message does.',
  },
  slow: { group: 'Hold up', label: 'Slow the link', about: 'So many bytes a second, no more.' },
  refuseConnection: {
    group: 'Break the connection',
    label: 'Refuse the connection',
    about: 'Nobody answers, or a reply in place of the greeting.',
  },
  breakTls: { group: 'Break the connection', label: 'Break TLS', about: 'STARTTLS fails, or is not there.' },
  disconnect: {
    group: 'Break the connection',
    label: 'Disconnect',
    about: 'The connection is cut at a stage of the session.',
  },
  blackHole: {
    group: 'Accept, and then',
    label: 'Lose it',
    about: 'It is accepted and never seen again (a black hole).',
  },
  duplicate: { group: 'Accept, and then', label: 'Duplicate it', about: 'It arrives more than once.' },
  bounceLater: {
    group: 'Accept, and then',
    label: 'Bounce it later',
    about: 'A bounce message comes back after the yes (out of band).',
  },
  complain: { group: 'Accept, and then', label: 'Report it as spam', about: 'The recipient complains.' },
  place: {
    group: 'Accept, and then',
    label: 'Put it into a folder',
    about: 'Whatever the filter says.',
  },
  autoReply: { group: 'Accept, and then', label: 'Answer it', about: 'An absent owner replies.' },
  corrupt: {
    group: 'Accept, and then',
    label: 'Corrupt it',
    about: 'A byte of its body is flipped on the way, so that DKIM breaks.',
  },
  answer: {
    group: 'Refuse',
    label: 'Answer with a reason',
    about:
      'What a push or SMS provider says: Unregistered, 21610, ESME_RTHROTTLED …; in-app rate_limited, token_expired …',
  },
  goAway: {
    group: 'Break the connection',
    label: 'Send it away',
    about: 'The provider ends the connection: GOAWAY with a reason; in-app realtime: reconnect.',
  },
  offline: {
    group: 'Hold up',
    label: 'Switch the device off',
    about:
      'What is sent waits at the provider, or at the carrier, until it is back; in-app every request is cut.',
  },
  uninstall: {
    group: 'Accept, and then',
    label: 'Uninstall the app',
    about: 'The token dies: at once, or as the provider finds out.',
  },
  report: {
    group: 'Accept, and then',
    label: 'Report a status',
    about: 'An SMS ends so, in the provider’s own words: undelivered with 30003, EXPIRED …',
  },
  reports: {
    group: 'Accept, and then',
    label: 'Disturb its reports',
    about: 'The delivery reports of an SMS get lost, come twice, late, or out of order.',
  },
  empty: {
    group: 'Accept, and then',
    label: 'Hand nothing out',
    about: 'In-app: an empty page though messages wait, or nothing to display.',
  },
  stale: {
    group: 'Accept, and then',
    label: 'Answer as before',
    about: 'In-app: the queue as it was, 304 though something is new, as from a cache.',
  },
  shuffle: {
    group: 'Accept, and then',
    label: 'Mix up the order',
    about: 'In-app: a page out of order; to be displayed the second best.',
  },
  expire: {
    group: 'Accept, and then',
    label: 'Let it expire',
    about: 'In-app: the message is gone so long after it was handed in.',
  },
};

/** What only a provider does. */
export const farSideKinds: ReadonlySet<ActionKind> = new Set<ActionKind>([
  'answer',
  'goAway',
  'offline',
  'uninstall',
  'report',
  'reports',
  'empty',
  'stale',
  'shuffle',
  'expire',
]);

/** What push providers say, as the editor offers it; a rule may name any other. */
export const pushReasons: Readonly<Record<PushProviderKey, readonly string[]>> = {
  apns: [
    'BadDeviceToken',
    'Unregistered',
    'ExpiredToken',
    'DeviceTokenNotForTopic',
    'TooManyRequests',
    'TooManyProviderTokenUpdates',
    'ExpiredProviderToken',
    'InvalidProviderToken',
    'MissingProviderToken',
    'BadCertificate',
    'BadCertificateEnvironment',
    'BadEnvironmentKeyIdInToken',
    'UnrelatedKeyIdInToken',
    'Forbidden',
    'BadTopic',
    'MissingTopic',
    'TopicDisallowed',
    'BadCollapseId',
    'BadExpirationDate',
    'BadMessageId',
    'BadPriority',
    'DuplicateHeaders',
    'IdleTimeout',
    'InvalidPushType',
    'MissingDeviceToken',
    'PayloadEmpty',
    'PayloadTooLarge',
    'BadPath',
    'MethodNotAllowed',
    'InternalServerError',
    'ServiceUnavailable',
    'Shutdown',
  ],
  fcm: [
    'UNREGISTERED',
    'INVALID_ARGUMENT',
    'SENDER_ID_MISMATCH',
    'QUOTA_EXCEEDED',
    'UNAVAILABLE',
    'INTERNAL',
    'THIRD_PARTY_AUTH_ERROR',
    'UNAUTHENTICATED',
    'PERMISSION_DENIED',
    'NOT_FOUND',
  ],
  webpush: [
    'Gone',
    'NotFound',
    'BadRequest',
    'Unauthorized',
    'VapidKeyMismatch',
    'Forbidden',
    'PayloadTooLarge',
    'TooManyRequests',
    'InternalServerError',
    'BadGateway',
    'ServiceUnavailable',
  ],
};

/** The moments of a session, as in “… at RCPT”. */
export const pointWords: Readonly<Record<Point, string>> = {
  queue: 'before the attempt',
  connect: 'on connecting',
  ehlo: 'at EHLO',
  tls: 'at STARTTLS',
  auth: 'at AUTH',
  mail: 'at MAIL',
  rcpt: 'at RCPT',
  data: 'at DATA',
  midData: 'in the middle of DATA',
  endOfData: 'at the end of DATA',
  accepted: 'after the acceptance',
  send: 'as it is handed in',
  pull: 'at a pull',
  display: 'when asked what to display',
  track: 'when an impression or a click is told',
  realtime: 'on a realtime connection',
};

/** What the in-app door is asked for. */
export const momentChoices: readonly { readonly value: InAppMoment; readonly label: string }[] = [
  { value: 'send', label: 'the app hands it in' },
  { value: 'pull', label: 'the client pulls' },
  { value: 'display', label: 'it asks what to display' },
  { value: 'track', label: 'it tells of an impression or a click' },
  { value: 'realtime', label: 'it holds a realtime connection' },
];

export const replyPoints = [
  'connect',
  'ehlo',
  'mail',
  'rcpt',
  'data',
  'endOfData',
] as const satisfies readonly Point[];
export const disconnectPoints = [
  'connect',
  'ehlo',
  'mail',
  'rcpt',
  'data',
  'midData',
  'endOfData',
] as const satisfies readonly Point[];

export const providerWords: Readonly<Record<ProviderKey, string>> = {
  gmail: 'Gmail-like',
  outlook: 'Outlook-like',
  yahoo: 'Yahoo-like',
  corporate: 'Corporate',
  default: 'Default',
  own: 'Your own domains',
  apns: 'APNs',
  fcm: 'FCM',
  webpush: 'Web Push',
  twilio: 'Twilio',
  vonage: 'Vonage',
  messagebird: 'MessageBird',
  sinch: 'Sinch',
  infobip: 'Infobip',
  telnyx: 'Telnyx',
  smpp: 'SMPP',
};

/** As lists show them: whose mailbox, whose push service, whose SMS. */
export const providerGroups = [
  { label: 'Mail', keys: ['gmail', 'outlook', 'yahoo', 'corporate', 'default', 'own'] },
  { label: 'Push', keys: ['apns', 'fcm', 'webpush'] },
  { label: 'SMS', keys: ['twilio', 'vonage', 'messagebird', 'sinch', 'infobip', 'telnyx', 'smpp'] },
] as const satisfies readonly { readonly label: string; readonly keys: readonly ProviderKey[] }[];
export const smsProviderKeys: readonly SmsProviderKey[] = providerGroups[2].keys;
export const providerKeys: readonly ProviderKey[] = providerGroups.flatMap(
  ({ keys }): readonly ProviderKey[] => keys,
);

export const channelWords = {
  email: 'email',
  push: 'push notification',
  sms: 'SMS',
  inapp: 'in-app message',
} as const;

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const weekdayWords: Readonly<Record<(typeof weekdays)[number], string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

export const verdictWords: Readonly<Record<Verdict, string>> = {
  met: 'met',
  not_met: 'not met',
  not_reached: 'not reached',
  off: 'switched off',
};

/** What a reply may name, and what is put in its place. */
export const placeholders: readonly {
  readonly name: string;
  readonly about: string;
  readonly sample: string;
}[] = [
  { name: 'recipient', about: 'the address of RCPT', sample: 'jane@gmail.com' },
  { name: 'sender', about: 'the address of MAIL', sample: 'hello@shop.example' },
  { name: 'domain', about: 'the sender’s domain', sample: 'shop.example' },
  { name: 'ip', about: 'the client’s address', sample: '203.0.113.10' },
  { name: 'host', about: 'the server’s own name', sample: 'mx1.gmail.sandpost.example' },
  { name: 'id', about: 'of the session', sample: 'a1b2c3d4e5' },
  { name: 'bytesMax', about: 'the size limit', sample: '26214400' },
];

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : isList(value) ? value : [value];

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

export const isProviderKey = (text: string): text is ProviderKey => text in providerWords;
export const isSmsProvider = (text: string | null): text is SmsProviderKey =>
  text !== null && smsProviderKeys.some((key) => key === text);
export const isPushProvider = (text: string | null): text is PushProviderKey =>
  text !== null && text in pushReasons;
