/** Where a delivery is left by what providers say, by a device, and by a mailbox that it was placed in. */
import { assertNever } from '../../model/app-error.ts';
import type { ProviderReport } from '../../model/delivery.ts';
import type { EventType } from '../../model/message.ts';
import type { PushState } from '../../model/phone.ts';
import type { DeliveryStep } from '../../model/sms.ts';
import { isEnd } from '../../model/status.ts';
import type { DeliveryChanges } from './delivery-changes.ts';
import type { DeliverySqlRow } from './delivery-rows.ts';
import type { Connection } from './open.ts';
import type { SuppressionWriter } from './write-suppressions.ts';

/** Reports that are kept of one delivery; a provider that repeats itself says nothing new. */
const reportsMax = 100;

export interface DevicePush {
  readonly state: PushState;
  readonly shown: boolean;
  readonly reason: string | null;
  readonly expiresAtMs: number | null;
}

export function deliverySteps(
  db: Connection,
  { event, statusEvent, change }: DeliveryChanges,
  suppressions: SuppressionWriter,
) {
  const devicePush = db.prepare(
    'SELECT state, shown, reason, expires_at AS expiresAtMs FROM pushes WHERE message = ? AND delivery_id = ? ORDER BY seq LIMIT 1',
  );
  const insertReport = db.prepare('INSERT INTO reports (delivery, value) VALUES (?, ?)');
  const countReports = db.prepare('SELECT count(*) FROM reports WHERE delivery = ?').pluck();

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

  return {
    /** What became of the push that it stands for; undefined: its provider has none of it. */
    pushOf(row: DeliverySqlRow): DevicePush | undefined {
      const push = devicePush.get(row.message, row.id) as DevicePush | undefined;
      return push === undefined ? undefined : { ...push, shown: Boolean(push.shown) };
    },
    onDevice,
    stepTo,
    keepReport,
    place,
  };
}

export type DeliverySteps = ReturnType<typeof deliverySteps>;

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

export function saidIn({ providerStatus, code }: DeliveryStep): Record<string, unknown> {
  return { providerStatus, code };
}
