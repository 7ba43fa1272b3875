/** What the desktop app is told of live relay, for its tray and its windows. */
export interface HostMode {
  readonly live: boolean;
  readonly untilWallMs: number | null;
}

/** A shell that has no use for it, and a browser, are told nothing. */
export function tellShell(mode: HostMode): void {
  const shell: object | undefined = window.sandpost;
  if (!hasSetMode(shell)) return;
  Promise.resolve(shell.setMode(mode)).catch(() => {
    // The page is red itself; the shell shows its own problems.
  });
}

function hasSetMode(
  shell: object | undefined,
): shell is { readonly setMode: (mode: HostMode) => Promise<void> } {
  return shell !== undefined && 'setMode' in shell && typeof shell.setMode === 'function';
}
