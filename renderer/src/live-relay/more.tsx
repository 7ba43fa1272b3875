import { Button, Collapse } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from './relay-dialog.module.css';

interface MoreProps {
  /** Something in it needs a look. */
  readonly opened: boolean;
  readonly children: ReactNode;
}

/** Behind one line, for what most never touch. */
export function More({ opened, children }: MoreProps) {
  const [asked, setAsked] = useState<'closed' | 'open'>('closed');
  const state = opened ? 'open' : asked;
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        aria-expanded={state === 'open'}
        leftSection={
          <IconChevronRight size={13} className={classes.chevron} data-open={state === 'open'} aria-hidden />
        }
        onClick={() => setAsked(state === 'open' ? 'closed' : 'open')}
      >
        More
      </Button>
      <Collapse expanded={state === 'open'}>{children}</Collapse>
    </div>
  );
}
