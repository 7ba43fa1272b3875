import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pushProviders } from '../../../core/model/push.ts';
import { hexOf, magicTokenOf, magicTokenWords } from '../../../core/rules/magic-tokens.ts';
import { readRule } from '../../../core/rules/read-rules.ts';
import { deskWorld } from './desk-world.ts';
import { ordersFor } from './push-cases.ts';

const ofEach = (token: string) =>
  pushProviders.map((provider) => {
    const [only] = magicTokenOf(token, provider);
    return only?.action.do === 'answer' ? only.action.reason : null;
  });

describe('magic tokens', () => {
  it.each<readonly [token: string, reasons: readonly (string | null)[]]>([
    ['bad', ['BadDeviceToken', 'INVALID_ARGUMENT', 'NotFound']],
    ['unregistered', ['Unregistered', 'UNREGISTERED', 'Gone']],
    ['expired-7', ['ExpiredToken', 'UNREGISTERED', 'Gone']],
    ['mismatch_x', ['DeviceTokenNotForTopic', 'SENDER_ID_MISMATCH', 'VapidKeyMismatch']],
    ['toolarge', ['PayloadTooLarge', 'INVALID_ARGUMENT', 'PayloadTooLarge']],
    ['ratelimited', ['TooManyRequests', 'QUOTA_EXCEEDED', 'TooManyRequests']],
    ['unavailable', ['ServiceUnavailable', 'UNAVAILABLE', 'ServiceUnavailable']],
    ['internal', ['InternalServerError', 'INTERNAL', 'InternalServerError']],
    ['answer-503', ['ServiceUnavailable', 'UNAVAILABLE', 'ServiceUnavailable']],
    ['answer-410', ['Unregistered', 'Status410', 'Gone']],
    ['answer-payloadempty', ['PayloadEmpty', null, null]],
    ['answer-PayloadEmpty', ['PayloadEmpty', 'PayloadEmpty', 'PayloadEmpty']],
  ])('%s is refused in each provider’s own words', (token, reasons) => {
    expect(ofEach(token)).toEqual(reasons);
    expect(ofEach(hexOf(token))).toEqual(reasons);
    expect(ofEach(hexOf(token).toUpperCase())).toEqual(reasons);
  });

  it.each([
    ['ratelimited-x2-jane', 'ratelimited-x2', { do: 'answer', reason: 'TooManyRequests', times: 2 }],
    [
      'unavailable-30s-x1',
      'unavailable-30s-x1',
      { do: 'answer', reason: 'ServiceUnavailable', retryAfterS: 30, times: 1 },
    ],
    [
      'answer-TooManyProviderTokenUpdates-jane',
      'answer-TooManyProviderTokenUpdates',
      { do: 'answer', reason: 'TooManyProviderTokenUpdates' },
    ],
    ['answer-502-60s', 'answer-502-60s', { do: 'answer', reason: 'Status502', status: 502, retryAfterS: 60 }],
    ['goaway', 'goaway', { do: 'goAway', reason: 'Shutdown', answered: false }],
    ['goaway-x1', 'goaway-x1', { do: 'goAway', reason: 'Shutdown', answered: false }],
    ['disconnect-x3', 'disconnect-x3', { do: 'disconnect', at: 'endOfData' }],
    ['offline-2h-jane', 'offline-2h', { do: 'offline', forMs: 7_200_000 }],
    ['delay-10m', 'delay-10m', { do: 'delay', ms: 600_000 }],
    ['hold', 'hold', { do: 'hold' }],
    ['Blackhole-1', 'Blackhole', { do: 'blackHole' }],
    ['duplicate-x3', 'duplicate-x3', { do: 'duplicate', copies: 3 }],
    ['duplicate', 'duplicate', { do: 'duplicate', copies: 2 }],
    ['uninstall', 'uninstall', { do: 'uninstall' }],
    ['uninstall-x5-jane', 'uninstall-x5', { do: 'uninstall', tellAfterSends: 5 }],
  ])('read %s', (token, label, action) => {
    expect(magicTokenOf(token, 'apns')).toMatchObject([{ label, action, stage: 'farSide' }]);
    expect(magicTokenOf(hexOf(token), 'apns')).toMatchObject([{ label, action, stage: 'farSide' }]);
    // Filled up for a client that wants 64 digits.
    expect(magicTokenOf(hexOf(token).padEnd(64, '0'), 'apns')).toHaveLength(
      hexOf(token).length % 2 === 0 ? 1 : 0,
    );
  });

  it('may be put together, and keep their order', () => {
    const labels = (token: string) => magicTokenOf(token, 'fcm').map(({ label }) => label);
    expect(labels('ratelimited-x2+offline-2h')).toEqual(['ratelimited-x2', 'offline-2h']);
    expect(labels('jane+ratelimited-x2+phone+offline-2h-7')).toEqual(['ratelimited-x2', 'offline-2h']);
    expect(labels(hexOf('jane+ratelimited-x2+blackhole'))).toEqual(['ratelimited-x2', 'blackhole']);
  });

  it.each([
    'badf00d5badf00d5',
    'bade5c0ffee0',
    'badge-jane',
    'holding',
    'holder-1',
    'unregisteredly',
    'offline',
    'offline-jane',
    'offline-2h30',
    'offline-99999d',
    'delay-soon',
    'answer',
    'answer-me',
    'answer-200',
    'ratelimited-x0',
    'ratelimited-x101-jane',
    'duplicate-x1',
    'duplicate-x11',
    'internals',
    'jane-hold',
    'goaway-x0',
    '/topics/unregistered',
    'bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1',
    '5f2c19d0a3b7e84c5f2c19d0a3b7e84c5f2c19d0a3b7e84c5f2c19d0a3b7e84c',
    'constructor-x1',
    '',
  ])('leave %s alone', (token) => {
    for (const provider of pushProviders) {
      expect(magicTokenOf(token, provider)).toEqual([]);
      if (!/^[0-9a-f]+$/.test(token)) expect(magicTokenOf(hexOf(token), provider)).toEqual([]);
    }
  });

  it('leave real device tokens alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 100 }), (bytes) => {
        expect(magicTokenOf(Buffer.from(bytes).toString('hex'), 'apns')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('never throw, and ask for nothing that a rule could not', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc
        .tuple(
          fc.constantFrom(
            'bad',
            'answer',
            'ratelimited',
            'goaway',
            'offline',
            'delay',
            'duplicate',
            'uninstall',
            'disconnect',
          ),
          fc.array(fc.constantFrom('x3', 'x999', '10m', '40d', '503', 'Gone', 'jane', '30s', ''), {
            maxLength: 4,
          }),
        )
        .map(([word, parts]) => [word, ...parts].join('-')),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.constantFrom(...pushProviders, null),
        (parts, provider) => {
          const token = parts.join('+');
          for (const { action, stage, label } of magicTokenOf(token, provider)) {
            expect(readRule({ stage, then: action }, 'one').then).toEqual(action);
            expect(token).toContain(label);
          }
        },
      ),
    );
  });

  it('do on the card what they say', () => {
    for (const { example, kind } of magicTokenWords) {
      expect(magicTokenOf(example, 'apns').map(({ action }) => action.do)).toEqual([kind]);
      expect(magicTokenOf(hexOf(example), 'apns').map(({ action }) => action.do)).toEqual([kind]);
    }
  });

  it('can be switched off, as the addresses can', () => {
    const world = deskWorld();
    expect(ordersFor(world, { recipient: 'bad' }).answer?.cause).toEqual({ ruleId: null, label: 'bad' });
    world.set([], { magic: false });
    expect(ordersFor(world, { recipient: 'bad' }).answer).toBeNull();
  });

  it('refuse so many tries of the same push and then do what comes next', () => {
    const world = deskWorld();
    const push = { recipient: hexOf('unavailable-x2+offline-2h+jane') };
    const tries = [1, 2, 3, 4].map(() => ordersFor(world, { ...push, same: 'a' }));
    expect(tries.map(({ answer }) => answer?.action.do ?? null)).toEqual([
      'answer',
      'answer',
      null,
      'answer',
    ]);
    expect(tries.map(({ after }) => after.map(({ action }) => action.do))).toEqual([[], [], ['offline'], []]);
    // Another push to the same token has its own.
    expect(ordersFor(world, { ...push, same: 'b' }).answer).not.toBeNull();
  });

  it('count the tries of our own by its attempts', () => {
    const world = deskWorld();
    const own = { door: 'queue', tryKey: 'd', recipient: 'goaway-x1+duplicate-x3' } as const;
    const orders = [0, 1, 2].map((triesBefore) => ordersFor(world, { ...own, triesBefore }));
    expect(orders.map(({ answer }) => answer?.action.do ?? null)).toEqual(['goAway', null, null]);
    expect(orders.map(({ after }) => after.length)).toEqual([0, 1, 1]);
    expect(world.hits.map(({ cause }) => cause)).toEqual(['goaway-x1', 'duplicate-x3']);
  });
});
