/**
 * The wire shapes of the HTTP API, once: the server validates and documents with them, the screen and the command
 * line import their types. Times are ISO 8601 in UTC with milliseconds; sizes are bytes; ids are UUIDv7.
 */
import { z } from '@hono/zod-openapi';
import { deliverySettingsSchema } from '../delivery/settings.ts';
import { checkResults } from '../dns/check-records.ts';
import { recordTypes } from '../dns/dns.ts';
import { purposes } from '../dns/records.ts';
import {
  dmarcSchema,
  faultsSchema,
  inboundSchema,
  recipientFaultSchema,
  recordSchema,
  signWithSchema,
} from '../dns/stored-domain.ts';
import { outcomeClasses, placements, statuses, streams, substatuses, waitsFor } from '../model/delivery.ts';
import { pushProviders, pushTargetKinds } from '../model/push.ts';
import { smsProviders } from '../model/sms.ts';
import { suppressionReasons, suppressionScopes } from '../model/suppression.ts';
import { webhookEventTypes } from '../model/webhook.ts';
import { inAppViewSchema } from './inapp-schema.ts';
import { multiViewSchema } from './multi-view-schema.ts';
import { pushContentSchema } from './phones-schema.ts';

export const addressSchema = z
  .object({ name: z.string(), address: z.string() })
  .openapi('Address', { description: 'A mailbox as a header names it; `name` is empty when there is none.' });

export const attachmentSchema = z
  .object({
    part: z.int().describe('number of the MIME part, for …/parts/:n'),
    filename: z.string().nullable(),
    contentType: z.string(),
    contentId: z.string().nullable(),
    disposition: z.enum(['attachment', 'inline']),
    bytes: z.int().describe('size after decoding'),
  })
  .openapi('Attachment');

export const problemSchema = z.object({ code: z.string(), detail: z.string() }).openapi('MessageProblem', {
  description: 'What is wrong with the message as it came; it is stored all the same.',
});

export const deliverySchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    messageId: z.string().nullable().describe('null for what is no message: the call of a webhook'),
    carriage: z.enum(['email', 'push', 'sms', 'inapp', 'multi', 'webhook', 'callback']),
    project: z.string(),
    recipient: z.string(),
    domain: z.string(),
    provider: z.string().nullable(),
    stream: z.enum(streams),
    status: z.enum(statuses),
    substatus: z.enum(substatuses).nullable(),
    class: z.enum(outcomeClasses).nullable().describe('who or what is at fault'),
    reason: z.string().nullable(),
    attempts: z.int(),
    nextAttemptAt: z.string().nullable().describe('virtual, as are the other times of a delivery'),
    expiresAt: z.string(),
    placement: z.enum(placements).nullable(),
    retryOf: z.string().nullable().describe('the delivery that this one tries again'),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
    waitsFor: z
      .enum(waitsFor)
      .nullable()
      .describe(
        "a new try, a release, a suspension's end, its stream's rate, the time that its sender asked for; null: its turn, or nothing",
      ),
    heldSince: z
      .string()
      .nullable()
      .describe("since when it waits for a release, a suspension's end or its stream's rate"),
    heldBy: z
      .object({
        rule: z.string().nullable().describe('its id; null: a magic address'),
        label: z.string(),
      })
      .nullable()
      .describe('what holds it; null: a person does, or it is not held'),
    releasedAt: z.string().nullable(),
    mailFrom: z
      .string()
      .nullable()
      .describe("MAIL FROM of this delivery alone, after its envelope was edited; null: the message's"),
    user: z.string().nullable().describe("id of one of the app's users that it is for"),
    envelopeBefore: z
      .object({ from: z.string().nullable(), to: z.string().nullable() })
      .nullable()
      .describe('what was edited, as it was: null where it is as it came'),
  })
  .openapi('Delivery', { description: 'One message to one recipient.' });

