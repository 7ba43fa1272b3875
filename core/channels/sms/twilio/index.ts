import type { SmsDoorPorts, SmsRoom } from '../room.ts';
import type { TwilioDoor } from './door.ts';
import { createHandler } from './endpoint.ts';
import { createHabit } from './habit.ts';
import { createNumberBook } from './number-book.ts';
import { twilioPassing } from './passing.ts';
import { twilioHost } from './send.ts';
import { createServiceBook } from './service-book.ts';
import { createSids } from './sids.ts';
import { createVoice } from './voice.ts';

/** A create has 1,600 characters at the most, each of nine when escaped, and ten addresses. */
const bodyBytesMax = 128 * 1024;

/** With the regions and edges that messages can be sent by: https://www.twilio.com/docs/global-infrastructure */
const twilioHosts: readonly string[] = [
  twilioHost,
  'messaging.twilio.com',
  ...['us1', 'ie1', 'au1', 'ashburn.us1', 'dublin.ie1', 'sydney.au1'].flatMap((place) => [
    `api.${place}.twilio.com`,
    `messaging.${place}.twilio.com`,
  ]),
];

export const twilio: SmsRoom = {
  provider: 'twilio',
  voice: ({ random }) => createVoice(createSids(random)),
  routes: (ports: SmsDoorPorts) => [
    {
      key: 'twilio',
      prefix: '/twilio',
      hosts: twilioHosts,
      bodyBytesMax,
      handle: createHandler(doorOf(ports)),
      passing: (request) => twilioPassing(request, doorOf(ports).newSid),
    },
  ],
  habit: (ports) => createHabit(doorOf(ports)),
};

/** The same for the routes and the callbacks of one app. */
const doors = new WeakMap<SmsDoorPorts, TwilioDoor>();

function doorOf(ports: SmsDoorPorts): TwilioDoor {
  const known = doors.get(ports);
  if (known !== undefined) return known;
  const door = {
    ...ports,
    newSid: createSids(ports.random),
    services: createServiceBook(ports),
    numbers: createNumberBook(ports),
  };
  doors.set(ports, door);
  return door;
}
