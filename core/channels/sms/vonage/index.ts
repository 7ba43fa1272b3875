import type { SmsRoom } from '../room.ts';
import { createVonageHandler } from './endpoint.ts';
import { createVonageHabit } from './habit.ts';
import { maskParameters } from './parameters.ts';
import { vonagePassing } from './passing.ts';
import { createVonageVoice } from './report.ts';
import { messagesHost, vonageHost } from './schema.ts';

/** 3,200 characters, escaped and in JSON, many times over. */
const bodyBytesMax = 256 * 1024;

export const vonage: SmsRoom = {
  provider: 'vonage',
  voice: createVonageVoice,
  routes: (ports) => [
    {
      key: 'vonage',
      prefix: '/vonage',
      hosts: [vonageHost, messagesHost],
      bodyBytesMax,
      handle: createVonageHandler(ports),
      passing: (request) => vonagePassing(request, () => ports.random(16).toString('hex')),
      maskBody: maskParameters,
    },
  ],
  habit: createVonageHabit,
};
