import type { DomainStanding } from '../../../core/api/standing-schema.ts';

type Stage = DomainStanding['stages'][number];

export const stageNames: Readonly<Record<Stage['stage'], string>> = {
  dns: 'DNS',
  authentication: 'Authentication',
  reputation: 'Reputation',
  filter: 'Filter',
  engagement: 'Engagement',
};

const harmSome = 1;
const harmMuch = 30;

/** A shape and a word, never colour alone. */
export function harmOf(harm: number): {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly shape: string;
  readonly word: string;
} {
  if (harm >= harmMuch) return { tone: 'bad', shape: '✕', word: 'much harm' };
  if (harm >= harmSome) return { tone: 'warn', shape: '!', word: 'some harm' };
  return { tone: 'good', shape: '✓', word: 'no harm' };
}

/** Those that do harm; of two that do as much, the one that comes first in the line. */
export const worstFirst = (stages: readonly Stage[]): readonly Stage[] =>
  [...stages].filter((stage) => stage.harm > 0).sort((a, b) => b.harm - a.harm);
