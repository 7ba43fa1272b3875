/** What MessageBird answers: a message with its recipients, a list, an error. Pure. */
import type { ProviderReply } from '../../../doors/http/provider-request.ts';
import { type NewSms, type SmsStep, standingOf } from '../../../model/sms.ts';
import { errorRows, outcomeOf } from './codes.ts';
import type { ApiError } from './parse.ts';
import { messagebirdHost, recordOf } from './schema.ts';

/** @param errors all of one kind: the first says the status */
export function errorReply(errors: readonly ApiError[], status: number | null = null): ProviderReply {
  const [first] = errors;
  return json(status ?? errorRows[String(first?.code ?? 99)]?.status ?? 422, { errors });
}

/** By code alone. */
export function codeReply(
  code: string,
  { text = null, status = null }: { readonly text?: string | null; readonly status?: number | null } = {},
): ProviderReply {
  const known = errorRows[code];
  const row = known ?? { status: 422, description: 'Internal error', parameter: null };
  const number = known === undefined && !/^\d+$/.test(code) ? 99 : Number(code);
  return json(status ?? row.status, {
    errors: [{ code: number, description: text ?? row.description, parameter: row.parameter }],
  });
}

/**
 * @param smses of one message, one for each recipient, in their order
 * @param first as the first answer says it: what happened since is not known yet
 */
export function messageOf(
  smses: readonly NewSms[],
  { first = false }: { readonly first?: boolean } = {},
): Readonly<Record<string, unknown>> {
  const [sms] = smses;
  if (sms === undefined) throw new Error('a message without a recipient');
  const record = recordOf(sms.record);
  const id = sms.batchId ?? sms.providerId;
  const items = smses.map((one) => recipientOf(one, first ? firstStep(one) : standingOf(one)));
  const count = (statuses: readonly string[]): number =>
    items.filter(({ status }) => statuses.includes(status)).length;
  const recipients = {
    totalCount: items.length,
    totalSentCount: items.length - count(['scheduled']),
    totalDeliveredCount: count(['delivered']),
    totalDeliveryFailedCount: count(['delivery_failed']),
    items,
  };
  const inbound = sms.direction === 'mo';
  const common = {
    id,
    href: `https://${messagebirdHost}/${record.kind === 'mms' ? 'mms' : 'messages'}/${id}`,
    direction: sms.direction,
  };
  const times = {
    scheduledDatetime: record.scheduled,
    createdDatetime: datetime(sms.receivedAtMs),
    recipients,
  };
  if (record.kind === 'mms')
    return {
      ...common,
      originator: record.originator,
      subject: record.subject,
      body: record.body,
      mediaUrls: sms.media.map(({ url }) => url),
      reference: record.reference,
      ...times,
    };
  return {
    ...common,
    type: record.type,
    originator: inbound
      ? digitsOf(sms.number)
      : record.originator === ''
        ? digitsOf(sms.sender)
        : record.originator,
    body: record.body === '' ? sms.text : record.body,
    reference: record.reference,
    validity: record.validityS,
    gateway: record.gateway,
    typeDetails: record.udh === null ? {} : { udh: record.udh },
    datacoding: record.datacoding,
    mclass: record.mclass,
    ...times,
  };
}

interface Recipient extends Readonly<Record<string, unknown>> {
  readonly status: string;
}

function recipientOf(sms: NewSms, step: SmsStep): Recipient {
  const { network, operator, country, callingCode } = recordOf(sms.record);
  const { reason } = outcomeOf(step.state, step.cause);
  return {
    recipient: Number(digitsOf(sms.direction === 'mo' ? sms.sender : sms.number)),
    originator: null,
    status: step.status,
    statusDatetime: datetime(step.atMs),
    ...(country === null ? {} : { recipientCountry: countryName(country) }),
    ...(callingCode === '' ? {} : { recipientCountryPrefix: Number(callingCode) }),
    ...(operator === '' ? {} : { recipientOperator: operator }),
    messageLength: sms.text.length,
    statusErrorCode: step.code === null ? null : Number(step.code),
    statusReason: reason,
    price: priceOf(sms),
    ...(network === '' ? {} : { mccmnc: network, mcc: network.slice(0, 3), mnc: network.slice(3) }),
    messagePartCount: sms.parts,
  };
}

function firstStep({ steps }: NewSms): SmsStep {
  const [first] = steps;
  if (first === undefined) throw new Error('an SMS without a step');
  return first;
}

function priceOf({ price }: NewSms): Readonly<Record<string, unknown>> {
  return { amount: Number(price?.amount ?? 0), currency: price?.currency ?? 'EUR' };
}

export interface Listing {
  readonly offset: number;
  readonly limit: number;
  readonly totalCount: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** @param query of the request, without offset and limit */
export function listReply(
  { offset, limit, totalCount, items }: Listing,
  query: URLSearchParams,
  path: string,
): ProviderReply {
  const link = (at: number): string => {
    const filters = new URLSearchParams([['offset', String(at)], ...query]);
    return `https://${messagebirdHost}${path}/?${filters}`;
  };
  const last = totalCount === 0 ? 0 : Math.floor((totalCount - 1) / limit) * limit;
  return json(200, {
    offset,
    limit,
    count: items.length,
    totalCount,
    links: {
      first: link(0),
      previous: offset === 0 ? null : link(Math.max(0, offset - limit)),
      next: offset + limit < totalCount ? link(offset + limit) : null,
      last: link(last),
    },
    items,
  });
}

/** MessageBird writes numbers without the plus sign, and as JSON numbers where they are recipients. */
export function digitsOf(number: string): string {
  return number.startsWith('+') ? number.slice(1) : number;
}

/** RFC 3339 in UTC: `2016-05-03T14:26:57+00:00`. */
export function datetime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}+00:00`;
}

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

function countryName(code: string): string {
  return countryNames.of(code) ?? code;
}

export function json(status: number, body: unknown): ProviderReply {
  return { status, fields: [['content-type', 'application/json']], body: JSON.stringify(body) };
}
