import type { CallbackAnswer } from '../../../delivery/sms-far-side.ts';
import type { HttpCallback } from '../../../model/callback.ts';
import type { TwilioDoor } from './door.ts';

export function hear(_callback: HttpCallback, _answer: CallbackAnswer, _door: TwilioDoor): Promise<void> {
  return Promise.resolve();
}