export const messageSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    project: z.string(),
    channel: z.enum(['email', 'push', 'sms', 'inapp', 'multi']),
    door: z.string().describe('key of the door it came through: smtp, submission, smtps, import'),
    subject: z.string(),
    from: addressSchema.nullable(),
    to: z.array(addressSchema),
    cc: z.array(addressSchema),
    bcc: z.array(addressSchema),
    replyTo: z.array(addressSchema),
    messageId: z.string().nullable(),
    date: z.string().nullable().describe('the Date header, ISO 8601, null when missing or unreadable'),
    envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
    user: z
      .string()
      .nullable()
      .describe(
        "who signed in at the door (SMTP AUTH); of what goes to one of the app's users, that user's id",
      ),
    partOf: z
      .object({
        messageId: z.string(),
        deliveryId: z.string(),
        step: z.int().describe('the how manieth way that was tried for that user, from 1'),
      })
      .nullable()
      .describe('the send over several channels that led to it'),
    template: z.object({ id: z.string(), version: z.int() }).nullable().describe('that it was made with'),
    topic: z.string().nullable().describe('what its readers can unsubscribe from'),
    receivedAt: z.string(),
    bytes: z.int(),
    snippet: z.string(),
    attachments: z.array(attachmentSchema),
    stream: z.enum(streams).nullable().describe('null when it is captured only'),
    tags: z.array(z.string()),
    read: z.boolean(),
    indexed: z.boolean().describe('false while the body still waits to be read and indexed'),
    problems: z.array(problemSchema),
    exchangeId: z.string().nullable(),
    deliveries: z
      .array(deliverySchema)
      .describe('in lists the first five, of a single message up to a thousand; empty when captured only'),
  })
  .openapi('Message');

export const mimePartSchema = z
  .object({
    n: z.int().describe('position in the message, 0 is the whole'),
    parent: z.int().nullable(),
    path: z.string().describe('IMAP-like path: "1.2"'),
    contentType: z.string(),
    charset: z.string().nullable(),
    encoding: z.string().nullable(),
    disposition: z.string().nullable(),
    filename: z.string().nullable(),
    contentId: z.string().nullable(),
    bytes: z.int().describe('size of the body as it stands in the message'),
    decodedBytes: z.int().nullable().describe('size after decoding; null for a multipart'),
    headerStart: z.int(),
    bodyStart: z.int(),
    bodyEnd: z.int(),
  })
  .openapi('MimePart', { description: 'Offsets are bytes from the start of the raw message.' });

export const headerSchema = z
  .object({
    name: z.string(),
    value: z.string().describe('unfolded and decoded'),
    raw: z.string().describe('as it came, with its folds; bytes shown as latin1 where they are not UTF-8'),
  })
  .openapi('Header');

export const remoteContentSchema = z
  .object({
    url: z.string(),
    kind: z.enum(['image', 'stylesheet', 'font', 'frame', 'media', 'script', 'other']),
  })
  .openapi('RemoteContent');

const jsonObject = z.record(z.string(), z.unknown());
export const pushDetailsSchema = z
  .object({
    provider: z.enum(pushProviders),
    target: z.object({ kind: z.enum(pushTargetKinds), value: z.string() }),
    app: z.string(),
    environment: z.enum(['production', 'development']).nullable(),
    pushType: z.string().nullable().describe('apns-push-type'),
    priority: z.string().nullable(),
    collapseKey: z.string().nullable(),
    expiresAt: z.string().nullable().describe('virtual; null: as long as the provider keeps things'),
    nowOrNever: z.boolean().describe('tried once and never stored'),
    providerId: z.string().describe('apns-id, message name, Location'),
    headers: z.array(z.tuple([z.string(), z.string()])).describe('as they came; credentials are masked'),
    credentials: z
      .object({
        kind: z.enum(['apnsToken', 'certificate', 'oauth', 'vapid', 'none']),
        header: jsonObject,
        claims: jsonObject,
        signature: z.enum(['valid', 'invalid', 'unknownKey', 'none']),
        checks: z.array(
          z.object({
            check: z.string(),
            result: z.enum(['pass', 'fail', 'unchecked']),
            detail: z.string(),
          }),
        ),
      })
      .nullable(),
    plain: z.string().nullable().describe('what was inside where the payload came encrypted'),
  })
  .openapi('PushDetails', { description: 'What the request to a provider said beside its payload.' });

export const pushViewSchema = z
  .object({
    details: pushDetailsSchema
      .nullable()
      .describe('null: the send API took it, and it is rendered at each attempt'),
    content: pushContentSchema,
    problems: z
      .array(
        z.object({
          field: z.string().describe('where it is, as a path: `aps.alert.title`'),
          code: z.string(),
          detail: z.string(),
          refused: z.boolean().describe('the provider refuses it; else a device ignores it in silence'),
        }),
      )
      .describe('what is wrong with the payload'),
  })
  .openapi('PushView');

