/** A reader thread: answers one question after another on a read-only connection. */
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, messageOf } from '../../model/app-error.ts';
import { openReader } from './open.ts';
import { deliveryReader } from './read-deliveries.ts';
import { farSideReader } from './read-far-side.ts';
import { inAppReader } from './read-inapps.ts';
import { liveReader } from './read-live.ts';
import { messageReader } from './read-messages.ts';
import { multiReader } from './read-multi.ts';
import { otherReader } from './read-others.ts';
import { pushReader } from './read-pushes.ts';
import { ruleReader } from './read-rules.ts';
import { smsReader } from './read-sms.ts';
import { statsReader } from './read-stats.ts';
import { userReader } from './read-users.ts';

export type ReaderCalls = ReturnType<typeof messageReader> &
  ReturnType<typeof otherReader> &
  ReturnType<typeof deliveryReader> &
  ReturnType<typeof farSideReader> &
  ReturnType<typeof liveReader> &
  ReturnType<typeof pushReader> &
  ReturnType<typeof smsReader> &
  ReturnType<typeof inAppReader> &
  ReturnType<typeof multiReader> &
  ReturnType<typeof userReader> &
  ReturnType<typeof statsReader> &
  ReturnType<typeof ruleReader>;
export type ReaderCall = keyof ReaderCalls;

export interface ReaderRequest {
  readonly id: number;
  readonly call: ReaderCall;
  readonly args: readonly unknown[];
}
export type ReaderAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string | null };

if (parentPort !== null) {
  const port = parentPort;
  const db = openReader((workerData as { readonly file: string }).file);
  const calls: ReaderCalls = {
    ...messageReader(db),
    ...otherReader(db),
    ...deliveryReader(db),
    ...farSideReader(db),
    ...liveReader(db),
    ...pushReader(db),
    ...smsReader(db),
    ...inAppReader(db),
    ...multiReader(db),
    ...userReader(db),
    ...statsReader(db),
    ...ruleReader(db),
  };
  port.on('message', (request: ReaderRequest | 'close') => {
    if (request === 'close') {
      db.close();
      port.close();
      return;
    }
    port.postMessage(answer(request, calls));
  });
}

function answer({ id, call, args }: ReaderRequest, calls: ReaderCalls): ReaderAnswer {
  try {
    // The caller is typed by ReaderCalls; here the call is only passed on.
    const run = calls[call] as (...values: readonly unknown[]) => unknown;
    return { id, ok: true, value: run(...args) };
  } catch (error) {
    return { id, ok: false, message: messageOf(error), code: codeOf(error) };
  }
}
