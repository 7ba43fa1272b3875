import type { SmsRoom } from '../room.ts';
import { smppVoice } from './voice.ts';

export {
  openSmppDoor,
  type SmppDoor,
  type SmppDoorOptions,
  type SmppEndpointPorts,
  type SmppLimits,
  smppLimits,
} from './endpoint.ts';
export { ownSendTag } from './submit.ts';

/** What it says to the app goes over the sessions that the app has bound, see `openSmppDoor`: it calls no address. */
export const smpp: SmsRoom = {
  provider: 'smpp',
  voice: ({ random }) => smppVoice(random),
  routes: () => [],
  habit: () => ({
    provider: 'smpp',
    timeoutMs: 30_000,
    dress: ({ method, url, body }) => ({ method, url, fields: {}, body }),
    judge: () => ({ kind: 'over', why: 'SMPP hands over by deliver_sm and calls no address' }),
  }),
};
