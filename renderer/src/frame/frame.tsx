import { Outlet } from '@tanstack/react-router';
import { startTransition, useEffect, useState } from 'react';
import { Palette } from '../commands/palette.tsx';
import { HostParts } from '../host/host-parts.tsx';
import { LiveWatch } from '../live-relay/live-watch.tsx';
import { ImportDrop } from '../messages/import-drop.tsx';
import classes from './frame.module.css';
import { FrameCommands } from './frame-commands.tsx';
import { Rail } from './rail.tsx';
import { RuleCommands } from './rule-commands.tsx';
import { ScenarioLine } from './scenario-line.tsx';
import { TopBar } from './top-bar.tsx';

/** What surrounds every room: the rail, the bar on top, and what listens everywhere. */
export function Frame() {
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#room">
        Skip to the content
      </a>
      <Rail />
      <div className={classes.column}>
        <TopBar />
        <ScenarioLine />
        <main id="room" className={classes.room} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <LiveWatch />
      <FrameCommands />
      <ImportDrop />
      <WhenShown />
    </div>
  );
}

/** What nobody sees yet is made behind what is on the screen. */
function WhenShown() {
  const [state, setState] = useState<'waiting' | 'made'>('waiting');
  useEffect(() => startTransition(() => setState('made')), []);
  return state === 'made' ? (
    <>
      <HostParts />
      <RuleCommands />
      <Palette />
    </>
  ) : null;
}
