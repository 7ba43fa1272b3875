import { Alert, Button, FileButton, Group, Modal, Stack, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/request.ts';
import { type ImportReport, importWorkspace } from '../api/workspace.ts';
import { plural } from '../format.ts';
import { toast } from '../frame/toast-problem.ts';
import classes from './workspace-settings.module.css';

interface ImportWorkspaceProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** A file into the workspace: first what would be done, then it is done. */
export function ImportWorkspace({ opened, onClose }: ImportWorkspaceProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import" size="lg">
      {opened && <ImportSteps onClose={onClose} />}
    </Modal>
  );
}

interface Chosen {
  readonly file: File;
  readonly preview: ImportReport;
}

function ImportSteps({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [replace, setReplace] = useState(false);
  const [busy, setBusy] = useState<'reading' | 'importing' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const modeOf = (replacing: boolean) => (replacing ? 'replace-settings' : 'add');
  const fail = (error: unknown) => setProblem(error instanceof ApiProblem ? error.message : String(error));
  const look = (file: File | null, replacing: boolean) => {
    if (file === null) return;
    setBusy('reading');
    setProblem(null);
    setChosen(null);
    importWorkspace(file, { mode: modeOf(replacing), dryRun: true })
      .then((preview) => setChosen({ file, preview }), fail)
      .finally(() => setBusy(null));
  };
  const take = ({ file }: Chosen) => {
    setBusy('importing');
    importWorkspace(file, { mode: modeOf(replace), dryRun: false })
      .then((report) => {
        toast(`Imported: ${plural(report.messages.added, 'message', 'messages')}`);
        void queries.invalidateQueries();
        // What was refused only as it was done stays to be read.
        if (report.refusedTotal === 0) onClose();
        else setChosen({ file, preview: report });
      }, fail)
      .finally(() => setBusy(null));
  };
  const ready = chosen?.preview.dryRun === true && chosen.preview.refusedTotal === 0;
  return (
    <Stack gap="md">
      <Group gap="sm">
        <FileButton onChange={(file) => look(file, replace)} accept=".zip,.mbox,.eml,.mbx">
          {(props) => (
            <Button {...props} variant="light" loading={busy === 'reading'} data-autofocus>
              {chosen === null ? 'Choose a .zip, an mbox or an .eml' : 'Choose another file'}
            </Button>
          )}
        </FileButton>
      </Group>
      {problem !== null && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {chosen?.preview.form === 'workspace' && chosen.preview.dryRun && (
        <Switch
          label="Settings, and what has the same name, become what the file says"
          description="Off: what is here already stays as it is. Messages are only ever added."
          checked={replace}
          disabled={busy !== null}
          onChange={(event) => {
            setReplace(event.currentTarget.checked);
            look(chosen.file, event.currentTarget.checked);
          }}
        />
      )}
      {chosen !== null && <Preview name={chosen.file.name} report={chosen.preview} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {chosen?.preview.dryRun === false ? 'Close' : 'Cancel'}
        </Button>
        {ready && (
          <Button loading={busy === 'importing'} onClick={() => take(chosen)}>
            Import
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Preview({ name, report }: { readonly name: string; readonly report: ImportReport }) {
  const { about, messages, parts, refused, refusedTotal, notes, dryRun } = report;
  const rows = [
    { part: 'messages', added: messages.added, replaced: 0, kept: messages.alreadyThere },
    ...parts,
  ].filter(({ added, replaced, kept }) => added + replaced + kept > 0);
  return (
    <section aria-label={dryRun ? 'What would be done' : 'What was done'}>
      <h3 className={classes.heading}>
        {name}
        {about !== null && ` (Sandpost ${about.sandpost}, ${about.madeAt.slice(0, 10)})`}
      </h3>
      {rows.length === 0 && <p className={classes.dim}>There is nothing in it to be imported.</p>}
      {rows.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Added</th>
              <th scope="col">Replaced</th>
              <th scope="col">Here already</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ part, added, replaced, kept }) => (
              <tr key={part}>
                <th scope="row">{part}</th>
                <td>{added}</td>
                <td>{replaced}</td>
                <td>{kept}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {notes.map((note) => (
        <Alert key={note} color="yellow" variant="light" mt="sm">
          {note}
        </Alert>
      ))}
      {refusedTotal > 0 && (
        <>
          <p className={classes.problem} role="alert">
            {plural(refusedTotal, 'thing is', 'things are')} wrong in it
            {dryRun ? '; nothing can be imported before that is mended.' : ' and left out.'}
          </p>
          <table className={classes.table} aria-label="What is wrong">
            <thead>
              <tr>
                <th scope="col">Entry</th>
                <th scope="col">What is wrong</th>
              </tr>
            </thead>
            <tbody>
              {refused.map((one, index) => (
                <tr key={index}>
                  <th scope="row">{one.entry}</th>
                  <td>{one.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
