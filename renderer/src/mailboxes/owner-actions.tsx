import { Button, Group, Menu, Modal, Stack, Textarea } from '@mantine/core';
import {
  IconArrowBackUp,
  IconFlag,
  IconFolder,
  IconLink,
  IconMailOff,
  IconMailOpened,
  IconStar,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { MailboxMessageDetail } from '../../../core/api/mailbox-schema.ts';
import { actAsOwner, copyQuery, type OwnerAct } from '../api/mailboxes.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { withSearch } from '../room-search.ts';
import { isPlacement, placementNames, placementOrder } from './mailbox-groups.ts';
import { type Outcome, outcomeOf } from './outcome-words.ts';
import classes from './owner-actions.module.css';

interface OwnerActionsProps {
  readonly copy: MailboxMessageDetail;
  readonly providerTitle: string;
  readonly onGone: () => void;
  readonly onChanged: () => void;
}

const outcomesShownMax = 3;
const linkCharsShown = 90;

/** What the recipient can do, and after each act what it told the sender's side. */
export function OwnerActions(props: OwnerActionsProps) {
  const { copy, providerTitle } = props;
  const { flags, unsubscribe, placement, links, pictures } = copy;
  const [outcomes, setOutcomes] = useState<readonly (Outcome & { readonly id: number })[]>([]);
  const [replying, setReplying] = useState<'open' | 'closed'>('closed');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const act = useMemo(
    () => async (what: OwnerAct) => {
      const { copy: before, onGone, onChanged } = latest.current;
      try {
        const { message, ...result } = await actAsOwner(before.mailbox, before.id, what);
        const outcome = outcomeOf(what, before, result, senderOf(before));
        const { queryKey } = copyQuery(before.mailbox, before.id);
        queries.setQueryData(queryKey, (old) => (old === undefined ? old : { ...old, ...message }));
        void queries.invalidateQueries({ queryKey: ['mailboxes'] });
        if (what.act === 'delete') {
          // Its place on the screen goes with it.
          toast(`${outcome.said} ${outcome.signal}`);
          onGone();
          return;
        }
        setOutcomes((old) => [{ ...outcome, id: (old[0]?.id ?? 0) + 1 }, ...old].slice(0, outcomesShownMax));
        onChanged();
        if (message.placement !== before.placement)
          void navigate({
            to: '.',
            search: (old) => withSearch(old, { place: message.placement }),
            replace: true,
          });
      } catch (error) {
        toastProblem(error, 'It could not be done');
      }
    },
    [queries, navigate],
  );

  const commands = useMemo<readonly Command[]>(() => {
    const one = (id: string, title: string, key: string, run: () => void): Command => ({
      id: `copy-${id}`,
      title,
      group: 'Message',
      keys: [key],
      run,
    });
    return [
      one('open', 'Open it as its recipient', 'o', () => void act({ act: 'open', showPictures: false })),
      one('reply', 'Reply as its recipient', 'r', () => setReplying('open')),
      one('unsubscribe', 'Unsubscribe as its recipient', 'x', () => void act({ act: 'unsubscribe' })),
      one('report', 'Report it as spam', '!', () => void act({ act: 'report-spam' })),
      one(
        'star',
        'Star it, or take the star off',
        's',
        () => void act({ act: 'star', starred: !latest.current.copy.flags.starred }),
      ),
      one('delete', 'Delete it as its recipient', '#', () => void act({ act: 'delete' })),
      one('rescue', 'Not spam: move it to the inbox', 'i', () => void act({ act: 'move', to: 'inbox' })),
    ];
  }, [act]);
  useCommands(commands);

  return (
    <>
      <div className={classes.bar} role="toolbar" aria-label="Act as the recipient">
        <Button.Group>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconMailOpened size={14} aria-hidden />}
            onClick={() => void act({ act: 'open', showPictures: false })}
          >
            Open
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            disabled={pictures.length === 0}
            onClick={() => void act({ act: 'open', showPictures: true })}
          >
            with pictures
          </Button>
        </Button.Group>
        <Menu position="bottom-start" width={420}>
          <Menu.Target>
            <Button
              variant="default"
              size="compact-sm"
              disabled={links.length === 0}
              leftSection={<IconLink size={14} aria-hidden />}
            >
              {links.length === 0 ? 'No links' : `Click a link (${links.length})`}
            </Button>
          </Menu.Target>
          <Menu.Dropdown className={classes.links ?? ''}>
            {links.map((url) => (
              <Menu.Item key={url} title={url} onClick={() => void act({ act: 'click', url })}>
                <span className={classes.url}>{shortened(url)}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          onClick={() => setReplying('open')}
        >
          Reply
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          disabled={unsubscribe.way === null || flags.unsubscribed}
          title={unsubscribe.why}
          leftSection={<IconMailOff size={14} aria-hidden />}
          onClick={() => void act({ act: 'unsubscribe' })}
        >
          {flags.unsubscribed ? 'Unsubscribed' : unsubscribeNames[unsubscribe.way ?? 'none']}
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          disabled={flags.reportedSpam}
          leftSection={<IconFlag size={14} aria-hidden />}
          onClick={() => void act({ act: 'report-spam' })}
        >
          {flags.reportedSpam ? 'Reported' : 'Report spam'}
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          aria-pressed={flags.starred}
          leftSection={<IconStar size={14} aria-hidden />}
          onClick={() => void act({ act: 'star', starred: !flags.starred })}
        >
          {flags.starred ? 'Unstar' : 'Star'}
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="compact-sm" leftSection={<IconFolder size={14} aria-hidden />}>
              {placement === 'spam' ? 'Not spam, move to …' : 'Move to …'}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {placementOrder
              .filter((to) => isPlacement(to) && to !== placement)
              .map((to) => (
                <Menu.Item key={to} onClick={() => void act({ act: 'move', to })}>
                  {placementNames[to]}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => void act({ act: 'delete' })}
        >
          {flags.seen ? 'Delete' : 'Delete unread'}
        </Button>
      </div>
      {unsubscribe.way !== 'one_click' && !flags.unsubscribed && (
        <p className={classes.why}>{unsubscribe.why}</p>
      )}
      {!flags.seen && outcomes.length === 0 && (
        <p className={classes.why}>
          You look over its owner’s shoulder: it stays unread, and nobody is told, until you act.
        </p>
      )}
      <ol className={classes.outcomes} aria-live="polite" aria-label={`What ${providerTitle} made of it`}>
        {outcomes.map((outcome) => (
          <li key={outcome.id} data-tone={outcome.tone}>
            {outcome.said} <span className={classes.signal}>{outcome.signal}</span>
          </li>
        ))}
      </ol>
      <ReplyDialog
        opened={replying === 'open'}
        to={senderOf(copy)}
        onClose={() => setReplying('closed')}
        onSend={(text) => {
          setReplying('closed');
          void act({ act: 'reply', text });
        }}
      />
    </>
  );
}

const unsubscribeNames = {
  one_click: 'Unsubscribe, one click',
  mailto: 'Unsubscribe by mail',
  link: 'Unsubscribe by link',
  none: 'No way to unsubscribe',
} as const;

/** Whose reputation it is about: the domain of From as DMARC took it. */
const senderOf = ({ authentication, envelopeFrom }: MailboxMessageDetail): string =>
  authentication.dmarc.domain ?? envelopeFrom.slice(envelopeFrom.lastIndexOf('@') + 1);

const shortened = (url: string): string =>
  url.length <= linkCharsShown ? url : `${url.slice(0, linkCharsShown)}…`;

interface ReplyDialogProps {
  readonly opened: boolean;
  readonly to: string;
  readonly onClose: () => void;
  readonly onSend: (text: string) => void;
}

function ReplyDialog({ opened, to, onClose, onSend }: ReplyDialogProps) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onSend(text);
    setText('');
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Reply as the recipient">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Textarea
            data-autofocus
            size="xs"
            label="Reply"
            description={`Goes by the simulated internet to the sender at ${to}, and from there wherever the domain sends what comes back.`}
            autosize
            minRows={4}
            maxRows={12}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={text.trim() === ''}>
              Send the reply
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
