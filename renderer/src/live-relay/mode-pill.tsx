import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconChevronDown, IconPlayerStopFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { LiveStatus } from '../api/live-relay.ts';
import { formatDateTime, plural } from '../format.ts';
import classes from './mode-pill.module.css';
import { useCountdown, useLiveRelay, useStopLive } from './use-live-relay.ts';

/** Whether anything leaves this machine; leads to the room that says more. */
export function ModePill() {
  const status = useLiveRelay();
  if (status?.live && status.until !== null) return <LivePill until={status.until} />;
  return status !== null && status.released > 0 ? (
    <ReleasedPill released={status.released} />
  ) : (
    <SandboxPill status={status} />
  );
}

function SandboxPill({ status }: { readonly status: LiveStatus | null }) {
  return (
    <Tooltip label={status === null ? 'Not known yet' : 'Nothing leaves this machine'}>
      <Link to="/live-relay" search={{}} className={classes.pill}>
        {status === null ? '…' : 'Sandbox'}
      </Link>
    </Tooltip>
  );
}

/** Sandbox, but what was released by hand may still be tried. */
function ReleasedPill({ released }: { readonly released: number }) {
  const words = plural(released, 'delivery', 'deliveries');
  return (
    <div className={classes.live}>
      <Tooltip label={`${words} released by hand may still be tried for real; all else stays in the sandbox`}>
        <Link to="/live-relay" search={{}} className={classes.pill} data-mode="released">
          Sandbox · {released} released
        </Link>
      </Tooltip>
      <StopButtons />
    </div>
  );
}

function LivePill({ until }: { readonly until: string }) {
  const left = useCountdown(until);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these belong together
    <div className={classes.live} role="group" aria-label="Live relay">
      <Tooltip label={`Messages go out for real until ${formatDateTime(until)}`}>
        <Link
          to="/live-relay"
          search={{}}
          className={classes.pill}
          data-mode="live"
          aria-label={`Live, ${left} left`}
        >
          Live · <span className={classes.left}>{left} left</span>
        </Link>
      </Tooltip>
      <StopButtons />
    </div>
  );
}

function StopButtons() {
  const stop = useStopLive();
  return (
    <>
      <Button
        color="red"
        size="compact-sm"
        visibleFrom="md"
        className={classes.stop ?? ''}
        leftSection={<IconPlayerStopFilled size={12} aria-hidden />}
        onClick={stop}
      >
        Back to sandbox
      </Button>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon hiddenFrom="md" aria-label="Stop sending for real">
            <IconChevronDown size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            className={classes.stopItem ?? ''}
            leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
            onClick={stop}
          >
            Back to sandbox
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
