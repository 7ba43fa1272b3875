/** Where the window was, brought back onto a screen that is there. */
import { z } from 'zod';

const windowStateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
});

export type WindowState = z.infer<typeof windowStateSchema>;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  /** Absent when the system is to choose the place. */
  readonly place: { readonly x: number; readonly y: number } | null;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
}

export const windowSizeMin = { width: 720, height: 480 } as const;
const sizeAtFirst = { width: 1280, height: 800 } as const;
/** So much of the window must be on a screen that its title bar can be caught. */
const visiblePixelsMin = 64;

export function parseWindowState(value: unknown): WindowState | null {
  const parsed = windowStateSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** @param screens the work areas of the displays that are there now, the primary one first */
export function placeWindow(state: WindowState | null, screens: readonly Area[]): Placement {
  const primary = screens[0] ?? { x: 0, y: 0, ...sizeAtFirst };
  if (state === null) return { place: null, ...shrinkTo(sizeAtFirst, primary), maximized: false };
  const screen = screens.find((area) => reaches(state, area));
  const place = screen === undefined ? null : { x: state.x, y: Math.max(state.y, screen.y) };
  return { place, ...shrinkTo(state, screen ?? primary), maximized: state.maximized };
}

function shrinkTo(size: { width: number; height: number }, screen: Area): { width: number; height: number } {
  return {
    width: Math.max(windowSizeMin.width, Math.min(size.width, screen.width)),
    height: Math.max(windowSizeMin.height, Math.min(size.height, screen.height)),
  };
}

function reaches(state: WindowState, area: Area): boolean {
  const across = Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x);
  const titleBarIn =
    state.y + visiblePixelsMin <= area.y + area.height && state.y + visiblePixelsMin > area.y;
  return across >= visiblePixelsMin && titleBarIn;
}
