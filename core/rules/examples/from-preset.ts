import { presets } from '../presets/index.ts';
import type { Action, Conditions, Rule } from '../schema.ts';

/** What a scenario changes of a preset: when it is asked, and how long or how often it goes on. */
export interface Change {
  readonly when?: Conditions;
  readonly times?: number;
  readonly afterMs?: number;
}

/** A rule of a scenario with the words of a preset, under a name that tells the story. */
export function fromPreset(
  presetId: string,
  id: string,
  name: string,
  { when = {}, times, afterMs }: Change = {},
): Rule {
  const preset = presets.find((one) => one.id === presetId);
  if (preset === undefined) throw new Error(`there is no preset ${presetId}`);
  const { enabled, stage, when: whose, then } = preset.rule;
  return {
    id,
    name,
    enabled,
    stage,
    when: { ...whose, ...when },
    then: changed(then, when.time !== undefined, times, afterMs),
  };
}

export function farSideRule(id: string, name: string, when: Conditions, then: Action): Rule {
  return { id, name, enabled: true, stage: 'farSide', when, then };
}

function changed(
  action: Action,
  timed: boolean,
  times: number | undefined,
  afterMs: number | undefined,
): Action {
  if (action.do === 'defer') {
    // A preset's own two hours count from the start of the scenario; a time of the rule takes their place.
    const { forMs, ...rest } = action;
    return {
      ...rest,
      ...(forMs === undefined || timed ? {} : { forMs }),
      ...(times === undefined ? {} : { times }),
    };
  }
  if (action.do === 'answer') return { ...action, ...(times === undefined ? {} : { times }) };
  if ((action.do === 'bounceLater' || action.do === 'complain') && afterMs !== undefined)
    return { ...action, afterMs };
  return action;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
