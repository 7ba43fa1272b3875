import { Button, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type LiveChannel, liveChannels } from '../../../core/model/live-relay.ts';
import {
  type LiveSetup,
  type LiveStatus,
  type LiveSummary,
  liveQuery,
  type Relay,
  summarizeLive,
  turnLiveOn,
} from '../api/live-relay.ts';
import { toast } from '../frame/toast-problem.ts';
import { useStored } from '../use-stored.ts';
import { ChannelPart } from './channel-part.tsx';
import classes from './go-live-form.module.css';
import { ProblemHelp } from './problem-help.tsx';
import {
  type ChannelForm,
  formOf,
  parseSetup,
  readSetup,
  type SetupFaults,
  type SetupForm,
} from './setup-form.ts';
import { SummaryDialog } from './summary-dialog.tsx';

interface GoLiveFormProps {
  readonly relays: readonly Relay[];
  readonly status: LiveStatus;
  readonly onDone: () => void;
  /** Null: there is nothing to go back to. */
  readonly onCancel: (() => void) | null;
}

const noFaults: SetupFaults = { channels: {} };
const durations = ['5m', '15m', '1h', '4h'] as const;

/** By which relay, to whom, how much and how long; then what that would mean. */
export function GoLiveForm({ relays, status, onDone, onCancel }: GoLiveFormProps) {
  const queries = useQueryClient();
  const [kept, keep] = useStored('live-setup', '');
  const [form, setForm] = useState<SetupForm>(() =>
    status.live ? formOf(status, parseSetup(kept)) : parseSetup(kept),
  );
  const [faults, setFaults] = useState<SetupFaults>(noFaults);
  const [problem, setProblem] = useState<unknown>(null);
  const [summary, setSummary] = useState<LiveSummary | null>(null);
  const [state, setState] = useState<'still' | 'asking' | 'turning'>('still');
  const box = useRef<HTMLFormElement>(null);
  // What is missing may be out of sight.
  useEffect(() => {
    if (faults !== noFaults) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);
  const change = (next: SetupForm) => {
    setForm(next);
    setFaults(noFaults);
    setProblem(null);
    keep(JSON.stringify(next));
  };
  const changeChannel = (channel: LiveChannel, next: ChannelForm) =>
    change({ ...form, channels: { ...form.channels, [channel]: next } });
  const ask = (setup: LiveSetup) => {
    setState('asking');
    setProblem(null);
    summarizeLive(setup)
      .then(setSummary, (error: unknown) => setProblem(error))
      .finally(() => setState('still'));
  };
  const submit = () => {
    const read = readSetup(form, relays);
    if ('faults' in read) setFaults(read.faults);
    else {
      setFaults(noFaults);
      ask(read.setup);
    }
  };
  const confirm = (confirmation: string) => {
    setState('turning');
    turnLiveOn(confirmation)
      .then(
        (next) => {
          queries.setQueryData(liveQuery.queryKey, next);
          void queries.invalidateQueries({ queryKey: ['queues'] });
          void queries.invalidateQueries({ queryKey: ['clock'] });
          toast('Live relay is on');
          onDone();
        },
        (error: unknown) => setProblem(error),
      )
      .finally(() => {
        setSummary(null);
        setState('still');
      });
  };
  return (
    <form
      ref={box}
      noValidate
      className={classes.form}
      aria-label="Go live"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {liveChannels.map((channel) => (
        <ChannelPart
          key={channel}
          channel={channel}
          form={form.channels[channel]}
          relays={relays}
          faults={faults.channels[channel] ?? {}}
          onChange={(next) => changeChannel(channel, next)}
        />
      ))}
      <section className={classes.duration} aria-label="For how long">
        <TextInput
          label="For how long"
          description="Then it goes back to the sandbox by itself. Up to 8h."
          value={form.duration}
          error={faults.duration ?? null}
          onChange={(event) => change({ ...form, duration: event.currentTarget.value })}
        />
        <SegmentedControl
          aria-label="Usual durations"
          value={form.duration}
          data={[...durations]}
          onChange={(duration) => change({ ...form, duration })}
        />
      </section>
      <Stack gap="sm" align="flex-start">
        {faults.whole !== undefined && (
          <p className={classes.bad} role="alert">
            {faults.whole}
          </p>
        )}
        <ProblemHelp problem={problem} onMended={submit} />
        <div className={classes.actions}>
          <Button type="submit" loading={state === 'asking'}>
            Show what would be sent…
          </Button>
          {onCancel !== null && (
            <Button variant="default" onClick={onCancel}>
              Leave it as it is
            </Button>
          )}
          <span className={classes.say}>Nothing is sent by this.</span>
        </div>
      </Stack>
      <SummaryDialog
        summary={summary}
        state={state === 'turning' ? 'turning' : 'still'}
        onConfirm={confirm}
        onAgain={submit}
        onClose={() => setSummary(null)}
      />
    </form>
  );
}
