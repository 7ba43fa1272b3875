/** What the shell knows of the live mode, and what it asks before something would end it or leave it behind. */
import type { LiveMode } from './bridge.ts';
import type { CoreAddress } from './core-host/core.ts';
import type { CoreReply, CoreRequest } from './core-request.ts';
import { modeWords, sandboxMode } from './mode-words.ts';

const answerMsMax = 10_000;

export interface Question {
  readonly message: string;
  readonly detail: string;
  /** The last one is to leave all as it is. */
  readonly buttons: readonly string[];
}

/** Why a person is about to leave: the app, the window for the tray, or the core for another. */
export type Leaving = 'quit' | 'hide' | 'switch';

export interface LiveControl {
  readonly mode: () => LiveMode;
  set(mode: LiveMode): void;
  /** @returns null, or why the core is not in sandbox mode now */
  backToSandbox(): Promise<string | null>;
  /** @returns whether to go on; asks nothing in sandbox mode */
  mayLeave(leaving: Leaving): Promise<boolean>;
}

export interface LiveControlOptions {
  readonly core: () => CoreAddress | null;
  readonly request: (core: CoreAddress, asked: CoreRequest) => Promise<CoreReply>;
  /** @returns which button */
  readonly ask: (question: Question) => Promise<number>;
  readonly onMode: (mode: LiveMode) => void;
}

export function createLiveControl({ core, request, ask, onMode }: LiveControlOptions): LiveControl {
  let mode = sandboxMode;

  const set = (next: LiveMode) => {
    mode = next.live ? next : sandboxMode;
    onMode(mode);
  };
  const backToSandbox = async () => {
    const running = core();
    if (running === null) return 'There is no core to ask.';
    try {
      const { status } = await request(running, {
        method: 'DELETE',
        path: 'v1/live-relay',
        timeoutMs: answerMsMax,
        byPerson: true,
      });
      if (status < 200 || status > 299) return `The core answered ${status}.`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    set(sandboxMode);
    return null;
  };
  return {
    mode: () => mode,
    set,
    backToSandbox,
    async mayLeave(leaving) {
      if (!mode.live) return true;
      const { keep, back, detail } = choices[leaving];
      const buttons = [...(keep === null ? [] : [keep]), back, 'Cancel'];
      const answer = buttons[await ask({ message: `Sandpost is ${modeWords(mode)}`, detail, buttons })];
      if (answer === keep && keep !== null) return true;
      if (answer !== back) return false;
      const why = await backToSandbox();
      if (why === null) return true;
      const stay = await ask({
        message: 'The core could not be brought back to sandbox',
        detail: `${why} A core that ends with the app is in sandbox mode at its next start; one that goes on stays live until it is stopped there.`,
        buttons: ['Go on all the same', 'Cancel'],
      });
      return stay === 0;
    },
  };
}

interface Choice {
  readonly keep: string | null;
  readonly back: string;
  readonly detail: string;
}

const choices: Readonly<Record<Leaving, Choice>> = {
  quit: {
    keep: null,
    back: 'Back to sandbox and quit',
    detail: 'Messages go to real people. Quitting goes back to sandbox: what was not sent yet is held.',
  },
  hide: {
    keep: 'Stay live in the tray',
    back: 'Back to sandbox and close',
    detail: 'Messages go to real people, also while the window is closed.',
  },
  switch: {
    keep: null,
    back: 'Back to sandbox and switch',
    detail: 'Messages go to real people. Another core begins in sandbox: what was not sent yet is held.',
  },
};
