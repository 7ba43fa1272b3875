import { Kbd, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { ClockControl } from '../clock/clock-control.tsx';
import { useLive } from '../live/live-context.tsx';
import { ModePill } from '../live-relay/mode-pill.tsx';
import classes from './frame.module.css';
import { ProjectSwitch } from './project-switch.tsx';
import { SearchBox } from './search-box.tsx';

export function TopBar() {
  return (
    <header className={classes.bar}>
      <SearchBox />
      <div className={classes.barSpace} />
      <ConnectionNotice />
      <Tooltip label="Every action by name">
        <UnstyledButton
          onClick={spotlight.open}
          aria-label="Actions"
          visibleFrom="md"
          style={{ whiteSpace: 'nowrap' }}
        >
          <Kbd size="xs">{paletteKeys}</Kbd>
        </UnstyledButton>
      </Tooltip>
      <ClockControl />
      <ProjectSwitch />
      <ModePill />
    </header>
  );
}

const paletteKeys = navigator.userAgent.includes('Mac') ? '⌘ K' : 'Ctrl K';

/** Quiet while all is well. */
function ConnectionNotice() {
  const { state, retryNow } = useLive();
  return (
    <div role="status" aria-live="polite">
      {state === 'reconnecting' && (
        <UnstyledButton className={classes.connection} onClick={retryNow}>
          <IconPlugConnectedX size={14} aria-hidden />
          Reconnecting to the core…
        </UnstyledButton>
      )}
    </div>
  );
}
