/**
 * How patient Twilio is with an address: what the app wrote behind its `#`. What is wrong there is as if it were not.
 * Pure. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */

export type RetryPolicy = 'ct' | 'rt' | '4xx' | '5xx' | 'all';

export interface Overrides {
  /** Retries after the first try. */
  readonly retries: number;
  readonly policies: readonly RetryPolicy[];
}

const policies: readonly RetryPolicy[] = ['ct', 'rt', '4xx', '5xx', 'all'];
const retriesMax = 5;
const usual: Overrides = { retries: 1, policies: ['ct'] };

export function overridesOf(url: string): Overrides {
  const mark = url.indexOf('#');
  if (mark < 0) return usual;
  const said = new URLSearchParams(url.slice(mark + 1));
  const count = said.get('rc');
  const wanted = (said.get('rp') ?? '')
    .split(',')
    .flatMap((one) => policies.filter((known) => known === one.trim()));
  return {
    retries:
      count !== null && /^\d$/.test(count) && Number(count) <= retriesMax ? Number(count) : usual.retries,
    policies: wanted.length === 0 ? usual.policies : wanted,
  };
}

/** @param status of the app's answer; null: there was none (it could not be reached, or took too long) */
export function isRetried({ policies: wanted }: Overrides, status: number | null): boolean {
  if (wanted.includes('all')) return true;
  if (status === null) return wanted.includes('ct') || wanted.includes('rt');
  return status >= 500 ? wanted.includes('5xx') : status >= 400 && wanted.includes('4xx');
}
