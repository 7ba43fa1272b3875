import { expect, it } from 'vitest';
import { parseWindowState, placeWindow, windowSizeMin } from '../../../electron/window-state.ts';

const left = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 1280, height: 984 };
const state = { x: 2000, y: 100, width: 1000, height: 700, maximized: false };

it('puts the window back where it was', () => {
  expect(placeWindow(state, [left, right])).toEqual({
    place: { x: 2000, y: 100 },
    width: 1000,
    height: 700,
    maximized: false,
  });
});

it('lets the system choose the place when the screen is gone', () => {
  expect(placeWindow(state, [left]).place).toBeNull();
});

it('brings a title bar above the screen back into reach', () => {
  expect(placeWindow({ ...state, y: -40 }, [left, right]).place).toEqual({ x: 2000, y: 0 });
});

it('is never larger than the screen nor too small to read', () => {
  expect(placeWindow({ ...state, width: 9000, height: 9000 }, [left, right])).toMatchObject({
    width: 1280,
    height: 984,
  });
  expect(placeWindow({ ...state, width: 10, height: 10 }, [left, right])).toMatchObject(windowSizeMin);
});

it('takes nothing from a file that is not its own', () => {
  expect(parseWindowState({ x: 1, y: 2, width: -5, height: 1, maximized: false })).toBeNull();
  expect(parseWindowState(null)).toBeNull();
});
