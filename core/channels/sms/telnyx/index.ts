import type { SmsRoom } from '../room.ts';
import { createTelnyxHandler, sendPaths } from './endpoint.ts';
import { telnyxPassing } from './passing.ts';
import { telnyxHabit } from './report.ts';
import { telnyxHost } from './schema.ts';
import { telnyxVoice } from './voice.ts';

export { telnyxPublicKey } from './report.ts';

/** A text of ten parts in escapes, ten media addresses of 2,000 characters, and room. */
const bodyBytesMax = 256 * 1024;

export const telnyx: SmsRoom = {
  provider: 'telnyx',
  voice: ({ random }) => telnyxVoice(random),
  routes: (ports) => [
    {
      key: 'telnyx',
      prefix: '/telnyx',
      hosts: [telnyxHost],
      bodyBytesMax,
      handle: createTelnyxHandler(ports),
      passing: (request) => telnyxPassing(request, sendPaths),
    },
  ],
  habit: ({ secrets }) => telnyxHabit(() => secrets.own('telnyx')),
};
