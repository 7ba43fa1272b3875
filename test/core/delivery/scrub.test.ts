import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { scrubber } from '../../../core/delivery/scrub.ts';

describe('what is kept of a real provider', () => {
  const clean = scrubber({ user: 'jane@example.com', password: 'pass"word\n1', accessToken: 'ya29.token' });

  it('has no secret in it, however deep it stands and whatever it is written as', () => {
    const kept = {
      transcript: [
        { by: 'C', text: 'AUTH LOGIN pass"word\n1' },
        { by: 'C', text: `AUTH PLAIN ${Buffer.from('\0jane@example.com\0pass"word\n1').toString('base64')}` },
        { by: 'S', text: `you said ${Buffer.from('pass"word\n1').toString('base64')}` },
        { by: 'S', text: `?token=${encodeURIComponent('pass"word\n1')} ya29.token` },
      ],
    };
    const text = JSON.stringify(clean(kept));
    expect(text).not.toMatch(/pass|ya29|cGFzc/);
    expect(clean(kept).transcript.map((line) => line.by)).toEqual(['C', 'C', 'S', 'S']);
  });

  it('tells who it was, and is the very same where there is nothing to hide', () => {
    const kept = { text: '535 5.7.8 jane@example.com may not' };
    expect(clean(kept)).toBe(kept);
    expect(scrubber({})(kept)).toBe(kept);
  });

  it('has no line of a key', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const hide = scrubber({ privateKey: key });
    for (const line of key.split('\n').slice(1, -2)) expect(hide({ line })).toEqual({ line: '(masked)' });
    expect(hide({ key, joined: key.split('\n').slice(1, -2).join('') })).toEqual({
      key: '(masked)',
      joined: '(masked)',
    });
  });
});
