import { describe, expect, it } from 'vitest';
import { createExchangeRecorder } from '../../../../core/doors/http/exchange-recorder.ts';
import type { ExchangeEnd } from '../../../../core/model/message.ts';

const end = (id: string): ExchangeEnd => ({
  start: {
    id,
    door: 'apns',
    kind: 'http',
    startedAtMs: 0,
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    clientName: null,
    user: null,
    tls: null,
  },
  endedAtMs: 0,
  outcome: 'refused',
  reason: 'no',
  messages: 0,
  refusals: 1,
  bytesIn: 0,
  bytesOut: 0,
  transcript: '',
});

describe('the recorder', () => {
  it('keeps what it can, in order, and says how many it could not', async () => {
    const kept: string[] = [];
    const problems: string[] = [];
    let settle: (() => void)[] = [];
    const recorder = createExchangeRecorder(
      (one) => {
        kept.push(one.start.id);
        return new Promise((resolve) => {
          settle.push(resolve);
        });
      },
      (problem) => problems.push(problem),
    );
    for (let i = 0; i < 3000; i++) recorder.exchangeEnded(end(String(i)));
    expect(kept).toHaveLength(64);
    const idle = recorder.idle();
    while (settle.length > 0) {
      const ready = settle;
      settle = [];
      for (const one of ready) one();
      await Promise.resolve();
      await Promise.resolve();
    }
    await idle;
    expect(kept).toEqual(Array.from({ length: 2064 }, (_, i) => String(i)));
    expect(problems).toEqual(['936 exchanges came faster than they could be kept, and are not listed']);
  });

  it('goes on after one that could not be kept', async () => {
    const problems: string[] = [];
    const recorder = createExchangeRecorder(
      () => Promise.reject(new Error('disk full')),
      (problem) => problems.push(problem),
    );
    recorder.exchangeEnded(end('1'));
    recorder.exchangeEnded(end('2'));
    await recorder.idle();
    expect(problems).toEqual(['an exchange could not be kept', 'an exchange could not be kept']);
  });
});
