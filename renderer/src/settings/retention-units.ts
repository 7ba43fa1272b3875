const dayMs = 86_400_000;
const megabyte = 1_024 ** 2;

/** A limit as a person writes it; an empty field is no limit. */
export interface RetentionForm {
  readonly count: string;
  readonly days: string;
  readonly megabytes: string;
}

export interface RetentionLimits {
  readonly countMax: number | null;
  readonly ageMaxMs: number | null;
  readonly bytesMax: number | null;
}

export const retentionForm = (limits: RetentionLimits): RetentionForm => ({
  count: limits.countMax === null ? '' : String(limits.countMax),
  days: limits.ageMaxMs === null ? '' : String(round(limits.ageMaxMs / dayMs)),
  megabytes: limits.bytesMax === null ? '' : String(round(limits.bytesMax / megabyte)),
});

/** @returns null when a field holds no number above zero */
export function retentionLimits(form: RetentionForm): RetentionLimits | null {
  const countMax = limitOf(form.count, 1);
  const ageMaxMs = limitOf(form.days, dayMs);
  const bytesMax = limitOf(form.megabytes, megabyte);
  if (countMax === 'invalid' || ageMaxMs === 'invalid' || bytesMax === 'invalid') return null;
  return { countMax, ageMaxMs, bytesMax };
}

function limitOf(text: string, unit: number): number | null | 'invalid' {
  if (text.trim() === '') return null;
  const value = Math.round(Number(text) * unit);
  return Number.isFinite(value) && value >= 1 ? value : 'invalid';
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
