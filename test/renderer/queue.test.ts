import { describe, expect, it } from 'vitest';
import { deliverySettingsSchema } from '../../core/delivery/settings.ts';
import { type DeliveryScope, orderFields, scopeFields } from '../../renderer/src/api/delivery-scope.ts';
import { virtualNowMs } from '../../renderer/src/clock/virtual-now.ts';
import { readDuration, readDurations, writeDuration } from '../../renderer/src/duration-text.ts';
import { formatGap, formatWhenExactly } from '../../renderer/src/format.ts';
import { barsOf, chartHeight, chartWidth } from '../../renderer/src/queue/due-bars.ts';
import { deliveryForm, readDeliveryForm } from '../../renderer/src/settings/delivery-form.ts';
import { iso, startMs } from './delivery.ts';

const nothing: DeliveryScope = {
  status: '',
  recipient: '',
  domain: '',
  provider: '',
  stream: '',
  tag: '',
  project: '',
};

describe('the queue', () => {
  it('asks for a sub-state as what waits in it', () => {
    expect(scopeFields({ ...nothing, status: 'held', domain: 'a.example' })).toEqual({
      status: 'queued',
      substatus: 'held',
      domain: 'a.example',
    });
    expect(scopeFields(nothing)).toEqual({});
  });

  it('orders all that are listed about, whose recipients are found by a part', () => {
    const scope = { ...nothing, status: 'queued', recipient: 'ann@' };
    expect(scopeFields(scope)).toEqual({ status: 'queued', recipient: 'ann@' });
    expect(orderFields(scope)).toEqual({ status: 'queued', recipientContains: 'ann@' });
  });

  it('draws due times on an axis from the first to the last', () => {
    const bars = barsOf([
      { at: iso(0), count: 1 },
      { at: iso(30_000), count: 4 },
      { at: iso(60_000), count: 2 },
    ]);
    expect(bars.map(({ height }) => height)).toEqual([chartHeight / 4, chartHeight, chartHeight / 2]);
    expect(bars[0]?.x).toBe(0);
    expect((bars[2]?.x ?? 0) + (bars[2]?.width ?? 0)).toBe(chartWidth);
    expect(barsOf([{ at: iso(0), count: 3 }])).toMatchObject([{ x: 0, height: chartHeight }]);
    expect(barsOf([])).toEqual([]);
  });
});

describe('virtual time', () => {
  const clock = {
    virtualAt: iso(0),
    wallAt: iso(0),
    speed: 60,
    frozen: false,
    real: false,
    nextDueAt: null,
    readAtMs: 1_000,
  };
  it('goes on from what was read, at its speed', () => {
    expect(virtualNowMs(clock, 3_000, 0)).toBe(startMs + 120_000);
    expect(virtualNowMs({ ...clock, speed: 0, frozen: true }, 3_000, 0)).toBe(startMs);
    expect(virtualNowMs(null, 3_000, 42)).toBe(42);
  });
});

describe('durations', () => {
  it('are read and written in the largest unit that fits', () => {
    expect(['90s', ' 5M', '4h', '2d', '1.5h', '5', 'soon', ''].map(readDuration)).toEqual([
      90_000,
      300_000,
      14_400_000,
      172_800_000,
      5_400_000,
      null,
      null,
      null,
    ]);
    expect([90_000, 300_000, 14_400_000, 172_800_000, 1_500].map(writeDuration)).toEqual([
      '90s',
      '5m',
      '4h',
      '2d',
      '1.5s',
    ]);
    expect(readDurations('1m, 5m,')).toEqual([60_000, 300_000]);
    expect([readDurations('1m, x'), readDurations(' ')]).toEqual([null, null]);
  });

  it('are said in two units at the most', () => {
    expect([84, 60_000, 5_400_000, 176_400_000, 172_800_000].map(formatGap)).toEqual([
      '84 ms',
      '1 min',
      '1 h 30 min',
      '2 d 1 h',
      '2 d',
    ]);
    const now = new Date(2026, 0, 31, 12);
    expect(formatWhenExactly(new Date(2026, 0, 31, 9, 5).toISOString(), now)).toBe('09:05');
    expect(formatWhenExactly(new Date(2026, 1, 2, 9, 5).toISOString(), now)).toMatch(/2.* 09:05$/);
  });
});

describe('the settings of the delivery core', () => {
  it('come back from the form as they went in', () => {
    const { fields } = { fields: null, ...readDeliveryForm(deliveryForm(deliverySettingsSchema.parse({}))) };
    expect(deliverySettingsSchema.parse({})).toMatchObject(fields ?? { missing: true });
  });

  it('name the fields that cannot be read', () => {
    const form = { ...deliveryForm(deliverySettingsSchema.parse({})), lifetime: 'for ever', seed: '-1' };
    expect(readDeliveryForm(form)).toEqual({ wrong: ['lifetime', 'seed'] });
  });
});
