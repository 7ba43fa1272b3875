/** What the shell asks and tells a person in windows of the system. */
import { dialog } from 'electron';
import type { Question } from './live-control.ts';
import type { MainWindow } from './window.ts';

export interface Dialogs {
  /** @returns which button; the last one when it is closed without an answer */
  ask(question: Question): Promise<number>;
  tell(message: string, detail: string): void;
  /** @returns null when the person thinks better of it */
  chooseFolder(): Promise<string | null>;
  chooseMessages(): Promise<readonly string[]>;
}

export function createDialogs({ browserWindow, bringToFront }: MainWindow): Dialogs {
  return {
    async ask({ message, detail, buttons }) {
      bringToFront();
      const { response } = await dialog.showMessageBox(browserWindow, {
        type: 'warning',
        message,
        detail,
        buttons: [...buttons],
        defaultId: Math.max(0, buttons.length - 2),
        cancelId: buttons.length - 1,
        noLink: true,
      });
      return response;
    },
    tell(message, detail) {
      dialog
        .showMessageBox(browserWindow, { type: 'warning', message, detail })
        .catch((error: unknown) => console.error(`sandpost: ${message}: ${detail}`, error));
    },
    async chooseFolder() {
      const { filePaths } = await dialog.showOpenDialog(browserWindow, {
        properties: ['openDirectory', 'createDirectory'],
      });
      return filePaths[0] ?? null;
    },
    async chooseMessages() {
      const { filePaths } = await dialog.showOpenDialog(browserWindow, {
        properties: ['openFile', 'multiSelections'],
        filters: [{ name: 'Messages', extensions: ['eml', 'mbox'] }],
      });
      return filePaths;
    },
  };
}
