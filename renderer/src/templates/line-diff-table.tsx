import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { plural } from '../format.ts';
import classes from './differences.module.css';
import { type DiffFold, type DiffLine, folded, linesBetween } from './line-diff.ts';

interface LineDiffTableProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

type Row = DiffLine | (DiffFold & { readonly at: number });

/** Rows that a page takes at once; the rest when somebody asks. */
const rowsMax = 400;

const kindWords = {
  same: { sign: '', word: '' },
  gone: { sign: '−', word: 'Removed' },
  new: { sign: '+', word: 'Added' },
} as const satisfies Record<DiffLine['kind'], { readonly sign: string; readonly word: string }>;

export function LineDiffTable({ label, before, after }: LineDiffTableProps) {
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [whole, setWhole] = useState(false);
  const rows = folded(linesBetween(before, after)).flatMap((one, at): readonly Row[] => {
    if (one.kind !== 'fold') return [one];
    return opened.has(at) ? one.lines : [{ ...one, at }];
  });
  const shown = whole ? rows : rows.slice(0, rowsMax);
  return (
    <div className={classes.scroll}>
      <table className={classes.lines} aria-label={label}>
        <tbody>
          {shown.map((row) =>
            row.kind === 'fold' ? (
              <tr key={`fold ${row.at}`} className={classes.fold}>
                <td colSpan={4}>
                  <UnstyledButton
                    className={classes.unfold ?? ''}
                    onClick={() => setOpened(new Set([...opened, row.at]))}
                  >
                    {plural(row.lines.length, 'line', 'lines')} the same
                  </UnstyledButton>
                </td>
              </tr>
            ) : (
              <tr key={`${row.before} ${row.after}`} data-kind={row.kind}>
                <td className={classes.number}>{row.before}</td>
                <td className={classes.number}>{row.after}</td>
                <td className={classes.sign} aria-label={kindWords[row.kind].word || undefined}>
                  {kindWords[row.kind].sign}
                </td>
                <td className={classes.text}>
                  <Text line={row} />
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <UnstyledButton className={classes.unfold ?? ''} onClick={() => setWhole(true)}>
          {plural(rows.length - shown.length, 'more line', 'more lines')}
        </UnstyledButton>
      )}
    </div>
  );
}

function Text({ line: { text, changed } }: { readonly line: DiffLine }) {
  if (changed === null) return text;
  const [from, to] = changed;
  return (
    <>
      {text.slice(0, from)}
      <mark>{text.slice(from, to)}</mark>
      {text.slice(to)}
    </>
  );
}
