import type { ReactNode } from 'react';
import type { Authentication } from '../../../core/api/schema.ts';
import { Copy } from '../message/found-panel.tsx';
import classes from './auth-checks.module.css';
import { type Check, checksOf } from './checks.ts';

const shapes = { good: '✓', bad: '✕', warn: '!', quiet: '–' } as const;

interface AuthChecksProps {
  readonly authentication: Authentication;
  /** What stands under a check that has something to mend. */
  readonly mend?: (check: Check) => ReactNode;
}

/** What a receiver found out, check by check, and the header it would stamp. */
export function AuthChecks({ authentication, mend }: AuthChecksProps) {
  return (
    <>
      <ul className={classes.checks} aria-label="Checks">
        {checksOf(authentication).map((check) => (
          <li key={check.id} className={classes.check} data-tone={check.tone}>
            <span className={classes.shape} aria-hidden>
              {shapes[check.tone]}
            </span>
            <div className={classes.body}>
              <div className={classes.head}>
                <b>{check.name}</b> <span className={classes.result}>{check.result}</span>
              </div>
              <p className={classes.why}>{check.why}</p>
              {check.fix !== null && <p className={classes.fix}>{check.fix}</p>}
              {check.fix !== null && mend?.(check)}
              <dl className={classes.facts}>
                {check.facts.map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </div>
          </li>
        ))}
      </ul>
      <h4 className={classes.title}>As it would be stamped</h4>
      <div className={classes.stamp}>
        <code>Authentication-Results: {authentication.header}</code>
        <Copy
          value={`Authentication-Results: ${authentication.header}`}
          label="Copy the Authentication-Results header"
        />
      </div>
      {authentication.lookups.length > 0 && (
        <details className={classes.lookups}>
          <summary>Asked of the DNS: {authentication.lookups.length}</summary>
          <ul>
            {authentication.lookups.map((lookup, index) => (
              <li key={index}>
                <code>{lookup.question}</code> → <code>{lookup.answer}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
