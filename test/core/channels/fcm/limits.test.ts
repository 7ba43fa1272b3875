import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimits } from '../../../../core/channels/fcm/limits.ts';
import { parseSend } from '../../../../core/channels/fcm/parse.ts';
import { bindJson } from '../../../../core/channels/fcm/proto-json.ts';
import { sendRequestType } from '../../../../core/channels/fcm/schema.ts';
import { defaultFcmSettings } from '../../../../core/channels/fcm/settings.ts';
import { fakeClock } from '../../../fake-clock.ts';

const data = { token: 'jane', android: true, collapsible: false };
const every = { ...defaultFcmSettings, deviceRates: true, collapsibleRate: true, projectRate: true };

function limits() {
  const clock = fakeClock();
  return { clock, limits: createRateLimits(() => clock.monotonicMs()) };
}

/** How many go through before one does not. */
function through(ask: () => unknown, max = 1_000_000): number {
  for (let count = 0; count < max; count++) if (ask() !== null) return count;
  return max;
}

describe('the rates of FCM', () => {
  it('are no concern of anybody unless they are switched on', () => {
    const { limits: rates } = limits();
    expect(through(() => rates.ofDevice(data, defaultFcmSettings), 10_000)).toBe(10_000);
  });

  it('let 240 a minute and 5,000 an hour through to a device', () => {
    const { clock, limits: rates } = limits();
    let sent = 0;
    for (let minute = 0; minute < 60; minute++) {
      sent += through(() => rates.ofDevice(data, every), 300);
      clock.advance(60_000);
    }
    expect(sent).toBe(5_000);
    expect(through(() => rates.ofDevice(data, every), 300)).toBe(240);
    expect(rates.ofDevice(data, every)).toMatchObject({ subject: 'token:jane', retryAfterS: 60 });
    expect(rates.ofDevice({ ...data, android: false }, every)).toBeNull();
  });

  it('let 20 collapsible ones through at once, then one in three minutes', () => {
    const { clock, limits: rates } = limits();
    const ask = () => rates.ofDevice({ ...data, android: false, collapsible: true }, every);
    expect(through(ask)).toBe(20);
    expect(ask()).toMatchObject({ retryAfterS: 180 });
    clock.advance(100_000);
    expect(ask()).toMatchObject({ retryAfterS: 80 });
    clock.advance(80_000);
    expect(through(ask)).toBe(1);
    clock.advance(100 * 180_000);
    expect(through(ask)).toBe(20);
  });

  it('let 600,000 a minute of a project through', () => {
    const { clock, limits: rates } = limits();
    expect(through(() => rates.ofProject('demo', every))).toBe(600_000);
    expect(rates.ofProject('other', every)).toBeNull();
    clock.advance(60_000);
    expect(rates.ofProject('demo', every)).toBeNull();
  });
});

describe('a body', () => {
  it('is read or refused, whatever stands in it', () => {
    const key = fc.constantFrom(
      'message',
      'token',
      'topic',
      'data',
      'android',
      'ttl',
      'notification',
      'apns',
      'payload',
      'x',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), fc.dictionary(key, tie('tree'))),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const parsed = parseSend(Buffer.from(JSON.stringify({ message: value })), false);
        expect('request' in parsed || parsed.refusal.status === 400).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        bindJson(text, sendRequestType);
      }),
    );
  });

  it('may be empty, and then says nothing', () => {
    expect(bindJson('', sendRequestType)).toEqual({ message: {}, violations: [] });
  });

  it('may have numbers and booleans as strings, null for nothing, and enumerations by number', () => {
    const text = JSON.stringify({
      validateOnly: 'true',
      message: {
        token: 't',
        topic: null,
        android: { priority: 1, notification: { notificationCount: '3', sticky: true } },
      },
    });
    expect(bindJson(text, sendRequestType)).toEqual({
      message: {
        validate_only: true,
        message: {
          token: 't',
          android: { priority: 'HIGH', notification: { notification_count: 3, sticky: true } },
        },
      },
      violations: [],
    });
  });
});
