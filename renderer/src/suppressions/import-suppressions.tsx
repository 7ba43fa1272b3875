import { Button, FileButton } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconUpload } from '@tabler/icons-react';
import type { ImportOutcome } from '../../../core/api/schema.ts';
import { importSuppressions } from '../api/suppressions.ts';
import { plural } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './suppressions-room.module.css';

/** Takes a list from a file, and says line by line what could not be taken. */
export function ImportSuppressions({ onDone }: { readonly onDone: () => void }) {
  const take = (file: File | null) => {
    if (file === null) return;
    importSuppressions(file).then(
      (outcome) => {
        onDone();
        if (outcome.refused === 0) toast(importedWords(outcome));
        else tell(outcome);
      },
      (error: unknown) => toastProblem(error, 'The list could not be imported'),
    );
  };
  return (
    <FileButton onChange={take} accept=".csv,.txt,.jsonl,.ndjson,text/csv,application/x-ndjson">
      {(props) => (
        <Button {...props} variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
          Import
        </Button>
      )}
    </FileButton>
  );
}

function importedWords({ imported, alreadyListed }: ImportOutcome): string {
  const words = `${plural(imported, 'address', 'addresses')} imported`;
  return alreadyListed === 0 ? words : `${words}, ${alreadyListed} on the list already`;
}

function tell(outcome: ImportOutcome): void {
  const { refused, errors } = outcome;
  modals.open({
    title: `${importedWords(outcome)}, ${plural(refused, 'line', 'lines')} not`,
    size: 'lg',
    children: (
      <>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {errors.map((error) => (
              <tr key={error.line}>
                <td>{error.line}</td>
                <td>{error.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {refused > errors.length && <p>and {refused - errors.length} more lines</p>}
      </>
    ),
  });
}
