import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { restoreVersion, type Template, versionsQuery } from '../api/templates.ts';
import { formatDateTime } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { channelWords } from '../users/channel-words.ts';
import { type Compared, stillCompared } from './compared.ts';
import { Differences } from './differences.tsx';
import classes from './templates-room.module.css';

interface VersionsProps {
  readonly template: Template;
  readonly revision: number;
  readonly onRestored: (template: Template) => void;
}

/** What was published, and what differs between any two. */
export function Versions({ template, revision, onRestored }: VersionsProps) {
  const versions = useQuery(versionsQuery(template.id)).data ?? [];
  const [chosen, setChosen] = useState<Compared | null>(null);
  const compared = stillCompared(chosen, template, versions);
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
              <th scope="col" aria-label="What can be done with it" />
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
                  <div className={classes.actions}>
                    <Button
                      variant="default"
                      size="compact-xs"
                      aria-label={`Take version ${one.version} into the draft`}
                      onClick={() => restore(one.version)}
                    >
                      Take into the draft
                    </Button>
                    {template.hasDraft && (
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={`Compare version ${one.version} with the draft`}
                        onClick={() => setChosen({ from: one.version, to: 'draft' })}
                      >
                        Compare with the draft
                      </Button>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2 className={classes.title} style={{ marginTop: 20 }}>
        What differs
      </h2>
      {compared === null ? (
        <p className={classes.hint}>
          {template.hasDraft
            ? 'Nothing is published to compare the draft with.'
            : 'There is one version alone.'}
        </p>
      ) : (
        <Differences
          template={template}
          revision={revision}
          versions={versions}
          compared={compared}
          onCompare={setChosen}
        />
      )}
    </>
  );
}
