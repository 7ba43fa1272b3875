/** Reading, listing and deleting messages. */
import type { ProviderAnswer } from '../../../doors/http/provider-request.ts';
import { type SmsRow, standingOf } from '../../../model/sms.ts';
import { isForgotten } from '../../../model/smsc.ts';
import type { SmsDoorPorts } from '../room.ts';
import { codeReply, digitsOf, json, listReply, messageOf } from './reply.ts';
import { recordOf } from './schema.ts';

const limitMax = 200;
const limitUsual = 20;
const pageRows = 500;
/** So many recipients are looked at for a list; what is older is not counted. */
const rowsMax = 10_000;

type Kind = 'sms' | 'mms';

export async function readMessage(
  kind: Kind,
  id: string,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const rows = await rowsOf(kind, id, account, ports);
  return rows.length === 0 ? notFound(account) : ok(messageOf(rows), account);
}

/** What waits for its time does not go out; what went out is forgotten by MessageBird alone. */
export async function deleteMessage(
  kind: Kind,
  id: string,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const rows = await rowsOf(kind, id, account, ports);
  if (rows.length === 0) return notFound(account);
  for (const row of rows) {
    const canceled = standingOf(row).state === 'scheduled' ? await ports.farSide.cancel(row) : null;
    await ports.farSide.forget(canceled ?? row);
  }
  return { reply: { status: 204, fields: [], body: '' }, refused: null, user: account };
}

export async function listMessages(
  kind: Kind,
  query: URLSearchParams,
  account: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const offset = integerOf(query.get('offset'), 0);
  const limit = integerOf(query.get('limit'), limitUsual);
  if (offset === null || limit === null || limit < 1 || limit > limitMax)
    return {
      reply: codeReply('10', { text: `limit is from 1 to ${limitMax}, offset from 0` }),
      refused: `limit is from 1 to ${limitMax}, offset from 0`,
      user: account,
    };
  const found: (readonly SmsRow[])[] = [];
  for (const rows of await messagesOf(account, ports)) if (matches(kind, rows, query)) found.push(rows);
  const items = found.slice(offset, offset + limit).map((rows) => messageOf(rows));
  const filters = new URLSearchParams(
    [...query].filter(([name]) => name !== 'offset' && name !== 'limit' && name !== 'access_key'),
  );
  const path = kind === 'mms' ? '/mms' : '/messages';
  return {
    reply: listReply({ offset, limit, totalCount: found.length, items }, filters, path),
    refused: null,
    user: account,
  };
}

/** The newest message first, the recipients of each in their order. */
async function messagesOf(account: string, { store }: SmsDoorPorts): Promise<readonly (readonly SmsRow[])[]> {
  const byMessage = new Map<string, SmsRow[]>();
  let after: number | null = null;
  for (let seen = 0; seen < rowsMax; seen += pageRows) {
    const { entries, next } = await store.smses(
      { provider: 'messagebird', account },
      { after, limit: pageRows },
    );
    for (const row of entries) {
      if (isForgotten(row)) continue;
      const id = row.batchId ?? row.providerId;
      const rows = byMessage.get(id);
      if (rows === undefined) byMessage.set(id, [row]);
      else rows.unshift(row);
    }
    if (next === null) break;
    after = next;
  }
  return [...byMessage.values()];
}

function matches(kind: Kind, rows: readonly SmsRow[], query: URLSearchParams): boolean {
  const [row] = rows;
  if (row === undefined) return false;
  const record = recordOf(row.record);
  const is = (name: string, value: string): boolean => {
    const wanted = query.get(name);
    return wanted === null || wanted === '' || digitsOf(wanted) === digitsOf(value);
  };
  const some = (name: string, value: (one: SmsRow) => string): boolean =>
    rows.some((one) => is(name, value(one)));
  const originator = row.direction === 'mo' ? row.number : row.sender;
  return (
    record.kind === kind &&
    is('direction', row.direction) &&
    is('type', record.type) &&
    is('originator', originator) &&
    some('recipient', (one) => (one.direction === 'mo' ? one.sender : one.number)) &&
    some('status', (one) => standingOf(one).status) &&
    within(row.receivedAtMs, query)
  );
}

function within(atMs: number, query: URLSearchParams): boolean {
  const from = Date.parse(query.get('from') ?? '');
  const until = Date.parse(query.get('until') ?? '');
  return !(atMs < from) && !(atMs > until);
}

async function rowsOf(
  kind: Kind,
  id: string,
  account: string,
  { store }: SmsDoorPorts,
): Promise<readonly SmsRow[]> {
  const row = await store.smsOf('messagebird', id);
  if (row === null || row.account !== account || isForgotten(row)) return [];
  if (recordOf(row.record).kind !== kind) return [];
  if (row.batchId === null) return [row];
  const { entries } = await store.smses(
    { provider: 'messagebird', batchId: row.batchId },
    { after: null, limit: pageRows },
  );
  return entries.toReversed();
}

function integerOf(text: string | null, usual: number): number | null {
  if (text === null || text === '') return usual;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function ok(body: unknown, user: string): ProviderAnswer {
  return { reply: json(200, body), refused: null, user };
}

function notFound(user: string): ProviderAnswer {
  return { reply: codeReply('20'), refused: 'there is no message of that id of this account', user };
}