export const smsViewSchema = z
  .object({
    provider: z.enum(smsProviders).describe('whose door took it, or the one that is asked first'),
    providers: z.array(z.enum(smsProviders)).describe('in the order in which they are asked'),
    api: z.string().nullable().describe('the interface of the provider: messages, batches, v3, submit_sm …'),
    account: z.string().nullable(),
    sender: z.string().describe('number, short code, alphanumeric; empty where a service chooses it'),
    service: z.string().nullable().describe('messaging service, messaging profile'),
    providerId: z.string().nullable().describe('what the provider calls it; of a batch, the batch'),
    text: z.string().nullable().describe('as it was written; null where it cannot be read'),
    sentText: z
      .string()
      .nullable()
      .describe(
        'with short links in place of its own, where it asked for that: the code differs by recipient',
      ),
    media: z.array(z.object({ url: z.string(), contentType: z.string().nullable() })),
    encoding: z.enum(['GSM-7', 'UCS-2', 'binary']),
    parts: z.int(),
    characters: z.int(),
    units: z.int().describe('septets of GSM-7, 16-bit units of UCS-2: what the limits count'),
    unitsLeft: z.int().describe('what the last part has room for still'),
    partTexts: z.array(z.string()),
    unicode: z
      .array(
        z.object({
          character: z.string(),
          at: z.int().describe('where it stands first, in UTF-16 units'),
          instead: z.string().nullable().describe('what GSM-7 has that looks like it'),
        }),
      )
      .describe('what made it UCS-2'),
    validitySeconds: z.int().nullable(),
    sendAt: z.string().nullable(),
    callbackUrl: z.string().nullable(),
    reference: z.string().nullable(),
    answers: z.string().nullable().describe('the answer of a handset that it answers'),
    trackedLinks: z.array(z.string()).describe('where its short links lead'),
    headers: z.array(z.tuple([z.string(), z.string()])).describe('of the request; credentials are masked'),
  })
  .openapi('SmsView');

export const messageDetailSchema = messageSchema
  .extend({
    text: z.string().nullable().describe('the text body, null when there is none'),
    textFromHtml: z.boolean().describe('true when there is no text part and `text` was made from the HTML'),
    textTruncated: z.boolean(),
    hasHtml: z.boolean(),
    headers: z.array(headerSchema),
    parts: z.array(mimePartSchema),
    calendar: z
      .array(
        z.object({
          part: z.int(),
          method: z.string().nullable(),
          summary: z.string().nullable(),
          start: z.string().nullable(),
          end: z.string().nullable(),
          location: z.string().nullable(),
          organizer: z.string().nullable(),
        }),
      )
      .describe('events found in text/calendar parts'),
    remoteContent: z
      .array(remoteContentSchema)
      .describe('what the HTML would fetch; nothing of it is fetched'),
    envelopeParameters: z
      .record(z.string(), z.unknown())
      .describe('the parameters of MAIL FROM and RCPT TO: SIZE, BODY, SMTPUTF8, RET, ENVID, NOTIFY, ORCPT'),
    push: pushViewSchema.nullable().describe('of a push; null for mail'),
    sms: smsViewSchema.nullable().describe('of an SMS'),
    multi: multiViewSchema.nullable().describe('of a send over several channels; …/parts has its ways'),
    inapp: inAppViewSchema.nullable().describe('of an in-app message'),
  })
  .openapi('MessageDetail');

export const linkSchema = z
  .object({ url: z.string(), text: z.string(), source: z.enum(['html', 'text', 'header']) })
  .openapi('Link');
export const codeSchema = z
  .object({ code: z.string(), context: z.string().describe('the words around it') })
  .openapi('Code', { description: 'A one-time code found in the text.' });

