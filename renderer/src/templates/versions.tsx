import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { changesQuery, restoreVersion, type Template, versionsQuery } from '../api/templates.ts';
import { formatDateTime } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { channelWords } from '../users/channel-words.ts';
import classes from './templates-room.module.css';

interface VersionsProps {
  readonly template: Template;
  readonly onRestored: (template: Template) => void;
}

/** What was published, and what the draft would change of it. */
export function Versions({ template, onRestored }: VersionsProps) {
  const versions = useQuery(versionsQuery(template.id)).data ?? [];
  const changes = useQuery({ ...changesQuery(template.id), enabled: template.published !== null }).data ?? [];
  const queries = useQueryClient();
  const restore = (version: number) => {
    restoreVersion(template.id, version).then(
      (next) => {
        onRestored(next);
        void queries.invalidateQueries({ queryKey: ['templates'] });
        toast(`The draft is version ${version} again`);
      },
      (error: unknown) => toastProblem(error, 'The version could not be restored'),
    );
  };
  return (
    <>
      <h2 className={classes.title}>Published versions</h2>
      {versions.length === 0 && <p className={classes.hint}>None yet: only the draft is there.</p>}
      {versions.length > 0 && (
        <table className={classes.table} aria-label="Versions">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Published</th>
              <th scope="col">Channels</th>
              <th scope="col">Languages</th>
              <th scope="col" aria-label="Restore" />
            </tr>
          </thead>
          <tbody>
            {versions.map((one) => (
              <tr key={one.version}>
                <th scope="row">
                  {one.version}
                  {one.published ? ' · sends go by it' : ''}
                </th>
                <td>{one.publishedAt === null ? '' : formatDateTime(one.publishedAt)}</td>
                <td>{one.channels.map((channel) => channelWords[channel]).join(', ')}</td>
                <td>{one.locales.join(', ')}</td>
                <td>
                  <Button variant="default" size="compact-xs" onClick={() => restore(one.version)}>
                    Take into the draft
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2 className={classes.title} style={{ marginTop: 20 }}>
        What the draft would change
      </h2>
      {changes.length === 0 && (
        <p className={classes.hint}>
          {template.published === null ? 'Nothing is published to compare with.' : 'Nothing.'}
        </p>
      )}
      {changes.length > 0 && (
        <table className={classes.table} aria-label="Differences">
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col">Published</th>
              <th scope="col">Draft</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((one) => (
              <tr key={one.field}>
                <th scope="row">
                  <code>{one.field}</code>
                </th>
                <td>
                  <pre>{shown(one.before)}</pre>
                </td>
                <td>
                  <pre>{shown(one.after)}</pre>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

const shown = (value: unknown): string =>
  value === undefined ? '—' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);
