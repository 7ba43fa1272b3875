import { describe, expect, it } from 'vitest';
import { createProviderTokens } from '../../../../core/channels/apns/provider-token.ts';
import { apnsWorld, kid, privateKey, publicKey, startMs, teamId } from './apns-world.ts';

const minuteMs = 60_000;
const key = { kid, teamId, privateKey };

describe('our own token', () => {
  it('is one that APNs finds valid', async () => {
    const world = await apnsWorld({ keys: [{ kid, teamId, publicKey }], strict: true });
    const token = createProviderTokens(() => startMs).current(key);
    expect((await world.push({ fields: { authorization: `bearer ${token}` } })).status).toBe(200);
  });

  it('is used for 40 minutes, and signed anew then, for another key, or when the clock was put back', () => {
    let nowMs = startMs;
    const tokens = createProviderTokens(() => nowMs);
    const first = tokens.current(key);
    nowMs += 40 * minuteMs - 1;
    expect(tokens.current(key)).toBe(first);
    nowMs += 1;
    const second = tokens.current(key);
    expect(second).not.toBe(first);
    const third = tokens.current({ ...key, kid: 'KEY7654321' });
    expect(third).not.toBe(second);
    nowMs -= minuteMs;
    expect(tokens.current({ ...key, kid: 'KEY7654321' })).not.toBe(third);
  });

  it('that was found expired is replaced, but not within 20 minutes', () => {
    let nowMs = startMs;
    const tokens = createProviderTokens(() => nowMs);
    const first = tokens.current(key);
    nowMs += 20 * minuteMs - 1;
    expect(tokens.expired()).toBe(false);
    expect(tokens.current(key)).toBe(first);
    nowMs += 1;
    expect(tokens.expired()).toBe(true);
    expect(tokens.current(key)).not.toBe(first);
  });
});
