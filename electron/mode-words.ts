/** How the shell says what mode the core is in, and how many messages nobody has read. */
import type { LiveMode } from './bridge.ts';

export const sandboxMode: LiveMode = { live: false, untilWallMs: null };

export interface Standing {
  readonly mode: LiveMode;
  readonly unread: number;
  readonly paused: boolean;
  /** Null while there is only one, which needs no name. */
  readonly workspace: string | null;
}

/** `LIVE until 14:22`, or `Sandbox`. */
export function modeWords({ live, untilWallMs }: LiveMode): string {
  if (!live) return 'Sandbox';
  return untilWallMs === null ? 'LIVE' : `LIVE until ${clockTime(untilWallMs)}`;
}

/** `Sandpost · LIVE until 14:22 · 3 unread`: what is as usual is not said. */
export function trayTip({ mode, unread, paused, workspace }: Standing): string {
  return [
    'Sandpost',
    ...(workspace === null ? [] : [workspace]),
    ...(mode.live ? [modeWords(mode)] : []),
    ...(unread === 0 ? [] : [`${unread} unread`]),
    ...(paused ? ['notifications paused'] : []),
  ].join(' · ');
}

/** The page's own title, with what the shell adds to it in front. */
export function windowTitle(pageTitle: string, { mode, workspace }: Standing): string {
  return [
    ...(mode.live ? [modeWords(mode)] : []),
    pageTitle,
    ...(workspace === null ? [] : [workspace]),
  ].join(' · ');
}

function clockTime(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}
