import { Button, CopyButton, Modal } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { statusQuery } from '../api/core.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { bridge, can } from '../host/host.ts';
import settings from '../settings/settings-room.module.css';
import { aboutFacts, aboutText } from './about-facts.ts';

/** What this is, in numbers that a bug report needs. */
export function AboutBox() {
  const [opened, setOpened] = useState(false);
  const commands = useMemo<readonly Command[]>(
    () => [
      {
        id: 'about',
        title: 'About Sandpost',
        group: 'View',
        keywords: 'version licence',
        run: () => setOpened(true),
      },
    ],
    [],
  );
  useCommands(commands);
  useEffect(() => bridge?.onCommand((command) => command === 'about' && setOpened(true)), []);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="About Sandpost">
      <Facts />
    </Modal>
  );
}

function Facts() {
  const core = useQuery(statusQuery).data ?? null;
  const shell = useQuery({
    queryKey: ['about'],
    queryFn: () => bridge?.about() ?? null,
    enabled: can('about'),
  }).data;
  const facts = aboutFacts(core, shell ?? null);
  return (
    <>
      <p>The local sandbox for everything an app sends: mail, push, SMS and in-app messages.</p>
      <dl className={settings.facts}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CopyButton value={aboutText(facts)}>
        {({ copied, copy }) => (
          <Button
            mt={16}
            variant="default"
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            onClick={copy}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </>
  );
}
