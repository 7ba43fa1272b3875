/** @returns the first of Chrome, Chromium and Edge; SANDPOST_BROWSER names another one */
export function findBrowser(environment?: NodeJS.ProcessEnv, platform?: string): string | null;

/** The flags of a window without tabs, on a profile in which the browser asks for nothing by itself. */
export function appWindowArguments(options: {
  readonly url: string;
  readonly profile: string;
  readonly asRoot: boolean;
  readonly more?: readonly string[];
}): string[];
