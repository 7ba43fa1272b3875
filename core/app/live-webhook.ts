/** Relays that lead to an address of the user’s. */
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

export function webhookRelays(_ports: RelayMakerPorts): RelayMaker {
  throw new Error('not made yet');
}
