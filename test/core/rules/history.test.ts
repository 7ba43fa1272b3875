import { describe, expect, it } from 'vitest';
import { remember, type Step } from '../../../core/rules/history.ts';
import type { Rule } from '../../../core/rules/schema.ts';

const manyRules = (count: number): readonly Rule[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `r${at}`,
    name: '',
    enabled: true,
    stage: 'farSide',
    when: {},
    then: { do: 'hold' },
  }));
const step = (rules: readonly Rule[]): Step => ({ before: { rules, magic: true, seed: 1 }, words: '' });

describe('what can be undone', () => {
  it('keeps few of large sets that replace each other', () => {
    const history: Step[] = [];
    for (let set = 0; set < 5; set++) remember(history, step(manyRules(19_000)));
    expect(history.length).toBe(2);
  });

  it('keeps many small steps in one large set: they share its rules', () => {
    const rules = manyRules(19_000);
    const history: Step[] = [];
    for (let at = 0; at < 12; at++) remember(history, step(rules.slice(at)));
    expect(history.length).toBe(12);
  });

  it('keeps fifty steps, and the last one however large it is', () => {
    const history: Step[] = [];
    for (let at = 0; at < 60; at++) remember(history, step(manyRules(1)));
    expect(history.length).toBe(50);
    const large = step(manyRules(50_000));
    remember(history, large);
    expect(history.length).toBe(1);
    expect(history[0]).toBe(large);
  });
});
