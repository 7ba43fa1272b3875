/**
 * Relays that lead to an address of the user's: each delivery is one signed POST of JSON. What is asked before anything is sent
 * is a POST too, `{"type":"verify"}`, signed in the same way: a receiver answers it with 2xx and does nothing.
 */
import type { SecureContext } from 'node:tls';
import type { PrepareRequest } from '../channels/email/mail-thread/prepare.ts';
import type { Carrier, CarryResult, ClaimedDelivery, ClaimedMessage, Job } from '../delivery/carrier.ts';
import { createPost, NotSent, type Post, type PostAnswer } from '../delivery/post.ts';
import { ProviderResponses } from '../delivery/provider-responses.ts';
import { failedResult, requestEvidence, requestResult, retryAfterMsOf } from '../delivery/request-result.ts';
import { trustedRoots } from '../doors/tls/trusted-roots.ts';
import { webhookHeaders } from '../hooks/sign.ts';
import { messageOf } from '../model/app-error.ts';
import type { OutcomeClass, TranscriptLine } from '../model/delivery.ts';
import type { LiveChannel, Relay, WebhookRelaySettings } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';
import { version } from '../version.ts';
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

const answerMsMax = 30_000;
const answerCharsShown = 1_000;
/** In base64 it is a third more, and the whole of it stands in memory. */
const messageBytesMax = 25 * 1024 * 1024;
/** Below that a signature is worth nothing (Standard Webhooks asks for 24). */
const secretBytesMin = 16;

export function webhookRelays(ports: RelayMakerPorts): RelayMaker {
  const { ground } = ports;
  return {
    async carrier(relay, credential): Promise<Carrier> {
      const { url, ca } = settingsOf(relay);
      const roots = rootsFor(url, ca);
      const { post, close } = createPost(() => roots);
      return {
        carry: (job) => carry(job, { relay, url, credential, post, ...ports }),
        close,
      };
    },

    async verify(relay, credential) {
      const { url, ca } = settingsOf(relay);
      const secret = secretOf(credential);
      if (secret === null) return { ok: false, text: noSecret, steps: [] };
      const roots = rootsFor(url, ca);
      const { post, close } = createPost(() => roots);
      try {
        const body = JSON.stringify({ type: 'verify', relay: relay.name });
        const signal = AbortSignal.timeout(answerMsMax);
        const fields = fieldsOf(secret, ground.newId(), ground.clock.wallMs(), body);
        const answer = await post(new URL(url), { fields, body: Buffer.from(body), signal });
        const ok = isYes(answer);
        return {
          ok,
          text: ok
            ? `${url} answered ${answer.status} to a signed call of the type verify. No message was sent.`
            : `${url} answered ${answer.status} to a signed call of the type verify, where 200 to 299 is a yes.`,
          steps: [`C: POST ${url}`, `C: ${body}`, `S: ${shown(answer)}`],
        };
      } finally {
        await close();
      }
    },
  };
}

interface Call extends Pick<RelayMakerPorts, 'ground' | 'channels'> {
  readonly relay: Relay;
  readonly url: string;
  readonly credential: () => Promise<Credential>;
  readonly post: Post;
}

async function carry(job: Job, call: Call): ReturnType<Carrier['carry']> {
  const { clock } = call.ground;
  const startedMs = clock.monotonicMs();
  const elapsedMs = (): number => Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
  const lines: TranscriptLine[] = [];
  const responses = new ProviderResponses(elapsedMs);
  const say = (by: TranscriptLine['by'], text: string): void => {
    lines.push({ by, atMs: elapsedMs(), text });
  };
  const results: CarryResult[] = [];
  for (const one of job.deliveries) results.push(await carryOne(one, job, { ...call, say, responses }));
  return { results, evidence: requestEvidence(lines, [], responses.kept) };
}

async function carryOne(
  claimed: ClaimedDelivery,
  job: Job,
  call: Call & {
    readonly say: (by: TranscriptLine['by'], text: string) => void;
    readonly responses: ProviderResponses;
  },
): Promise<CarryResult> {
  const { delivery, message } = claimed;
  const { url, say } = call;
  const { clock } = call.ground;
  const no = (text: string, why: OutcomeClass = 'config'): CarryResult => {
    say('N', text);
    return { ...failedResult(delivery.id, text, why), nextHop: url };
  };
  const secret = secretOf(await call.credential());
  if (secret === null) return no(noSecret);
  if (message === null) return no('The message was deleted before it was sent');
  if (message.bytes > messageBytesMax)
    return no(
      `The message has ${message.bytes} bytes, and a webhook is told ${messageBytesMax} at the most`,
      'too_large',
    );
  const content = await contentOf(claimed, message, job.live?.channel ?? 'email', call);
  if (content === null) return no('The message was deleted before it was sent');
  const body = JSON.stringify(content);
  // A try again is the same call to the receiver, and not a second message.
  const fields = fieldsOf(secret, delivery.retryOf ?? delivery.id, clock.wallMs(), body);
  const withdrawn = (): CarryResult => {
    const text = 'Live relay ended before anything of it was handed over';
    say('N', text);
    return { ...requestResult(delivery.id, text), outcome: { kind: 'withdrawn' } };
  };
  if (job.live?.valid() === false) return withdrawn();
  say('C', `POST ${url}`);
  for (const [name, value] of Object.entries(fields)) say('C', `${name}: ${value}`);
  say('C', `(${Buffer.byteLength(body)} bytes)`);
  try {
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(answerMsMax)]);
    const answer = await call.post(new URL(url), {
      fields,
      body: Buffer.from(body),
      signal,
      // Once more when there is a connection: to make one takes a while.
      ...(job.live === undefined ? {} : { mayGo: job.live.valid }),
    });
    say('S', shown(answer));
    call.responses.http(url, answer);
    return { ...judged(delivery.id, answer, clock.wallMs()), nextHop: url };
  } catch (error) {
    if (error instanceof NotSent) return withdrawn();
    const text = `no answer: ${messageOf(error)}`;
    say('N', text);
    return {
      ...requestResult(delivery.id, text),
      outcome: { kind: 'deferred', retryAfterMs: null },
      class: 'network',
      nextHop: url,
    };
  }
}

