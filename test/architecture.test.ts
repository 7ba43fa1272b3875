import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const core = resolve(import.meta.dirname, '../core');

/**
 * The rooms of the core from the bottom up (design §3). A room may import from the tiers below its own, never from
 * its own tier or above. What stands in no tier is wiring and commands, at the very top.
 */
const tiers: readonly (readonly string[])[] = [
  ['model', 'version', 'thread-priority'],
  ['bus', 'clock'],
  ['store'],
  ['intake', 'rules', 'dns', 'doors', 'reports'],
  ['delivery'],
  ['inspect'],
  ['channels', 'mailboxes', 'phones', 'people', 'multichannel', 'templates'],
  ['connect', 'workspace'],
  ['api', 'hooks'],
  ['config', 'heap'],
  ['settings'],
  ['app'],
  ['serve', 'client'],
  ['commands'],
  ['cli'],
  ['electron-host'],
  ['host'],
];

const imports = sourceFiles(core).flatMap(importsOf);

describe('the rooms of the core', () => {
  it('are all in the table of tiers', () => {
    const known = new Set(tiers.flat());
    expect([...new Set(sourceFiles(core).map(roomOf))].filter((room) => !known.has(room))).toEqual([]);
  });

  it('import only from the tiers below their own', () => {
    const wrong = imports
      .filter(({ from, to }) => roomOf(from) !== roomOf(to) && tierOf(roomOf(to)) >= tierOf(roomOf(from)))
      .map(({ from, to }) => `${relative(core, from)} imports ${relative(core, to)}`);
    expect(wrong).toEqual([]);
  });

  it('let one channel know nothing of another', () => {
    const wrong = imports
      .filter(({ from, to }) => roomOf(from) === 'channels' && roomOf(to) === 'channels')
      .filter(
        ({ from, to }) => relative(core, from).split(/[\\/]/)[1] !== relative(core, to).split(/[\\/]/)[1],
      )
      .map(({ from, to }) => `${relative(core, from)} imports ${relative(core, to)}`);
    expect(wrong).toEqual([]);
  });

  it('keep SQLite inside the store', () => {
    const wrong = sourceFiles(core)
      .filter((file) => roomOf(file) !== 'store' && readFileSync(file, 'utf8').includes("'better-sqlite3'"))
      .map((file) => relative(core, file));
    expect(wrong).toEqual([]);
  });

  it('load at first use what is not needed to be ready', () => {
    const late = /^import (?!type ).*from '(yaml|prom-client|libmime|re2js|libphonenumber-js[^']*)'/m;
    const early = sourceFiles(core).filter((file) => late.test(readFileSync(file, 'utf8')));
    expect(early.map((file) => relative(core, file))).toEqual([]);
  });

  it('import neither the shell nor the screen', () => {
    const wrong = imports.filter(({ to }) => relative(core, to).startsWith('..'));
    expect(wrong.map(({ from, to }) => `${relative(core, from)} imports ${to}`)).toEqual([]);
  });
});

describe('what the screen takes of the core', () => {
  it('is of the model, and runs in a browser', () => {
    const screen = sourceFiles(resolve(core, '../renderer/src'), /\.tsx?$/);
    const taken = new Set<string>();
    const take = (file: string): void => {
      if (taken.has(file)) return;
      taken.add(file);
      for (const to of valuesFrom(file)) if (to.startsWith('.')) take(resolve(dirname(file), to));
    };
    for (const file of screen)
      for (const to of valuesFrom(file).map((path) => resolve(dirname(file), path)))
        if (to.startsWith(`${core}/`)) take(to);
    expect(taken.size).toBeGreaterThan(0);
    expect([...taken].filter((file) => roomOf(file) !== 'model')).toEqual([]);
    const nodes = [...taken].filter((file) => valuesFrom(file).some((path) => path.startsWith('node:')));
    expect(nodes.map((file) => relative(core, file))).toEqual([]);
  });
});

/** What a file imports that is there when it runs. */
function valuesFrom(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )(?:([^';]*?) from )?'([^']+)'/gm)].flatMap(
    ([, names = '', path = '']) => {
      const listed = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(',') ?? [];
      const ofTypes = listed.map((name) => name.trim()).filter((name) => name !== '');
      return ofTypes.length > 0 && ofTypes.every((name) => name.startsWith('type ')) ? [] : [path];
    },
  );
}

function sourceFiles(folder: string, named = /\.c?ts$/): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path, named);
    return named.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function importsOf(file: string): { readonly from: string; readonly to: string }[] {
  const text = readFileSync(file, 'utf8');
  const named = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)];
  return named.map(([, path = '']) => ({ from: file, to: resolve(dirname(file), path) }));
}

/** The folder under core/, or the name of a file that stands there itself. */
function roomOf(file: string): string {
  const [first = ''] = relative(core, file).split(/[\\/]/);
  return first.replace(/\.c?ts$/, '');
}

function tierOf(room: string): number {
  const tier = tiers.findIndex((rooms) => rooms.includes(room));
  return tier < 0 ? tiers.length : tier;
}
