import { expect, it, vi } from 'vitest';
import { createAppTray } from '../../../electron/tray.ts';

const seen = vi.hoisted(() => ({ icons: [] as string[], tips: [] as string[], templates: [] as string[] }));

vi.mock('electron', () => ({
  Menu: { buildFromTemplate: () => ({}) },
  nativeImage: {
    createFromPath: (file: string) => ({
      resize: () => ({
        file,
        setTemplateImage: (template: boolean) => seen.templates.push(`${file} ${template}`),
      }),
    }),
  },
  Tray: class {
    setImage({ file }: { file: string }) {
      seen.icons.push(file);
    }
    setToolTip(tip: string) {
      seen.tips.push(tip);
    }
    setTitle = () => undefined;
    setContextMenu = () => undefined;
    on = () => undefined;
    destroy = () => undefined;
  },
}));

const nothing = () => undefined;
const state = {
  mode: { live: false, untilWallMs: null },
  unread: 0,
  paused: false,
  workspace: null,
  workspaces: null,
  update: { kind: 'off' },
} as const;

it('is red while live, whatever is unread, and says until when', () => {
  const tray = createAppTray({
    iconFiles: { none: 'none', unread: 'unread', live: 'live' },
    platform: 'darwin',
    onOpen: nothing,
    onBackToSandbox: nothing,
    onPause: nothing,
    onWorkspace: nothing,
    onRestartToUpdate: nothing,
    onQuit: nothing,
  });
  tray.show(state);
  tray.show({ ...state, unread: 3 });
  tray.show({
    ...state,
    unread: 3,
    mode: { live: true, untilWallMs: new Date(2026, 0, 1, 14, 22).getTime() },
  });
  expect(seen.icons).toEqual(['none', 'unread', 'live']);
  expect(seen.tips).toEqual(['Sandpost', 'Sandpost · 3 unread', 'Sandpost · LIVE until 14:22 · 3 unread']);
  // A template image has no colour of its own.
  expect(seen.templates).toEqual(['none true', 'unread true', 'live false']);
});
