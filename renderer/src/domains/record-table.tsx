import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useId } from 'react';
import type { RecordCheck } from '../../../core/api/schema.ts';
import classes from './record-table.module.css';
import { purposeNames, verdicts } from './switches.ts';

interface RecordTableProps {
  readonly title: string;
  readonly hint: string;
  readonly checks: readonly RecordCheck[];
  /** What may be pasted has buttons for that. */
  readonly kind: 'paste' | 'sandbox' | 'real';
}

/** Records with their verdicts; a record that is not well says what is there, and what to do. */
export function RecordTable({ title, hint, checks, kind }: RecordTableProps) {
  const titleId = useId();
  return (
    <section className={classes.part} aria-labelledby={titleId}>
      <h3 className={classes.title} id={titleId}>
        {title}
      </h3>
      <p className={classes.hint}>{hint}</p>
      <table className={classes.table} aria-labelledby={titleId}>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">For</th>
            <th scope="col">Name, type and value</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <RecordRow key={`${check.purpose} ${check.name} ${check.value}`} check={check} kind={kind} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RecordRow({
  check,
  kind,
}: {
  readonly check: RecordCheck;
  readonly kind: RecordTableProps['kind'];
}) {
  const { shape, word, tone } = verdicts[check.result];
  return (
    <tr>
      <td className={classes.verdict} data-tone={tone}>
        <span aria-hidden>{shape}</span> {word}
      </td>
      <td className={classes.purpose}>
        <Tooltip label={check.why} multiline maw={320}>
          <span>{purposeNames[check.purpose]}</span>
        </Tooltip>
      </td>
      <td>
        <div className={classes.line}>
          <code className={classes.name}>{check.name}</code>
          <span className={classes.type}>{check.type}</span>
          {kind === 'paste' && <Copy value={check.name} label={`Copy the name ${check.name}`} />}
          {kind === 'sandbox' && <span className={classes.tag}>sandbox only</span>}
        </div>
        <div className={classes.line}>
          <code className={classes.value} title={check.value}>
            {check.value}
          </code>
          {kind === 'paste' && <Copy value={check.value} label={`Copy the value of ${check.name}`} />}
        </div>
        {check.result !== 'ok' && check.found.length > 0 && (
          <div className={classes.found}>
            found{' '}
            {check.found.map((found) => (
              <code key={found} className={classes.value} title={found}>
                {found}
              </code>
            ))}
          </div>
        )}
        {check.note !== null && (
          <p className={classes.note} data-tone={tone}>
            {check.note}
          </p>
        )}
      </td>
    </tr>
  );
}

function Copy({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy'}>
          <ActionIcon size={20} aria-label={label} onClick={copy}>
            {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
