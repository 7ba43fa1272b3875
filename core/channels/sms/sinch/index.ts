import type { SmsRoom } from '../room.ts';
import { maskTokens } from './credentials.ts';
import { sinchHandler } from './endpoint.ts';
import { sinchHabit } from './habit.ts';
import { sinchPassing } from './passing.ts';
import { sinchVoice } from './voice.ts';

/** A thousand recipients, each with parameters of its own. */
const bodyBytesMax = 4 * 1024 * 1024;

export const sinch: SmsRoom = {
  provider: 'sinch',
  voice: sinchVoice,
  routes: (ports) => [
    {
      key: 'sinch',
      prefix: '/sinch',
      // By region; `zt.` is where access tokens of projects go.
      hosts: [
        'sms.api.sinch.com',
        '*.sms.api.sinch.com',
        '*.us.sms.api.sinch.com',
        '*.eu.sms.api.sinch.com',
        '*.au.sms.api.sinch.com',
        '*.br.sms.api.sinch.com',
        '*.ca.sms.api.sinch.com',
        'auth.sinch.com',
        '*.auth.sinch.com',
      ],
      bodyBytesMax,
      handle: sinchHandler(ports),
      passing: sinchPassing,
      maskBody: maskTokens,
    },
  ],
  habit: sinchHabit,
};
