/** The virtual clock as its user sees it: what it shows, and how it is moved. What it was set to survives a restart. */
import type { AdjustableClock, Clock, VirtualTime } from '../clock.ts';
import { AppError } from '../model/app-error.ts';
import type { Store } from '../store/store.ts';
import type { TimeTravel } from './time-travel.ts';

export interface ClockView {
  readonly virtualMs: number;
  readonly wallMs: number;
  /** 0: frozen. */
  readonly speed: number;
  /** Virtual is wall time, at its speed. */
  readonly real: boolean;
  readonly nextDueMs: number | null;
}

export type ClockChange =
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'to_next' }
  | { readonly kind: 'speed'; readonly speed: number }
  | { readonly kind: 'freeze' }
  /** To wall time, at its own speed: what live relay needs. What waits keeps the time that it has still to wait. */
  | { readonly kind: 'reset' };

export interface VirtualTimeService {
  nowMs(): number;
  view(): Promise<ClockView>;
  /** @throws AppError `bad_request`; `nothing_due` when there is no next thing */
  change(change: ClockChange): Promise<ClockView>;
}

export const speedMax = 100_000;
export const advanceMsMax = 366 * 24 * 3_600_000;
/** Virtual and wall time this close are the same. */
const sameMs = 1_000;

export async function loadVirtualTime(store: Store): Promise<VirtualTime | null> {
  const [kept] = await store.documents('clock');
  return kept === undefined ? null : (kept.value as VirtualTime);
}

export function keepVirtualTime(store: Store, time: VirtualTime): Promise<void> {
  return store.saveDocument('clock', 'time', time);
}

export function createVirtualTime(
  virtual: AdjustableClock,
  clock: Clock,
  travel: TimeTravel,
  store: Store,
  onChange: () => void,
  /** Virtual time goes back by so much: who remembers times moves them. */
  shifted: (byMs: number) => Promise<void> = () => Promise.resolve(),
): VirtualTimeService {
  async function view(): Promise<ClockView> {
    const { speed } = virtual.time();
    const virtualMs = virtual.nowMs();
    const wallMs = clock.wallMs();
    return {
      virtualMs,
      wallMs,
      speed,
      real: speed === 1 && Math.abs(virtualMs - wallMs) < sameMs,
      nextDueMs: await store.nextDue(),
    };
  }

  async function reset(): Promise<void> {
    const { speed } = virtual.time();
    // It stands still meanwhile: what is under way would be put off by a time that is over.
    virtual.setSpeed(0);
    try {
      const aheadMs = Math.round(virtual.nowMs() - clock.wallMs());
      // Behind it, time goes on as it does with an advance, through all that is due on the way; ahead, what is under way ends.
      await travel.advance(Math.max(0, -aheadMs));
      if (aheadMs > 0) await shift(Math.round(virtual.nowMs() - clock.wallMs()));
    } catch (error) {
      virtual.setSpeed(speed);
      throw error;
    }
    virtual.reset();
  }

  async function shift(byMs: number): Promise<void> {
    await store.shiftDues(byMs);
    await shifted(byMs);
  }

  async function apply(change: ClockChange): Promise<void> {
    switch (change.kind) {
      case 'advance':
        if (!(change.byMs > 0) || change.byMs > advanceMsMax)
          throw new AppError(
            'bad_request',
            `advanceMs must be above 0 and at most ${advanceMsMax} (366 days); virtual time never goes back.`,
          );
        return travel.advance(change.byMs);
      case 'to_next':
        if (!(await travel.toNext()))
          throw new AppError('nothing_due', 'Nothing is due: no retry, no hold, no act of the far side.');
        return;
      case 'reset':
        return reset();
      case 'freeze':
        return virtual.setSpeed(0);
      case 'speed':
        if (!(change.speed >= 0) || change.speed > speedMax)
          throw new AppError('bad_request', `speed must be from 0 to ${speedMax}.`);
        return virtual.setSpeed(change.speed);
    }
  }

  return {
    nowMs: () => virtual.nowMs(),
    view,
    async change(change) {
      try {
        await apply(change);
      } finally {
        await keepVirtualTime(store, virtual.time());
        onChange();
      }
      return view();
    },
  };
}
