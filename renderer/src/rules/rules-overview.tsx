import { Tabs } from '@mantine/core';
import type { RulesPage } from '../../../core/api/rules-schema.ts';
import { DryRunForm } from './dry-run-form.tsx';
import { MagicCard } from './magic-card.tsx';
import { PresetsPanel } from './presets-panel.tsx';
import classes from './rules-pane.module.css';
import { ScenariosPanel } from './scenarios-panel.tsx';
import type { RuleActions } from './use-rule-actions.ts';

export const rulesViews = ['presets', 'magic', 'dry-run', 'scenarios'] as const;
export type RulesView = (typeof rulesViews)[number];

const titles: Readonly<Record<RulesView, string>> = {
  presets: 'Presets',
  magic: 'Magic addresses',
  'dry-run': 'Dry run',
  scenarios: 'Scenarios',
};

export const isRulesView = (text: string | null): text is RulesView => rulesViews.some((one) => one === text);

interface RulesOverviewProps {
  readonly view: RulesView;
  readonly onView: (view: RulesView) => void;
  readonly page: RulesPage;
  readonly actions: RuleActions;
  readonly onAdded: (id: string) => void;
}

/** What there is beside the rules one by one. */
export function RulesOverview({ view, onView, page, actions, onAdded }: RulesOverviewProps) {
  return (
    <Tabs
      className={classes.tabs ?? ''}
      value={view}
      keepMounted={false}
      onChange={(next) => {
        if (isRulesView(next)) onView(next);
      }}
    >
      <Tabs.List className={classes.tabList ?? ''} aria-label="Beside the rules">
        {rulesViews.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {titles[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="presets" className={classes.pane ?? ''}>
        <PresetsPanel actions={actions} firstId={page.entries[0]?.id ?? null} onAdded={onAdded} />
      </Tabs.Panel>
      <Tabs.Panel value="magic" className={classes.pane ?? ''}>
        <MagicCard on={page.magicAddresses} onSwitch={actions.switchMagic} />
      </Tabs.Panel>
      <Tabs.Panel value="dry-run" className={classes.pane ?? ''}>
        <p className={classes.hint}>
          Which rule a message would meet, in the order of its way, and why not the others. Nothing is
          counted.
        </p>
        <DryRunForm rule={null} />
      </Tabs.Panel>
      <Tabs.Panel value="scenarios" className={classes.pane ?? ''}>
        <ScenariosPanel />
      </Tabs.Panel>
    </Tabs>
  );
}
