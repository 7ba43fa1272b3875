/** Which rules a message would meet, and why not the others: for one that is stored, or for one that is made up. */
import type { VirtualClock } from '../clock.ts';
import { AppError } from '../model/app-error.ts';
import type { InAppContent } from '../model/inapp.ts';
import type { Channel, MessageRow } from '../model/message.ts';
import { phoneNumber } from '../model/phone-number.ts';
import type { PushProvider } from '../model/push.ts';
import { noContent } from '../model/push-content.ts';
import { isSmsProvider, type SmsProvider } from '../model/sms.ts';
import { readSmsSubmission } from '../model/sms-submission.ts';
import type { Store } from '../store/store.ts';
import type { ContentFacts, Facts } from './decision.ts';
import { Desk } from './desk.ts';
import { type Explanation, explain } from './explain.ts';
import { inAppHeaders, inAppWords } from './inapp-facts.ts';
import { ownPushContent, pushHeaders, pushWords, storedPushContent } from './push-facts.ts';
import { isPushProvider } from './push-reasons.ts';
import { readRules } from './read-rules.ts';
import { isRequestChannel, type RuleSet } from './rule-set.ts';
import type { Stage } from './schema.ts';
import { smsHeaders, smsWords } from './sms-facts.ts';

/** A message that is made up; what is left out is taken as not known, or as what is usual. */
export interface MadeUp {
  readonly channel: Channel;
  readonly door: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly attachments: ContentFacts['attachments'];
  readonly bytes: number | null;
  readonly tags: readonly string[];
  /** Of a push or an SMS: which provider it is for; left out, the door tells, or it is APNs, or Twilio. */
  readonly provider?: string | null | undefined;
}

export interface DryRunRequest {
  readonly about: { readonly messageId: string } | { readonly message: MadeUp };
  /** Rules to try in place of those in force; they are not kept. */
  readonly rules: unknown;
  readonly othersMax: number;
}

export interface DryRunFor {
  readonly recipient: string;
  readonly provider: string | null;
  readonly door: Explanation;
  readonly farSide: Explanation;
}

export interface DryRunPorts {
  readonly desk: Desk;
  readonly store: Pick<Store, 'message' | 'raw' | 'inApps'>;
  readonly virtual: VirtualClock;
  readonly providerOf: (domain: string) => string;
  /** The header block as latin1, see model/header-block. */
  readonly headOf: (messageId: string) => Promise<string | null>;
  /** Looks into a message for what a set asks; null: it cannot be read. */
  readonly read: (
    source: { readonly messageId: string } | { readonly headers: string; readonly text: string },
    set: Pick<RuleSet, 'questions' | 'asksBody'>,
  ) => Promise<ContentFacts | null>;
}

/** Recipients that are gone through; of a message to more, the first ones. */
const recipientsMax = 20;

export async function dryRun(ports: DryRunPorts, request: DryRunRequest): Promise<readonly DryRunFor[]> {
  const desk = request.rules === undefined ? ports.desk : tried(ports, request.rules);
  const {
    facts,
    recipients,
    providerOfRequest = () => facts.provider ?? null,
  } = 'messageId' in request.about
    ? await ofStored(ports, request.about.messageId, desk)
    : await madeUp(ports, request.about.message, desk);
  const nowMs = ports.virtual.nowMs();
  return recipients.slice(0, recipientsMax).map((recipient) => {
    const provider = isRequestChannel(facts.channel)
      ? providerOfRequest(recipient)
      : ports.providerOf(domainIn(recipient));
    const to: Facts = { ...facts, recipient, provider };
    const of = (stage: Stage, door: string): Explanation =>
      explain(desk, stage, { ...to, door }, { nowMs, othersMax: request.othersMax });
    return {
      recipient,
      provider,
      door: of('door', facts.door),
      farSide: of('farSide', farSideDoor(facts)),
    };
  });
}

interface AskedAbout {
  readonly facts: Facts;
  readonly recipients: readonly string[];
  /** One of our own may go by several providers at once. */
  readonly providerOfRequest?: (recipient: string) => string | null;
}

/** An in-app message is asked for at its own door, whoever handed it in. */
function farSideDoor({ channel, door }: Facts): string {
  if (channel === 'inapp') return 'inapp';
  return isProviderDoor(door) ? door : 'queue';
}

