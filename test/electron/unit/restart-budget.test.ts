import { expect, it } from 'vitest';
import { createRestartBudget } from '../../../electron/restart-budget.ts';

const minuteMs = 60_000;

it('gives three restarts in a minute, and no fourth', () => {
  const budget = createRestartBudget(3, minuteMs);
  expect([0, 10, 20, 30].map((atMs) => budget.spend(atMs))).toEqual([true, true, true, false]);
});

it('gives the next as soon as the first is a minute old', () => {
  const budget = createRestartBudget(3, minuteMs);
  for (const atMs of [0, 10, 20]) budget.spend(atMs);
  expect(budget.spend(minuteMs - 1)).toBe(false);
  expect(budget.spend(minuteMs)).toBe(true);
  expect(budget.spend(minuteMs + 1)).toBe(false);
});

it('starts over when a person asks for another try', () => {
  const budget = createRestartBudget(1, minuteMs);
  budget.spend(0);
  budget.reset();
  expect(budget.spend(1)).toBe(true);
});
