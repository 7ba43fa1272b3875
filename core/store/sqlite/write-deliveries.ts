/** The writer's part for the queue: adding, claiming, and recording what an attempt led to. */
import { assertNever } from '../../model/app-error.ts';
import {
  type Carriage,
  isCall,
  type NewDelivery,
  type ProviderReport,
  type Status,
} from '../../model/delivery.ts';
import type { EventType } from '../../model/message.ts';
import { unpackDetails } from '../../model/message-details.ts';
import { multiActs, startedTogetherMax } from '../../model/multi-steps.ts';
import type { PushState } from '../../model/phone.ts';
import type { DeliveryStep } from '../../model/sms.ts';
import { isEnd } from '../../model/status.ts';
import type { ClaimedRow, RecordedAttempt, RecordedResult } from '../deliveries.ts';
import type { AddDeliveries, ClaimRequest, Fact } from '../store.ts';
import { deliveryChanges } from './delivery-changes.ts';
import { type DeliverySqlRow, deliveryColumns, isCallSql, isNoCallSql, toDelivery } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { MessageWriter } from './write-messages.ts';
import { orderWriter } from './write-orders.ts';
import type { SuppressionWriter } from './write-suppressions.ts';
import type { WriterState } from './writer-state.ts';

/** Reports that are kept of one delivery; a provider that repeats itself says nothing new. */
const reportsMax = 100;

/** Whether the far side took it is not known: to lose it would be worse than to send it twice. */
const interruption =
  'Sandpost stopped while an attempt was under way: the far side may have taken the message, and a second copy is possible';

interface ClaimSqlRow extends DeliverySqlRow {
  parameters: string | null;
  m_id: string | null;
  m_door: string | null;
  m_from: string | null;
  m_parameters: string | null;
  m_bytes: number | null;
  m_received: number | null;
  m_details: string | null;
  m_tags: string | null;
}

