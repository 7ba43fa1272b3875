import { Button, FileButton, Group, Modal, Stack, Switch } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useState } from 'react';
import type { UserImportOutcomeView } from '../../../core/api/people-schema.ts';
import { ApiProblem } from '../api/request.ts';
import { importUsers } from '../api/users.ts';
import { formatCount, plural } from '../format.ts';
import { toast } from '../frame/toast-problem.ts';
import classes from './users-room.module.css';

interface ImportUsersProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Users from a CSV file: first what would become of it, then what becomes of it. */
export function ImportUsers({ opened, onClose }: ImportUsersProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import users" size="lg">
      {opened && <ImportSteps onClose={onClose} />}
    </Modal>
  );
}

interface Chosen {
  readonly file: File;
  readonly preview: UserImportOutcomeView;
}

function ImportSteps({ onClose }: { readonly onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [empty, setEmpty] = useState<'keep' | 'clear'>('keep');
  const [busy, setBusy] = useState<'reading' | 'importing' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const fail = (error: unknown) => setProblem(error instanceof ApiProblem ? error.message : String(error));
  const look = (file: File | null) => {
    if (file === null) return;
    setBusy('reading');
    setProblem(null);
    importUsers(file, { dryRun: true, empty: 'keep' })
      .then((preview) => setChosen({ file, preview }), fail)
      .finally(() => setBusy(null));
  };
  const take = ({ file }: Chosen) => {
    setBusy('importing');
    importUsers(file, { dryRun: false, empty })
      .then((outcome) => {
        toast(`Imported: ${countsOf(outcome)}`);
        onClose();
      }, fail)
      .finally(() => setBusy(null));
  };
  return (
    <Stack gap="md">
      <ChooseFile onChosen={look} busy={busy === 'reading'} again={chosen !== null} />
      {problem !== null && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {chosen !== null && <Preview name={chosen.file.name} outcome={chosen.preview} />}
      {chosen !== null && (
        <Switch
          label="Empty cells take away what is there"
          checked={empty === 'clear'}
          onChange={(event) => setEmpty(event.currentTarget.checked ? 'clear' : 'keep')}
        />
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {chosen !== null && (
          <Button
            loading={busy === 'importing'}
            disabled={chosen.preview.created + chosen.preview.updated === 0}
            onClick={() => take(chosen)}
          >
            Import {plural(chosen.preview.created + chosen.preview.updated, 'user', 'users')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface ChooseFileProps {
  readonly onChosen: (file: File | null) => void;
  readonly busy: boolean;
  readonly again: boolean;
}

function ChooseFile({ onChosen, busy, again }: ChooseFileProps) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is for the keyboard
    <div
      className={classes.drop}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        // The frame takes files that are dropped for messages.
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        onChosen(event.dataTransfer.files[0] ?? null);
      }}
    >
      {!again && <IconFileSpreadsheet size={24} stroke={1.3} aria-hidden />}
      {!again && (
        <span className={classes.dim}>
          The first line names the columns: id, name, email, phone, locale, timezone. Others become
          attributes.
        </span>
      )}
      <FileButton onChange={onChosen} accept=".csv,.tsv,.txt,text/csv">
        {(props) => (
          <Button {...props} variant="light" loading={busy} data-autofocus>
            {again ? 'Choose another file' : 'Choose a CSV file, or drop one here'}
          </Button>
        )}
      </FileButton>
    </div>
  );
}

function Preview({ name, outcome }: { readonly name: string; readonly outcome: UserImportOutcomeView }) {
  const { columns, refused, refusedTotal } = outcome;
  return (
    <section aria-label="What would become of it">
      <h3 className={classes.heading}>
        {name}: {countsOf(outcome)}
      </h3>
      <div className={classes.wide}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Becomes</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ header, field }, index) => (
              <tr key={index}>
                <th scope="row">
                  <code>{header}</code>
                </th>
                <td>{field ?? <span className={classes.warn}>nothing: it is left out</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refusedTotal > 0 && (
        <table className={classes.table} aria-label="Lines that cannot be taken">
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {refused.map((one, index) => (
              <tr key={index}>
                <td>{one.line}</td>
                <td>{one.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {refusedTotal > refused.length && (
        <p className={classes.hint}>and {formatCount(refusedTotal - refused.length)} more lines</p>
      )}
    </section>
  );
}

function countsOf({ created, updated, refusedTotal }: UserImportOutcomeView): string {
  return [
    `${formatCount(created)} new`,
    `${formatCount(updated)} changed`,
    ...(refusedTotal === 0 ? [] : [`${plural(refusedTotal, 'line', 'lines')} refused`]),
  ].join(', ');
}
