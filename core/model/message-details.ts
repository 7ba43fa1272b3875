/** Details of a message, kept short: what has its usual value is not written. */
import type { MessageDetails } from './message.ts';

export const noDetails: MessageDetails = {
  origin: null,
  fromDomain: null,
  client: null,
  metadata: {},
  sendAtMs: null,
  trackOpens: false,
  trackClicks: false,
  stream: null,
  links: [],
};

export function packDetails(details: MessageDetails | null): string | null {
  if (details === null) return null;
  const entries = Object.entries(details).filter(([, value]) => !isUsual(value));
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
}

export function unpackDetails(text: string | null): MessageDetails | null {
  return text === null ? null : { ...noDetails, ...(JSON.parse(text) as Partial<MessageDetails>) };
}

function isUsual(value: unknown): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
