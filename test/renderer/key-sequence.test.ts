import { describe, expect, it } from 'vitest';
import { sequenceStep } from '../../renderer/src/commands/key-sequence.ts';

const bindings = new Set(['j', 'g m', 'g e', '#']);
const plain = { ctrlKey: false, metaKey: false, altKey: false };
const type = (...keys: readonly string[]) => {
  let pending = '';
  const matches: string[] = [];
  for (const key of keys) {
    const step = sequenceStep(pending, { key, ...plain }, bindings);
    pending = step.pending;
    if (step.match !== null) matches.push(step.match);
  }
  return matches;
};

describe('sequenceStep', () => {
  it('matches single keys and keys in a row', () => {
    expect(type('j', 'g', 'm', '#')).toEqual(['j', 'g m', '#']);
  });

  it('starts over with a key that does not go on', () => {
    expect(type('g', 'j')).toEqual(['j']);
    expect(type('g', 'g', 'e')).toEqual(['g e']);
  });

  it('ignores Shift on the way to #, and keys held with Ctrl', () => {
    expect(type('g', 'Shift', 'm')).toEqual(['g m']);
    expect(sequenceStep('', { key: 'j', ...plain, ctrlKey: true }, bindings).match).toBeNull();
  });
});
