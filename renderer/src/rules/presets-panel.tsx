import { Button, TextInput } from '@mantine/core';
import { IconExternalLink, IconFilter, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { RulePreset } from '../../../core/api/rules-schema.ts';
import { presetsQuery } from '../api/rules.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { openLink, opensOutside } from '../host/open-link.ts';
import { presetGroups } from './preset-groups.ts';
import classes from './presets-panel.module.css';
import { replyLines } from './reply-preview.ts';
import { actionSentence, replyLine, requestOf } from './rule-sentence.ts';
import paneClasses from './rules-pane.module.css';
import { Sentence } from './sentence.tsx';
import type { RuleActions } from './use-rule-actions.ts';

interface PresetsPanelProps {
  readonly actions: RuleActions;
  /** The first rule of the list: a preset is put above it, where it is met first. */
  readonly firstId: string | null;
  readonly onAdded: (id: string) => void;
}

/** Failures as providers word them, a card each, to be added as rules. */
export function PresetsPanel({ actions, firstId, onAdded }: PresetsPanelProps) {
  const { data, error, refetch } = useQuery(presetsQuery);
  const [q, setQ] = useState('');
  const wanted = useDeferredValue(q);
  if (data === undefined)
    return error === null ? (
      <LoadingState what="presets" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  const groups = presetGroups(data, wanted);
  return (
    <>
      <p className={paneClasses.hint}>
        What providers really say when they refuse. Added, a preset stands at the top of the rules, where it
        is met first; change there who it is for.
      </p>
      <TextInput
        className={classes.search ?? ''}
        aria-label="Search presets"
        placeholder="Search presets: rate, 421, blocked, 30007 …"
        leftSection={<IconFilter size={14} aria-hidden />}
        value={q}
        onChange={(event) => setQ(event.currentTarget.value)}
      />
      {groups.length === 0 && (
        <p className={paneClasses.dim} role="status">
          {q.trim() === '' ? 'There are no presets in this version.' : 'No preset matches.'}
        </p>
      )}
      {groups.map(({ title, presets }) => (
        <section key={title} className={classes.group} aria-label={title}>
          <h3 className={classes.provider}>
            {title} <span className={paneClasses.count}>{presets.length}</span>
          </h3>
          <div className={classes.cards}>
            {presets.map((preset) => (
              <PresetCard key={preset.id} preset={preset} add={adder(actions, firstId, onAdded)} />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

type Add = (preset: RulePreset) => Promise<void>;

export const adder =
  (actions: RuleActions, firstId: string | null, onAdded: (id: string) => void): Add =>
  async (preset) => {
    try {
      onAdded((await actions.add(preset.rule, firstId, `Added “${preset.title}”`)).id);
    } catch (error) {
      toastProblem(error, 'The preset could not be added');
    }
  };

export function PresetCard({ preset, add }: { readonly preset: RulePreset; readonly add: Add }) {
  const [state, setState] = useState<'idle' | 'adding'>('idle');
  const { title, about, source, rule } = preset;
  const run = () => {
    setState('adding');
    void add(preset).finally(() => setState('idle'));
  };
  return (
    <article className={classes.card} aria-label={title}>
      <h4 className={classes.title}>{title}</h4>
      <p className={classes.about}>{about}</p>
      {'code' in rule.then && 'text' in rule.then && rule.then.do !== 'refuseConnection' ? (
        <p className={classes.reply} title={replyLines(rule.then).join('\n')}>
          <span className={classes.words}>{replyLine(rule.then)}</span>
        </p>
      ) : (
        <p className={classes.does}>
          <Sentence pieces={actionSentence(rule.then, rule.stage, requestOf(rule.when))} />
        </p>
      )}
      <div className={classes.foot}>
        <Source source={source} />
        <Button
          variant="light"
          size="compact-xs"
          leftSection={<IconPlus size={12} aria-hidden />}
          aria-label={`Add ${title}`}
          loading={state === 'adding'}
          onClick={run}
        >
          Add
        </Button>
      </div>
    </article>
  );
}

function Source({ source }: { readonly source: string }) {
  if (!opensOutside(source))
    return (
      <span className={classes.source} title={source}>
        {source}
      </span>
    );
  return (
    <button
      type="button"
      className={classes.source}
      title={source}
      onClick={() =>
        void openLink(source).catch((error: unknown) => toastProblem(error, 'The page could not be opened'))
      }
    >
      <IconExternalLink size={12} aria-hidden /> {hostOf(source)}
    </button>
  );
}

const hostOf = (url: string): string => /^https?:\/\/(?:www\.)?([^/?#]+)/i.exec(url)?.[1] ?? url;
