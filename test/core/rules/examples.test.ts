import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { readScenario, writeScenario } from '../../../core/rules/scenario.ts';

const folder = resolve(import.meta.dirname, '../../../docs/scenarios');

describe('the scenarios that come with Sandpost', () => {
  it('are those of the chapters, one for push, one for SMS, one for in-app messages, and one for several channels', () => {
    expect(exampleScenarios().map(({ name }) => name)).toEqual([
      'Bad Monday at Gmail',
      'New domain warm-up',
      'List full of dead addresses',
      'Launch day on iOS',
      'Verification codes on a bad day',
      'Bad Wi-Fi in the app',
      'Everything but in-app is down',
    ]);
  });

  it.each(exampleScenarios().map((scenario) => ({ name: scenario.name, scenario })))(
    '$name: 8 to 20 rules with names of their own, and what to look at',
    ({ scenario }) => {
      const { rules, description, seed } = scenario;
      expect(rules.length).toBeGreaterThanOrEqual(8);
      expect(rules.length).toBeLessThanOrEqual(20);
      expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
      expect(description).toMatch(/Look at: /);
      expect(description).toMatch(/A good (?:sender|client) /);
      expect(seed).toBeGreaterThan(0);
      // What is down altogether is down for everybody, and as long as it is on.
      if (scenario.name === 'Everything but in-app is down') return;
      const asked = new Set(rules.flatMap(({ when }) => Object.keys(when)));
      expect(asked.has('time') || asked.has('probability')).toBe(true);
      expect(new Set(rules.map(({ then }) => then.do)).size).toBeGreaterThanOrEqual(4);
    },
  );

  it.each(exampleScenarios().map((scenario) => ({ name: scenario.name, scenario })))(
    '$name reads back as it is written',
    ({ scenario }) => {
      expect(readScenario(writeScenario(scenario))).toEqual(scenario);
    },
  );

  it('have no rule whose time is over before it begins', () => {
    for (const { rules } of exampleScenarios())
      for (const { id, when, then } of rules)
        if (then.do === 'defer' && then.forMs !== undefined)
          expect(when.time?.afterMs ?? 0, id).toBeLessThan(then.forMs);
  });

  it('stand in docs/scenarios as files that `serve --scenario` takes', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    const read = files.map((name) => readScenario(readFileSync(join(folder, name), 'utf8')));
    const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
      a.name.localeCompare(b.name);
    expect(read.sort(byName)).toEqual([...exampleScenarios()].sort(byName));
  });
});
