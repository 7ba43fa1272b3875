import { describe, expect, it } from 'vitest';
import { launchDayOnIos } from '../../../core/rules/examples/launch-day-on-ios.ts';
import { deskWorld } from './desk-world.ts';
import { ordersFor } from './push-cases.ts';

const minuteMs = 60_000;

/** A storm of pushes at its beginning, and five every minute for six hours; each is tried until it is taken or refused for good. */
function play(seed: number) {
  const world = deskWorld();
  world.set(launchDayOnIos.rules, { seed });
  const outcomes: string[] = [];
  const push = (name: string): void => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const { answer, after } = ordersFor(world, { recipient: `aa${name}`, same: name });
      if (answer === null) {
        outcomes.push(`${name} ${after.map(({ action }) => action.do).join(' ')}`);
        return;
      }
      outcomes.push(`${name} ${answer.action.do === 'answer' ? answer.action.reason : answer.action.do}`);
    }
  };
  for (let at = 0; at < 1_500; at++) push(`storm${at}`);
  for (let minute = 0; minute < 360; minute++) {
    world.pass(minuteMs);
    for (let at = 0; at < 5; at++) push(`later${minute}-${at}`);
  }
  return { outcomes, hits: new Set(world.hits.map(({ cause }) => cause)) };
}

describe('launch day on iOS', () => {
  it('plays the same for everybody who has the seed, and lets every rule act', () => {
    const first = play(launchDayOnIos.seed);
    expect(play(launchDayOnIos.seed).outcomes).toEqual(first.outcomes);
    expect(first.hits).toEqual(new Set(launchDayOnIos.rules.map(({ id }) => id)));
    expect(play(launchDayOnIos.seed + 1).outcomes).not.toEqual(first.outcomes);
  });

  it('is over after its hours: whoever comes late meets nothing but the phones', () => {
    const world = deskWorld();
    world.set(launchDayOnIos.rules, { seed: 1 });
    world.pass(2 * 60 * minuteMs);
    const said = Array.from(
      { length: 300 },
      (_, at) => ordersFor(world, { same: String(at) }).answer?.cause.ruleId,
    );
    expect(new Set(said)).toEqual(
      new Set([undefined, 'launch-gone', 'launch-expired', 'launch-bad', 'launch-500']),
    );
  });

  it('leaves mail and Android in peace', () => {
    const world = deskWorld();
    world.set(launchDayOnIos.rules);
    for (let at = 0; at < 200; at++) ordersFor(world, { provider: 'fcm', door: 'fcm', same: String(at) });
    expect(world.hits).toEqual([]);
  });
});
