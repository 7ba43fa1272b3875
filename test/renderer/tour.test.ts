import { expect, it } from 'vitest';
import { aboutFacts, aboutText } from '../../renderer/src/about/about-facts.ts';
import { mailRecipes, meetsFirstStart, testDoorOf } from '../../renderer/src/tour/tour-state.ts';

it('meets a first start, and no other', () => {
  expect(meetsFirstStart({ taken: false, messages: 0, driven: false })).toBe(true);
  expect(meetsFirstStart({ taken: true, messages: 0, driven: false })).toBe(false);
  // Who has messages knows the way already; what is not known yet is waited for.
  expect(meetsFirstStart({ taken: false, messages: 3, driven: false })).toBe(false);
  expect(meetsFirstStart({ taken: null, messages: 0, driven: false })).toBe(false);
  expect(meetsFirstStart({ taken: false, messages: null, driven: false })).toBe(false);
});

it('stays out of the way of a program that drives the browser', () => {
  expect(meetsFirstStart({ taken: false, messages: 0, driven: true })).toBe(false);
});

it('offers the recipes for mail, and a test by a door that is open', () => {
  const recipe = (id: string, group: 'framework' | 'push' | 'tool') => ({
    id,
    title: id,
    group,
    language: '',
    code: '',
    note: '',
  });
  expect(
    mailRecipes([recipe('rails', 'framework'), recipe('apns', 'push'), recipe('swaks', 'tool')]).map(
      ({ id }) => id,
    ),
  ).toEqual(['rails', 'swaks']);
  expect(testDoorOf({ smtps: 1465, smtp: 1025 })).toBe('smtp');
  expect(testDoorOf({ smtps: 1465 })).toBe('smtps');
  expect(testDoorOf({ apns: 2197 })).toBeNull();
});

it('says of core and desktop app what a bug report needs', () => {
  const core = {
    version: '0.1.0',
    url: 'http://127.0.0.1:8025',
    dataDir: '/data',
    caFile: '/data/ca.pem',
    startedAt: '2026-01-01T00:00:00.000Z',
    node: '24.1.0',
    sqlite: '3.50.4',
    platform: 'linux x64',
    host: '127.0.0.1',
    ports: {},
    mode: 'sandbox' as const,
    limits: { messageBytesMax: 1, recipientsMax: 1 },
  };
  const shell = {
    version: '0.1.0',
    electron: '45.4.1',
    chromium: '150.0',
    node: '24.21.0',
    platform: 'darwin arm64',
    credentialsIn: 'keychain' as const,
  };
  expect(aboutText(aboutFacts(core, shell))).toBe(`Sandpost: 0.1.0
Electron: 45.4.1
Chromium: 150.0
Node of the app: 24.21.0
Platform: darwin arm64
Node of the core: 24.1.0
SQLite: 3.50.4
Platform of the core: linux x64
Data folder: /data
Credentials: in the keychain
Licence: MIT
`);
  expect(aboutFacts(core, null).map(([name]) => name)).toEqual([
    'Sandpost',
    'Node of the core',
    'SQLite',
    'Platform of the core',
    'Data folder',
    'Licence',
  ]);
});