export const eventSchema = z
  .object({
    seq: z.int(),
    at: z.string(),
    virtualAt: z.string().nullable().describe('virtual time, of what happens to a delivery'),
    type: z
      .string()
      .describe(
        'accepted, indexed, read, queued, attempted, interrupted, deferred, held, sent, delivered, undeliverable, bounced, reported, …',
      ),
    messageId: z.string().nullable(),
    deliveryId: z.string().nullable(),
    exchangeId: z.string().nullable(),
    project: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const authenticationSchema = z
  .object({
    client: z.object({
      ip: z.string(),
      helo: z.string(),
      ptr: z.string().nullable(),
      ptrConfirmed: z.boolean().describe('the name that the PTR gives leads back to the address'),
      heloMatches: z.boolean(),
      tls: z.boolean(),
    }),
    spf: z.object({
      result: z.enum(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror']),
      domain: z.string(),
      record: z.string().nullable(),
      why: z.string(),
      lookups: z.int().nullable(),
    }),
    dkim: z.array(
      z.object({
        result: z.enum(['pass', 'fail', 'neutral', 'none', 'policy', 'temperror', 'permerror']),
        domain: z.string().nullable(),
        selector: z.string().nullable(),
        algorithm: z.string().nullable(),
        aligned: z.boolean(),
        why: z.string(),
      }),
    ),
    dmarc: z.object({
      result: z.enum(['pass', 'fail', 'none', 'temperror', 'permerror']),
      domain: z.string().nullable(),
      policy: z.enum(['none', 'quarantine', 'reject']).nullable(),
      record: z.string().nullable(),
      spfAligned: z.boolean(),
      dkimAligned: z.boolean(),
      disposition: z.enum(['none', 'quarantine', 'reject']),
      why: z.string(),
    }),
    arc: z.object({ result: z.enum(['pass', 'fail', 'none']), why: z.string() }),
    header: z.string().describe('Authentication-Results as the receiver would stamp it'),
    lookups: z.array(z.object({ question: z.string(), answer: z.string() })),
  })
  .openapi('Authentication', { description: 'What a receiver found out about who sent it (RFC 8601).' });

const atMs = z.number().describe('milliseconds since the attempt began');
export const evidenceSchema = z
  .object({
    routing: z
      .array(z.object({ atMs, question: z.string(), answer: z.string() }))
      .describe('the questions asked of the DNS, in order, and the answers'),
    changes: z
      .array(z.object({ code: z.string(), detail: z.string() }))
      .describe('what was changed before it went out'),
    signatures: z.array(
      z.object({
        domain: z.string(),
        selector: z.string(),
        algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
        header: z.string(),
        headersSigned: z.array(z.string()),
        bodyHash: z.string(),
      }),
    ),
    identity: z
      .object({ ip: z.string(), helo: z.string(), ptr: z.string().nullable() })
      .nullable()
      .describe('the simulated address, HELO name and PTR that the far side saw'),
    transcript: z.array(z.object({ by: z.enum(['client', 'server', 'note']), atMs, text: z.string() })),
    authentication: authenticationSchema
      .nullable()
      .describe('what a receiver that refused the message had found out about who sent it'),
    rules: z
      .array(
        z.object({
          recipient: z.string().nullable().describe('null: everyone of the transaction'),
          ruleId: z.string().nullable().describe('null: a magic address'),
          label: z.string(),
          action: z.string(),
          point: z.string(),
        }),
      )
      .describe('what was done on purpose, by a rule or a magic address'),
  })
  .openapi('AttemptEvidence');

export const attemptSchema = z
  .object({
    number: z.int(),
    startedAt: z.string().describe('virtual'),
    startedAtWall: z.string(),
    durationMs: z.number().describe('of wall time'),
    outcome: z.enum(['sent', 'deferred', 'failed']),
    nextHop: z.string().nullable(),
    code: z.int().nullable(),
    enhanced: z.string().nullable(),
    text: z.string(),
    class: z.enum(outcomeClasses).nullable(),
    evidence: evidenceSchema.nullable(),
  })
  .openapi('Attempt', { description: 'One try to hand a delivery to its next hop.' });

export const deliveryDetailSchema = deliverySchema
  .extend({
    parameters: z
      .record(z.string(), z.union([z.string(), z.literal(true)]))
      .nullable()
      .describe('what came with RCPT TO: NOTIFY, ORCPT'),
    attemptLog: z.array(attemptSchema),
  })
  .openapi('DeliveryDetail');

export const filterReportSchema = z
  .object({
    score: z.number(),
    spamAt: z.number().describe('from which score on the provider takes it for spam'),
    reasons: z.array(
      z.object({
        code: z.string(),
        points: z.number().describe('more is worse, below zero speaks for the message'),
        detail: z.string(),
        stage: z.enum(['authentication', 'content', 'reputation', 'engagement', 'recipient']),
      }),
    ),
    stream: z.enum(streams).optional().describe('the kind of traffic that the provider took it for'),
  })
  .openapi('FilterReport');

export const receiptSchema = z
  .object({
    copyId: z.string(),
    deliveryId: z.string().nullable(),
    mailbox: z.string(),
    provider: z.string(),
    receivedAt: z.string().describe('virtual'),
    placement: z.enum(placements),
    authentication: authenticationSchema,
    filter: filterReportSchema,
  })
  .openapi('Receipt', { description: 'What one receiver made of the message.' });

export const suspensionSchema = z
  .object({
    id: z.string(),
    by: z.enum(['domain', 'provider', 'stream', 'tag', 'all']),
    value: z.string(),
    action: z.enum(['suspend', 'bounce']).describe('let it wait, or turn it back for good'),
    reason: z.string(),
    createdAt: z.string(),
    until: z.string().nullable().describe('virtual; null: until it is taken away'),
  })
  .openapi('Suspension');

export const queuesSchema = z
  .object({
    queued: z.int(),
    deferred: z.int(),
    held: z.int(),
    underWay: z.int(),
    byDomain: z.array(
      z.object({
        domain: z.string(),
        provider: z.string().nullable(),
        queued: z.int(),
        deferred: z.int(),
        held: z.int(),
        nextAt: z.string().nullable(),
      }),
    ),
    due: z
      .array(z.object({ at: z.string(), count: z.int() }))
      .describe('what is due, in spans of equal length, for a chart'),
    suspensions: z.array(suspensionSchema),
  })
  .openapi('Queues');

export const holdingSchema = z
  .object({
    everything: z.boolean(),
    domains: z.array(z.string()).describe('of recipients, lower case'),
    since: z.string().nullable().describe('virtual; null: nothing is held'),
  })
  .openapi('Holding', { description: 'What is held before it is tried, until it is released.' });

/** Made anew, for a schema that was made before this module was loaded has no `openapi`. */
export const deliverySettingsShape = z.object(deliverySettingsSchema.shape).openapi('DeliverySettings');

export const clockSchema = z
  .object({
    virtualAt: z.string(),
    wallAt: z.string(),
    speed: z.number().describe('how many times as fast as the wall clock; 0 when frozen'),
    frozen: z.boolean(),
    real: z.boolean().describe('virtual time is wall time, at its speed'),
    nextDueAt: z.string().nullable(),
  })
  .openapi('Clock');

export const suppressionSchema = z
  .object({
    seq: z.int(),
    address: z.string(),
    scope: z.enum(suppressionScopes),
    reason: z.enum(suppressionReasons),
    source: z.string().describe('what put it there: delivery, dsn, report, recipient, api, import'),
    class: z.enum(outcomeClasses).nullable(),
    detail: z.string().nullable(),
    deliveryId: z.string().nullable(),
    createdAt: z.string().describe('virtual'),
    expiresAt: z.string().nullable().describe('virtual; null: until it is taken away'),
  })
  .openapi('Suppression', { description: 'An address that must not be sent to, and why.' });

/** What became of the lines of an imported list. */
export const importOutcomeSchema = z
  .object({
    imported: z.int(),
    alreadyListed: z.int().describe('were on the list without an end, or stand in the file twice'),
    refused: z.int(),
    errors: z.array(z.object({ line: z.int(), detail: z.string() })).describe('the first of them'),
  })
  .openapi('ImportOutcome');

export const webhookSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    events: z
      .array(z.enum(webhookEventTypes))
      .describe('empty: all of them but `inapp`, which is told to those that name it'),
    project: z.string().nullable().describe('null: of every project'),
    active: z.boolean(),
    createdAt: z.string(),
  })
  .openapi('Webhook');

export const exchangeSchema = z
  .object({
    id: z.string(),
    seq: z.int(),
    door: z.string(),
    kind: z.enum(['smtp', 'http', 'smpp']),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    outcome: z
      .enum(['open', 'accepted', 'refused', 'aborted', 'empty'])
      .describe(
        'accepted: handed over a message; refused: something was refused and nothing accepted; empty: neither',
      ),
    reason: z.string().nullable().describe('the refusal or the end, in words, with what to change'),
    remoteAddress: z.string(),
    remotePort: z.int(),
    clientName: z.string().nullable().describe('what the client called itself in HELO or EHLO'),
    user: z.string().nullable(),
    tls: z.object({ protocol: z.string(), cipher: z.string(), servername: z.string().nullable() }).nullable(),
    messages: z.int().describe('how many messages it handed over'),
    refusals: z.int(),
    bytesIn: z.int(),
    bytesOut: z.int(),
  })
  .openapi('Exchange');

export const transcriptLineSchema = z
  .object({
    atMs: z.number().describe('milliseconds since the session began'),
    by: z.enum(['client', 'server', 'note']),
    text: z.string(),
    messageId: z.string().nullable().describe('on the note that stands for DATA: the message it became'),
  })
  .openapi('TranscriptLine');
export const exchangeDetailSchema = exchangeSchema
  .extend({
    transcript: z.array(transcriptLineSchema),
    transcriptTruncated: z.boolean(),
    messageIds: z.array(z.string()),
  })
  .openapi('ExchangeDetail');

export const projectSchema = z
  .object({
    name: z.string(),
    fixed: z.boolean().describe('named by a setting, not made on the fly'),
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    lastMessageAt: z.string().nullable(),
    retention: z
      .object({ countMax: z.int().nullable(), ageMaxMs: z.int().nullable(), bytesMax: z.int().nullable() })
      .describe('null: the general setting holds'),
  })
  .openapi('Project');

export const statsSchema = z
  .object({
    messages: z.int(),
    unread: z.int(),
    bytes: z.int(),
    waitingForIndex: z.int(),
    exchanges: z.int(),
    tags: z.array(z.object({ tag: z.string(), messages: z.int() })),
  })
  .openapi('Stats');

export const statusSchema = z
  .object({
    version: z.string(),
    url: z.string(),
    dataDir: z.string(),
    caFile: z.string(),
    startedAt: z.string(),
    node: z.string(),
    platform: z.string(),
    host: z.string(),
    ports: z.record(z.string(), z.int()),
    mode: z.enum(['sandbox', 'live']),
    limits: z.object({ messageBytesMax: z.int(), recipientsMax: z.int() }),
  })
  .openapi('Status');

export const retentionSchema = z
  .object({
    countMax: z.int().min(1).nullable(),
    ageMaxMs: z.int().min(1000).nullable(),
    bytesMax: z.int().min(1).nullable(),
  })
  .openapi('Retention');
export const projectRuleSchema = z
  .object({
    by: z.enum(['user', 'recipient', 'door', 'header']),
    header: z.string().optional().describe('with `by: header`: its name'),
    match: z.string().describe('a pattern with * and ?; case does not matter'),
    project: z.string(),
  })
  .openapi('ProjectRule');
export const settingsSchema = z
  .object({
    retention: retentionSchema,
    projects: z.object({
      fromUserName: z.boolean().describe('an SMTP user name names the project, made on the fly'),
      header: z.string().nullable().describe('a header that names the project, made on the fly'),
      rules: z.array(projectRuleSchema),
      onTheFly: z.boolean().describe('false: a name not known lands in main'),
    }),
  })
  .openapi('Settings');

export const dnsRecordSchema = recordSchema.openapi('DnsRecord', {
  description:
    'A record made by hand; it takes the place of what the sandbox answers for that name and type.',
});
const checkResultSchema = z.enum(checkResults);
export const expectedRecordSchema = z
  .object({
    name: z.string(),
    type: z.enum(recordTypes),
    value: z.string(),
    purpose: z.enum(purposes),
    paste: z.boolean().describe('true outside too; the others would break real mail in real DNS'),
    why: z.string(),
  })
  .openapi('ExpectedRecord');
export const recordCheckSchema = expectedRecordSchema
  .extend({
    result: checkResultSchema,
    found: z.array(z.string()),
    note: z.string().nullable().describe('what is wrong and what to do, or what may be worth knowing'),
  })
  .openapi('RecordCheck');
export const sendingDomainSchema = z
  .object({
    name: z.string().describe('lower case, A-labels'),
    createdAt: z.string(),
    onTheFly: z.boolean().describe('set up because a message came from it'),
    ip: z.string().describe('simulated address that it sends from'),
    helo: z.string(),
    keys: z.array(
      z.object({
        selector: z.string(),
        algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']),
        publicKey: z.string().describe('what p= has'),
        active: z.boolean().describe('signs; the others are still published'),
        createdAt: z.string(),
      }),
    ),
    signWith: signWithSchema.describe('the keys that sign: both, or one kind alone'),
    dmarc: dmarcSchema,
    faults: faultsSchema.describe('what is broken on purpose'),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema.describe('where replies, DSNs and complaints go'),
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }),
    extraRecords: z.array(dnsRecordSchema),
    checks: z
      .partialRecord(z.enum(purposes), checkResultSchema)
      .describe('what a look at the zones finds, the worst of each kind'),
  })
  .openapi('SendingDomain');
