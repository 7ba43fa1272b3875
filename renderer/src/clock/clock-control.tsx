import { Button, Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconClockHour4, IconPlayerSkipForward, IconRestore, IconSnowflake } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type ClockReading, clockQuery } from '../api/clock.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatDateTime, formatGap, formatWhenExactly } from '../format.ts';
import { clockIsFixed } from '../live-relay/fixed-clock.ts';
import { useLiveRelay } from '../live-relay/use-live-relay.ts';
import classes from './clock-control.module.css';
import { useMoveClock } from './use-move-clock.ts';
import { useTicking } from './use-virtual-now.ts';
import { speedWords } from './virtual-now.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const steps = [
  { label: '1 minute', ms: minuteMs },
  { label: '5 minutes', ms: 5 * minuteMs },
  { label: '1 hour', ms: hourMs },
  { label: '4 hours', ms: 4 * hourMs },
  { label: '1 day', ms: 24 * hourMs },
  { label: '3 days', ms: 72 * hourMs },
] as const;
const speeds = [1, 10, 60, 3_600] as const;

/** Virtual time, which retries, holds and expiry run on: shown, and moved. Amber when it is not the wall clock. */
export function ClockControl() {
  const clock = useQuery(clockQuery).data ?? null;
  const nowMs = useTicking(clock);
  const [move, state] = useMoveClock();
  const frozen = clock?.frozen ?? false;
  const fixed = clockIsFixed(useLiveRelay());
  useCommands(
    useMemo<readonly Command[]>(
      () =>
        fixed !== null
          ? []
          : [
              ...steps.map(
                ({ label, ms }): Command => ({
                  id: `clock-${ms}`,
                  title: `Advance the clock by ${label}`,
                  group: 'Sandbox',
                  keywords: 'time travel virtual',
                  run: () => move({ advanceMs: ms }),
                }),
              ),
              {
                id: 'clock-next',
                title: 'Advance the clock to the next event',
                group: 'Sandbox',
                keywords: 'time travel virtual due',
                run: () => move({ toNext: true }),
              },
              {
                id: 'clock-freeze',
                title: frozen ? 'Let the clock go on' : 'Freeze the clock',
                group: 'Sandbox',
                keywords: 'time stop virtual',
                run: () => move({ freeze: !frozen }),
              },
              ...speeds.map(
                (speed): Command => ({
                  id: `clock-speed-${speed}`,
                  title: speed === 1 ? 'Clock at its own speed' : `Clock ${speed} times as fast`,
                  group: 'Sandbox',
                  keywords: 'time virtual speed',
                  run: () => move({ speed }),
                }),
              ),
              {
                id: 'clock-reset',
                title: 'Clock back to wall time',
                group: 'Sandbox',
                keywords: 'time virtual reset now live',
                run: () => move({ reset: true }),
              },
            ],
      [move, frozen, fixed],
    ),
  );
  if (clock === null) return null;
  const now = new Date(nowMs);
  const words = formatWhenExactly(now.toISOString(), new Date());
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons that belong together
    <div className={classes.clock} data-real={clock.real} role="group" aria-label="Virtual clock">
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <UnstyledButton
            className={classes.time}
            aria-label={`Virtual time ${formatDateTime(now.toISOString())}, ${speedWords(clock)}`}
          >
            <IconClockHour4 size={14} aria-hidden />
            <span>{state === 'moving' ? 'moving…' : words}</span>
            <span className={classes.speed}>{speedWords(clock)}</span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            Virtual {formatDateTime(now.toISOString())}
            <br />
            Wall {formatDateTime(new Date().toISOString())}
          </Menu.Label>
          {fixed !== null && (
            <Text size="xs" px="sm" pb="xs" className={classes.fixed ?? ''}>
              {fixed}
            </Text>
          )}
          <Menu.Item
            leftSection={<IconPlayerSkipForward size={14} aria-hidden />}
            disabled={fixed !== null || clock.nextDueAt === null}
            onClick={() => move({ toNext: true })}
          >
            {nextWords(clock, nowMs)}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconSnowflake size={14} aria-hidden />}
            disabled={fixed !== null}
            onClick={() => move({ freeze: !clock.frozen })}
          >
            {clock.frozen ? 'Go on' : 'Freeze'}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconRestore size={14} aria-hidden />}
            disabled={fixed !== null || clock.real}
            onClick={() => move({ reset: true })}
          >
            Back to wall time
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Advance by</Menu.Label>
          {steps.map(({ label, ms }) => (
            <Menu.Item key={ms} disabled={fixed !== null} onClick={() => move({ advanceMs: ms })}>
              {label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>Speed</Menu.Label>
          {speeds.map((speed) => (
            <Menu.Item
              key={speed}
              fw={clock.speed === speed ? 600 : 400}
              disabled={fixed !== null}
              onClick={() => move({ speed })}
            >
              {speed === 1 ? 'as the wall clock' : `${speed} times as fast`}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={fixed ?? 'Advance virtual time by an hour'} multiline maw={280}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          visibleFrom="md"
          aria-label="Advance the clock by an hour"
          disabled={fixed === null && state === 'moving'}
          {...lockedBy(fixed)}
          onClick={() => {
            if (fixed === null) move({ advanceMs: hourMs });
          }}
        >
          +1h
        </Button>
      </Tooltip>
      <Tooltip label={fixed ?? nextWords(clock, nowMs)} multiline maw={280}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          visibleFrom="md"
          aria-label="Advance the clock to the next event"
          disabled={fixed === null && (state === 'moving' || clock.nextDueAt === null)}
          {...lockedBy(fixed)}
          onClick={() => {
            if (fixed === null) move({ toNext: true });
          }}
        >
          next
        </Button>
      </Tooltip>
    </div>
  );
}

/** A button that is truly disabled could not say why: it takes no pointer. */
const lockedBy = (fixed: string | null) =>
  fixed === null ? {} : { 'data-disabled': true, 'aria-disabled': true };

function nextWords(clock: ClockReading, nowMs: number): string {
  if (clock.nextDueAt === null) return 'Nothing is due';
  const inMs = Date.parse(clock.nextDueAt) - nowMs;
  return inMs <= 0 ? 'To the next event, due now' : `To the next event, in ${formatGap(inMs)}`;
}
