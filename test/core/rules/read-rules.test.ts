import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import { readRules } from '../../../core/rules/read-rules.ts';
import { readScenario, scenarioJsonSchema, writeScenario } from '../../../core/rules/scenario.ts';
import { actionCases, conditionCases } from './cases.ts';

const fine = { stage: 'door', then: { do: 'reject', code: 550, text: 'No' } };

function faults(input: unknown): readonly (readonly [field: string, detail: string])[] {
  try {
    readRules(input);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_rules')
      return error.errors.map(({ field, detail }) => [field, detail]);
    throw error;
  }
  return [];
}

describe('a set of rules', () => {
  it.each([
    ['what is no list', {}, 'rules', /list/],
    ['a rule without an action', [{ stage: 'door' }], 'rules[0].then', /./],
    ['an unknown stage', [{ ...fine, stage: 'moon' }], 'rules[0].stage', /door/],
    [
      'an unknown key',
      [{ ...fine, when: { reciepient: 'x' } }],
      'rules[0].when',
      /There is no reciepient here/,
    ],
    ['a wrong code', [fine, { ...fine, then: { ...fine.then, code: 450 } }], 'rules[1].then.code', />=500/],
    [
      'a wrong enhanced code',
      [{ ...fine, then: { ...fine.then, enhanced: '4.1.1' } }],
      'rules[0].then.enhanced',
      /5\.1\.1/,
    ],
    [
      'a reply that is not ASCII',
      [{ ...fine, then: { ...fine.then, text: 'Größe' } }],
      'rules[0].then.text',
      /ASCII/,
    ],
    [
      'two with one id',
      [
        { ...fine, id: 'a' },
        { ...fine, id: 'a' },
      ],
      'rules[1].id',
      /Another rule/,
    ],
    ['a bad expression', [{ ...fine, when: { subject: { matches: '(' } } }], 'rules[0].when.subject', /RE2/],
    ['a back-reference', [{ ...fine, when: { body: [{ matches: '(a)\\1' }] } }], 'rules[0].when.body', /RE2/],
    [
      'an expression that is too large',
      [{ ...fine, when: { subject: { matches: '((a{1,100}){1,100})' } } }],
      'rules[0].when.subject',
      /too large|RE2/,
    ],
    [
      'a size that nothing has',
      [{ ...fine, when: { size: { bytesMin: 2, bytesMax: 1 } } }],
      'rules[0].when.size',
      /bytesMin/,
    ],
    [
      'an end before the beginning',
      [{ ...fine, when: { time: { from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' } } }],
      'rules[0].when.time',
      /ends before/,
    ],
    [
      'what cannot be known by then',
      [{ ...fine, when: { subject: 'x' }, then: { ...fine.then, at: 'rcpt' } }],
      'rules[0].when.subject',
      /known only at the end of DATA/,
    ],
    [
      'a wait at a door that is too long',
      [{ stage: 'door', then: { do: 'delay', ms: 3_600_000 } }],
      'rules[0].then.ms',
      /kept waiting/,
    ],
    [
      'bytes of the content elsewhere',
      [{ stage: 'door', then: { do: 'disconnect', at: 'mail', afterBytes: 3 } }],
      'rules[0].then.afterBytes',
      /midData/,
    ],
    [
      'keeping at a door',
      [{ stage: 'door', then: { do: 'disconnect', at: 'endOfData', keep: true } }],
      'rules[0].then.keep',
      /far side/,
    ],
  ])('refuses %s', (_, input, field, detail) => {
    const [first] = faults(input);
    expect(first?.[0]).toBe(field);
    expect(first?.[1]).toMatch(detail);
  });

  it('names every rule that is wrong', () => {
    expect(faults([{}, fine, { ...fine, when: { size: {} } }]).map(([field]) => field)).toEqual([
      'rules[0].stage',
      'rules[0].then',
      'rules[2].when.size',
    ]);
  });

  it('is limited, and so is what no index finds', () => {
    expect(faults(Array.from({ length: 20_001 }, () => fine))[0]?.[1]).toMatch(/at most 20000/);
    expect(faults(Array.from({ length: 2_001 }, () => fine))[0]?.[1]).toMatch(/index/);
  });

  it('gets ids by its order where it has none, the same every time', () => {
    const ids = (): string[] => readRules([fine, { ...fine, id: 'rule-1' }, fine]).map(({ id }) => id);
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(3);
  });

  it('never throws anything but a refusal', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), (value) => {
        faults([value]);
        faults([{ ...fine, when: value }]);
        faults([{ ...fine, then: value }]);
      }),
    );
  });

  it('is never stalled by an expression', () => {
    const world = readRules([{ ...fine, when: { subject: { matches: '(a+)+$' } } }]);
    expect(world).toHaveLength(1);
  });
});

describe('a scenario', () => {
  it('is read back as it was written, whatever its rules', () => {
    const rules = readRules(
      actionCases
        .flatMap(({ action }) =>
          conditionCases.map(({ when }) => ({
            stage: 'farSide',
            when,
            then: action,
            name: 'with: # "marks"',
          })),
        )
        .filter(({ then }) => then.do !== 'refuseAuth'),
    );
    const scenario = {
      name: 'All',
      description: 'two\nlines',
      seed: 3,
      speed: 60,
      magicAddresses: false,
      rules,
    };
    expect(readScenario(writeScenario(scenario))).toEqual(scenario);
  });

  it('is YAML or JSON', () => {
    const value = { sandpost: 1, name: 'x', rules: [fine] };
    expect(readScenario(JSON.stringify(value))).toMatchObject({
      name: 'x',
      seed: 1,
      speed: 1,
      magicAddresses: true,
    });
  });

  it.each([
    ['no YAML', 'a: [', /line \d+:/],
    ['no scenario', 'hello', /./],
    ['another version', 'sandpost: 2\nname: x', /sandpost/],
    ['an unknown key', 'sandpost: 1\nname: x\nspeed: 3', /There is no speed/],
    ['a bad rule', 'sandpost: 1\nname: x\nrules: [{stage: door}]', /rules\[0\]\.then/],
    [
      'a bomb of aliases',
      `sandpost: 1\nname: x\na: &a [1,1]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`},*${n === 0 ? 'a' : `b${n - 1}`},*${n === 0 ? 'a' : `b${n - 1}`},*${n === 0 ? 'a' : `b${n - 1}`}]`).join('\n')}`,
      /reference|There is no/,
    ],
  ])('is refused when it is %s', (_, text, detail) => {
    expect(() => readScenario(text)).toThrowError(detail);
  });

  it('has a JSON Schema', () => {
    expect(scenarioJsonSchema()).toMatchObject({ type: 'object', required: ['sandpost', 'name'] });
  });
});