/** Where others bring it, and no attempt of our own does. */
function isProviderDoor(door: string): boolean {
  return door === 'mx' || isPushProvider(door) || isSmsProvider(door);
}

/** A desk of its own: nothing that it counts or notes is kept. */
function tried({ desk, virtual }: DryRunPorts, rules: unknown): Desk {
  const nowMs = (): number => virtual.nowMs();
  return new Desk(
    { wallMs: nowMs, virtualMs: nowMs, monotonicMs: nowMs, hit: () => undefined },
    { rules: readRules(rules), magic: desk.magic, seed: desk.seed },
  );
}

async function ofStored(ports: DryRunPorts, id: string, { set }: Desk): Promise<AskedAbout> {
  const message = await ports.store.message(id);
  if (message === null) throw new AppError('not_found', `There is no message ${id}.`);
  if (message.channel === 'push') return storedPush(ports, message, set);
  if (message.channel === 'sms') return storedSms(ports, message, set);
  if (message.channel === 'inapp') return storedInApp(ports, message, set);
  const [headers, content] = await Promise.all([ports.headOf(id), ports.read({ messageId: id }, set)]);
  return {
    recipients: message.envelopeTo,
    facts: {
      channel: message.channel,
      door: message.door,
      sender: message.envelopeFrom,
      headers: headers ?? '',
      bytes: message.bytes,
      tags: message.tags,
      ...(content === null ? {} : { content }),
    },
  };
}

async function storedPush(ports: DryRunPorts, message: MessageRow, set: RuleSet): Promise<AskedAbout> {
  const push = message.details?.push;
  const raw = await ports.store.raw(message.id);
  const body = raw === null ? Buffer.alloc(0) : await bytesOf(raw.chunks);
  const content =
    push === undefined ? ownPushContent(body) : storedPushContent(push.provider, body, push.plain);
  const headers = pushHeaders(content, push?.headers ?? []);
  const providers = new Map(message.deliveries.map((one) => [one.recipient, one.provider]));
  return {
    recipients: push === undefined ? [...providers.keys()] : message.envelopeTo,
    providerOfRequest: (recipient) => push?.provider ?? providers.get(recipient) ?? null,
    facts: {
      channel: 'push',
      door: message.door,
      provider: push?.provider ?? null,
      sender: message.envelopeFrom,
      headers,
      bytes: message.bytes,
      tags: message.tags,
      content: pushWords(content, headers, set.questionsOf('farSide', 'push')),
    },
  };
}

async function storedSms(ports: DryRunPorts, message: MessageRow, set: RuleSet): Promise<AskedAbout> {
  const sms = message.details?.sms;
  const raw = sms === undefined ? await ports.store.raw(message.id) : null;
  const own = raw === null ? null : readSmsSubmission(await bytesOf(raw.chunks));
  const text = sms?.text ?? own?.body ?? '';
  const media = sms?.media ?? own?.media.map((url) => ({ url, contentType: null })) ?? [];
  const headers = smsHeaders(sms?.headers ?? []);
  const providers = new Map(message.deliveries.map((one) => [one.recipient, one.provider]));
  return {
    recipients: sms === undefined && providers.size > 0 ? [...providers.keys()] : message.envelopeTo,
    providerOfRequest: (recipient) => sms?.provider ?? providers.get(recipient) ?? null,
    facts: {
      channel: 'sms',
      door: message.door,
      provider: sms?.provider ?? null,
      sender: message.envelopeFrom,
      headers,
      bytes: message.bytes,
      tags: message.tags,
      content: smsWords({ text, media }, headers, set.questionsOf('farSide', 'sms')),
    },
  };
}

async function storedInApp(ports: DryRunPorts, message: MessageRow, set: RuleSet): Promise<AskedAbout> {
  // The same for every user, but for what is theirs.
  const { entries } = await ports.store.inApps({ messageId: message.id }, { after: null, limit: 1 });
  return inAppAbout(
    entries[0]?.content ?? noInAppContent,
    {
      door: message.door,
      sender: message.envelopeFrom,
      bytes: message.bytes,
      tags: message.tags,
    },
    message.envelopeTo,
    [],
    set,
  );
}

