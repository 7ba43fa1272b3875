import { describe, expect, it } from 'vitest';
import { magicCard } from '../../../core/rules/magic-card.ts';
import { isMagicUser, magicUserOf, magicUserWords } from '../../../core/rules/magic-users.ts';

describe('a magic user', () => {
  it.each(magicUserWords)('$example is one of the card', ({ example, kind }) => {
    const [tag, more] = magicUserOf(example);
    expect(more).toBeUndefined();
    expect(tag).toMatchObject({
      stage: 'farSide',
      action: { do: kind },
      label: expect.stringMatching(/^…\+/) as string,
    });
    expect(isMagicUser(example)).toBe(true);
    expect(magicUserOf(`${example}@shop.example`)).toEqual([tag]);
    expect(magicUserOf(example.toUpperCase())).toEqual([tag]);
  });

  it('may have several words', () => {
    expect(magicUserOf('anna+delay-10m+duplicate@shop.example').map(({ action }) => action)).toEqual([
      { do: 'delay', ms: 600_000 },
      { do: 'duplicate', copies: 2 },
    ]);
  });

  it.each([
    'anna',
    '+empty',
    'anna+newsletter@shop.example',
    'anna+drop-2',
    'anna+drop-x0',
    'anna+drop-x2-x2',
    'anna+duplicate-x1',
    'anna+duplicate-x11',
    'anna+answer',
    'anna+answer-200',
    'anna+answer-503-2',
    'anna+delay',
    'anna+delay-0s',
    'anna+offline-10y',
    'anna@shop.example+empty'.replace('+empty', ''),
  ])('%s is none', (user) => {
    expect(magicUserOf(user)).toEqual([]);
    expect(isMagicUser(user)).toBe(false);
  });

  it('has a line of its own on the card', () => {
    expect(magicCard.filter(({ of }) => of === 'user').map(({ form }) => form)).toEqual(
      magicUserWords.map(({ form }) => form),
    );
  });
});
