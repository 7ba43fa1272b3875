import { Button, Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../api/core.ts';
import { formatBytes, formatCount, formatDateTime } from '../format.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { bridge, can } from '../host/host.ts';
import { Copy } from '../message/found-panel.tsx';
import { Section } from './section.tsx';
import classes from './settings-room.module.css';

/** Where the core runs and where it keeps things. */
export function ServerFacts() {
  const { data, error, refetch } = useQuery(statusQuery);
  return (
    <Section title="Core">
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <dl className={classes.facts}>
          <dt>Version</dt>
          <dd>
            {data.version} on Node {data.node}, {data.platform}
          </dd>
          <dt>Running since</dt>
          <dd>{formatDateTime(data.startedAt)}</dd>
          <dt>Address</dt>
          <dd>
            <Code>{data.url}</Code>
          </dd>
          <dt>Doors</dt>
          <dd>
            {Object.entries(data.ports).map(([door, port]) => (
              <span key={door}>
                {door} <Code>{port}</Code>
              </span>
            ))}
          </dd>
          <dt>Limits</dt>
          <dd>
            {formatBytes(data.limits.messageBytesMax)} a message, {formatCount(data.limits.recipientsMax)}{' '}
            recipients
          </dd>
          <dt>Data folder</dt>
          <dd>
            <Place path={data.dataDir} />
          </dd>
          <dt>CA certificate</dt>
          <dd>
            <Place path={data.caFile} />
          </dd>
        </dl>
      )}
    </Section>
  );
}

function Place({ path }: { readonly path: string }) {
  return (
    <>
      <Code>{path}</Code>
      <Copy value={path} label="Copy the path" />
      {can('reveal') && (
        <Button variant="subtle" size="compact-xs" onClick={() => void bridge?.reveal(path)}>
          Show in folder
        </Button>
      )}
    </>
  );
}
