import type { SmsRoom } from '../room.ts';
import { createMessagebirdHandler } from './endpoint.ts';
import { createMessagebirdHabit } from './habit.ts';
import { messagebirdPassing } from './passing.ts';
import { createMessagebirdVoice } from './report.ts';
import { messagebirdHost } from './schema.ts';

/** 1,377 characters and fifty recipients, many times over. */
const bodyBytesMax = 256 * 1024;

export const messagebird: SmsRoom = {
  provider: 'messagebird',
  voice: createMessagebirdVoice,
  routes: (ports) => [
    {
      key: 'messagebird',
      prefix: '/messagebird',
      hosts: [messagebirdHost],
      bodyBytesMax,
      handle: createMessagebirdHandler(ports),
      passing: messagebirdPassing,
    },
  ],
  habit: createMessagebirdHabit,
};
