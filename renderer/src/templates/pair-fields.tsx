import { Button, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { type Fault, faultAt } from '../api/faults.ts';
import fieldClasses from '../inapp/display-fields.module.css';
import { replaced } from './lists.ts';
import { membersOf, type Pair, type Pairs, pairFault, pairsOf, rowsFor } from './pairs.ts';
import { RowActions } from './row-actions.tsx';

interface PairFieldsProps {
  readonly members: Pairs;
  readonly faults: readonly Fault[];
  /** `content.push.data` */
  readonly path: string;
  readonly onChange: (members: Record<string, string>) => void;
}

/** Names with a text each. */
export function PairFields({ members, faults, path, onChange }: PairFieldsProps) {
  const [written, setWritten] = useState(() => pairsOf(members));
  const rows = rowsFor(members, written);
  const change = (next: readonly Pair[]) => {
    setWritten(next);
    onChange(membersOf(next));
  };
  return (
    <div>
      {rows.map((row, at) => (
        <div key={at} className={fieldClasses.row} style={{ marginBottom: 6 }}>
          <TextInput
            aria-label={`Name of member ${at + 1}`}
            placeholder="name"
            value={row.name}
            error={pairFault(rows, at)}
            onChange={({ currentTarget: { value } }) => change(replaced(rows, at, { ...row, name: value }))}
          />
          <Textarea
            size="xs"
            autosize
            maxRows={8}
            aria-label={`Value of ${row.name === '' ? `member ${at + 1}` : row.name}`}
            placeholder="value"
            value={row.value}
            error={faultAt(faults, `${path}.${row.name}`)}
            onChange={({ currentTarget: { value } }) => change(replaced(rows, at, { ...row, value }))}
          />
          <span className={fieldClasses.narrow}>
            <RowActions
              list={rows}
              at={at}
              name={row.name || `member ${at + 1}`}
              ordered={false}
              onChange={change}
            />
          </span>
        </div>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => change([...rows, { name: '', value: '' }])}
      >
        Add a member
      </Button>
    </div>
  );
}
