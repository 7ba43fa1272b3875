/**
 * A rule as users write it: when … then …. What is left out of `when` is not asked; of a list any one will do. Times
 * end in Ms; absolute ones are ISO 8601 in virtual time.
 */
import { z } from 'zod';
import { placements } from '../model/delivery.ts';
import { providerKeys } from '../model/mail-provider.ts';
import type { Channel } from '../model/message.ts';
import { pushProviders } from '../model/push.ts';
import { smsProviders } from '../model/sms.ts';

export const rulesMax = 20_000;
export const idCharsMax = 64;
const nameCharsMax = 200;
const addressCharsMax = 320;
const domainCharsMax = 255;
const textCharsMax = 500;
const replyCharsMax = 2_000;
const listMax = 1_000;
const tagCharsMax = 64;
const countMax = 1_000_000;
const rateMax = 10_000;
const dayMs = 24 * 3_600_000;
/** Of virtual time: longer than any queue lifetime. */
const spanMsMax = 30 * dayMs;
/** Of real time that a client is kept waiting. */
export const waitMsMax = 15 * 60_000;
const bytesMax = 1024 ** 3;
export const copiesMax = 10;

/** Where a rule is asked: at our submission doors (what the app sees) or at the far side (what the delivery core sees). */
export const stages = ['door', 'farSide'] as const;
export type Stage = (typeof stages)[number];

/**
 * What the in-app door is asked for: the app hands a message in; its client pulls the queue, asks what to display, tells what
 * became of it, holds a realtime connection.
 */
export const inAppMoments = ['send', 'pull', 'display', 'track', 'realtime'] as const;
export type InAppMoment = (typeof inAppMoments)[number];

/**
 * The moments at which rules are asked, in their order. `queue`: before an attempt of our own; `accepted`: after the yes. The
 * last ones are those of the in-app door.
 */
export const points = [
  'queue',
  'connect',
  'ehlo',
  'tls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'midData',
  'endOfData',
  'accepted',
  ...inAppMoments,
] as const;
export type Point = (typeof points)[number];

/** Where a refusal may be said. */
export const replyPoints = ['connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData'] as const;
export const disconnectPoints = ['connect', 'ehlo', 'mail', 'rcpt', 'data', 'midData', 'endOfData'] as const;

/** Mailbox providers, push services and SMS aggregators. */
export const ruleProviders = [...providerKeys, ...pushProviders, ...smsProviders] as const;

function oneOrMore<T extends z.ZodType>(one: T) {
  return z.union([one, z.array(one).min(1).max(listMax)]);
}

const addressPattern = z.string().max(addressCharsMax);
const text = z.string().min(1).max(textCharsMax);

/** A plain string is looked for anywhere, in either case. */
export const textPatternSchema = z.union([
  text,
  z.strictObject({ equals: z.string().max(textCharsMax) }),
  z.strictObject({ startsWith: text }),
  z.strictObject({ endsWith: text }),
  z.strictObject({ like: text.describe('the whole of it, with * and ?') }),
  z.strictObject({
    matches: text.describe('a regular expression as RE2 has them: linear in time, no back-references'),
  }),
]);
export type TextPattern = z.infer<typeof textPatternSchema>;

