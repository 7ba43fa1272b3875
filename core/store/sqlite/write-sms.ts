/** The writer's part for SMS: one row a message and handset, and the delivery that it is of. */
import type { KeptDocument, KeptSms } from '../../model/message.ts';
import type { NewSms, SmsChange, SmsStep } from '../../model/sms.ts';
import type { Connection } from './open.ts';
import type { DeliveryWriter } from './write-deliveries.ts';
import type { FarSideWriter } from './write-far-side.ts';
import type { MessageWriter } from './write-messages.ts';

interface SmsStanding {
  readonly seq: number;
  readonly id: string;
  readonly number: string;
  readonly message: number | null;
  readonly message_id: string | null;
  readonly delivery_id: string | null;
  readonly state: string;
  readonly text: string;
  readonly media: string;
  readonly expires_at: number;
  readonly steps: string;
  readonly record: string;
}

export function smsWriter(
  db: Connection,
  messages: MessageWriter,
  deliveries: DeliveryWriter,
  farSide: FarSideWriter,
) {
  const insert = db.prepare(
    `INSERT INTO smses (id, provider, account, provider_id, batch_id, direction, number, sender, service, message, message_id,
       delivery_id, own, state, text, media, encoding, parts, price, received_at, expires_at, steps, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const byId = db.prepare(
    `SELECT seq, id, number, message, message_id, delivery_id, state, text, media, expires_at, steps, record FROM smses
     WHERE id = ?`,
  );
  const update = db.prepare(
    'UPDATE smses SET state = ?, text = ?, media = ?, expires_at = ?, steps = ?, record = ? WHERE seq = ?',
  );
  const messageSeq = db.prepare('SELECT seq FROM messages WHERE id = ?').pluck();

  function put(sms: NewSms, accepted: { readonly seq: number } | null): void {
    const last = sms.steps.at(-1);
    if (last === undefined) throw new Error(`the SMS ${sms.id} has no step`);
    const message =
      sms.messageId === null
        ? null
        : (accepted?.seq ?? (messageSeq.get(sms.messageId) as number | undefined) ?? null);
    insert.run(
      sms.id,
      sms.provider,
      sms.account,
      sms.providerId,
      sms.batchId,
      sms.direction,
      sms.number,
      sms.sender,
      sms.service,
      message,
      sms.messageId,
      sms.deliveryId,
      sms.own ? 1 : 0,
      last.state,
      sms.text,
      sms.media.length === 0 ? '[]' : JSON.stringify(sms.media),
      sms.encoding,
      sms.parts,
      sms.price === null ? null : JSON.stringify(sms.price),
      sms.receivedAtMs,
      sms.expiresAtMs,
      JSON.stringify(sms.steps),
      JSON.stringify(sms.record),
    );
    // One that came with a message is told of by that.
    if (accepted !== null) return;
    messages.event(sms.direction === 'mo' ? 'inbound' : 'handset', Date.now(), {
      ...(sms.messageId === null ? {} : { messageId: sms.messageId }),
      ...(message === null ? {} : { seq: message }),
      virtualAtMs: sms.receivedAtMs,
      data: { number: sms.number, smsId: sms.id, sender: sms.sender, state: last.state },
    });
  }

  function change(wanted: SmsChange): boolean {
    const row = byId.get(wanted.id) as SmsStanding | undefined;
    if (row === undefined) return false;
    const steps = [...(JSON.parse(row.steps) as SmsStep[]), ...(wanted.steps ?? [])];
    const state = steps.at(-1)?.state ?? row.state;
    update.run(
      state,
      wanted.text ?? row.text,
      wanted.media === undefined ? row.media : JSON.stringify(wanted.media),
      wanted.expiresAtMs ?? row.expires_at,
      JSON.stringify(steps),
      wanted.record === undefined
        ? row.record
        : JSON.stringify({ ...(JSON.parse(row.record) as object), ...wanted.record }),
      row.seq,
    );
    if (wanted.delivery != null && row.delivery_id !== null)
      deliveries.stepTo(row.delivery_id, wanted.delivery, wanted.nowMs);
    messages.event('handset', Date.now(), {
      ...(row.message === null ? {} : { seq: row.message }),
      ...(row.message_id === null ? {} : { messageId: row.message_id }),
      ...(row.delivery_id === null ? {} : { deliveryId: row.delivery_id }),
      virtualAtMs: wanted.nowMs,
      data: { number: row.number, smsId: row.id, state },
    });
    return true;
  }

  function keepDocument({ kind, key, value, news, nowMs }: KeptDocument): void {
    if (value === null) farSide.deleteDocument(kind, key);
    else farSide.saveDocument(kind, key, JSON.stringify(value));
    messages.event('handset', Date.now(), { virtualAtMs: nowMs, data: news });
  }

  return {
    /** @param accepted the message that they came with in this transaction, or null: it is stored already, or there is none */
    keep(
      { puts, changes, acts, callbacks, documents = [] }: KeptSms,
      accepted: { readonly seq: number } | null,
      nowMs: number,
    ): void {
      for (const one of documents) keepDocument(one);
      for (const one of changes) change(one);
      for (const one of puts) put(one, accepted);
      if (callbacks.length > 0)
        deliveries.add({ nowMs, messageId: null, carriage: 'callback', deliveries: callbacks });
      farSide.addActs(acts);
    },
    change,
  };
}
