/** What a request to an SMS provider would be at the real one: for handing it on while live relay is on. Pure. */
import { refusalMeaning, stepOf } from '../../delivery/sms-status.ts';
import type { PassedOutcome, Passing, PassingSend, WholeRequest } from '../../doors/http/handing-on.ts';
import type { ProviderReply } from '../../doors/http/provider-request.ts';
import { noDetails } from '../../model/message-details.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import type { SmsDetails, SmsMedia } from '../../model/sms.ts';
import { partsOf } from '../../model/sms-text.ts';
import { requestHeaders } from '../../rules/request-facts.ts';
import type { SmsDialect, SmsSaid } from './client.ts';
import { maskedFields } from './masked-fields.ts';

/** A request to send as its provider's room understands it, as far as it matters who gets it and how it is shown. */
export interface SmsPassing {
  /** The provider's own host; of a request that came by name, that name. */
  readonly host: string;
  readonly api: string;
  readonly account: string;
  readonly sender: string;
  readonly service?: string | null;
  /** As they are written; null: they cannot be told for sure, so that it reaches nobody outside. */
  readonly to: readonly string[] | null;
  readonly text: string;
  readonly media?: readonly SmsMedia[];
  readonly callbackUrl?: string | null;
  readonly reference?: string | null;
  /** What is kept as the message, where the body holds credentials. */
  readonly body?: Uint8Array;
  /** Where the answer is another one than that to the core's own requests. */
  readonly said?: (status: number, text: string) => SmsSaid;
  readonly unavailable: () => ProviderReply;
}

const textCharsMax = 500;

export function smsPassing(request: WholeRequest, dialect: SmsDialect, one: SmsPassing): Passing {
  return {
    channel: 'sms',
    provider: dialect.provider,
    host: () => one.host,
    url: (relay) => (relay.kind === dialect.provider && 'url' in relay ? relay.url : null),
    target: request.target,
    http2Only: false,
    send: sendOf(request, dialect, one),
    unavailable: one.unavailable,
  };
}

function sendOf(request: WholeRequest, dialect: SmsDialect, one: SmsPassing): PassingSend {
  const numbers = (one.to ?? []).map(numberOf);
  // One that is no number may stand for many (a group, a list).
  const recipients = numbers.every((number) => number !== null) ? [...new Set(numbers)] : [];
  const { encoding, parts } = partsOf(one.text);
  const sms: SmsDetails = {
    provider: dialect.provider,
    api: one.api,
    account: one.account,
    sender: one.sender,
    service: one.service ?? null,
    providerId: '',
    text: one.text,
    media: one.media ?? [],
    encoding,
    parts: Math.max(1, parts),
    headers: maskedFields(request.fields),
    validityMs: null,
    sendAtMs: null,
    callbackUrl: one.callbackUrl ?? null,
    reference: one.reference ?? null,
    answers: null,
  };
  const body = one.body ?? request.body;
  return {
    recipients,
    obstacle: null,
    message: {
      user: one.account === '' ? null : one.account,
      envelopeFrom: one.sender,
      body,
      head: Buffer.from(requestHeaders(one.text, sms.headers), 'latin1'),
      details: { ...noDetails, sms },
    },
    read: (status, text) => outcomeOf(dialect, status, (one.said ?? dialect.read)(status, text)),
  };
}

/** @returns null for what is no number, and for one written so that nobody can tell whose it is */
function numberOf(text: string): string | null {
  const trimmed = text.trim().replace(/^00/, '');
  return phoneNumber(trimmed)?.e164 ?? null;
}

function outcomeOf({ provider }: SmsDialect, status: number, said: SmsSaid): PassedOutcome {
  if (said.kind === 'taken') {
    const step = stepOf(provider, { status: said.status, code: null, reason: null });
    const text = `${status} ${said.status} ${said.providerId}`.trim();
    return { taken: step.kind !== 'fail', class: step.class, text, providerId: said.providerId };
  }
  // An answer in words that are not known here; the status says that it was a yes.
  if (said.code === null && said.text === '' && status >= 200 && status < 300)
    return { taken: true, class: null, text: String(status), providerId: null };
  const text = [String(status), said.code, said.text].filter(Boolean).join(' ').slice(0, textCharsMax);
  return { taken: false, class: refusalMeaning(provider, said.code, status).class, text, providerId: null };
}

/** Of a request that asks the provider's accounts for a token. */
export function tokenPassing(
  request: WholeRequest,
  provider: SmsDialect['provider'],
  about: { readonly host: string; readonly unavailable: () => ProviderReply },
): Passing {
  return {
    channel: 'sms',
    provider,
    host: () => about.host,
    url: (relay) => (relay.kind === provider && 'url' in relay ? relay.url : null),
    target: request.target,
    http2Only: false,
    send: null,
    unavailable: about.unavailable,
  };
}
