import { Button } from '@mantine/core';
import { IconArrowDown, IconCheck, IconMinus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DryRun, ExplainedRule, RuleExplanation } from '../../../core/api/rules-schema.ts';
import { formatCount, plural } from '../format.ts';
import classes from './dry-run.module.css';
import { actionSentence, requestOf } from './rule-sentence.ts';
import {
  isProviderKey,
  pointWords,
  providerWords,
  type Stage,
  stageWords,
  verdictWords,
} from './rule-words.ts';
import { Sentence } from './sentence.tsx';

interface DryRunResultProps {
  readonly recipients: DryRun['recipients'];
  /** Rules that are only tried have no place to show. */
  readonly links: 'links' | 'none';
  /** Null: both. */
  readonly stage: Stage | null;
}

/** For each recipient what would be met on the way, and why not the others. */
export function DryRunResult({ recipients, links, stage }: DryRunResultProps) {
  return (
    <div className={classes.result} role="status" aria-label="Outcome of the dry run">
      {recipients.map(({ recipient, provider, door, farSide }) => (
        <section key={recipient} className={classes.recipient} aria-label={recipient}>
          <h3 className={classes.address}>
            {recipient}
            {provider !== null && (
              <span className={classes.dim}>
                {isProviderKey(provider) ? providerWords[provider] : provider}
              </span>
            )}
          </h3>
          {stage !== 'farSide' && (
            <StageOutcome stage="door" explanation={door} links={links} provider={provider} />
          )}
          {stage !== 'door' && (
            <StageOutcome stage="farSide" explanation={farSide} links={links} provider={provider} />
          )}
        </section>
      ))}
    </div>
  );
}

/** More than these only on asking. */
const othersShown = 3;

function StageOutcome({
  stage,
  explanation,
  links,
  provider,
}: {
  readonly stage: Stage;
  readonly explanation: RuleExplanation;
  readonly links: DryRunResultProps['links'];
  readonly provider: string | null;
}) {
  const { met, others, total } = explanation;
  const request = provider !== null && isProviderKey(provider) ? requestOf({ provider }) : null;
  const [state, setState] = useState<'few' | 'all'>('few');
  const shown = state === 'all' ? others : others.slice(0, othersShown);
  const untold = Math.max(0, total - others.length - met.filter(({ ruleId }) => ruleId !== null).length);
  return (
    <div className={classes.stage}>
      <h4 className={classes.place}>
        {stage === 'door' ? 'At our door' : 'At the far side'}
        <span className={classes.dim}>{plural(total, 'rule', 'rules')}</span>
      </h4>
      {met.length === 0 && (
        <p className={classes.none}>
          <IconMinus size={14} aria-hidden /> Nothing is met: it goes through {stageWords[stage].place} as it
          is.
        </p>
      )}
      <ol className={classes.list}>
        {met.map((one, index) => (
          <li key={`${one.ruleId} ${one.label} ${one.point}`} className={classes.met}>
            <span className={classes.mark}>
              {index === 0 ? <IconCheck size={14} aria-hidden /> : <IconArrowDown size={14} aria-hidden />}
            </span>
            <span>
              <b>{pointWords[one.point]}</b>: <Sentence pieces={actionSentence(one.action, stage, request)} />
              <br />
              <span className={classes.dim}>
                by <RuleName one={one} links={links} />
              </span>
            </span>
          </li>
        ))}
      </ol>
      {shown.length > 0 && (
        <ul className={classes.list} aria-label="Not met">
          {shown.map((one) => (
            <li key={`${one.ruleId} ${one.label} ${one.point}`} className={classes.other}>
              <span className={classes.verdict} data-verdict={one.verdict}>
                {verdictWords[one.verdict]}
              </span>
              <span>
                <RuleName one={one} links={links} />
                <span className={classes.dim}> {one.why.join('; ')}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {others.length > shown.length && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setState('all')}>
          Why not {plural(others.length - shown.length, 'other', 'others')}
        </Button>
      )}
      {state === 'all' && untold > 0 && (
        <p className={classes.dim}>And {formatCount(untold)} more that are not met.</p>
      )}
    </div>
  );
}

function RuleName({
  one,
  links,
}: {
  readonly one: ExplainedRule;
  readonly links: DryRunResultProps['links'];
}) {
  if (one.ruleId === null) return <code>{one.label}</code>;
  if (links === 'none') return <span>this rule</span>;
  return (
    <Link to="/rules" search={{ rule: one.ruleId }} className={classes.link}>
      {one.label}
    </Link>
  );
}
