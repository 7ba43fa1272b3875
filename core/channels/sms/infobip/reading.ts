/**
 * What Infobip tells when it is asked: reports and inbound messages, each of them once; logs; a preview.
 * Source: https://www.infobip.com/docs/api/channels/sms/logs-and-status-reports
 */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import { isSmsEnd, type SmsRow, standingOf } from '../../../model/sms.ts';
import { anatomyOf } from '../../../model/sms-text.ts';
import type { SmsDoorPorts } from '../room.ts';
import { rowsOf } from './kept-messages.ts';
import { badRequest, jsonOf, type Parsed, parseWith } from './parse.ts';
import { refused, told } from './reply.ts';
import { inboundOf, logOf, reportOf } from './report.ts';
import { previewSchema, recordOf, timeMs } from './schema.ts';
import { groupOf } from './status-words.ts';

const limitUsual = 50;
const limitMax = 1_000;
/** "You can only access reports for the last 48h." */
const keptMs = 48 * 60 * 60 * 1_000;

/** GET /sms/{1,3}/reports: "each report only once"; a status that changed since is a new report. */
export async function answerReports(
  request: ProviderRequest,
  version: 1 | 3,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const limit = limitOf(request);
  if ('refusal' in limit) return refused(version, limit.refusal, account);
  const query = new URLSearchParams(request.query);
  const rows = await rowsOf(wantedRows(query, account, ports), ports);
  const shown = rows
    .filter((row) => {
      const record = recordOf(row);
      const { state, status } = standingOf(row);
      if (record === null || record.pulled === status) return false;
      if (!matches(row, query)) return false;
      return isSmsEnd(state) || (record.intermediate && state === 'sent');
    })
    .slice(0, limit.value)
    .toReversed();
  try {
    await pull(shown, ports);
  } catch (error) {
    return unstored(version, error, account);
  }
  return told(
    {
      results: shown.flatMap((row) => {
        const record = recordOf(row);
        return record === null ? [] : [reportOf(row, record, standingOf(row), version === 3 ? 3 : 2)];
      }),
    },
    account,
  );
}

/** GET /sms/{1,3}/logs */
export async function answerLogs(
  request: ProviderRequest,
  version: 1 | 3,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const limit = limitOf(request);
  if ('refusal' in limit) return refused(version, limit.refusal, account);
  const query = new URLSearchParams(request.query);
  const times = timesOf(query, ports);
  if ('refusal' in times) return refused(version, times.refusal, account);
  const status = query.get('generalStatus')?.toUpperCase() ?? null;
  const rows = await rowsOf({ ...wantedRows(query, account, ports), ...times.value }, ports);
  const results = rows
    .filter((row) => matches(row, query) && (status === null || groupOf(standingOf(row).status) === status))
    .slice(0, limit.value)
    .flatMap((row) => {
      const record = recordOf(row);
      return record === null ? [] : [logOf(row, record, version === 3 ? 3 : 2)];
    });
  return told({ results }, account);
}

/** GET /sms/1/inbox/reports: what came to senders that have nowhere to forward it to, each once. */
export async function answerInbox(
  request: ProviderRequest,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const limit = limitOf(request);
  if ('refusal' in limit) return refused(1, limit.refusal, account);
  const rows = await rowsOf({ direction: 'mo', fromMs: ports.virtual.nowMs() - keptMs }, ports);
  const waiting = rows
    .filter(
      (row) =>
        (row.account === account || row.account === '') &&
        row.record.pulled === undefined &&
        (ports.farSide.sender('infobip', row.sender)?.inboundUrl ?? null) === null,
    )
    .toReversed();
  const shown = waiting.slice(0, limit.value);
  try {
    await pull(shown, ports);
  } catch (error) {
    return unstored(1, error, account);
  }
  return told(
    {
      results: shown.map(inboundOf),
      messageCount: shown.length,
      pendingMessageCount: waiting.length - shown.length,
    },
    account,
  );
}

/** POST /sms/1/preview: as it is; transliteration and languages are not applied. */
export function answerPreview(request: ProviderRequest, account: string): ProviderAnswer {
  const json = jsonOf(request);
  const parsed = 'refusal' in json ? json : parseWith(previewSchema, json.value);
  if ('refusal' in parsed) return refused(1, parsed.refusal, account);
  const { text } = parsed.value;
  const { parts, unitsLeft } = anatomyOf(text);
  return told(
    {
      originalText: text,
      previews: [
        { textPreview: text, messageCount: parts, charactersRemaining: unitsLeft, configuration: {} },
      ],
    },
    account,
  );
}

function wantedRows(query: URLSearchParams, account: string, ports: SmsDoorPorts) {
  const bulks = query.getAll('bulkId').flatMap((text) => text.split(','));
  const [bulk] = bulks;
  return {
    account,
    direction: 'mt',
    fromMs: ports.virtual.nowMs() - keptMs,
    ...(bulk === undefined || bulks.length > 1 ? {} : { batchId: bulk }),
  } as const;
}

function matches(row: SmsRow, query: URLSearchParams): boolean {
  const record = recordOf(row);
  const among = (name: string, value: string | null): boolean => {
    const wanted = query.getAll(name).flatMap((text) => text.split(','));
    return wanted.length === 0 || (value !== null && wanted.includes(value));
  };
  const to = query.get('to') ?? query.get('destination');
  const from = query.get('from') ?? query.get('sender');
  return (
    among('bulkId', row.batchId) &&
    among('messageId', row.providerId) &&
    among('campaignReferenceId', record?.campaignReferenceId ?? null) &&
    (to === null || phoneNumber(to)?.e164 === row.number) &&
    (from === null || from === record?.from || from === row.sender)
  );
}

function timesOf(
  query: URLSearchParams,
  ports: SmsDoorPorts,
): Parsed<{ readonly fromMs?: number; readonly untilMs?: number }> {
  const aheadMs = ports.virtual.nowMs() - ports.clock.wallMs();
  const times: { fromMs?: number; untilMs?: number } = {};
  for (const [name, key] of [
    ['sentSince', 'fromMs'],
    ['sentUntil', 'untilMs'],
  ] as const) {
    const text = query.get(name);
    if (text === null) continue;
    // A plus sign that was not encoded came as a space.
    const atMs = timeMs(text.replace(' ', '+'));
    if (Number.isNaN(atMs))
      return {
        refusal: badRequest([
          { property: name, violation: "must have the format yyyy-MM-dd'T'HH:mm:ss.SSSZ" },
        ]),
      };
    times[key] = atMs + aheadMs;
  }
  return { value: times };
}

function limitOf(request: ProviderRequest): Parsed<number> {
  const text = new URLSearchParams(request.query).get('limit');
  const limit = Number(text ?? limitUsual);
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return { value: limit };
  return { refusal: badRequest([{ property: 'limit', violation: `must be between 1 and ${limitMax}` }]) };
}

async function pull(rows: readonly SmsRow[], { store, virtual }: SmsDoorPorts): Promise<void> {
  if (rows.length === 0) return;
  const nowMs = virtual.nowMs();
  await store.keepSms(
    {
      puts: [],
      changes: rows.map((row) => ({ id: row.id, nowMs, record: { pulled: standingOf(row).status } })),
      acts: [],
      callbacks: [],
    },
    nowMs,
  );
}

function unstored(version: 1 | 3, error: unknown, account: string): ProviderAnswer {
  return refused(
    version,
    { error: 'GENERAL_ERROR', why: `it could not be stored: ${messageOf(error)}` },
    account,
  );
}
