/** Relays that lead to providers of SMS. */
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

export function smsRelays(_ports: RelayMakerPorts): RelayMaker {
  throw new Error('not made yet');
}
