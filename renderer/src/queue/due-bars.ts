import type { Queues } from '../../../core/api/schema.ts';

export const chartWidth = 480;
export const chartHeight = 56;
const barWidthMax = 16;
const barWidthMin = 3;
const barHeightMin = 2;

export interface Bar {
  readonly at: string;
  readonly count: number;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Bars on a time axis: the first span stands at the left, the last at the right. */
export function barsOf(due: Queues['due']): readonly Bar[] {
  const times = due.map(({ at }) => Date.parse(at));
  const first = Math.min(...times);
  const length = Math.max(...times) - first;
  const most = Math.max(...due.map(({ count }) => count));
  const width = Math.max(barWidthMin, Math.min(barWidthMax, chartWidth / Math.max(1, due.length) - 2));
  return due.map(({ at, count }) => ({
    at,
    count,
    x: length === 0 ? 0 : ((Date.parse(at) - first) / length) * (chartWidth - width),
    width,
    height: Math.max(barHeightMin, (count / most) * chartHeight),
  }));
}
