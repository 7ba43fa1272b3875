/** What the API tells when it is asked: batches, delivery reports, inbound messages. */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import { type SmsRow, standingOf } from '../../../model/sms.ts';
import type { SmsDoorPorts } from '../room.ts';
import { noBatch } from './batches.ts';
import { batchOf, rowsOf } from './kept-batches.ts';
import { originatorOf, type Parsed } from './parse.ts';
import { jsonReply, refused } from './reply.ts';
import { batchReport, inboundMessage, recipientReport } from './report.ts';
import { instantMs, recordOf } from './schema.ts';

const pageSizeUsual = 30;
const pageSizeMax = 100;
/** "Default: Now-24". */
const listedMs = 24 * 60 * 60 * 1_000;

/** GET /batches/{id} */
export async function getBatch(account: string, id: string, ports: SmsDoorPorts): Promise<ProviderAnswer> {
  const batch = await batchOf(account, id, ports);
  return batch === null ? noBatch(id, account) : told(jsonReply(200, batch.state), account);
}

/** GET /batches */
export async function listBatches(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const wanted = listOf(request, ports);
  if ('refusal' in wanted) return refused(wanted.refusal, account);
  const senders = new Set(namesOf(wanted.value.query, 'from').map(digitsOf));
  const reference = wanted.value.query.get('client_reference');
  const rows = await rowsOf({ provider: 'sinch', account, direction: 'mt', ...wanted.value.times }, ports);
  const newest = new Map<string, { readonly revision: number; readonly state: unknown }>();
  for (const row of rows) {
    const record = recordOf(row);
    if (record?.batch === undefined || row.batchId === null) continue;
    if (senders.size > 0 && !senders.has(record.batch.from ?? '')) continue;
    if (reference !== null && record.reference !== reference) continue;
    if ((newest.get(row.batchId)?.revision ?? -1) < record.revision)
      newest.set(row.batchId, { revision: record.revision, state: record.batch });
  }
  return listed(
    'batches',
    [...newest.values()].map(({ state }) => state),
    wanted.value,
    account,
  );
}

/** GET /batches/{id}/delivery_report */
export async function getBatchReport(
  request: ProviderRequest,
  account: string,
  id: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const query = new URLSearchParams(request.query);
  const type = query.get('type') ?? 'summary';
  if (type !== 'summary' && type !== 'full')
    return badQuery('type', `is “${type}”: it is summary or full`, account);
  const batch = await batchOf(account, id, ports);
  if (batch === null) return noBatch(id, account);
  return told(
    jsonReply(200, batchReport(batch.messages, type, { statuses: statusesOf(query), codes: codesOf(query) })),
    account,
  );
}

/** GET /batches/{id}/delivery_report/{recipient} */
export async function getRecipientReport(
  account: string,
  id: string,
  recipient: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const batch = await batchOf(account, id, ports);
  if (batch === null) return noBatch(id, account);
  const number = phoneNumber(recipient)?.e164;
  const sms = batch.messages.find((one) => one.number === number);
  const record = sms === undefined ? null : recordOf(sms);
  if (sms === undefined || record === null)
    return refused(
      { error: 'resource_not_found', why: `the batch ${id} has no message to ${recipient}` },
      account,
    );
  return told(jsonReply(200, recipientReport(sms, record)), account);
}

/** GET /delivery_reports: one for each recipient. */
export async function listReports(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const wanted = listOf(request, ports);
  if ('refusal' in wanted) return refused(wanted.refusal, account);
  const { query, times } = wanted.value;
  const [statuses, codes] = [statusesOf(query), codesOf(query)];
  const reference = query.get('client_reference');
  const rows = await rowsOf({ provider: 'sinch', account, direction: 'mt', ...times }, ports);
  const reports = rows.flatMap((row) => {
    const record = recordOf(row);
    if (record === null || record.superseded === true) return [];
    const { status, code } = standingOf(row);
    if (statuses.length > 0 && !statuses.includes(status.toLowerCase())) return [];
    if (codes.length > 0 && !codes.includes(Number(code ?? 0))) return [];
    if (reference !== null && record.reference !== reference) return [];
    return [recipientReport(row, record)];
  });
  return listed('delivery_reports', reports, wanted.value, account);
}

