import type { DeliverySettings } from '../../../core/api/schema.ts';
import { readDuration, readDurations, writeDuration } from '../duration-text.ts';

/** The settings of the delivery core as a person writes them. */
export interface DeliveryForm {
  readonly retryDelays: string;
  readonly pushRetryDelays: string;
  readonly smsRetryDelays: string;
  readonly lifetime: string;
  readonly jitterPercent: string;
  readonly softBounceRun: string;
  readonly softSuppression: string;
  readonly delayWarning: string;
  readonly connectionsPerHost: string;
  readonly transactionalPerHour: string;
  readonly marketingPerHour: string;
  readonly seed: string;
}

export const deliveryForm = (settings: DeliverySettings): DeliveryForm => ({
  retryDelays: settings.retryDelaysMs.map(writeDuration).join(', '),
  pushRetryDelays: settings.pushRetryDelaysMs.map(writeDuration).join(', '),
  smsRetryDelays: settings.smsRetryDelaysMs.map(writeDuration).join(', '),
  lifetime: writeDuration(settings.lifetimeMs),
  jitterPercent: String(Math.round(settings.jitter * 1_000) / 10),
  softBounceRun: String(settings.softBounceRun),
  softSuppression: writeDuration(settings.softSuppressionMs),
  delayWarning: settings.delayWarningMs === 0 ? '' : writeDuration(settings.delayWarningMs),
  connectionsPerHost: String(settings.connectionsPerHost),
  transactionalPerHour: limitText(settings.streamRatePerHour.transactional),
  marketingPerHour: limitText(settings.streamRatePerHour.marketing),
  seed: String(settings.seed),
});

export type DeliveryFields = Omit<
  DeliverySettings,
  'deliver' | 'suppressHardBounces' | 'suppressComplaints' | 'strictDomains' | 'unsignedDoors' | 'tls'
>;

/** @returns the fields that cannot be read, by name; or what they mean */
export function readDeliveryForm(
  form: DeliveryForm,
): { readonly wrong: readonly (keyof DeliveryForm)[] } | { readonly fields: DeliveryFields } {
  const retryDelaysMs = readDurations(form.retryDelays);
  const pushRetryDelaysMs = readDurations(form.pushRetryDelays);
  const smsRetryDelaysMs = readDurations(form.smsRetryDelays);
  const lifetimeMs = readDuration(form.lifetime);
  const jitter = numberOf(form.jitterPercent);
  const softBounceRun = wholeOf(form.softBounceRun);
  const softSuppressionMs = readDuration(form.softSuppression);
  const delayWarningMs = form.delayWarning.trim() === '' ? 0 : readDuration(form.delayWarning);
  const connectionsPerHost = wholeOf(form.connectionsPerHost);
  const transactional = form.transactionalPerHour.trim() === '' ? 0 : wholeOf(form.transactionalPerHour);
  const marketing = form.marketingPerHour.trim() === '' ? 0 : wholeOf(form.marketingPerHour);
  const seed = wholeOf(form.seed);
  if (
    retryDelaysMs === null ||
    pushRetryDelaysMs === null ||
    smsRetryDelaysMs === null ||
    lifetimeMs === null ||
    jitter === null ||
    softBounceRun === null ||
    softSuppressionMs === null ||
    delayWarningMs === null ||
    connectionsPerHost === null ||
    transactional === null ||
    marketing === null ||
    seed === null
  ) {
    const read: Readonly<Record<keyof DeliveryForm, unknown>> = {
      retryDelays: retryDelaysMs,
      pushRetryDelays: pushRetryDelaysMs,
      smsRetryDelays: smsRetryDelaysMs,
      lifetime: lifetimeMs,
      jitterPercent: jitter,
      softBounceRun,
      softSuppression: softSuppressionMs,
      delayWarning: delayWarningMs,
      connectionsPerHost,
      transactionalPerHour: transactional,
      marketingPerHour: marketing,
      seed,
    };
    return { wrong: fieldNames.filter((name) => read[name] === null) };
  }
  return {
    fields: {
      retryDelaysMs: [...retryDelaysMs],
      pushRetryDelaysMs: [...pushRetryDelaysMs],
      smsRetryDelaysMs: [...smsRetryDelaysMs],
      lifetimeMs,
      jitter: jitter / 100,
      softBounceRun,
      softSuppressionMs,
      delayWarningMs,
      connectionsPerHost,
      streamRatePerHour: { transactional, marketing },
      seed,
    },
  };
}

const fieldNames: readonly (keyof DeliveryForm)[] = [
  'retryDelays',
  'pushRetryDelays',
  'smsRetryDelays',
  'lifetime',
  'jitterPercent',
  'softBounceRun',
  'softSuppression',
  'delayWarning',
  'connectionsPerHost',
  'transactionalPerHour',
  'marketingPerHour',
  'seed',
];

const limitText = (value: number): string => (value === 0 ? '' : String(value));

function numberOf(text: string): number | null {
  return /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}

const wholeOf = (text: string): number | null => (/^\s*\d+\s*$/.test(text) ? Number(text) : null);
