/**
 * Twilio's test numbers, which work here with any credentials. To and From mean different things by the same digits.
 * Source: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages
 */
import type { ErrorCode } from './errors.ts';

const toCodes: Readonly<Record<string, ErrorCode>> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};

const fromCodes: Readonly<Record<string, ErrorCode | null>> = {
  '+15005550001': 21212,
  '+15005550006': null,
  '+15005550007': 21606,
  '+15005550008': 21611,
};

const testRange = '+1500555';

export function testNumberCode(to: string, from: string | null): ErrorCode | null {
  const byTo = to.startsWith(testRange) ? toCodes[to] : undefined;
  if (byTo !== undefined) return byTo;
  if (from?.startsWith(testRange) !== true) return null;
  // Every other number of the range is somebody else's.
  return Object.hasOwn(fromCodes, from) ? (fromCodes[from] ?? null) : 21606;
}