export function deliveryWriter(
  db: Connection,
  state: WriterState,
  messages: MessageWriter,
  suppressions: SuppressionWriter,
) {
  const changes = deliveryChanges(db, state, messages);
  const { event, statusEvent, change, bySeq, byId } = changes;
  const orders = orderWriter(db, changes, suppressions, messages);
  const { obey, carryOut, withNotices } = orders;
  const insert = db.prepare(
    `INSERT INTO deliveries (seq, id, carriage, message, project, recipient, domain, provider, stream, parameters, status,
       substatus, class, reason, created_at, due_at, waits_for, expires_at, remaining, ended_at, retry_of, held_at,
       held_by, held_label, about, user_id, created_wall, sent_at, sent_wall, ended_wall)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const due = db.prepare(
    `SELECT ${deliveryColumns}, d.parameters, m.id AS m_id, m.door AS m_door, m.envelope_from AS m_from,
       m.envelope_parameters AS m_parameters, m.bytes AS m_bytes, m.received_at AS m_received, m.details AS m_details, m.tags AS m_tags
     FROM deliveries d JOIN projects p ON p.id = d.project LEFT JOIN messages m ON m.seq = d.message
     WHERE d.due_at IS NOT NULL AND d.${isNoCallSql} AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
  );
  const dueAtHost = db.prepare(
    `SELECT ${deliveryColumns}, d.parameters, NULL AS m_id FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message
     WHERE d.due_at IS NOT NULL AND d.${isCallSql} AND d.domain = ? AND d.due_at <= ?
     ORDER BY d.due_at, d.seq LIMIT ?`,
  );
  const nextHost = db
    .prepare(
      `SELECT domain FROM deliveries WHERE due_at IS NOT NULL AND ${isCallSql} AND domain > ?
       ORDER BY domain LIMIT 1`,
    )
    .pluck();
  const lease = db.prepare(
    'UPDATE deliveries SET due_at = NULL, lease = ?, leased_due = ?, waits_for = NULL WHERE seq = ?',
  );
  const putBack = db.prepare(
    `UPDATE deliveries SET due_at = ?, waits_for = ?, reason = ?, held_at = coalesce(held_at, ?), lease = NULL,
       leased_due = NULL WHERE seq = ?`,
  );
  const leased = db.prepare(
    `SELECT ${deliveryColumns}, d.leased_due FROM deliveries d JOIN projects p ON p.id = d.project
       LEFT JOIN messages m ON m.seq = d.message WHERE d.lease IS NOT NULL ORDER BY d.seq`,
  );
  const keepDue = db.prepare('UPDATE deliveries SET leased_due = ? WHERE seq = ?');
  const insertAttempt = db.prepare(
    `INSERT INTO attempts (delivery, number, started_at, started_at_wall, duration, outcome, next_hop, code, enhanced, text,
       class, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEvidence = db.prepare('INSERT INTO evidence (id, value) VALUES (?, ?)');
  const pushOf = db.prepare(
    'SELECT state, shown, reason, expires_at AS expiresAtMs FROM pushes WHERE message = ? AND delivery_id = ? ORDER BY seq LIMIT 1',
  );
  // What went to a topic is no delivery's in particular: it is told from others where the message has but one delivery.
  const fannedOut = db
    .prepare(
      `SELECT (SELECT count(*) FROM deliveries WHERE message = ?) FROM pushes WHERE message = ? AND delivery_id IS NULL LIMIT 1`,
    )
    .pluck();
  const smsOf = db
    .prepare(
      'SELECT provider FROM smses WHERE own = 1 AND message IS NOT NULL AND delivery_id = ? ORDER BY seq DESC LIMIT 1',
    )
    .pluck();
  const copyOf = db
    .prepare('SELECT placement FROM copies WHERE message = ? AND delivery = ? ORDER BY seq LIMIT 1')
    .pluck();
  const engaged = {
    opened: db.prepare(
      'UPDATE deliveries SET opened_at = ?, opened_wall = ? WHERE id = ? AND opened_at IS NULL',
    ),
    clicked: db.prepare(
      'UPDATE deliveries SET clicked_at = ?, clicked_wall = ? WHERE id = ? AND clicked_at IS NULL',
    ),
  };
  const insertReport = db.prepare('INSERT INTO reports (delivery, value) VALUES (?, ?)');
  const countReports = db.prepare('SELECT count(*) FROM reports WHERE delivery = ?').pluck();
  const setProvider = db.prepare('UPDATE deliveries SET provider = ?, domain = ? WHERE seq = ?');
  const standing = db.prepare('SELECT seq, message, status FROM deliveries WHERE id = ?').raw();
  const messageSeq = db.prepare('SELECT seq, project FROM messages WHERE id = ?').raw();
  const addAct = db.prepare('INSERT INTO acts (due_at, kind, data, delivery_id) VALUES (?, ?, ?, ?)');

  function add(
    about: {
      readonly messageSeq: number | null;
      readonly messageId: string | null;
      readonly project: { readonly id: number; readonly name: string };
      readonly carriage: Carriage;
    },
    deliveries: readonly NewDelivery[],
    nowMs: number,
  ): void {
    const wallMs = Date.now();
    if (about.carriage === 'multi') startMulti(about.messageId, deliveries, nowMs);
    for (const one of deliveries) {
      const seq = ++state.deliverySeq;
      // A provider takes it first, whatever becomes of it then; where there is none to take it, it ends at once.
      const takenBefore =
        one.status === 'delivered' ||
        (one.status === 'undeliverable' && isOfDevices(about.carriage) && one.provider !== null);
      const taken = takenBefore || one.status === 'sent';
      insert.run(
        seq,
        one.id,
        about.carriage,
        about.messageSeq,
        about.project.id,
        one.recipient,
        one.domain,
        one.provider,
        one.stream,
        one.parameters === null ? null : JSON.stringify(one.parameters),
        one.status,
        one.substatus,
        one.class,
        one.reason,
        nowMs,
        one.dueAtMs,
        one.substatus === 'held'
          ? one.status === 'sent' && isOfDevices(about.carriage) && one.heldBy == null
            ? 'device'
            : 'hold'
          : (one.dueAtMs !== null && one.dueAtMs > nowMs) ||
              isScheduledThere(one, about.carriage) ||
              isMultiToCome(one, about.carriage, nowMs)
            ? 'schedule'
            : null,
        one.expiresAtMs,
        one.substatus === 'held' ? one.expiresAtMs - nowMs : null,
        isEnd(one.status) ? nowMs : null,
        one.retryOf,
        one.substatus === 'held' ? nowMs : null,
        one.heldBy?.key ?? null,
        one.heldBy?.label ?? null,
        one.about ?? null,
        one.user ?? null,
        wallMs,
        taken ? nowMs : null,
        taken ? wallMs : null,
        isEnd(one.status) ? wallMs : null,
      );
      if (
        (one.substatus === 'held' || about.carriage === 'multi') &&
        one.scheduledAtMs != null &&
        one.scheduledAtMs > nowMs
      )
        keepDue.run(one.scheduledAtMs, seq);
      state.addDelivery(one);
      messages.event('queued', wallMs, {
        ...(about.messageSeq === null ? {} : { seq: about.messageSeq }),
        ...(about.messageId === null ? {} : { messageId: about.messageId }),
        project: about.project.name,
        deliveryId: one.id,
        virtualAtMs: nowMs,
        data: {
          recipient: one.recipient,
          ...(one.provider === null ? {} : { provider: one.provider }),
          // Null: it is at its end already, and nobody need look at it.
          ...(isEnd(one.status)
            ? { dueAtMs: null }
            : one.dueAtMs === null || one.dueAtMs <= nowMs
              ? {}
              : { dueAtMs: one.dueAtMs }),
          ...(one.retryOf === null ? {} : { retryOf: one.retryOf }),
        },
      });
      if (one.substatus === 'held' || one.status !== 'queued') {
        // Not read back: a door writes thousands of these a second.
        const row = {
          id: one.id,
          message: about.messageSeq,
          message_id: about.messageId,
          project: about.project.name,
          recipient: one.recipient,
          provider: one.provider,
        };
        if (takenBefore) statusEvent(row, 'sent', nowMs, {});
        if (one.status !== 'queued') {
          statusEvent(row, one.status, nowMs, {
            ...(one.shown === undefined ? {} : { shown: one.shown }),
            ...reasonOf(one.reason, one.class),
            ...(one.substatus === 'unconfirmed' ? { substatus: 'unconfirmed' } : {}),
            ...(one.step === undefined ? {} : saidIn(one.step)),
            permanent: one.status === 'undeliverable' || one.status === 'canceled',
          });
        }
        if (one.substatus === 'held')
          statusEvent(row, 'held', nowMs, {
            ...reasonOf(one.reason, one.class),
            ...(one.step === undefined ? {} : saidIn(one.step)),
          });
        if (one.substatus === 'deferred' && one.step !== undefined)
          statusEvent(row, 'deferred', nowMs, saidIn(one.step));
      }
    }
  }

  /** They have no turn in the queue: what is to be done for them is an act, in steps that neither stall nor take long. */
  function startMulti(messageId: string | null, added: readonly NewDelivery[], nowMs: number): void {
    for (let at = 0; at < added.length; at += startedTogetherMax) {
      const together = added.slice(at, at + startedTogetherMax).filter((one) => !isEnd(one.status));
      const [first] = together;
      if (first === undefined) continue;
      const data = { messageId, deliveries: together.map((one) => one.id) };
      addAct.run(Math.max(first.scheduledAtMs ?? nowMs, nowMs), multiActs.start, JSON.stringify(data), null);
    }
  }

  function claim({ nowMs, limit, calls }: ClaimRequest): ClaimedRow[] {
    const rows =
      calls === undefined ? (due.all(nowMs, limit) as ClaimSqlRow[]) : dueCalls(nowMs, limit, calls);
    return rows.flatMap((row) => {
      // Asked for while it was under way, by a run that ended before it could be done.
      if (obey(row, nowMs)) return [];
      const dueAtMs = row.due_at ?? nowMs;
      lease.run(state.run, dueAtMs, row.seq);
      row.due_at = null;
      return {
        delivery: toDelivery(row),
        dueAtMs,
        parameters: row.parameters === null ? null : JSON.parse(row.parameters),
        message:
          row.m_id === null || row.message === null
            ? null
            : {
                id: row.m_id,
                seq: row.message,
                door: row.m_door ?? '',
                project: row.project,
                envelopeFrom: row.mail_from ?? row.m_from ?? '',
                envelopeParameters: row.m_parameters === null ? null : JSON.parse(row.m_parameters),
                bytes: row.m_bytes ?? 0,
                receivedAtMs: row.m_received ?? 0,
                details: unpackDetails(row.m_details),
                tags: row.m_tags === null || row.m_tags === '[]' ? [] : JSON.parse(row.m_tags),
              },
        suppressed: suppressions.covering(row.recipient, row.stream, nowMs),
      };
    });
  }

  /** Host by host, so that one that is slow, or has thousands to come, keeps none of the others waiting. */
  function dueCalls(
    nowMs: number,
    limit: number,
    { perHostMax, underWay, after = '' }: NonNullable<ClaimRequest['calls']>,
  ): ClaimSqlRow[] {
    const rows: ClaimSqlRow[] = [];
    for (const host of hostsBehind(after)) {
      if (rows.length >= limit) break;
      const room = Math.min(limit - rows.length, perHostMax - (underWay[host] ?? 0));
      if (room > 0) rows.push(...(dueAtHost.all(host, nowMs, room) as ClaimSqlRow[]));
    }
    return rows;
  }

  /** Hosts that calls wait for, each once, in the order of their names, from behind that one round to it. */
  function* hostsBehind(start: string): Generator<string> {
    let host = nextHost.get(start) as string | undefined;
    for (; host !== undefined; host = nextHost.get(host) as string | undefined) yield host;
    if (start === '') return;
    host = nextHost.get('') as string | undefined;
    for (; host !== undefined && host <= start; host = nextHost.get(host) as string | undefined) yield host;
  }

  /** What a run before this one had under way is due again when it was due before. */
  function putBackInterrupted(): void {
    for (const row of leased.all() as (DeliverySqlRow & { leased_due: number | null })[]) {
      const dueAtMs = row.leased_due ?? row.created_at;
      if (takenBeforeTheEnd(row, dueAtMs)) continue;
      putBack.run(dueAtMs, row.substatus === 'deferred' ? 'retry' : null, interruption, null, row.seq);
      event(row, 'interrupted', dueAtMs, { reason: interruption });
    }
  }

  /** The simulated provider took it and Sandpost stopped before that was recorded: it is known to be there, and not sent twice. */
  function takenBeforeTheEnd(row: DeliverySqlRow, nowMs: number): boolean {
    if (row.carriage === 'sms') return takenAsSms(row, nowMs);
    if (row.carriage !== 'push') return false;
    const push = pushOf.get(row.message, row.id) as DevicePush | undefined;
    if (push === undefined && fannedOut.get(row.message, row.message) !== 1) return false;
    if (!change(row, 'send', nowMs, { class: null, reason: null })) return false;
    event(row, 'interrupted', nowMs, {
      reason: 'Sandpost stopped while an attempt was under way; the provider had taken the push already',
    });
    statusEvent(row, 'sent', nowMs, {});
    if (push !== undefined) onDevice(row, { ...push, shown: Boolean(push.shown) }, nowMs);
    return true;
  }

  function takenAsSms(row: DeliverySqlRow, nowMs: number): boolean {
    const provider = smsOf.get(row.id) as string | undefined;
    if (provider === undefined || !change(row, 'send', nowMs, { class: null, reason: null })) return false;
    // It may have been another one than the first that was asked.
    if (provider !== row.provider) {
      setProvider.run(provider, row.domain, row.seq);
      row.provider = provider;
    }
    event(row, 'interrupted', nowMs, {
      reason: 'Sandpost stopped while an attempt was under way; the provider had taken the SMS already',
    });
    statusEvent(row, 'sent', nowMs, {});
    return true;
  }

  function record(attempt: RecordedAttempt): void {
    let evidence: number | null = null;
    for (const result of attempt.results) {
      const row = bySeq(result.seq);
      // Deleted with its message while the attempt was under way.
      if (row === undefined || row.id !== result.id || isEnd(row.status)) continue;
      if (result.change.kind === 'postpone') {
        if (!obey(row, attempt.nowMs))
          putBack.run(result.change.dueAtMs, result.change.waitsFor, result.reason, attempt.nowMs, row.seq);
        continue;
      }
      if (result.change.kind === 'hold') {
        if (!obey(row, attempt.nowMs)) carryOut(row, { ...result.change, nowMs: attempt.nowMs });
        continue;
      }
      if (result.attempted) {
        row.attempts++;
        if (evidence === null && attempt.evidence !== null) {
          evidence = ++state.evidenceId;
          insertEvidence.run(evidence, JSON.stringify(attempt.evidence));
        }
        keepAttempt(row, attempt, result, evidence);
      }
      settle(row, attempt.nowMs, result);
    }
    for (const { dueAtMs, kind, data, awaitedBy = null } of attempt.acts ?? [])
      addAct.run(dueAtMs, kind, JSON.stringify(data), awaitedBy);
  }

  function keepAttempt(
    row: DeliverySqlRow,
    attempt: RecordedAttempt,
    result: RecordedResult,
    evidence: number | null,
  ): void {
    const outcome =
      result.change.kind === 'send' ? 'sent' : result.change.kind === 'fail' ? 'failed' : 'deferred';
    insertAttempt.run(
      row.seq,
      row.attempts,
      attempt.startedAtMs,
      attempt.startedAtWallMs,
      attempt.durationMs,
      outcome,
      result.nextHop,
      result.code,
      result.enhanced,
      result.text,
      result.class,
      evidence,
    );
    event(row, 'attempted', attempt.nowMs, { attempt: row.attempts, outcome, ...replyOf(result) });
  }

  function settle(row: DeliverySqlRow, nowMs: number, result: RecordedResult): void {
    const { change: wanted } = result;
    const reply = replyOf(result);
    switch (wanted.kind) {
      case 'send':
        if (result.takenBy !== undefined && result.takenBy.provider !== row.provider) {
          const { provider, domain } = result.takenBy;
          setProvider.run(provider, domain, row.seq);
          row.provider = provider;
        }
        if (change(row, 'send', nowMs, { class: null, reason: null })) {
          const { unconfirmed } = wanted;
          statusEvent(row, 'sent', nowMs, {
            attempt: row.attempts,
            ...reply,
            ...(unconfirmed === undefined ? {} : { reason: unconfirmed, unconfirmed: true }),
          });
          if (unconfirmed !== undefined) change(row, 'unconfirm', nowMs, { reason: unconfirmed });
          // What is said of it later, its provider reports.
          if (row.carriage === 'sms') return;
          if (isCall(row.carriage)) {
            change(row, 'deliver', nowMs, {});
            return;
          }
          if (row.carriage === 'push') {
            const push = pushOf.get(row.message, row.id) as DevicePush | undefined;
            if (push !== undefined) onDevice(row, { ...push, shown: Boolean(push.shown) }, nowMs);
            return;
          }
          const placement = copyOf.get(row.message, row.seq) as string | undefined;
          if (placement === undefined) suppressions.taken(row.recipient);
          else place(row, placement, nowMs);
        }
        return;
      case 'defer':
        // Asked for while the attempt was under way.
        if (obey(row, nowMs)) return;
        if (
          change(row, 'defer', nowMs, {
            class: result.class,
            reason: result.reason,
            dueAtMs: wanted.dueAtMs,
            waitsFor: 'retry',
          })
        ) {
          statusEvent(row, 'deferred', nowMs, {
            attempt: row.attempts,
            nextAttemptAtMs: wanted.dueAtMs,
            ...reply,
          });
        }
        return;
      case 'fail':
        if (change(row, 'fail', nowMs, { class: result.class, reason: result.reason })) {
          statusEvent(row, 'undeliverable', nowMs, { attempt: row.attempts, permanent: true, ...reply });
          if (result.suppress !== null) suppressions.add([result.suppress]);
          if (result.softBounce !== null) suppressions.softBounce(result.softBounce, 'at_once');
        }
        return;
      case 'postpone':
      case 'hold':
        return;
      default:
        return assertNever(wanted);
    }
  }

  /** Where a push that a provider took leaves its delivery. */
  function onDevice(row: DeliverySqlRow, push: DevicePush, nowMs: number): void {
    const { state: reached, reason, shown } = push;
    switch (reached) {
      case 'stored':
        if (
          change(row, 'hold', nowMs, {
            reason,
            waitsFor: 'device',
            // How long the provider keeps it, which is not how long the queue would have tried.
            ...(push.expiresAtMs === null ? {} : { expiresAtMs: push.expiresAtMs }),
          })
        )
          statusEvent(row, 'held', nowMs, { reason });
        return;
      case 'delivered':
        if (change(row, 'deliver', nowMs, { class: null, reason }))
          statusEvent(row, 'delivered', nowMs, { shown: Boolean(shown), reason });
        return;
      case 'expired':
      case 'collapsed':
      case 'discarded': {
        const outcome = reached === 'collapsed' ? 'collapsed' : 'expired';
        event(row, reached, nowMs, { reason });
        if (change(row, 'fail', nowMs, { class: outcome, reason }))
          statusEvent(row, 'undeliverable', nowMs, { reason, class: outcome, permanent: true });
        return;
      }
      case 'lost':
        if (change(row, 'unconfirm', nowMs, { reason }))
          event(row, 'reported', nowMs, { reason, unconfirmed: true });
        return;
      default:
        assertNever(reached);
    }
  }

  /**
   * What a provider says of it; what the status machine does not let happen changes nothing.
   * @param told that the provider said it is an event already
   */
  function stepTo(
    row: DeliverySqlRow,
    step: DeliveryStep,
    nowMs: number,
    told: boolean,
    report: number | null = null,
  ): void {
    const { kind, reason } = step;
    const waitsFor = kind === 'hold' ? 'device' : null;
    if (isEnd(row.status) || (kind === 'send' && row.status === 'sent')) {
      if (!told) event(row, 'reported', nowMs, { ...saidIn(step), reason });
      return;
    }
    // Never straight from the queue to an end that only a provider can bring about.
    if (row.status === 'queued' && kind !== 'send' && kind !== 'cancel' && step.unsent !== true) {
      if (!change(row, 'send', nowMs, { class: null, reason: null })) return;
      statusEvent(row, 'sent', nowMs, {});
    }
    const transitionKind = kind === 'cancel' ? 'recall' : kind;
    if (!change(row, transitionKind, nowMs, { class: step.class, reason, waitsFor })) return;
    statusEvent(row, stepEvents[kind], nowMs, {
      ...saidIn(step),
      reason,
      ...(step.class === null ? {} : { class: step.class }),
      ...(kind === 'unconfirm' ? { unconfirmed: true } : {}),
      ...(report === null ? {} : { report }),
      permanent: kind === 'fail' || kind === 'cancel',
    });
  }

  /** @returns its number, or null: there are so many already that nobody wants one more */
  function keepReport(row: DeliverySqlRow, report: ProviderReport): number | null {
    if (Number(countReports.get(row.seq)) >= reportsMax) return null;
    return Number(insertReport.run(row.seq, JSON.stringify(report)).lastInsertRowid);
  }

  function place(row: DeliverySqlRow, placement: string, nowMs: number): void {
    if (change(row, 'deliver', nowMs, { placement, class: null, reason: null })) {
      statusEvent(row, 'delivered', nowMs, { placement });
      suppressions.reached(row.recipient);
    }
  }

  /** The first time counts. */
  function engagedWith(deliveryId: string, how: 'opened' | 'clicked', nowMs: number): void {
    engaged[how].run(nowMs, Date.now(), deliveryId);
  }

  return {
    place,
    engagedWith,

    addTo(
      message: {
        readonly seq: number;
        readonly id: string;
        readonly project: { readonly id: number; readonly name: string };
      },
      channel: Carriage,
      deliveries: readonly NewDelivery[],
      nowMs: number,
    ): void {
      add(
        { messageSeq: message.seq, messageId: message.id, project: message.project, carriage: channel },
        deliveries,
        nowMs,
      );
    },

    add(request: AddDeliveries): void {
      const { messageId } = request;
      const found =
        messageId === null ? undefined : (messageSeq.get(messageId) as [number, number] | undefined);
      if (messageId !== null && found === undefined) return;
      const project = found === undefined ? state.project('main') : state.projectsById.get(found[1]);
      if (project === undefined) return;
      add(
        { messageSeq: found?.[0] ?? null, messageId, project, carriage: request.carriage },
        request.deliveries,
        request.nowMs,
      );
    },

    putBackInterrupted,
    claim: (request: ClaimRequest) => withNotices(() => claim(request)),
    record: (attempt: RecordedAttempt) => withNotices(() => record(attempt)),
    order: orders.order,
    orderMatching: orders.orderMatching,

    note(facts: readonly Fact[]): void {
      for (const fact of facts) {
        const row = byId(fact.deliveryId);
        if (row === undefined) continue;
        const { change: wanted } = fact;
        const { report } = fact;
        const reportId = report === undefined ? null : keepReport(row, report);
        event(row, fact.type, fact.nowMs, {
          ...fact.data,
          ...(reportId === null ? {} : { report: reportId }),
        });
        // What only the far side knows is no news to the sender, and counts in none of its numbers.
        if ((fact.type === 'opened' || fact.type === 'clicked') && !('copyId' in fact.data))
          engagedWith(fact.deliveryId, fact.type, fact.nowMs);
        if (wanted?.kind === 'step') {
          stepTo(row, wanted.step, fact.nowMs, true, reportId);
          continue;
        }
        if (wanted !== null && row.status === 'sent') {
          if (!change(row, 'fail', fact.nowMs, { class: wanted.class, reason: wanted.reason })) continue;
          statusEvent(row, 'undeliverable', fact.nowMs, {
            ...fact.data,
            reason: wanted.reason,
            class: wanted.class,
            permanent: true,
          });
          if (wanted.softBounce !== null) suppressions.softBounce(wanted.softBounce, 'after_it_was_taken');
        }
      }
    },

    /** A copy came for a delivery that is sent already: it was placed later than it was accepted. */
    placed(deliveryId: string, placement: string, nowMs: number): void {
      const row = byId(deliveryId);
      if (row?.status === 'sent') place(row, placement, nowMs);
    },

    /** A device was reached, or will not be: of a delivery that the provider has taken. */
    reachedDevice(deliveryId: string, push: DevicePush, nowMs: number): void {
      const row = byId(deliveryId);
      if (row?.status === 'sent') onDevice(row, push, nowMs);
    },

    /** A provider says where one of its messages stands now. */
    stepTo(deliveryId: string, step: DeliveryStep, nowMs: number): void {
      const row = byId(deliveryId);
      if (row !== undefined) stepTo(row, step, nowMs, false);
    },

    /** Where a delivery stands, without all the rest of it: asked for every copy. */
    standing(
      deliveryId: string,
    ): { readonly seq: number; readonly message: number | null; readonly status: Status } | null {
      const row = standing.get(deliveryId) as [number, number | null, Status] | undefined;
      return row === undefined ? null : { seq: row[0], message: row[1], status: row[2] };
    },
  };
}

/** What a push says of its delivery. */
interface DevicePush {
  readonly state: PushState;
  readonly shown: boolean;
  readonly reason: string | null;
  readonly expiresAtMs: number | null;
}

export type DeliveryWriter = ReturnType<typeof deliveryWriter>;

const stepEvents = {
  send: 'sent',
  deliver: 'delivered',
  defer: 'deferred',
  hold: 'held',
  fail: 'undeliverable',
  unconfirm: 'reported',
  cancel: 'canceled',
  release: 'released',
} as const satisfies Record<DeliveryStep['kind'], EventType>;

function saidIn({ providerStatus, code }: DeliveryStep): Record<string, unknown> {
  return { providerStatus, code };
}

/** What its provider keeps for a device that is off. */
function isOfDevices(carriage: Carriage): boolean {
  return carriage === 'push' || carriage === 'sms';
}

/** Its provider has it, and sends it later: nothing that the queue would do. */
function isScheduledThere({ status, substatus, dueAtMs }: NewDelivery, carriage: Carriage): boolean {
  return carriage === 'sms' && status === 'queued' && substatus === null && dueAtMs === null;
}

/** Its sender wants it later, and no queue has a turn for it. */
function isMultiToCome(one: NewDelivery, carriage: Carriage, nowMs: number): boolean {
  return carriage === 'multi' && one.scheduledAtMs != null && one.scheduledAtMs > nowMs;
}

function replyOf(result: RecordedResult): Record<string, unknown> {
  return {
    ...(result.code === null ? {} : { code: result.code }),
    ...(result.enhanced === null ? {} : { enhanced: result.enhanced }),
    ...(result.class === null ? {} : { class: result.class }),
    ...(result.reason === null ? {} : { reason: result.reason }),
    providerStatus: result.text,
    ...(result.nextHop === null ? {} : { nextHop: result.nextHop }),
  };
}

function reasonOf(reason: string | null, outcomeClass: string | null): Record<string, unknown> {
  return {
    ...(reason === null ? {} : { reason }),
    ...(outcomeClass === null ? {} : { class: outcomeClass }),
  };
}
