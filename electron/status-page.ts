/**
 * What the window shows while there is no core or no screen to show: a page of the shell's own, without script.
 *
 * Its buttons are links to new windows, which are always refused; whoever refuses them reads what they ask for.
 */
import type { StartFailure } from './core-host/core.ts';
import type { CoreState } from './core-host.ts';

/** What became of the screen while the core goes on, or of the app itself the last time. */
export type ScreenState =
  | { readonly kind: 'screen-gone'; readonly why: string }
  | { readonly kind: 'screen-failed'; readonly why: string; readonly report: string }
  | { readonly kind: 'crashed-before'; readonly report: string };

export type StatusAction =
  | 'retry'
  | 'free-ports'
  | 'own-core'
  | 'show-screen'
  | 'go-on'
  | 'copy-report'
  | 'quit';

const actionLabels: Readonly<Record<StatusAction, string>> = {
  retry: 'Try again',
  'free-ports': 'Start on free ports',
  'own-core': 'Start a core of its own',
  'show-screen': 'Show the screen again',
  'go-on': 'Go on',
  'copy-report': 'Copy the report',
  quit: 'Quit',
};

const actionScheme = 'sandpost-shell:';

/** @returns the address of the page for this state, or null when the core's own screen is to be shown */
export function statusPageFor(state: CoreState | ScreenState, attached: boolean): string | null {
  switch (state.kind) {
    case 'ready':
      return null;
    case 'starting':
      return page({ title: `${state.doing} …`, lines: [], report: null, actions: [] });
    case 'restarting':
      return page({
        title: 'The core ended. Starting it again …',
        lines: [state.why],
        report: null,
        actions: [],
      });
    case 'stopped':
      return page({ title: 'Finishing …', lines: [], report: null, actions: [] });
    case 'screen-gone':
      return page({
        title: 'The screen ended. Showing it again …',
        lines: [`${state.why} The core goes on: no message is lost.`],
        report: null,
        actions: [],
      });
    case 'screen-failed':
      return page({
        title: 'The screen ends again and again',
        lines: [`${state.why} The core goes on: no message is lost.`],
        report: state.report,
        actions: ['show-screen', 'copy-report', 'quit'],
      });
    case 'crashed-before':
      return page({
        title: 'Sandpost ended by an error the last time',
        lines: ['This report has no content of messages; folders of yours and secrets are masked in it.'],
        report: state.report,
        actions: ['go-on', 'copy-report'],
      });
    case 'failed':
      return page({
        title: failureTitle(state.failure),
        lines: [state.failure.detail],
        // A single line would only say the same twice.
        report: state.failure.log.length < 2 ? null : state.failure.log.join('\n'),
        actions: failureActions(state.failure, attached),
      });
  }
}

/** @returns the action that a link of the page asks for, or null when it is no such link */
export function parseStatusAction(url: string): StatusAction | null {
  if (!url.startsWith(actionScheme)) return null;
  const name = url.slice(actionScheme.length).replace(/^\/+|\/+$/g, '');
  return isStatusAction(name) ? name : null;
}

function isStatusAction(name: string): name is StatusAction {
  return Object.hasOwn(actionLabels, name);
}

function failureTitle({ code }: StartFailure): string {
  switch (code) {
    case 'crashed':
      return 'The core ends again and again';
    case 'port_taken':
      return 'Another program holds a port that the core needs';
    case 'folder_held':
      return 'Another Sandpost holds the data folder';
    case 'unreachable':
      return 'The core cannot be reached';
    case 'node_missing':
    case 'node_too_old':
    case 'usage':
    case 'input_output':
    case 'start_timed_out':
      return 'The core did not start';
  }
}

function failureActions({ code }: StartFailure, attached: boolean): readonly StatusAction[] {
  return [
    'retry',
    ...(code === 'port_taken' ? (['free-ports'] as const) : []),
    ...(attached ? (['own-core'] as const) : []),
    'copy-report',
    'quit',
  ];
}

interface Page {
  readonly title: string;
  readonly lines: readonly string[];
  readonly report: string | null;
  readonly actions: readonly StatusAction[];
}

function page({ title, lines, report, actions }: Page): string {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sandpost</title>
<style>
:root { color-scheme: light dark; }
body { font: 13px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: #fff; color: #212529; }
main { max-width: 640px; padding: 32px; }
h1 { font-size: 16px; font-weight: 600; margin: 0 0 8px; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
pre { font: 12px/1.5 ui-monospace, monospace; background: #f1f3f5; padding: 12px; overflow: auto; max-height: 240px; }
a { display: inline-block; margin: 0 8px 8px 0; padding: 4px 12px; border: 1px solid #ced4da; border-radius: 4px;
  color: inherit; text-decoration: none; }
a:first-child { background: #4263eb; border-color: #4263eb; color: #fff; }
a:focus-visible { outline: 2px solid #4263eb; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  body { background: #1a1b1e; color: #dee2e6; }
  pre { background: #25262b; }
  a { border-color: #495057; }
}
</style>
</head>
<body>
<main aria-live="polite">
<h1>${escapeHtml(title)}</h1>
${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
${report === null ? '' : `<pre tabindex="0" aria-label="Report">${escapeHtml(report)}</pre>`}
<nav>${actions.map((name) => `<a href="${actionScheme}//${name}" target="_blank">${actionLabels[name]}</a>`).join('')}</nav>
</main>
</body>
</html>`;
  return `data:text/html;charset=utf-8;base64,${Buffer.from(html, 'utf8').toString('base64')}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