const span = z.int().min(1).max(spanMsMax);
const instant = z.iso.datetime({ offset: true });
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day looks like 09:30');
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export const conditionsSchema = z.strictObject({
  channel: oneOrMore(z.enum(['email', 'push', 'sms', 'inapp'])).optional(),
  door: oneOrMore(z.string().min(1).max(32))
    .optional()
    .describe(
      'key of the door, as in the list of ports; `api` for the send API; `apns`, `fcm`, `webpush`, `twilio`, `smpp` … for what an app brings to its provider; `inapp` for the in-app door; `queue` for our own delivery core at the far side',
    ),
  moment: oneOrMore(z.enum(inAppMoments))
    .optional()
    .describe(
      'of in-app messages: the app hands one in, its client pulls the queue, asks what to display, tells what became of it, or holds a realtime connection; left out: those at which the action is usual',
    ),
  provider: oneOrMore(z.enum(ruleProviders))
    .optional()
    .describe('whose mailbox it is for, which push service, or which SMS provider'),
  recipient: oneOrMore(addressPattern.min(1))
    .optional()
    .describe(
      'of the envelope, with * and ?; of a push the token, the subscription, or /topics/…; of an SMS the number in E.164, as in +4915…; of an in-app message the user’s id',
    ),
  sender: oneOrMore(addressPattern)
    .optional()
    .describe(
      'of the envelope, with * and ?; a bare domain stands for all of its addresses; empty: the null sender; of a push the app: bundle id, project, package, origin; of an SMS the number, short code or alphanumeric sender; at the in-app door the key',
    ),
  domain: oneOrMore(z.string().min(1).max(domainCharsMax))
    .optional()
    .describe("the recipient's; *.example.com for what is under it; a push and an SMS have none"),
  subject: oneOrMore(textPatternSchema)
    .optional()
    .describe('of a push and an in-app message its title; an SMS has none'),
  header: oneOrMore(
    z.strictObject({
      name: z.string().regex(/^[!-9;-~]{1,100}$/, 'a header name has no spaces and no colon'),
      text: textPatternSchema.optional().describe('left out: that it is there is enough'),
      absent: z.literal(true).optional(),
    }),
  ).optional(),
  body: oneOrMore(textPatternSchema)
    .optional()
    .describe(
      'the words of text and HTML parts; of a push those of its title, its body and its data; of an SMS its text; of an in-app message title, body, slides and buttons',
    ),
  attachment: z
    .union([
      z.literal('any'),
      z.strictObject({
        name: text.optional().describe('with * and ?'),
        type: text.optional().describe('content type, with * and ?'),
        bytesMin: z.int().min(0).max(bytesMax).optional(),
        bytesMax: z.int().min(0).max(bytesMax).optional(),
      }),
    ])
    .optional()
    .describe('of a push and an in-app message its picture; of an MMS its media'),
  size: z
    .strictObject({
      bytesMin: z.int().min(0).max(bytesMax).optional(),
      bytesMax: z.int().min(0).max(bytesMax).optional(),
    })
    .optional()
    .describe(
      'of the whole message; of a push its payload; of an SMS and at the in-app door the body of the request',
    ),
  tag: oneOrMore(z.string().trim().min(1).max(tagCharsMax)).optional(),
  time: z
    .strictObject({
      from: instant.optional(),
      until: instant.optional(),
      forMs: span.optional().describe('since the rule is in force'),
      afterMs: span.optional().describe('only so long after the rule came into force'),
      daily: z
        .strictObject({ from: timeOfDay, until: timeOfDay })
        .optional()
        .describe('in UTC; may go past midnight'),
      days: z.array(z.enum(weekdays)).min(1).max(7).optional().describe('in UTC'),
    })
    .optional()
    .describe('virtual time'),
  nth: oneOrMore(z.int().min(1).max(countMax))
    .optional()
    .describe('only the n-th that meets the rest, counted from 1'),
  everyNth: z.int().min(1).max(countMax).optional(),
  rate: z
    .strictObject({ moreThan: z.int().min(0).max(rateMax), perMs: span })
    .optional()
    .describe(
      'only what goes beyond so many within the window; real time at a door, virtual at the far side',
    ),
  probability: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('drawn from the seed, so that the same run has the same luck'),
  atMost: z.int().min(1).max(countMax).optional().describe('so many times, then no more'),
});
export type Conditions = z.infer<typeof conditionsSchema>;
export type ConditionKey = keyof Conditions;

const enhanced = (first: '4' | '5') =>
  z
    .string()
    .regex(new RegExp(`^${first}\\.\\d{1,3}\\.\\d{1,3}$`), `an enhanced code here looks like ${first}.1.1`);
const replyText = z
  .string()
  .min(1)
  .max(replyCharsMax)
  .regex(/^[\t\n -~]*$/, 'a reply is plain ASCII; a new line begins a new line of the reply')
  .describe(
    '{recipient} {sender} {domain} {ip} {host} {id} {bytesMax} stand for what is the case; lines are split by a line feed',
  );
const virtualDelay = z.int().min(0).max(spanMsMax);

