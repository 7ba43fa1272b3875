/** Acts of the far side: each is performed once, whenever the store answers. */
import { expect, it } from 'vitest';
import { type ActsPorts, createActs } from '../../../core/delivery/acts.ts';
import type { Act } from '../../../core/model/delivery.ts';
import { fakeClock } from '../../fake-clock.ts';

it('performs an act once, also where the store’s answer is older than its end', async () => {
  const act: Act = { seq: 7, kind: 'auto_reply', dueAtMs: 0, data: { copyId: 'c' } };
  const answers: ((due: readonly Act[]) => void)[] = [];
  const performed: number[] = [];
  const allEnded = Promise.withResolvers<void>();
  const ports: ActsPorts = {
    store: {
      dueActs: () => new Promise((resolve) => answers.push(resolve)),
      finishActs: () => Promise.resolve(),
      failure: () => null,
    },
    clock: fakeClock(),
    virtual: { nowMs: () => 0, at: () => () => undefined },
    perform(one) {
      performed.push(one.seq);
      return Promise.resolve();
    },
    ended: () => allEnded.resolve(),
    onProblem: () => undefined,
  };
  const acts = createActs(ports);
  const first = acts.begin();
  const second = acts.begin();
  answers[0]?.([act]);
  await first;
  await allEnded.promise;
  // Read before the act was marked as done, and heard of only now.
  answers[1]?.([act]);
  await second;
  expect(acts.underWay()).toBe(0);
  expect(performed).toEqual([7]);
});
