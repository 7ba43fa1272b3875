/**
 * How the core sends through an SMS provider, ours or the real one: the address and the credentials alone decide. What a
 * provider wants to read and what its words mean stands in its room's dialect; that one delivery is one request, and what
 * becomes of it, is the same for all that speak HTTP.
 */
import type { Clock } from '../../clock.ts';
import { ownSendField } from '../../delivery/own-sends.ts';
import { NotSent, type Post, type PostAnswer } from '../../delivery/post.ts';
import type { ProviderResponses } from '../../delivery/provider-responses.ts';
import { retryAfterMsOf } from '../../delivery/request-result.ts';
import { refusalMeaning, stepOf } from '../../delivery/sms-status.ts';
import { messageOf } from '../../model/app-error.ts';
import type { OutcomeClass, TranscriptLine } from '../../model/delivery.ts';
import type { SmsProvider } from '../../model/sms.ts';

/** One message to one number, as it is to go out. */
export interface SmsOutgoing {
  readonly deliveryId: string;
  /** E.164 with the plus sign. */
  readonly number: string;
  readonly sender: string;
  readonly text: string;
  /** It has letters that GSM 03.38 has not. */
  readonly unicode: boolean;
  readonly media: readonly string[];
  readonly validitySeconds: number | null;
  /** Where the provider is to report; null: nowhere. */
  readonly reportUrl: string | null;
  readonly reference: string | null;
}

export interface SmsAccount {
  /** Account SID, API key, service plan, system_id. */
  readonly account: string;
  readonly secret: string;
}

