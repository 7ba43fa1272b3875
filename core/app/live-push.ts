/** Relays that lead to APNs, FCM and the push services. */
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

export function pushRelays(_ports: RelayMakerPorts): RelayMaker {
  throw new Error('not made yet');
}
