/** The writer's part for messages coming in: the message, its bytes, its event and its stretch of the exchange. */
import type {
  EventType,
  ExchangeEnd,
  ExchangeStart,
  MessageSummary,
  StoredEvent,
} from '../../model/message.ts';
import type { Connection } from './open.ts';
import type { AcceptOperation } from './operations.ts';
import type { ExchangeState, WriterState } from './writer-state.ts';

export function messageWriter(db: Connection, state: WriterState) {
  const insertMessage = db.prepare(
    `INSERT INTO messages (seq, id, project, channel, door, user, envelope_from, envelope_to, envelope_parameters,
       received_at, bytes, raw, exchange, event, tags, details, part_of, template, topic)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertRaw = db.prepare('INSERT INTO raw (id, bytes) VALUES (?, ?)');
  const deleteRaw = db.prepare('DELETE FROM raw WHERE id = ?');
  const insertSpool = db.prepare('INSERT INTO spool (raw) VALUES (?)');
  const deleteSpool = db.prepare('DELETE FROM spool WHERE raw = ?');
  const insertTranscript = db.prepare(
    'INSERT INTO transcripts (id, exchange, previous, message, text) VALUES (?, ?, ?, ?, ?)',
  );
  const insertWholeExchange = db.prepare(
    `INSERT INTO exchanges (seq, id, door, kind, started_at, ended_at, outcome, reason, remote_address, remote_port,
       client_name, user, tls, messages, refusals, bytes_in, bytes_out, first_transcript, last_transcript)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertExchange = db.prepare(
    `INSERT INTO exchanges (seq, id, door, kind, started_at, outcome, remote_address, remote_port, client_name, user, tls)
     VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?)`,
  );
  const findExchange = db
    .prepare('SELECT seq, first_transcript, last_transcript FROM exchanges WHERE id = ?')
    .raw();
  const endExchangeRow = db.prepare(
    `UPDATE exchanges SET ended_at = ?, outcome = ?, reason = ?, client_name = ?, user = ?, tls = ?, messages = ?,
       refusals = ?, bytes_in = ?, bytes_out = ?, first_transcript = ?, last_transcript = ? WHERE seq = ?`,
  );
  const insertSummary = db.prepare(
    `INSERT OR REPLACE INTO summaries (seq, subject, sender, recipients, cc, bcc, reply_to, message_id, date_at, snippet,
       attachments, problems) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const indexable = db
    .prepare(
      `SELECT m.envelope_from, m.envelope_to, s.seq FROM messages m LEFT JOIN summaries s ON s.seq = m.seq WHERE m.seq = ?`,
    )
    .raw();
  const insertSearch = db.prepare(
    `INSERT INTO search (rowid, subject, sender, recipients, cc, bcc, attachments, message_id, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEvent = db.prepare(
    `INSERT INTO events (seq, at, type, message, message_id, exchange_id, project, data, delivery_id, virtual_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function event(
    type: EventType,
    atMs: number,
    about: {
      seq?: number;
      messageId?: string;
      exchangeId?: string;
      project?: string;
      deliveryId?: string;
      virtualAtMs?: number;
      data?: Record<string, unknown>;
    },
  ): void {
    const seq = ++state.eventSeq;
    const { messageId = null, exchangeId = null, project = null, data = noData } = about;
    const { deliveryId = null, virtualAtMs = null } = about;
    insertEvent.run(
      seq,
      atMs,
      type,
      about.seq ?? null,
      messageId,
      exchangeId,
      project,
      data === noData ? '{}' : JSON.stringify(data),
      deliveryId,
      virtualAtMs,
    );
    const stored: StoredEvent = {
      seq,
      atMs,
      type,
      messageId,
      exchangeId,
      project,
      data,
      deliveryId,
      virtualAtMs,
    };
    state.events.push(stored);
  }

  function addTranscript(exchange: ExchangeState, message: number | null, text: string): void {
    const id = ++state.transcriptId;
    insertTranscript.run(id, exchange.seq, exchange.lastTranscript, message, text);
    exchange.firstTranscript ??= id;
    exchange.lastTranscript = id;
  }

  function exchangeOf(id: string, start: ExchangeStart | null): ExchangeState | null {
    state.remember(id);
    const open = state.openExchanges.get(id);
    if (open !== undefined) return open;
    const row = findExchange.get(id) as [number, number | null, number | null] | undefined;
    if (row === undefined && start === null) return null;
    const exchange: ExchangeState =
      row === undefined
        ? { seq: ++state.exchangeSeq, firstTranscript: null, lastTranscript: null }
        : { seq: row[0], firstTranscript: row[1], lastTranscript: row[2] };
    if (row === undefined && start !== null) {
      state.exchanges++;
      insertExchange.run(
        exchange.seq,
        start.id,
        start.door,
        start.kind,
        start.startedAtMs,
        start.remoteAddress,
        start.remotePort,
        start.clientName,
        start.user,
        start.tls === null ? null : JSON.stringify(start.tls),
      );
    }
    state.openExchanges.set(id, exchange);
    return exchange;
  }

  /** An exchange that is over: its row is written once. @returns its `seq` */
  function keepWhole(
    start: ExchangeStart,
    end: Omit<ExchangeEnd, 'start' | 'transcript'>,
    message: number,
    transcript: string,
  ): number {
    const seq = ++state.exchangeSeq;
    const id = ++state.transcriptId;
    state.exchanges++;
    insertTranscript.run(id, seq, null, message, transcript);
    insertWholeExchange.run(
      seq,
      start.id,
      start.door,
      start.kind,
      start.startedAtMs,
      end.endedAtMs,
      end.outcome,
      end.reason,
      start.remoteAddress,
      start.remotePort,
      start.clientName,
      start.user,
      start.tls === null ? null : JSON.stringify(start.tls),
      end.messages,
      end.refusals,
      end.bytesIn,
      end.bytesOut,
      id,
      id,
    );
    return seq;
  }

  return {
    event,

    accept(operation: AcceptOperation, tail: Uint8Array): number {
      const project = state.project(operation.project);
      const seq = ++state.messageSeq;
      const chunks = [...operation.spooled];
      for (const chunk of chunks) deleteSpool.run(chunk);
      if (tail.length > 0 || chunks.length === 0) {
        const id = ++state.rawId;
        insertRaw.run(id, tail);
        chunks.push(id);
      }
      const { exchange } = operation;
      const whole =
        exchange?.end == null || exchange.start === null
          ? null
          : keepWhole(exchange.start, exchange.end, seq, exchange.transcript);
      const session = exchange === null || whole !== null ? null : exchangeOf(exchange.id, exchange.start);
      insertMessage.run(
        seq,
        operation.id,
        project.id,
        operation.channel,
        operation.door,
        operation.user,
        operation.envelopeFrom,
        operation.envelopeTo,
        operation.envelopeParameters,
        operation.receivedAtMs,
        operation.bytes,
        chunks.join(','),
        whole ?? session?.seq ?? null,
        state.eventSeq + 1,
        operation.tags.length === 0 ? '[]' : JSON.stringify(operation.tags),
        operation.details,
        operation.partOf?.messageId ?? null,
        operation.template,
        operation.topic,
      );
      if (session !== null && exchange !== null) addTranscript(session, seq, exchange.transcript);
      project.messages++;
      project.unread++;
      project.bytes += operation.bytes;
      project.lastMessageAtMs = operation.receivedAtMs;
      project.dirty = true;
      state.waitingForIndex++;
      event('accepted', operation.receivedAtMs, {
        seq,
        messageId: operation.id,
        project: project.name,
        ...(whole === null || exchange === null ? {} : { exchangeId: exchange.id }),
      });
      return seq;
    },

    spool(bytes: Uint8Array): number {
      const id = ++state.rawId;
      insertRaw.run(id, bytes);
      insertSpool.run(id);
      return id;
    },

    unspool(chunks: readonly number[]): void {
      for (const chunk of chunks) {
        // Only what is still marked as spooled: a chunk that became part of a message stays.
        if (deleteSpool.run(chunk).changes > 0) deleteRaw.run(chunk);
      }
    },

    endExchange(end: ExchangeEnd): void {
      const exchange = exchangeOf(end.start.id, end.start);
      if (exchange === null) return;
      if (end.transcript !== '') addTranscript(exchange, null, end.transcript);
      const { start } = end;
      endExchangeRow.run(
        end.endedAtMs,
        end.outcome,
        end.reason,
        start.clientName,
        start.user,
        start.tls === null ? null : JSON.stringify(start.tls),
        end.messages,
        end.refusals,
        end.bytesIn,
        end.bytesOut,
        exchange.firstTranscript,
        exchange.lastTranscript,
        exchange.seq,
      );
      state.openExchanges.delete(start.id);
      event('exchange', end.endedAtMs, {
        exchangeId: start.id,
        data: { outcome: end.outcome, door: start.door },
      });
    },

    index(seq: number, summary: MessageSummary): boolean {
      const row = indexable.get(seq) as [string, string, number | null] | undefined;
      // Deleted while it was being read, or read twice after a crash.
      if (row === undefined || row[2] !== null) return false;
      const [envelopeFrom, envelopeTo] = row;
      const { from } = summary;
      insertSummary.run(
        seq,
        summary.subject,
        from === null ? null : JSON.stringify(from),
        JSON.stringify(summary.to),
        JSON.stringify(summary.cc),
        JSON.stringify(summary.bcc),
        JSON.stringify(summary.replyTo),
        summary.messageId,
        summary.dateMs,
        summary.snippet,
        JSON.stringify(summary.attachments),
        JSON.stringify(summary.problems),
      );
      const words = (boxes: MessageSummary['to']): string =>
        boxes.map((box) => `${box.name} ${box.address}`).join(' ');
      insertSearch.run(
        seq,
        summary.subject,
        `${from === null ? '' : words([from])} ${envelopeFrom}`,
        `${words(summary.to)} ${(JSON.parse(envelopeTo) as string[]).join(' ')}`,
        words(summary.cc),
        words(summary.bcc),
        summary.attachments.map((attachment) => attachment.filename ?? '').join(' '),
        summary.messageId ?? '',
        summary.body,
      );
      state.waitingForIndex--;
      return true;
    },
  };
}

export type MessageWriter = ReturnType<typeof messageWriter>;
const noData: Record<string, unknown> = {};
