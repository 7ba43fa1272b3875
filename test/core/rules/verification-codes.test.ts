import { describe, expect, it } from 'vitest';
import { verificationCodesOnABadDay } from '../../../core/rules/examples/verification-codes-on-a-bad-day.ts';
import { deskWorld } from './desk-world.ts';
import { ordersFor } from './push-cases.ts';
import { smsOrders } from './sms-cases.ts';

const minuteMs = 60_000;
const providers = ['twilio', 'vonage', 'smpp'] as const;

/** A rush at the beginning, and a few codes every minute for four hours; each is tried until it is taken or refused for good. */
function play(seed: number) {
  const world = deskWorld();
  world.set(verificationCodesOnABadDay.rules, { seed });
  const outcomes: string[] = [];
  const send = (name: string, at: number): void => {
    const provider = providers[at % 3] ?? 'twilio';
    for (let attempt = 0; attempt < 3; attempt++) {
      const { answer, after } = smsOrders(world, {
        provider,
        door: provider,
        recipient: `+1202555${String(at).padStart(4, '0')}`,
        same: name,
      });
      outcomes.push(
        `${name} ${answer?.action.do === 'answer' ? answer.action.reason : after.map(({ action }) => action.do).join(' ')}`,
      );
      if (answer === null) return;
    }
  };
  for (let at = 0; at < 600; at++) send(`rush${at}`, at);
  for (let minute = 0; minute < 240; minute++) {
    world.pass(minuteMs);
    for (let at = 0; at < 6; at++) send(`later${minute}-${at}`, at);
  }
  return { outcomes, hits: new Set(world.hits.map(({ cause }) => cause)) };
}

describe('verification codes on a bad day', () => {
  it('plays the same for everybody who has the seed, and lets every rule act', () => {
    const first = play(verificationCodesOnABadDay.seed);
    expect(play(verificationCodesOnABadDay.seed).outcomes).toEqual(first.outcomes);
    expect(first.hits).toEqual(new Set(verificationCodesOnABadDay.rules.map(({ id }) => id)));
    expect(play(verificationCodesOnABadDay.seed + 1).outcomes).not.toEqual(first.outcomes);
  });

  it('leaves mail and push in peace', () => {
    const world = deskWorld();
    world.set(verificationCodesOnABadDay.rules);
    for (let at = 0; at < 200; at++) ordersFor(world, { same: String(at) });
    expect(world.hits).toEqual([]);
  });
});
