import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import {
  IconBroadcast,
  IconChecks,
  IconDots,
  IconMail,
  IconPaperclip,
  IconSitemap,
  IconTrash,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import type { MessageScope } from '../api/message-list-path.ts';
import { plural } from '../format.ts';
import { withSearch } from '../room-search.ts';
import classes from './list-bar.module.css';
import { hasTerm, toggleTerm } from './search-terms.ts';
import type { ListActions } from './use-list-commands.ts';

interface ListBarProps {
  readonly scope: MessageScope;
  readonly total: number;
  readonly actions: ListActions;
}

/** Above the list: how many there are, the common filters, and what can be done to all of them. */
export const ListBar = memo(function ListBar({ scope, total, actions }: ListBarProps) {
  return (
    <div className={classes.bar}>
      <span className={classes.count}>{plural(total, 'message', 'messages')}</span>
      <FilterButton scope={scope} term="is:unread" label="Only unread">
        <IconMail size={15} aria-hidden />
      </FilterButton>
      <FilterButton scope={scope} term="has:attachment" label="Only with attachments">
        <IconPaperclip size={15} aria-hidden />
      </FilterButton>
      <FilterButton scope={scope} term="-is:part" label="Without the parts of sends over several channels">
        <IconSitemap size={15} aria-hidden />
      </FilterButton>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="All listed messages">
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconChecks size={14} aria-hidden />} onClick={actions.readAll}>
            Mark all as read
          </Menu.Item>
          <Menu.Item leftSection={<IconBroadcast size={14} aria-hidden />} onClick={actions.releaseAll}>
            Release all that are listed through a relay…
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={14} aria-hidden />}
            onClick={actions.deleteAll}
          >
            Delete all that are listed…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
});

interface FilterButtonProps {
  readonly scope: MessageScope;
  readonly term: string;
  readonly label: string;
  readonly children: ReactNode;
}

function FilterButton({ scope, term, label, children }: FilterButtonProps) {
  const navigate = useNavigate();
  const on = hasTerm(scope.q, term);
  return (
    <Tooltip label={`${label} (${term})`}>
      <ActionIcon
        aria-label={label}
        aria-pressed={on}
        variant={on ? 'light' : 'subtle'}
        color={on ? 'indigo' : 'gray'}
        onClick={() =>
          void navigate({
            to: '.',
            search: (old) => withSearch(old, { q: toggleTerm(scope.q, term) }),
            replace: true,
          })
        }
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
