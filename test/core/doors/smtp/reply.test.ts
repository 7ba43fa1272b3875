import { describe, expect, it } from 'vitest';
import { formatReply, isRefusal, type Reply, replies, reply } from '../../../../core/doors/smtp/reply.ts';

const all: readonly Reply[] = Object.values(replies).map((one) =>
  typeof one === 'function' ? (one as (what: unknown) => Reply)('100') : one,
);

describe('a reply', () => {
  it('is one line with its enhanced code', () => {
    expect(formatReply(reply(250, '2.1.0', 'OK'))).toBe('250 2.1.0 OK\r\n');
    expect(formatReply(reply(354, null, 'go on'))).toBe('354 go on\r\n');
  });

  it('of several lines has a dash in all but the last', () => {
    expect(formatReply(reply(250, null, 'one', 'two', 'three'))).toBe('250-one\r\n250-two\r\n250 three\r\n');
  });

  it('is a refusal from 400 on', () => {
    expect([221, 250, 354, 421, 452, 552].map((code) => isRefusal(reply(code, null, '')))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('has an enhanced code of the same class as its code (RFC 2034 §4)', () => {
    for (const { code, enhanced } of all) {
      if (enhanced !== null)
        expect(`${enhanced}`, `${code}`).toMatch(new RegExp(`^${Math.floor(code / 100)}\\.`));
      else expect(code).toBeOneOf([220, 250, 334, 354]);
    }
  });

  it('closes the connection with every 421, and with no other refusal', () => {
    for (const one of all.filter(isRefusal)) expect(one.close === true, `${one.code}`).toBe(one.code === 421);
  });

  it('fits the 512 bytes of RFC 5321 §4.5.3.1.5', () => {
    for (const one of all) expect(formatReply(one).length).toBeLessThanOrEqual(512);
  });
});
