/**
 * Scheduled messages: when they go out, another time for them, and calling them back.
 * Source: https://www.infobip.com/docs/api/channels/sms/outbound-sms/manage-scheduled-sms-messages
 */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { isSmsEnd, type SmsRow, standingOf } from '../../../model/sms.ts';
import { onceStored } from '../acceptance.ts';
import type { SmsDoorPorts } from '../room.ts';
import { bulkOf, scheduledOf } from './kept-messages.ts';
import { badRequest, jsonOf, parseWith } from './parse.ts';
import { refused, told } from './reply.ts';
import { type BulkStatus, bulkStatusSchema, recordOf, rescheduleSchema, timeMs, timeText } from './schema.ts';
import { recipientsAnew, sendOf, submit } from './send.ts';

const version = 1;

export async function answerBulk(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const found = await bulkAsked(request, account, ports);
  if ('answer' in found) return found.answer;
  const { bulkId, bulk } = found;
  if (request.method === 'GET') return told({ bulkId, sendAt: sendAtOf(bulk, ports) }, account);
  const json = jsonOf(request);
  const parsed = 'refusal' in json ? json : parseWith(rescheduleSchema, json.value);
  if ('refusal' in parsed) return refused(version, parsed.refusal, account);
  const wallMs = timeMs(parsed.value.sendAt);
  if (wallMs <= ports.clock.wallMs())
    return refused(
      version,
      badRequest([{ property: 'sendAt', violation: 'must be in the future' }]),
      account,
    );
  const waiting = scheduledOf(bulk);
  if (waiting.length === 0) return onItsWay(bulkId, account);
  const sendAtMs = wallMs + (ports.virtual.nowMs() - ports.clock.wallMs());
  const [first] = waiting;
  const record = first === undefined ? null : recordOf(first);
  return onceStored(
    submit(
      request,
      {
        ...sendOf(bulkId, account, 'bulks'),
        text: first?.text ?? '',
        callbackUrl: record?.notifyUrl ?? null,
        reference: record?.callbackData ?? null,
        recipients: recipientsAnew(waiting, sendAtMs),
      },
      account,
      version,
      () => ({ bulkId, sendAt: timeText(wallMs) }),
      ports,
    ),
    () => supersede(waiting, ports),
  );
}

/** They go out at another time, by others in their place: nobody hears of these. */
async function supersede(rows: readonly SmsRow[], ports: SmsDoorPorts): Promise<void> {
  await note(rows, { superseded: true }, ports);
  for (const sms of rows) await ports.farSide.cancel({ ...sms, record: { ...sms.record, superseded: true } });
}

export async function answerBulkStatus(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const found = await bulkAsked(request, account, ports);
  if ('answer' in found) return found.answer;
  const { bulkId, bulk } = found;
  if (request.method === 'GET') return told({ bulkId, status: statusOf(bulk) }, account);
  const json = jsonOf(request);
  const parsed = 'refusal' in json ? json : parseWith(bulkStatusSchema, json.value);
  if ('refusal' in parsed) return refused(version, parsed.refusal, account);
  const { status } = parsed.value;
  if (status === statusOf(bulk)) return told({ bulkId, status }, account);
  if (status !== 'CANCELED')
    return refused(
      version,
      {
        error: 'BAD_REQUEST',
        text: `Cannot change status to ${status}`,
        why: `status is ${status}: the sandbox takes CANCELED; it does not pause what is scheduled, reschedule it`,
      },
      account,
    );
  const waiting = scheduledOf(bulk);
  if (waiting.length === 0) return onItsWay(bulkId, account);
  try {
    for (const sms of waiting) await ports.farSide.cancel(sms);
    return told({ bulkId, status: 'CANCELED' }, account);
  } catch (error) {
    return unstored(error, account);
  }
}

type Found =
  | { readonly answer: ProviderAnswer }
  | { readonly bulkId: string; readonly bulk: readonly SmsRow[] };

async function bulkAsked(request: ProviderRequest, account: string, ports: SmsDoorPorts): Promise<Found> {
  const bulkId = new URLSearchParams(request.query).get('bulkId');
  if (bulkId === null || bulkId === '')
    return {
      answer: refused(version, badRequest([{ property: 'bulkId', violation: 'must not be null' }]), account),
    };
  const bulk = await bulkOf(account, bulkId, ports);
  if (bulk.length > 0) return { bulkId, bulk };
  return {
    answer: refused(
      version,
      { error: 'NOT_FOUND', text: 'Bulk not found', why: `there is no bulk ${bulkId}` },
      account,
    ),
  };
}

function sendAtOf(bulk: readonly SmsRow[], ports: SmsDoorPorts): string {
  const [first] = bulk;
  const atMs = first === undefined ? 0 : (recordOf(first)?.sendAtMs ?? first.receivedAtMs);
  return timeText(atMs - (ports.virtual.nowMs() - ports.clock.wallMs()));
}

function statusOf(bulk: readonly SmsRow[]): BulkStatus {
  const states = bulk.map((sms) => standingOf(sms).state);
  if (states.some((state) => state === 'scheduled')) return 'PENDING';
  if (states.every((state) => state === 'canceled')) return 'CANCELED';
  return states.every(isSmsEnd) ? 'FINISHED' : 'PROCESSING';
}

function onItsWay(bulkId: string, account: string): ProviderAnswer {
  return refused(
    version,
    {
      error: 'BAD_REQUEST',
      text: 'Bulk is already processed',
      why: `the bulk ${bulkId} is on its way already: only one that waits for its sendAt can be changed`,
    },
    account,
  );
}

async function note(
  rows: readonly SmsRow[],
  record: Readonly<Record<string, unknown>>,
  { store, virtual }: SmsDoorPorts,
): Promise<void> {
  const nowMs = virtual.nowMs();
  await store.keepSms(
    { puts: [], changes: rows.map(({ id }) => ({ id, nowMs, record })), acts: [], callbacks: [] },
    nowMs,
  );
}

function unstored(error: unknown, account: string): ProviderAnswer {
  return refused(
    version,
    { error: 'GENERAL_ERROR', why: `it could not be stored: ${messageOf(error)}` },
    account,
  );
}
