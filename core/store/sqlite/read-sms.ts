/** The reader's part for SMS: what a provider's status and lists say, the threads of a handset, what a message became. */
import type { NewSms, SmsMedia, SmsPrice, SmsProvider, SmsRow, SmsStep } from '../../model/sms.ts';
import type { Page, PageRequest, SmsFilter, SmsThread } from '../store.ts';
import type { Connection } from './open.ts';

interface SmsSqlRow {
  seq: number;
  id: string;
  provider: SmsProvider;
  account: string;
  provider_id: string;
  batch_id: string | null;
  direction: NewSms['direction'];
  number: string;
  sender: string;
  service: string | null;
  message_id: string | null;
  delivery_id: string | null;
  own: number;
  text: string;
  media: string;
  encoding: NewSms['encoding'];
  parts: number;
  price: string | null;
  received_at: number;
  expires_at: number;
  steps: string;
  record: string;
}

const smsSql = `SELECT seq, id, provider, account, provider_id, batch_id, direction, number, sender, service, message_id,
    delivery_id, own, text, media, encoding, parts, price, received_at, expires_at, steps, record FROM smses`;
const waiting = "state IN ('scheduled', 'accepted', 'sent', 'held')";
const countedMax = 10_000;

export function smsReader(db: Connection) {
  const byId = db.prepare(`${smsSql} WHERE id = ?`);
  const byProviderId = db.prepare(
    `${smsSql} WHERE provider = ? AND provider_id = ? ORDER BY seq DESC LIMIT 1`,
  );
  return {
    smses(filter: SmsFilter, page: PageRequest): Page<SmsRow> {
      const conditions: string[] = ['1'];
      const parameters: (string | number)[] = [];
      const where = (sql: string, value: string | number | undefined): void => {
        if (value === undefined) return;
        conditions.push(sql);
        parameters.push(value);
      };
      where('message = (SELECT seq FROM messages WHERE id = ?)', filter.messageId);
      where('number = ?', filter.number);
      where('provider = ?', filter.provider);
      where('batch_id = ?', filter.batchId);
      where('account = ?', filter.account);
      where('sender = ?', filter.sender);
      where('delivery_id = ?', filter.deliveryId);
      where('direction = ?', filter.direction);
      where('received_at >= ?', filter.fromMs);
      where('received_at < ?', filter.untilMs);
      if (filter.waiting === true) conditions.push(waiting);
      if (filter.ids !== undefined)
        where('id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.ids));
      const sql = conditions.join(' AND ');
      const rows = db
        .prepare(`${smsSql} WHERE ${sql} AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...parameters, page.after ?? Number.MAX_SAFE_INTEGER, page.limit + 1) as SmsSqlRow[];
      const entries = rows.slice(0, page.limit).map(toSms);
      const next = rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null;
      const total =
        next === null && page.after === null
          ? entries.length
          : Number(
              db
                .prepare(`SELECT count(*) FROM (SELECT 1 FROM smses WHERE ${sql} LIMIT ${countedMax})`)
                .pluck()
                .get(...parameters),
            );
      return { entries, next, total };
    },

    sms(id: string): SmsRow | null {
      const row = byId.get(id) as SmsSqlRow | undefined;
      return row === undefined ? null : toSms(row);
    },

    smsOf(provider: SmsProvider, providerId: string): SmsRow | null {
      const row = byProviderId.get(provider, providerId) as SmsSqlRow | undefined;
      return row === undefined ? null : toSms(row);
    },

    smsThreads(number: string | null, limit: number): readonly SmsThread[] {
      const rows = db
        .prepare(
          `SELECT max(seq) AS last, number, sender, count(*) AS messages FROM smses
             ${number === null ? '' : 'WHERE number = ?'} GROUP BY number, sender ORDER BY last DESC LIMIT ?`,
        )
        .all(...(number === null ? [] : [number]), limit) as {
        last: number;
        number: string;
        sender: string;
        messages: number;
      }[];
      const bySeq = db.prepare(`${smsSql} WHERE seq = ?`);
      return rows.map(({ last, number: whose, sender, messages }) => ({
        number: whose,
        sender,
        messages,
        last: toSms(bySeq.get(last) as SmsSqlRow),
      }));
    },
  };
}

function toSms(row: SmsSqlRow): SmsRow {
  return {
    seq: row.seq,
    id: row.id,
    provider: row.provider,
    account: row.account,
    providerId: row.provider_id,
    batchId: row.batch_id,
    direction: row.direction,
    number: row.number,
    sender: row.sender,
    service: row.service,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    own: row.own === 1,
    text: row.text,
    media: JSON.parse(row.media) as SmsMedia[],
    encoding: row.encoding,
    parts: row.parts,
    price: row.price === null ? null : (JSON.parse(row.price) as SmsPrice),
    receivedAtMs: row.received_at,
    expiresAtMs: row.expires_at,
    steps: JSON.parse(row.steps) as SmsStep[],
    record: JSON.parse(row.record) as NewSms['record'],
  };
}
