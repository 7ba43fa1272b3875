/** A relay that refuses what opens it is not asked again by each message. */
import { describe, expect, it } from 'vitest';
import { createRelayCarrier, refusedPauseMs } from '../../../core/app/live-carriers.ts';
import type { CarryResult, Job } from '../../../core/delivery/carrier.ts';
import { requestEvidence, requestResult } from '../../../core/delivery/request-result.ts';
import type { Relay } from '../../../core/model/live-relay.ts';
import { fakeClock } from '../../fake-clock.ts';

const relay: Relay = {
  id: 'r1',
  name: 'main',
  settings: { kind: 'twilio', url: null, account: 'AC1', sender: null, ca: null, callbackUrl: null },
  createdAtMs: 0,
  verified: null,
};

function relayed(answer: Partial<CarryResult>) {
  const clock = fakeClock();
  let asked = 0;
  const carrier = createRelayCarrier(
    () =>
      Promise.resolve({
        carrier: () =>
          Promise.resolve({
            carry() {
              asked++;
              return Promise.resolve({
                results: [{ ...requestResult('d1', 'no'), ...answer }],
                evidence: requestEvidence([], []),
              });
            },
            close: () => Promise.resolve(),
          }),
        verify: () => Promise.reject(new Error('nobody asks')),
      }),
    () => Promise.resolve({}),
    clock,
  );
  const carry = async (): Promise<CarryResult | undefined> =>
    (await carrier.carry({ deliveries: [{ delivery: { id: 'd1' } }], live: { relay } } as unknown as Job))
      .results[0];
  return { clock, carrier, carry, asked: () => asked };
}

describe('a relay that refuses what opens it', () => {
  it.each([{ code: 401, text: '401 20003 Authenticate' }, { text: 'ESME_RINVPASWD' }])(
    'is left alone for five minutes, and what waits is not lost: $text',
    async (answer) => {
      const { clock, carry, asked } = relayed(answer);
      expect(await carry()).toMatchObject({ outcome: { kind: 'failed' } });
      clock.advance(60_000);
      expect(await carry()).toMatchObject({
        outcome: { kind: 'deferred', retryAfterMs: refusedPauseMs - 60_000 },
        class: 'authentication_failed',
        text: expect.stringContaining('not asked again for 4 minutes'),
      });
      expect(asked()).toBe(1);
      clock.advance(refusedPauseMs);
      await carry();
      expect(asked()).toBe(2);
    },
  );

  it('is asked at once when it, or its credential, was changed', async () => {
    const { carrier, carry, asked } = relayed({ code: 401 });
    await carry();
    await carrier.forget('r1');
    await carry();
    expect(asked()).toBe(2);
  });

  it('is asked again after any other answer', async () => {
    const { carry, asked } = relayed({ code: 400, text: '400 21211 Invalid To' });
    await carry();
    await carry();
    expect(asked()).toBe(2);
  });
});
