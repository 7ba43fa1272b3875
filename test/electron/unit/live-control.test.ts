import { expect, it } from 'vitest';
import type { CoreRequest } from '../../../electron/core-request.ts';
import { createLiveControl, type Question } from '../../../electron/live-control.ts';
import { modeWords, trayTip, windowTitle } from '../../../electron/mode-words.ts';
import { trayMenu } from '../../../electron/tray-menu.ts';

const untilWallMs = new Date(2026, 4, 5, 14, 22).getTime();
const live = { live: true, untilWallMs };
const standing = { mode: live, unread: 3, paused: false, workspace: null };

function start(answers: readonly string[], status = 200) {
  const asked: Question[] = [];
  const requests: CoreRequest[] = [];
  const left = [...answers];
  const control = createLiveControl({
    core: () => ({ url: 'http://127.0.0.1:8025', token: 'the-token' }),
    request: (_core, request) => {
      requests.push(request);
      return Promise.resolve({ status, body: Buffer.alloc(0) });
    },
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(question.buttons.indexOf(left.shift() ?? 'Cancel'));
    },
    onMode: () => undefined,
  });
  return { control, asked, requests };
}

it('asks nothing in sandbox mode', async () => {
  const { control, asked } = start([]);
  expect(await control.mayLeave('quit')).toBe(true);
  expect(asked).toEqual([]);
});

it('goes back to sandbox before it quits, in the name of the person', async () => {
  const { control, asked, requests } = start(['Back to sandbox and quit']);
  control.set(live);
  expect(await control.mayLeave('quit')).toBe(true);
  expect(asked[0]?.message).toBe('Sandpost is LIVE until 14:22');
  expect(requests).toMatchObject([{ method: 'DELETE', path: 'v1/live-relay', byPerson: true }]);
  expect(control.mode().live).toBe(false);
});

it('stays, and stays live, when the person thinks better of it', async () => {
  const { control, requests } = start(['Cancel']);
  control.set(live);
  expect(await control.mayLeave('quit')).toBe(false);
  expect(requests).toEqual([]);
  expect(control.mode()).toEqual(live);
});

it('may close the window for the tray and stay live', async () => {
  const { control, requests } = start(['Stay live in the tray']);
  control.set(live);
  expect(await control.mayLeave('hide')).toBe(true);
  expect(requests).toEqual([]);
  expect(control.mode().live).toBe(true);
});

it('says when the core does not go back, and leaves it to the person', async () => {
  const { control, asked } = start(['Back to sandbox and quit', 'Cancel'], 500);
  control.set(live);
  expect(await control.mayLeave('quit')).toBe(false);
  expect(asked[1]?.detail).toContain('The core answered 500.');
  expect(control.mode().live).toBe(true);
});

it('is said in the tooltip and in the title of the window', () => {
  expect(modeWords({ live: true, untilWallMs: null })).toBe('LIVE');
  expect(trayTip(standing)).toBe('Sandpost · LIVE until 14:22 · 3 unread');
  expect(
    trayTip({ mode: { live: false, untilWallMs: null }, unread: 0, paused: true, workspace: 'Shop' }),
  ).toBe('Sandpost · Shop · notifications paused');
  expect(windowTitle('(3) Sandpost', { ...standing, workspace: 'Shop' })).toBe(
    'LIVE until 14:22 · (3) Sandpost · Shop',
  );
});

it('has a way back in the tray while live only', () => {
  const done: string[] = [];
  const actions = {
    onOpen: () => done.push('open'),
    onBackToSandbox: () => done.push('back'),
    onPause: (paused: boolean) => done.push(paused ? 'pause' : 'resume'),
    onWorkspace: (name: string) => done.push(name),
    onRestartToUpdate: () => done.push('update'),
    onQuit: () => done.push('quit'),
  };
  const list = {
    current: 'Default',
    workspaces: [
      { name: 'Default', folder: '/a' },
      { name: 'Shop', folder: '/b' },
    ],
  };
  const labels = (state: Parameters<typeof trayMenu>[0]) =>
    trayMenu(state, actions).map(({ label }) => label);
  expect(labels({ ...standing, workspaces: list, update: { kind: 'off' } })).toEqual([
    'LIVE until 14:22 · 3 unread',
    'Back to sandbox',
    undefined,
    'Open Sandpost',
    'Pause notifications',
    'Workspace',
    undefined,
    'Quit',
  ]);
  expect(
    labels({
      mode: { live: false, untilWallMs: null },
      unread: 0,
      paused: true,
      workspace: null,
      workspaces: null,
      update: { kind: 'ready', version: '0.2.0' },
    }),
  ).toEqual([
    'Sandbox · nothing unread',
    undefined,
    'Open Sandpost',
    'Resume notifications',
    undefined,
    'Restart to update to 0.2.0',
    'Quit',
  ]);
  const press = (label: string) =>
    trayMenu({ ...standing, workspaces: list, update: { kind: 'off' } }, actions)
      .find((item) => item.label === label)
      ?.click?.(...([] as unknown as Parameters<NonNullable<Electron.MenuItemConstructorOptions['click']>>));
  press('Back to sandbox');
  press('Pause notifications');
  expect(done).toEqual(['back', 'pause']);
});
