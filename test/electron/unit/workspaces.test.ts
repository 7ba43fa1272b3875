import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorkspaceActions, folderNameOf } from '../../../electron/workspace-actions.ts';
import { openWorkspaces } from '../../../electron/workspaces.ts';

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sandpost-workspaces-'));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

function open(asked: { name?: string; folder?: string } = {}) {
  return openWorkspaces({
    file: join(base, 'workspaces.json'),
    usualFolder: join(base, 'usual'),
    asked: { name: asked.name ?? null, folder: asked.folder ?? null },
    placeFor: (name) => join(base, 'more', folderNameOf(name)),
  });
}

it('begins with the usual folder, which keeps its place and its name', () => {
  const store = open();
  expect(store.list()).toEqual({
    current: 'Default',
    workspaces: [{ name: 'Default', folder: join(base, 'usual') }],
  });
  expect(() => store.rename('Default', 'Mine')).toThrow('keeps its name');
  expect(() => store.forget('Default')).toThrow('stays on the list');
});

it('remembers the list and the choice', () => {
  const store = open();
  store.add('Shop', join(base, 'shop'));
  store.choose('shop');
  expect(open().current()).toEqual({ name: 'Shop', folder: join(base, 'shop') });
  store.rename('Shop', 'Store');
  expect(open().current().name).toBe('Store');
});

it('takes neither a name nor a folder twice', () => {
  const store = open();
  store.add('Shop', join(base, 'shop'));
  expect(() => store.add('SHOP', join(base, 'other'))).toThrow('already');
  expect(() => store.add('Other', join(base, 'shop'))).toThrow('has this folder');
  expect(() => store.rename('Shop', 'default')).toThrow('already');
  expect(() => store.choose('Nowhere')).toThrow('Choose one of the list');
});

it('forgets what is not open, and never a file', () => {
  const store = open();
  store.add('Shop', join(base, 'shop'));
  store.choose('Shop');
  expect(() => store.forget('Shop')).toThrow('Switch to another workspace first');
  store.choose('Default');
  store.forget('Shop');
  expect(store.list().workspaces).toHaveLength(1);
});

it('takes a folder of the command line for this run alone', () => {
  const store = open({ folder: join(base, 'passing') });
  expect(store.current()).toEqual({ name: 'passing', folder: join(base, 'passing') });
  expect(store.isUsual(store.current())).toBe(false);
  store.add('Shop', join(base, 'shop'));
  expect(JSON.parse(readFileSync(join(base, 'workspaces.json'), 'utf8')).current).toBe('Default');
  expect(
    open()
      .list()
      .workspaces.map(({ name }) => name),
  ).toEqual(['Default', 'Shop']);
});

it('opens the workspace that the command line names, and makes one that is new', () => {
  open().add('Shop', join(base, 'shop'));
  expect(open({ name: 'shop' }).current().folder).toBe(join(base, 'shop'));
  expect(open({ name: 'Second Try' }).current()).toEqual({
    name: 'Second Try',
    folder: join(base, 'more', 'second-try'),
  });
  expect(open({ name: 'Mine', folder: join(base, 'mine') }).current()).toEqual({
    name: 'Mine',
    folder: join(base, 'mine'),
  });
  expect(
    open()
      .list()
      .workspaces.map(({ name }) => name),
  ).toEqual(['Default', 'Shop', 'Second Try', 'Mine']);
});

it('switches the core unless the person stays on the one that is live', async () => {
  const store = open();
  store.add('Shop', join(base, 'shop'));
  const switched: string[] = [];
  let may = false;
  const actions = createWorkspaceActions({
    store,
    placeFor: (name) => join(base, 'more', folderNameOf(name)),
    chooseFolder: () => Promise.resolve(null),
    mayLeave: () => Promise.resolve(may),
    switchCore: ({ folder }) => switched.push(folder),
    onChange: () => undefined,
  });
  await actions.switchTo('Shop');
  expect([switched, store.current().name]).toEqual([[], 'Default']);
  may = true;
  await actions.switchTo('Shop');
  await actions.switchTo('Shop');
  expect([switched, store.current().name]).toEqual([[join(base, 'shop')], 'Shop']);
  await expect(actions.switchTo('Nowhere')).rejects.toThrow('Choose one of the list');
  expect((await actions.add('Clean', 'chosen')).workspaces).toHaveLength(2);
  expect((await actions.add('Clean', 'usual')).workspaces.at(-1)?.folder).toBe(join(base, 'more', 'clean'));
});

it('asks before it leaves a core that is live, in whatever case the workspace is named', async () => {
  const store = open();
  store.add('Shop', join(base, 'shop'));
  const switched: string[] = [];
  const actions = createWorkspaceActions({
    store,
    placeFor: (name) => join(base, 'more', folderNameOf(name)),
    chooseFolder: () => Promise.resolve(null),
    mayLeave: () => Promise.resolve(false),
    switchCore: ({ folder }) => switched.push(folder),
    onChange: () => undefined,
  });
  await actions.switchTo('SHOP');
  await actions.switchTo('default');
  expect([switched, store.current().name]).toEqual([[], 'Default']);
});

it('keeps its list when the command line names a workspace longer than a name may be', () => {
  open().add('Shop', join(base, 'shop'));
  const name = 'x'.repeat(61);
  expect(open({ name }).current().name).toBe('x'.repeat(60));
  expect(open({ name }).current().name).toBe('x'.repeat(60));
  expect(
    open()
      .list()
      .workspaces.map(({ name }) => name),
  ).toEqual(['Default', 'Shop', 'x'.repeat(60)]);
});

it('gives a folder no name that Windows keeps for devices', () => {
  expect(folderNameOf('CON')).toBe('con-workspace');
  expect(folderNameOf('lpt1')).toBe('lpt1-workspace');
  expect(folderNameOf('../..')).toBe('workspace');
  expect(folderNameOf('Console')).toBe('console');
});
