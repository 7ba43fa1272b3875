/** Why the guard of live relay keeps something back, in words. Pure. */
import type { DeliveryRow } from '../model/delivery.ts';
import type { LiveChannel } from '../model/live-relay.ts';

export interface LiveHold {
  readonly kind: 'hold';
  readonly reason: string;
  readonly cause: string;
}

export function notAllowed(recipient: string, channel: LiveChannel): LiveHold {
  return {
    kind: 'hold',
    cause: 'live-not-allowed',
    reason: `Live relay is on and ${recipient} is not on its list (${channel}): nothing was sent. Add it to the list, or release the message by hand through a relay, or release it back in the sandbox.`,
  };
}

export function overCap(channel: LiveChannel, max: number): LiveHold {
  return {
    kind: 'hold',
    cause: 'live-cap',
    reason: `Live relay has sent the ${max} that are allowed in an hour (${channel}): nothing was sent. Release it later, or turn live relay on with a higher cap.`,
  };
}

/** To bring to a simulated mailbox what a real one may have, or put off, would be a lie about both. @returns null when somebody let it go */
export function whatWasLive(delivery: DeliveryRow): LiveHold | null {
  const cause = `live-ended:${delivery.attempts}`;
  if (delivery.releasedFrom.includes(cause)) return null;
  const last = delivery.reason === null ? '' : ` Last time: ${delivery.reason}`;
  return {
    kind: 'hold',
    cause,
    reason: `It went, or was about to go, for real, and the leave for it is over: live relay was turned off, its time or the hour of a release by hand is over, or Sandpost was started anew. Release it by hand through a relay to go on; released as it is, it goes to the sandbox.${last}`,
  };
}
