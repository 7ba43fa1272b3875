import type { SmsRoom } from '../room.ts';
import { infobipHandler } from './endpoint.ts';
import { infobipHabit } from './habit.ts';
import { infobipPassing } from './passing.ts';
import { infobipVoice } from './voice.ts';

/** Ten thousand destinations with ids of their own. */
const bodyBytesMax = 8 * 1024 * 1024;

export const infobip: SmsRoom = {
  provider: 'infobip',
  voice: infobipVoice,
  routes: (ports) => [
    {
      key: 'infobip',
      prefix: '/infobip',
      // Each account has a base URL of its own under api.infobip.com.
      hosts: ['api.infobip.com', '*.api.infobip.com'],
      bodyBytesMax,
      handle: infobipHandler(ports),
      passing: infobipPassing,
    },
  ],
  habit: infobipHabit,
};