export const actionSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('reject'),
    code: z.int().min(500).max(599),
    enhanced: enhanced('5').optional(),
    text: replyText,
    at: z
      .enum(replyPoints)
      .optional()
      .describe('left out: at RCPT, or at the end of DATA when the rule asks for more'),
    close: z.boolean().optional().describe('and the connection is closed'),
  }),
  z.strictObject({
    do: z.literal('defer'),
    code: z.int().min(400).max(499),
    enhanced: enhanced('4').optional(),
    text: replyText,
    times: z
      .int()
      .min(1)
      .max(countMax)
      .optional()
      .describe('so many tries of each message to each recipient'),
    until: instant.optional(),
    forMs: span.optional().describe('since the rule is in force'),
    at: z.enum(replyPoints).optional(),
  }),
  z.strictObject({ do: z.literal('hold'), reason: z.string().trim().min(1).max(textCharsMax).optional() }),
  z
    .strictObject({
      do: z.literal('delay'),
      ms: z.int().min(1).max(spanMsMax),
      msMax: z.int().min(1).max(spanMsMax).optional().describe('with it, somewhere between the two'),
      at: z.enum(replyPoints).optional(),
    })
    .describe(
      'at a door the answer comes late, in real time; at the far side the message gets into its mailbox, or to its device or handset, late, in virtual time',
    ),
  z.strictObject({
    do: z.literal('slow'),
    bytesPerSecond: z
      .int()
      .min(16)
      .max(1024 ** 3),
  }),
  z.strictObject({
    do: z.literal('disconnect'),
    at: z.enum(disconnectPoints).describe('endOfData: after the dot, before the 250'),
    afterBytes: z.int().min(0).max(bytesMax).optional().describe('of the content, with midData'),
    keep: z
      .boolean()
      .optional()
      .describe(
        'at the far side, with endOfData: it has taken the message all the same, and a new try makes a second one; in-app: what was asked for is done, and nobody hears of it',
      ),
    afterEvents: z
      .int()
      .min(0)
      .max(countMax)
      .optional()
      .describe('of a realtime connection, with midData: so many events go through first'),
  }),
  z.strictObject({
    do: z.literal('refuseConnection'),
    how: z.enum(['reset', 'reply']).default('reset'),
    code: z.union([z.literal(421), z.literal(554)]).default(554),
    text: replyText.default('No SMTP service here'),
  }),
  z.strictObject({
    do: z.literal('breakTls'),
    how: z
      .enum(['notOffered', 'refuse', 'cut'])
      .default('cut')
      .describe('not in the answer to EHLO; 454 to STARTTLS; the handshake is cut'),
  }),
  z.strictObject({
    do: z.literal('refuseAuth'),
    code: z
      .union([z.literal(535), z.literal(454), z.literal(534), z.literal(432), z.literal(421)])
      .default(535),
    enhanced: z
      .string()
      .regex(/^[45]\.\d{1,3}\.\d{1,3}$/)
      .optional(),
    text: replyText.default('Authentication credentials invalid'),
  }),
  z.strictObject({ do: z.literal('blackHole') }),
  z.strictObject({
    do: z.literal('duplicate'),
    copies: z.int().min(2).max(copiesMax).default(2).describe('in all'),
  }),
  z.strictObject({
    do: z.literal('bounceLater'),
    afterMs: virtualDelay.default(120_000),
    code: z.int().min(500).max(599).default(550),
    enhanced: enhanced('5').default('5.1.1'),
    text: replyText.default('The email account that you tried to reach does not exist'),
  }),
  z.strictObject({ do: z.literal('complain'), afterMs: virtualDelay.default(600_000) }),
  z.strictObject({ do: z.literal('place'), in: z.enum(placements) }),
  z.strictObject({
    do: z.literal('autoReply'),
    text: z
      .string()
      .min(1)
      .max(5_000)
      .default('I am out of the office and will read your message when I am back.'),
    afterMs: virtualDelay.default(30_000),
  }),
  z
    .strictObject({ do: z.literal('corrupt') })
    .describe('a byte of the body is flipped on the way, so that DKIM breaks'),
  z
    .strictObject({
      do: z.literal('answer'),
      reason: z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9_]{0,63}$/,
          'a reason is one word, like Unregistered, QUOTA_EXCEEDED or 21610',
        )
        .describe('of an SMS provider its error code'),
      status: z.int().min(400).max(599).optional().describe('left out: the one that belongs to the reason'),
      text: z.string().max(replyCharsMax).optional().describe('where the provider has room for words'),
      retryAfterS: z.int().min(0).max(86_400).optional(),
      times: z
        .int()
        .min(1)
        .max(countMax)
        .optional()
        .describe('so many tries of each message to each recipient'),
    })
    .describe('a push service, an SMS provider or the in-app door answers so'),
  z
    .strictObject({
      do: z.literal('goAway'),
      reason: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{1,63}$/)
        .default('Shutdown'),
      answered: z
        .boolean()
        .default(false)
        .describe('the request is answered first; else it is left without an answer'),
      retryAfterMs: z
        .int()
        .min(0)
        .max(waitMsMax)
        .optional()
        .describe('of a realtime connection: when the client is told to come back, in real time'),
    })
    .describe(
      'the connection is ended by the provider (HTTP/2: GOAWAY with the reason; in-app realtime: `reconnect`)',
    ),
  z
    .strictObject({ do: z.literal('offline'), forMs: span })
    .describe(
      'the device or handset is switched off before it gets there, and comes back by itself; in-app: whatever the user’s client asks for is cut meanwhile',
    ),
  z
    .strictObject({
      do: z.literal('uninstall'),
      tellAfterSends: z
        .int()
        .min(1)
        .max(countMax)
        .optional()
        .describe('the provider says so after so many more'),
      tellAfterMs: span.optional(),
    })
    .describe('the app is gone from the device: the provider says so at once, or later'),
  z
    .strictObject({
      do: z.literal('report'),
      status: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{1,63}$/, 'a status is one word, like undelivered or EXPIRED')
        .describe('a word of the provider’s own, in any case'),
      code: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,32}$/)
        .optional()
        .describe('of the provider: 30007, 1 …'),
      afterMs: z.int().min(0).max(spanMsMax).default(0).describe('in virtual time; it is sent until then'),
    })
    .describe('an SMS is accepted, and ends with that status'),
  z
    .strictObject({
      do: z.literal('reports'),
      how: z
        .enum(['lose', 'repeat', 'late', 'shuffle'])
        .describe('never sent; sent several times; sent late; sent in another order'),
      times: z.int().min(2).max(copiesMax).default(2).describe('in all, with repeat'),
      ms: z.int().min(1).max(spanMsMax).default(60_000).describe('with late, in virtual time'),
    })
    .describe('what becomes of the delivery reports of an SMS, which goes its way'),
  z
    .strictObject({ do: z.literal('empty') })
    .describe('in-app: an empty page though messages wait; nothing to display though something is due'),
  z
    .strictObject({ do: z.literal('stale') })
    .describe(
      'in-app: the queue as it was when the client last got it: 304 to the tag that it names, though something is new',
    ),
  z
    .strictObject({ do: z.literal('shuffle') })
    .describe('in-app: the entries of a page out of order; to be displayed the second best'),
  z
    .strictObject({ do: z.literal('expire'), afterMs: virtualDelay.default(60_000) })
    .describe('in-app: the message expires so long after it was handed in, in virtual time'),
]);
export type Action = z.infer<typeof actionSchema>;
export type ActionKind = Action['do'];

