/** Relays that lead to smarthosts, and the mail hosts of the recipients’ domains. */
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

export function mailRelays(_ports: RelayMakerPorts): RelayMaker {
  throw new Error('not made yet');
}