/** What the receiver is told. Of mail: the bytes as a relay would send them, without Bcc; of all else the submission. */
async function contentOf(
  { delivery }: ClaimedDelivery,
  message: ClaimedMessage,
  channel: LiveChannel,
  { ground, channels, relay }: Call,
): Promise<Readonly<Record<string, unknown>> | null> {
  const row = await ground.store.message(message.id);
  if (row === null) return null;
  const about = {
    type: 'message',
    id: message.id,
    deliveryId: delivery.id,
    channel,
    relay: relay.name,
    project: message.project,
    to: delivery.recipient,
    from: row.summary?.from?.address ?? message.envelopeFrom,
    subject: row.summary?.subject ?? null,
  };
  if (channel === 'email') {
    const prepared = await channels.mail.prepare(asIs(message));
    if (prepared === null) return null;
    const envelope = { from: delivery.mailFrom ?? message.envelopeFrom, to: delivery.recipient };
    return prepared.ok ? { ...about, envelope, raw: Buffer.from(prepared.content).toString('base64') } : null;
  }
  const raw = await ground.store.raw(message.id);
  if (raw === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of raw.chunks) chunks.push(chunk);
  return {
    ...about,
    provider: delivery.provider,
    submission: parsed(Buffer.concat(chunks).toString('utf8')),
  };
}

/** Nothing stands between: what needs no change is not changed. */
function asIs(message: ClaimedMessage): PrepareRequest {
  return {
    seq: message.seq,
    hop: { eightBitMime: true, smtputf8: true, sizeMax: null },
    context: {
      received: null,
      dateMs: message.receivedAtMs,
      messageId: `<${message.id}@sandpost>`,
      envelopeNeedsUtf8: false,
    },
    keys: [],
    wallSeconds: 0,
    alterBody: false,
    tokens: null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What a provider's own client sent need not be JSON: it goes as the text that it is.
    return text;
  }
}

function settingsOf({ settings }: Relay): WebhookRelaySettings {
  if (settings.kind === 'webhook') return settings;
  throw new Error(`a relay of the kind ${settings.kind} is no webhook`);
}

/** Reading them takes a while: not where nobody is checked by them. */
function rootsFor(url: string, ca: string | null): SecureContext | undefined {
  return new URL(url).protocol === 'https:' ? trustedRoots(ca) : undefined;
}

const noSecret =
  'The relay has no secret to sign with: give its credential the field `secret`, `whsec_` and 24 to 64 random bytes in base64.';

function secretOf({ secret }: Credential): string | null {
  if (secret === undefined) return null;
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return bytes.length < secretBytesMin ? null : secret;
}

function fieldsOf(
  secret: string,
  id: string,
  wallMs: number,
  body: string,
): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'user-agent': `Sandpost/${version}`,
    ...webhookHeaders(secret, id, Math.floor(wallMs / 1000), body),
  };
}

function isYes({ status }: PostAnswer): boolean {
  return status >= 200 && status < 300;
}

function shown({ status, body }: PostAnswer): string {
  return `${status}${body === '' ? '' : ` ${body.slice(0, answerCharsShown)}`}`;
}

/** What a receiver may think better of (RFC 9110 §15.5): it was slow, it was too early, or there were too many. */
const forNow = new Set([408, 425, 429]);

function judged(deliveryId: string, answer: PostAnswer, wallMs: number): CarryResult {
  const { status } = answer;
  const said = { ...requestResult(deliveryId, shown(answer)), code: status };
  if (isYes(answer)) return { ...said, outcome: { kind: 'sent' } };
  if (status >= 400 && status < 500 && !forNow.has(status))
    return { ...said, class: status === 413 ? 'too_large' : 'config' };
  const retryAfterMs = retryAfterMsOf(answer.retryAfter, wallMs);
  return {
    ...said,
    outcome: { kind: 'deferred', retryAfterMs },
    // A redirect is not followed: it would lead what is sent elsewhere than where it was allowed to go.
    class: status === 429 ? 'rate_limited' : status < 400 ? 'config' : 'provider_down',
  };
}