/** Which channels have an action at a stage; what a channel does not have is passed over there, and counts nothing. */
const smsOnly = { door: [], farSide: ['sms'] } as const;
const emailOnly = { door: ['email'], farSide: ['email'] } as const;
const inAppOnly = { door: [], farSide: ['inapp'] } as const;
const requests = ['push', 'sms', 'inapp'] as const;
const all = ['email', ...requests] as const;
export const channelsOf: Readonly<Record<ActionKind, Readonly<Record<Stage, readonly Channel[]>>>> = {
  reject: { door: all, farSide: ['email'] },
  defer: { door: all, farSide: ['email'] },
  hold: { door: all, farSide: all },
  delay: { door: all, farSide: all },
  slow: { door: ['email'], farSide: all },
  disconnect: { door: ['email'], farSide: all },
  refuseConnection: { door: ['email'], farSide: all },
  breakTls: emailOnly,
  refuseAuth: emailOnly,
  blackHole: { door: ['email'], farSide: all },
  duplicate: { door: ['email'], farSide: all },
  bounceLater: emailOnly,
  complain: emailOnly,
  place: emailOnly,
  autoReply: emailOnly,
  corrupt: emailOnly,
  answer: { door: [], farSide: requests },
  goAway: { door: [], farSide: ['push', 'inapp'] },
  offline: { door: [], farSide: requests },
  uninstall: { door: [], farSide: ['push'] },
  report: smsOnly,
  reports: smsOnly,
  empty: inAppOnly,
  stale: inAppOnly,
  shuffle: inAppOnly,
  expire: inAppOnly,
};

/** What a message of a channel does not have: nothing that asks for it is ever met by one. */
export const lackedBy: Readonly<Record<Channel, readonly ConditionKey[]>> = {
  email: ['moment'],
  push: ['domain', 'moment'],
  sms: ['domain', 'subject', 'moment'],
  inapp: ['domain'],
  multi: [],
};

export function isActionOf(action: ActionKind, stage: Stage, channel: Channel): boolean {
  return channelsOf[action][stage].includes(channel);
}

export const ruleSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'an id has letters, digits, dots, dashes and underscores')
    .max(idCharsMax)
    .describe('what hits and counts are kept by; made when it is left out'),
  name: z.string().trim().max(nameCharsMax).default(''),
  enabled: z.boolean().default(true),
  stage: z.enum(stages),
  when: conditionsSchema.default({}),
  then: actionSchema,
});
export type Rule = z.infer<typeof ruleSchema>;

/** As it is handed in: without an id one is made. */
export const ruleInputSchema = ruleSchema.extend({ id: ruleSchema.shape.id.optional() });
export type RuleInput = z.input<typeof ruleInputSchema>;