function madeUpInApp(message: MadeUp, set: RuleSet): AskedAbout {
  const content: InAppContent = {
    ...noInAppContent,
    title: message.subject,
    body: message.body,
    image: message.attachments[0]?.name ?? null,
  };
  return inAppAbout(
    content,
    {
      door: message.door,
      sender: message.from,
      bytes: message.bytes ?? Buffer.byteLength(message.subject) + Buffer.byteLength(message.body),
      tags: message.tags,
    },
    message.to,
    Object.entries(message.headers),
    set,
  );
}

function inAppAbout(
  content: InAppContent,
  facts: Pick<Facts, 'door' | 'sender' | 'bytes' | 'tags'>,
  recipients: readonly string[],
  fields: readonly (readonly [string, string])[],
  set: RuleSet,
): AskedAbout {
  const headers = inAppHeaders(content, fields);
  return {
    recipients,
    facts: {
      channel: 'inapp',
      provider: null,
      ...facts,
      headers,
      content: inAppWords(content, headers, set.questionsOf('farSide', 'inapp')),
    },
  };
}

const noInAppContent: InAppContent = {
  title: null,
  body: null,
  image: null,
  link: null,
  actions: [],
  slides: [],
  data: {},
};

/** What is looked at of a payload; providers take 5 KB. */
const payloadBytesMax = 64 * 1024;

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    bytes += chunk.length;
    if (bytes >= payloadBytesMax) break;
  }
  return Buffer.concat(read).subarray(0, payloadBytesMax);
}

function madeUpPush(message: MadeUp, set: RuleSet): AskedAbout {
  const content = {
    ...noContent,
    title: message.subject,
    body: message.body,
    image: message.attachments[0]?.name ?? null,
  };
  const headers = pushHeaders(content, Object.entries(message.headers));
  return {
    recipients: message.to,
    facts: {
      channel: 'push',
      door: message.door,
      provider: pushProviderOf(message),
      sender: message.from,
      headers,
      bytes: message.bytes ?? Buffer.byteLength(message.subject) + Buffer.byteLength(message.body),
      tags: message.tags,
      content: {
        ...pushWords(content, headers, set.questionsOf('farSide', 'push')),
        attachments: message.attachments,
      },
    },
  };
}

function madeUpSms(message: MadeUp, set: RuleSet): AskedAbout {
  const headers = smsHeaders(Object.entries(message.headers));
  const provider = smsProviderOf(message);
  return {
    recipients: message.to.map((to) => phoneNumber(to)?.e164 ?? to),
    facts: {
      channel: 'sms',
      door: message.door,
      provider,
      sender: message.from,
      headers,
      bytes: message.bytes ?? Buffer.byteLength(message.body),
      tags: message.tags,
      content: {
        ...smsWords({ text: message.body, media: [] }, headers, set.questionsOf('farSide', 'sms')),
        attachments: message.attachments,
      },
    },
  };
}

function smsProviderOf({ provider = null, door }: MadeUp): SmsProvider {
  if (isSmsProvider(provider)) return provider;
  return isSmsProvider(door) ? door : 'twilio';
}

function pushProviderOf({ provider = null, door }: MadeUp): PushProvider {
  if (isPushProvider(provider)) return provider;
  return isPushProvider(door) ? door : 'apns';
}

async function madeUp(ports: DryRunPorts, message: MadeUp, { set }: Desk): Promise<AskedAbout> {
  if (message.channel === 'push') return madeUpPush(message, set);
  if (message.channel === 'sms') return madeUpSms(message, set);
  if (message.channel === 'inapp') return madeUpInApp(message, set);
  const fields = Object.entries({ ...message.headers, Subject: message.subject });
  // As a header block stands on the wire: bytes, here as latin1.
  const block = fields.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`).join('');
  const headers = Buffer.from(block, 'utf8').toString('latin1');
  const read = await ports.read({ headers, text: message.body }, set);
  return {
    recipients: message.to,
    facts: {
      channel: message.channel,
      door: message.door,
      sender: message.from,
      headers,
      bytes: message.bytes ?? headers.length + 2 + Buffer.byteLength(message.body),
      tags: message.tags,
      content: {
        text: message.body,
        attachments: message.attachments,
        ...(read?.answers === undefined ? {} : { answers: read.answers }),
      },
    },
  };
}

function domainIn(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
