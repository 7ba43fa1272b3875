import { ActionIcon, Tooltip } from '@mantine/core';
import {
  IconAddressBook,
  IconAlertTriangle,
  IconBan,
  IconBellRinging,
  IconBolt,
  IconBroadcast,
  IconChevronRight,
  IconClock,
  IconCloudPause,
  IconDeviceMobileCheck,
  IconFilter,
  IconGhost,
  IconHandClick,
  IconHandStop,
  IconHourglass,
  IconInbox,
  IconLayoutList,
  IconLock,
  IconLogin2,
  IconMapPin,
  IconMessageReply,
  IconPlayerPlay,
  IconSend,
  IconShieldCheck,
  IconSignature,
  IconX,
} from '@tabler/icons-react';
import { type ComponentType, useId, useState } from 'react';
import { formatDateTime, formatGap } from '../format.ts';
import { HeldBy } from '../status/held-by.tsx';
import classes from './journey.module.css';
import type { Maker } from './made-by.ts';
import { gapsOf, type Stage, type StageKind } from './stage.ts';
import { StageEvidence } from './stage-evidence.tsx';

const icons: Readonly<
  Record<
    StageKind,
    ComponentType<{ readonly size: number; readonly stroke: number; readonly 'aria-hidden': true }>
  >
> = {
  submitted: IconLogin2,
  queued: IconClock,
  signed: IconSignature,
  routed: IconMapPin,
  attempt: IconSend,
  interrupted: IconAlertTriangle,
  held: IconHandStop,
  released: IconPlayerPlay,
  authenticated: IconShieldCheck,
  filtered: IconFilter,
  placed: IconInbox,
  ended: IconX,
  suppressed: IconBan,
  answered: IconMessageReply,
  waiting: IconHourglass,
  rendered: IconLayoutList,
  stored: IconCloudPause,
  delivered: IconDeviceMobileCheck,
  permission: IconLock,
  shown: IconBellRinging,
  tapped: IconHandClick,
  lost: IconGhost,
};

interface JourneyProps {
  readonly stages: readonly Stage[];
  /** By the stage's id: the rules that made it what it is. */
  readonly makers: ReadonlyMap<string, readonly Maker[]>;
  /** Asks for the stage to fail the next time. */
  readonly onFail: (stage: Stage) => void;
}

/** The stages of a delivery on a line, each closed to one line and open to what it rests on. */
export function Journey({ stages, makers, onFail }: JourneyProps) {
  const gaps = gapsOf(stages);
  return (
    <ol className={classes.line} aria-label="Journey">
      {stages.map((stage, index) => (
        <StageRow
          key={stage.id}
          stage={stage}
          gapMs={gaps[index] ?? null}
          makers={makers.get(stage.id) ?? []}
          onFail={onFail}
        />
      ))}
    </ol>
  );
}

interface StageRowProps {
  readonly stage: Stage;
  readonly gapMs: number | null;
  readonly makers: readonly Maker[];
  readonly onFail: JourneyProps['onFail'];
}

function StageRow({ stage, gapMs, makers, onFail }: StageRowProps) {
  const [state, setState] = useState<'closed' | 'open'>('closed');
  const evidenceId = useId();
  const Icon = icons[stage.kind] ?? IconAddressBook;
  const head = (
    <>
      <span className={classes.icon}>
        {stage.real === true ? (
          <IconBroadcast size={14} stroke={1.8} aria-hidden />
        ) : (
          <Icon size={14} stroke={1.8} aria-hidden />
        )}
      </span>
      <span className={classes.word}>{stage.word}</span>
      <span className={classes.text}>{stage.line}</span>
      <StageTime stage={stage} gapMs={gapMs} />
      <IconChevronRight
        size={14}
        className={classes.chevron}
        data-shown={stage.evidence !== null}
        data-open={state === 'open'}
        aria-hidden
      />
    </>
  );
  return (
    <li
      className={classes.stage}
      data-tone={stage.tone}
      data-waiting={stage.kind === 'waiting'}
      data-real={stage.real === true}
    >
      <div className={classes.row}>
        {stage.evidence === null ? (
          <div className={classes.head}>{head}</div>
        ) : (
          <button
            type="button"
            className={classes.head}
            aria-expanded={state === 'open'}
            aria-controls={state === 'open' ? evidenceId : undefined}
            onClick={() => setState(state === 'open' ? 'closed' : 'open')}
          >
            {head}
          </button>
        )}
        <Tooltip label="Make this fail here next time" position="left">
          <ActionIcon
            size={24}
            className={classes.fail ?? ''}
            aria-label={`Make this fail here next time: ${stage.word}`}
            onClick={() => onFail(stage)}
          >
            <IconBolt size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {makers.length > 0 && (
        <p className={classes.makers}>
          by{' '}
          {makers.map((maker, index) => (
            <span key={`${maker.rule} ${maker.label}`}>
              {index > 0 && ' and '}
              <HeldBy heldBy={maker} className={classes.link} />
            </span>
          ))}
        </p>
      )}
      {stage.evidence !== null && state === 'open' && (
        <section id={evidenceId} className={classes.evidence} aria-label={`Evidence: ${stage.word}`}>
          <StageEvidence evidence={stage.evidence} />
        </section>
      )}
    </li>
  );
}

/** What a busy machine takes between two steps is no other time: the shortest retry is a minute away. */
const sameMs = 30_000;

function StageTime({ stage, gapMs }: { readonly stage: Stage; readonly gapMs: number | null }) {
  const { at, wallAt } = stage;
  if (at === null) return <span className={classes.time} />;
  const differs = wallAt !== null && Math.abs(Date.parse(at) - Date.parse(wallAt)) > sameMs;
  return (
    <span className={classes.time}>
      {gapMs !== null && gapMs > 0 && (
        <span className={classes.gap} title="since the stage before, in virtual time">
          +{formatGap(gapMs)}
        </span>
      )}
      <time dateTime={at} title={differs ? 'virtual time' : undefined}>
        {formatDateTime(at)}
      </time>
      {differs && wallAt !== null && (
        <span className={classes.wall} title="wall time">
          wall {formatDateTime(wallAt)}
        </span>
      )}
    </span>
  );
}
