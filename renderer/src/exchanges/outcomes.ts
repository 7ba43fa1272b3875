import type { Exchange } from '../../../core/api/schema.ts';

interface OutcomeFace {
  readonly title: string;
  /** A shape beside the colour: colour alone is not enough. */
  readonly shape: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'quiet';
  readonly meaning: string;
}

export const outcomes: Readonly<Record<Exchange['outcome'], OutcomeFace>> = {
  open: { title: 'open', shape: '◐', tone: 'quiet', meaning: 'still going on' },
  accepted: { title: 'accepted', shape: '●', tone: 'good', meaning: 'handed over a message' },
  refused: {
    title: 'refused',
    shape: '✕',
    tone: 'bad',
    meaning: 'something was refused and nothing accepted',
  },
  aborted: { title: 'aborted', shape: '◌', tone: 'warn', meaning: 'ended before it was done' },
  empty: {
    title: 'empty',
    shape: '○',
    tone: 'quiet',
    meaning: 'neither handed over nor was refused anything',
  },
};

export const isOutcome = (value: string): value is Exchange['outcome'] => value in outcomes;
