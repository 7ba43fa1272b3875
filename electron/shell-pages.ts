/** What the window shows: the core's screen, or a page that says why not. */
import { app, type Clipboard } from 'electron';
import type { CoreControl } from './core-control.ts';
import type { CoreState } from './core-host.ts';
import type { CrashFile } from './crash-file.ts';
import type { Incidents } from './incidents.ts';
import { type ReportFacts, writeReport } from './report.ts';
import { createRestartBudget } from './restart-budget.ts';
import { type StatusAction, statusPageFor } from './status-page.ts';
import type { MainWindow } from './window.ts';

const screenLossesMax = 3;
const screenLossWindowMs = 60_000;

export interface ShellGround {
  readonly incidents: Incidents;
  readonly crashFile: CrashFile;
  /** What no report may hold, as it becomes known. */
  readonly secrets: Set<string>;
  readonly facts: () => ReportFacts;
}

export interface ShellPages {
  show(state: CoreState): void;
  act(action: StatusAction): void;
  copyReport(): void;
}

export interface ShellPagesOptions {
  readonly ground: ShellGround;
  readonly window: MainWindow;
  readonly control: CoreControl;
  readonly clipboard: Clipboard;
  readonly onOwnCore: () => void;
}

export function createShellPages({
  ground,
  window,
  control,
  clipboard,
  onOwnCore,
}: ShellPagesOptions): ShellPages {
  const { incidents, crashFile, facts } = ground;
  const losses = createRestartBudget(screenLossesMax, screenLossWindowMs);
  /** Of the run before; it stays until the person goes on. */
  let lastRun = crashFile.take();
  let screenReport: string | null = null;
  const { webContents } = window.browserWindow;

  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    const why = `The process of the screen is gone: ${reason}, exit code ${exitCode}.`;
    incidents.note(why);
    if (losses.spend(performance.now())) {
      window.recover(pageOf({ kind: 'screen-gone', why }));
      return;
    }
    screenReport = writeReport({ code: 'screen_crashed', detail: why, log: [] }, facts());
    window.showStatus(pageOf({ kind: 'screen-failed', why, report: screenReport }));
  });
  app.on('child-process-gone', (_event, { type, name, serviceName, reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    incidents.note(
      `The process ${type} (${name ?? serviceName ?? 'no name'}) is gone: ${reason}, exit code ${exitCode}.`,
    );
  });

  function pageOf(state: Parameters<typeof statusPageFor>[0]): string {
    return statusPageFor(state, control.attached()) ?? 'about:blank';
  }
  function show(state: CoreState): void {
    if (lastRun !== null) {
      window.showStatus(pageOf({ kind: 'crashed-before', report: lastRun }));
      return;
    }
    if (state.kind === 'ready') window.showCore(state.core);
    else window.showStatus(pageOf(state));
  }
  function report(): string {
    const state = control.state();
    if (lastRun !== null) return lastRun;
    if (state.kind === 'failed') return writeReport(state.failure, facts());
    return screenReport ?? writeReport({ code: 'asked_for', detail: 'nothing has failed', log: [] }, facts());
  }
  const copyReport = () => clipboard.writeText(report());
  return {
    show,
    copyReport,
    act(action) {
      switch (action) {
        case 'retry':
          control.restart();
          break;
        case 'free-ports':
          control.restartOnFreePorts();
          break;
        case 'own-core':
          onOwnCore();
          break;
        case 'show-screen':
          losses.reset();
          screenReport = null;
          show(control.state());
          break;
        case 'go-on':
          lastRun = null;
          show(control.state());
          break;
        case 'quit':
          app.quit();
          break;
        case 'copy-report':
          copyReport();
          break;
      }
    },
  };
}