export const domainChangeSchema = z
  .object({
    faults: faultsSchema,
    signWith: signWithSchema,
    dmarc: dmarcSchema.partial(),
    pool: z.enum(['dedicated', 'shared']),
    inbound: inboundSchema,
    streams: z.object({ transactional: z.string().nullable(), marketing: z.string().nullable() }).partial(),
    extraRecords: z.array(dnsRecordSchema),
  })
  .partial()
  .openapi('SendingDomainChange');
export const recipientFaultsSchema = z
  .object({ faults: z.record(z.string(), recipientFaultSchema) })
  .openapi('RecipientFaults', {
    description: "Recipients' domains whose DNS goes wrong, each with how.",
  });

/** A list: `after=<nextCursor>` fetches the next page. */
export const listOf = <T extends z.ZodType>(entry: T) =>
  z.object({ entries: z.array(entry), nextCursor: z.string().nullable(), total: z.int() });

export const problemDocumentSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })),
  })
  .openapi('Problem', { description: 'RFC 9457; `code` is stable.' });

/** What the server sends over `WS /v1/live?after=<seq>`, at most ten frames a second. */
export type LiveFrame =
  | { readonly type: 'hello'; readonly cursor: number; readonly version: string }
  | { readonly type: 'events'; readonly events: readonly Event[]; readonly cursor: number };

