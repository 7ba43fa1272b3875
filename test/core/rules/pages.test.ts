import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { magicOf, magicWords } from '../../../core/rules/magic.ts';
import { pages } from './pages.ts';

const project = resolve(import.meta.dirname, '../../..');

describe('the pages that are written from the code', () => {
  it.each([...pages()].map(([path, text]) => ({ path, text })))('$path is up to date', ({ path, text }) => {
    expect(
      readFileSync(join(project, path), 'utf8'),
      'run `node test/core/rules/write-pages.ts` and commit what it wrote',
    ).toBe(text);
  });

  it('have examples of magic addresses that do what they say', () => {
    for (const { example, stage, kind } of magicWords)
      expect(
        magicOf(example).map((tag) => [tag.stage, tag.action.do]),
        example,
      ).toEqual([[stage, kind]]);
    expect(magicOf('jane+defer-421-x2+spam@gmail.com').map(({ action }) => action.do)).toEqual([
      'defer',
      'place',
    ]);
    expect(magicOf('jane+news@gmail.com')).toEqual([]);
  });
});