/** GET /inbounds */
export async function listInbounds(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const wanted = listOf(request, ports);
  if ('refusal' in wanted) return refused(wanted.refusal, account);
  const to = new Set(namesOf(wanted.value.query, 'to').map(digitsOf));
  const rows = await rowsOf({ provider: 'sinch', direction: 'mo', ...wanted.value.times }, ports);
  const inbounds = rows
    .filter((row) => isOf(row, account) && (to.size === 0 || to.has(digitsOf(row.sender))))
    .map(inboundMessage);
  return listed('inbounds', inbounds, wanted.value, account);
}

/** GET /inbounds/{id} */
export async function getInbound(account: string, id: string, ports: SmsDoorPorts): Promise<ProviderAnswer> {
  const sms = await ports.store.smsOf('sinch', id);
  if (sms === null || sms.direction !== 'mo' || !isOf(sms, account))
    return refused({ error: 'resource_not_found', why: `there is no inbound message ${id}` }, account);
  return told(jsonReply(200, inboundMessage(sms)), account);
}

/** An answer to a sender of no account in particular is everyone's. */
function isOf(sms: SmsRow, account: string): boolean {
  return sms.account === account || sms.account === '';
}

interface Listing {
  readonly query: URLSearchParams;
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
  readonly times: { readonly fromMs: number; readonly untilMs?: number };
}

function listOf(request: ProviderRequest, ports: SmsDoorPorts): Parsed<Listing> {
  const query = new URLSearchParams(request.query);
  const fault = (name: string, text: string): Parsed<Listing> => ({
    refusal: { error: 'syntax_invalid_parameter_format', text: `[${name}] ${text}`, why: `${name} ${text}` },
  });
  const page = Number(query.get('page') ?? 0);
  if (!Number.isInteger(page) || page < 0) return fault('page', 'must be a whole number, from 0 on');
  const pageSize = Number(query.get('page_size') ?? pageSizeUsual);
  if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > pageSizeMax)
    return fault('page_size', `must be a whole number, at most ${pageSizeMax}`);
  const nowMs = ports.virtual.nowMs();
  const aheadMs = nowMs - ports.clock.wallMs();
  const times: { fromMs: number; untilMs?: number } = { fromMs: nowMs - listedMs };
  const start = query.get('start_date');
  if (start !== null) {
    if (Number.isNaN(instantMs(start))) return fault('start_date', 'is not a valid ISO 8601 date');
    times.fromMs = instantMs(start) + aheadMs;
  }
  const end = query.get('end_date');
  if (end !== null) {
    if (Number.isNaN(instantMs(end))) return fault('end_date', 'is not a valid ISO 8601 date');
    times.untilMs = instantMs(end) + aheadMs;
  }
  return { value: { query, page, pageSize, times } };
}

function listed(
  key: string,
  entries: readonly unknown[],
  { page, pageSize }: Listing,
  account: string,
): ProviderAnswer {
  const shown = entries.slice(page * pageSize, (page + 1) * pageSize);
  return told(
    jsonReply(200, { count: entries.length, page, page_size: shown.length, [key]: shown }),
    account,
  );
}

/** Separated by commas, or given several times. */
function namesOf(query: URLSearchParams, name: string): readonly string[] {
  return query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function statusesOf(query: URLSearchParams): readonly string[] {
  return namesOf(query, 'status').map((status) => status.toLowerCase());
}

function codesOf(query: URLSearchParams): readonly number[] {
  return namesOf(query, 'code').map(Number);
}

function digitsOf(sender: string): string {
  const read = originatorOf(sender);
  return 'value' in read ? read.value.replace(/^\+/, '') : sender;
}

function badQuery(name: string, text: string, account: string): ProviderAnswer {
  return refused(
    { error: 'syntax_invalid_parameter_format', text: `[${name}] ${text}`, why: `${name} ${text}` },
    account,
  );
}

function told(reply: ProviderReply, user: string): ProviderAnswer {
  return { reply, refused: null, user };
}