export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
export type Attempt = z.infer<typeof attemptSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type Authentication = z.infer<typeof authenticationSchema>;
export type FilterReport = z.infer<typeof filterReportSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
export type Holding = z.infer<typeof holdingSchema>;
export type Suspension = z.infer<typeof suspensionSchema>;
export type Queues = z.infer<typeof queuesSchema>;
export type DeliverySettings = z.infer<typeof deliverySettingsShape>;
export type Clock = z.infer<typeof clockSchema>;
export type Suppression = z.infer<typeof suppressionSchema>;
export type Webhook = z.infer<typeof webhookSchema>;
export type Address = z.infer<typeof addressSchema>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type MessageProblem = z.infer<typeof problemSchema>;
export type Message = z.infer<typeof messageSchema>;
export type MessageDetail = z.infer<typeof messageDetailSchema>;
export type MimePart = z.infer<typeof mimePartSchema>;
export type Header = z.infer<typeof headerSchema>;
export type RemoteContent = z.infer<typeof remoteContentSchema>;
export type Link = z.infer<typeof linkSchema>;
export type Code = z.infer<typeof codeSchema>;
export type ImportOutcome = z.infer<typeof importOutcomeSchema>;
export type Event = z.infer<typeof eventSchema>;
export type Exchange = z.infer<typeof exchangeSchema>;
export type ExchangeDetail = z.infer<typeof exchangeDetailSchema>;
export type TranscriptLine = z.infer<typeof transcriptLineSchema>;
export type Project = z.infer<typeof projectSchema>;
export type Stats = z.infer<typeof statsSchema>;
export type Status = z.infer<typeof statusSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type ProjectRule = z.infer<typeof projectRuleSchema>;
export type Retention = z.infer<typeof retentionSchema>;
export type SendingDomain = z.infer<typeof sendingDomainSchema>;
export type DomainChange = z.infer<typeof domainChangeSchema>;
export type ExpectedRecord = z.infer<typeof expectedRecordSchema>;
export type RecordCheck = z.infer<typeof recordCheckSchema>;
export type RecipientFaults = z.infer<typeof recipientFaultsSchema>;
export type ProblemDocument = z.infer<typeof problemDocumentSchema>;
export interface List<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
  readonly total: number;
}