/** What goes over the wire. */
export interface SmsWire {
  /** Behind the provider's address, with a slash. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the provider says to it. */
export type SmsSaid =
  | { readonly kind: 'taken'; readonly providerId: string; readonly status: string }
  | { readonly kind: 'refused'; readonly code: string | null; readonly text: string };

/** A report, or an answer of a handset, as it came to the core's own API. */
export interface SmsNotice {
  readonly method: string;
  /** As the provider was told it, with whatever it added to the query. */
  readonly url: URL;
  /** By name in lower case; null: not there. */
  readonly field: (name: string) => string | null;
  /** All of them, in their order; absent where nobody asks. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** One thing that a report says. */
export interface SmsReported {
  readonly providerId: string | null;
  readonly status: string;
  readonly code: string | null;
  readonly reason: string | null;
}

export interface SmsInbound {
  readonly providerId: string | null;
  readonly number: string;
  readonly sender: string;
  readonly text: string;
}

export interface SmsSecretsKnown {
  /** What our own requests are made with. */
  readonly account: SmsAccount;
  /** The provider's own signing secret, or its private key in PEM; null: it has none. */
  readonly own: string | null;
}

/** A question by GET: it sends to no one. */
export interface SmsQuestion {
  /** Behind the provider's address, with a slash. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** How one provider is spoken to over HTTP. Pure. */
export interface SmsDialect {
  readonly provider: SmsProvider;
  /** Of the real one: what suspensions go by. */
  readonly host: string;
  request(outgoing: SmsOutgoing, account: SmsAccount): SmsWire;
  read(status: number, body: string): SmsSaid;
  /** Empty: it is no report that can be read. */
  reports(notice: SmsNotice): readonly SmsReported[];
  inbound(notice: SmsNotice): SmsInbound | null;
  /** `unsigned`: nothing in it is a signature. */
  signature(notice: SmsNotice, secrets: SmsSecretsKnown): 'valid' | 'invalid' | 'unsigned';
  /** Every notice of that provider has one. */
  readonly alwaysSigned: boolean;
  /** What only who has the credentials is told. */
  check(account: SmsAccount): SmsQuestion;
  /** What became of a message. `none`: the provider cannot be asked, and why. */
  readonly status:
    | {
        ask(providerId: string, account: SmsAccount): SmsQuestion;
        /** Empty: it says nothing of it. */
        read(status: number, body: string): readonly SmsReported[];
      }
    | { readonly none: string };
}

export type Say = (by: TranscriptLine['by'], text: string) => void;

export interface SmsSendContext {
  /** Value of the field by which our own door knows the send; null where it goes elsewhere. */
  readonly own: string | null;
  readonly signal: AbortSignal;
  readonly say: Say;
  /** Keeps the answer as it came. */
  readonly responses?: ProviderResponses;
  /** Asked right before the request is written. */
  readonly mayGo?: () => boolean;
}

export type SmsOutcome =
  /** It might not go any more: nothing was written. */
  | { readonly kind: 'withdrawn' }
  | {
      readonly kind: 'sent';
      readonly providerId: string;
      readonly text: string;
      readonly code: number | null;
    }
  | {
      /** `unanswered`: nobody knows whether it was taken. */
      readonly kind: 'refused' | 'unanswered';
      readonly deferred: boolean;
      readonly retryAfterMs: number | null;
      readonly class: OutcomeClass | null;
      readonly code: number | null;
      /** The provider's own. */
      readonly providerCode: string | null;
      readonly text: string;
    };

export interface SmsClient {
  readonly provider: SmsProvider;
  readonly host: string;
  /** Never rejects for what the provider does. */
  send(outgoing: SmsOutgoing, context: SmsSendContext): Promise<SmsOutcome>;
  close(): Promise<void>;
}

export interface SmsClientPorts {
  /** What stands before the provider's paths: `https://api.twilio.com`, `http://127.0.0.1:8026/twilio`. */
  readonly address: () => string;
  readonly account: () => SmsAccount | Promise<SmsAccount>;
  readonly post: Post;
  readonly clock: Pick<Clock, 'wallMs' | 'after'>;
  /** What suspensions go by; left out: the provider's own. */
  readonly host?: string;
  readonly close?: () => Promise<void>;
}

/** How long an answer is waited for (wall time); then the next provider, or the next try, has its turn. */
export const answerMsMax = 30_000;
const answerCharsShown = 2_000;
const textCharsMax = 500;
const masked = '(masked)';

export function createSmsClient(dialect: SmsDialect, ports: SmsClientPorts): SmsClient {
  return {
    provider: dialect.provider,
    host: ports.host ?? dialect.host,
    async send(outgoing, { own, signal, say, responses, mayGo }) {
      const wire = dialect.request(outgoing, await ports.account());
      const url = new URL(`${ports.address().replace(/\/+$/, '')}${wire.path}`);
      say('C', `POST ${url.pathname}${url.search}`);
      say('C', `host: ${url.host}`);
      for (const [name, value] of Object.entries(wire.fields))
        say('C', `${name}: ${name === 'authorization' ? value.replace(/ .*$/, ` ${masked}`) : value}`);
      say('C', wire.body);
      const abort = new AbortController();
      const cancel = ports.clock.after(answerMsMax, () => abort.abort());
      const late = AbortSignal.any([signal, abort.signal]);
      try {
        const answer = await ports.post(url, {
          fields: { ...wire.fields, ...(own === null ? {} : { [ownSendField]: own }) },
          body: Buffer.from(wire.body),
          signal: late,
          ...(mayGo === undefined ? {} : { mayGo }),
        });
        responses?.http(url.host, answer);
        say('S', String(answer.status));
        if (answer.retryAfter !== null) say('S', `retry-after: ${answer.retryAfter}`);
        if (answer.body !== '') say('S', answer.body.trim().slice(0, answerCharsShown));
        return outcomeOf(dialect, answer, ports.clock.wallMs());
      } catch (error) {
        if (error instanceof NotSent) {
          say('N', error.message);
          return { kind: 'withdrawn' };
        }
        const why = late.aborted
          ? `no answer within ${answerMsMax / 1000} seconds: the provider may have taken it`
          : `no answer: ${messageOf(error)}`;
        say('N', why);
        return unanswered(why);
      } finally {
        cancel();
      }
    },
    close: () => ports.close?.() ?? Promise.resolve(),
  };
}

export function unanswered(text: string): SmsOutcome {
  return {
    kind: 'unanswered',
    deferred: true,
    retryAfterMs: null,
    class: 'network',
    code: null,
    providerCode: null,
    text,
  };
}

/** What an answer means, by the one table of statuses; what Retry-After says is believed. */
function outcomeOf(dialect: SmsDialect, answer: PostAnswer, wallMs: number): SmsOutcome {
  const { provider } = dialect;
  const said = dialect.read(answer.status, answer.body);
  if (said.kind === 'taken') {
    const step = stepOf(provider, { status: said.status, code: null, reason: null });
    const text = `${answer.status} ${said.status} ${said.providerId}`.trim();
    if (step.kind !== 'fail') return { kind: 'sent', providerId: said.providerId, text, code: answer.status };
    return refused(step.class, false, said.status, text);
  }
  const meaning = refusalMeaning(provider, said.code, answer.status);
  const text = [String(answer.status), said.code, said.text].filter(Boolean).join(' ').slice(0, textCharsMax);
  return refused(meaning.class, meaning.kind === 'defer' || answer.status === 408, said.code, text);

  function refused(
    outcomeClass: OutcomeClass | null,
    deferred: boolean,
    providerCode: string | null,
    why: string,
  ): SmsOutcome {
    return {
      kind: 'refused',
      deferred,
      retryAfterMs: retryAfterMsOf(answer.retryAfter, wallMs),
      class: outcomeClass,
      code: answer.status,
      providerCode,
      text: why,
    };
  }
}
