import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { connectQuery, statsQuery } from '../api/core.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { bridge, can } from '../host/host.ts';
import { usePreferences } from '../host/use-preferences.ts';
import { useLiveChange } from '../live/live-context.tsx';
import { useStored } from '../use-stored.ts';
import classes from './tour.module.css';
import { meetsFirstStart } from './tour-state.ts';
import { ConnectStep, FirstMailStep, WhatStep } from './tour-steps.tsx';

const titles = ['What this is', 'Connect your app', 'The first message'] as const;

/** Three steps from a first start to the first message; taken again from the palette or the Help menu. */
export function Tour() {
  const navigate = useNavigate();
  const [step, setStep] = useState<number | null>(null);
  /** What came while the tour was open: an app may be quicker than its reader. */
  const [arrived, setArrived] = useState<string | null>(null);
  const [taken, setTaken] = useTaken();
  const stats = useQuery(statsQuery(null)).data;
  const { data: facts } = useQuery({ ...connectQuery, enabled: step !== null });
  const heading = useRef<HTMLHeadingElement>(null);

  const first = meetsFirstStart({
    taken,
    messages: stats?.messages ?? null,
    // In the desktop app its preferences say all there is to say.
    driven: bridge === null && navigator.webdriver,
  });
  const [met, setMet] = useState(false);
  useEffect(() => {
    if (!first || met) return;
    setMet(true);
    setStep(0);
  }, [first, met]);

  useEffect(() => {
    // The reader of a screen hears which step it is now.
    if (step !== null) heading.current?.focus();
  }, [step]);

  useLiveChange((change) => {
    if (step !== null && change !== 'resync' && change.lastArrivedId !== null)
      setArrived(change.lastArrivedId);
  });

  const begin = useMemo(
    () => () => {
      setArrived(null);
      setStep(0);
    },
    [],
  );
  const commands = useMemo<readonly Command[]>(
    () => [{ id: 'tour', title: 'Take the tour', group: 'View', keywords: 'help first steps', run: begin }],
    [begin],
  );
  useCommands(commands);
  useEffect(() => bridge?.onCommand((command) => command === 'tour' && begin()), [begin]);

  const end = () => {
    setStep(null);
    setTaken();
  };
  const showFirst = useEffectEvent((id: string) => {
    end();
    void navigate({ to: '/messages/$id', params: { id }, search: {} });
  });
  useEffect(() => {
    if (step === titles.length - 1 && arrived !== null) showFirst(arrived);
  }, [step, arrived]);

  if (step === null) return null;
  const title = titles[step] ?? titles[0];
  return (
    <Modal
      opened
      onClose={end}
      title="Tour of Sandpost"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Skip the tour' }}
    >
      <h2 ref={heading} tabIndex={-1} data-autofocus className={classes.heading}>
        <span className={classes.count}>
          Step {step + 1} of {titles.length}
        </span>{' '}
        {title}
      </h2>
      {step === 0 && <WhatStep facts={facts ?? null} />}
      {step === 1 && <ConnectStep facts={facts ?? null} />}
      {step === 2 && <FirstMailStep facts={facts ?? null} />}
      <Group justify="space-between" mt={16}>
        <Button variant="subtle" color="gray" onClick={end}>
          Skip
        </Button>
        <Group gap={8}>
          {step > 0 && (
            <Button variant="default" onClick={() => setStep(step - 1)}>
              Back
            </Button>
          )}
          {step < titles.length - 1 && <Button onClick={() => setStep(step + 1)}>Next</Button>}
        </Group>
      </Group>
    </Modal>
  );
}

/** The desktop app keeps it beside its other preferences, for its core may have another address each time. */
function useTaken(): readonly [boolean | null, () => void] {
  const { preferences, change } = usePreferences();
  const [stored, setStored] = useStored('tour', 'first');
  const byHost = bridge !== null && can('attach');
  const taken = byHost ? (preferences?.tourTaken ?? null) : stored !== 'first';
  const setTaken = () => {
    if (byHost) change({ tourTaken: true });
    else setStored('taken');
  };
  return [taken, setTaken];
}
