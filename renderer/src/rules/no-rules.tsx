import { Button } from '@mantine/core';
import { IconPlus, IconSearchOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { presetsQuery } from '../api/rules.ts';
import { RoomState } from '../frame/room-states.tsx';
import classes from './no-rules.module.css';
import { adder, PresetCard } from './presets-panel.tsx';
import type { RulesView } from './rules-overview.tsx';
import type { RuleActions } from './use-rule-actions.ts';

interface NoRulesProps {
  readonly actions: RuleActions;
  readonly onNew: () => void;
  readonly onView: (view: RulesView) => void;
  readonly onAdded: (id: string) => void;
}

const presetsOffered = 3;

/** Nothing goes wrong on purpose yet: what to begin with. */
export function NoRules({ actions, onNew, onView, onAdded }: NoRulesProps) {
  const presets = useQuery(presetsQuery).data ?? [];
  // One of each kind shows more of what there is than three of the first provider.
  const offered = presets
    .filter((preset, index) => presets.findIndex((one) => one.provider === preset.provider) === index)
    .slice(0, presetsOffered);
  return (
    <div className={classes.empty}>
      <h2 className={classes.title}>Nothing goes wrong on purpose yet</h2>
      <p className={classes.words}>
        A rule says what fails: this recipient bounces, the third message is deferred twice, one in ten
        connections is cut.
      </p>
      <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
        Write a rule
      </Button>
      {offered.length > 0 && (
        <>
          <h3 className={classes.or}>or begin with what providers say</h3>
          <div className={classes.cards}>
            {offered.map((preset) => (
              <PresetCard key={preset.id} preset={preset} add={adder(actions, null, onAdded)} />
            ))}
          </div>
        </>
      )}
      <h3 className={classes.or}>or with no rule at all</h3>
      <p className={classes.words}>
        Send to <code>jane+bounce-550-5.1.1@gmail.com</code>, and it bounces.{' '}
        <Button variant="subtle" size="compact-xs" onClick={() => onView('magic')}>
          All magic addresses
        </Button>
      </p>
    </div>
  );
}

export function NoRuleMatches({ onClear }: { readonly onClear: () => void }) {
  return (
    <RoomState
      icon={<IconSearchOff size={28} stroke={1.5} aria-hidden />}
      title="No rule matches this filter"
    >
      <Button variant="default" onClick={onClear}>
        Clear the filter
      </Button>
    </RoomState>
  );
}
