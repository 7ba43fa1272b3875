import { Button } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconMailbox } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  checkReturnMailbox,
  deleteReturnMailbox,
  type ReturnMailbox,
  returnMailboxQuery,
  watchReturnMailbox,
} from '../api/live-relay.ts';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { toast } from '../frame/toast-problem.ts';
import { keptInWords } from './credential-fields.tsx';
import { ProblemHelp } from './problem-help.tsx';
import classes from './relays-tab.module.css';
import { ReturnMailboxDialog } from './return-mailbox-dialog.tsx';
import { checkWords, watchWords } from './return-words.ts';

/** Where bounces and complaints about what went out for real come back to, read over IMAP. */
export function ReturnMailboxTab() {
  const { data: mailbox, error, refetch } = useQuery(returnMailboxQuery);
  const [dialog, setDialog] = useState<'open' | 'closed'>('closed');
  if (mailbox === undefined)
    return error === null ? (
      <LoadingState what="the return mailbox" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  return (
    <>
      {mailbox.settings === null ? (
        <RoomState icon={<IconMailbox size={28} stroke={1.5} aria-hidden />} title="No return mailbox yet">
          <p className={classes.say}>
            Real bounces and complaints arrive later, by mail. Name the mailbox that they come back to: what is
            in it is tied to the delivery that it is about.
          </p>
          <Button onClick={() => setDialog('open')}>Set it up</Button>
        </RoomState>
      ) : (
        <Mailbox mailbox={mailbox} settings={mailbox.settings} onEdit={() => setDialog('open')} />
      )}
      <ReturnMailboxDialog mailbox={mailbox} opened={dialog === 'open'} onClose={() => setDialog('closed')} />
    </>
  );
}

const watchMinutes = 15;

interface MailboxProps {
  readonly mailbox: ReturnMailbox;
  readonly settings: NonNullable<ReturnMailbox['settings']>;
  readonly onEdit: () => void;
}

function Mailbox({ mailbox, settings, onEdit }: MailboxProps) {
  const queries = useQueryClient();
  const [state, setState] = useState<'still' | 'checking'>('still');
  const [problem, setProblem] = useState<unknown>(null);
  const { watching, lastCheck, credential } = mailbox;
  const show = (next: ReturnMailbox) => queries.setQueryData(returnMailboxQuery.queryKey, next);
  const check = () => {
    setState('checking');
    setProblem(null);
    checkReturnMailbox()
      .then(
        () => queries.invalidateQueries({ queryKey: returnMailboxQuery.queryKey }),
        (error: unknown) => setProblem(error),
      )
      .finally(() => setState('still'));
  };
  const watch = (minutes: number) => watchReturnMailbox(minutes).then(show, (error: unknown) => setProblem(error));
  const remove = () =>
    modals.openConfirmModal({
      title: 'Have no return mailbox any more',
      children: 'What opens it is forgotten too. The mailbox itself stays as it is.',
      labels: { confirm: 'Remove', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteReturnMailbox().then(
          (next) => {
            show(next);
            toast('There is no return mailbox any more');
          },
          (error: unknown) => setProblem(error),
        );
      },
    });
  const known = Object.keys(credential).length > 0;
  return (
    <div className={classes.list}>
      <section className={classes.relay} aria-label="Return mailbox">
        <div className={classes.head}>
          <div>
            <h2 className={classes.name}>{settings.user}</h2>
            <p className={classes.where}>
              {settings.folder} at {settings.host}:{settings.port}
            </p>
          </div>
          <div className={classes.buttons}>
            <Button variant="default" loading={state === 'checking'} onClick={check}>
              Check now
            </Button>
            {watching?.why === 'asked' ? (
              <Button variant="default" onClick={() => void watch(0)}>
                Stop watching
              </Button>
            ) : (
              <Button variant="default" onClick={() => void watch(watchMinutes)}>
                Watch for {watchMinutes} min
              </Button>
            )}
            <Button variant="default" onClick={onEdit}>
              Edit
            </Button>
            <Button variant="subtle" color="red" onClick={remove}>
              Remove
            </Button>
          </div>
        </div>
        <p className={classes.state} data-tone={known ? 'quiet' : 'warn'}>
          {keptInWords(credential)}
        </p>
        <p className={classes.state} data-tone="quiet" role="status">
          {watchWords(mailbox)}
        </p>
        {lastCheck !== null && (
          <p className={classes.state} data-tone={lastCheck.ok ? 'good' : 'bad'} role="status">
            {formatDateTime(lastCheck.at)}: {checkWords(lastCheck)}
          </p>
        )}
        {lastCheck !== null && lastCheck.matched.length > 0 && (
          <ul className={classes.matched} aria-label="Deliveries that they are about">
            {lastCheck.matched.map((id) => (
              <li key={id}>
                <Link to="/queue/$id" params={{ id }} search={{}} className={classes.link}>
                  {id}
                </Link>
              </li>
            ))}
          </ul>
        )}
        <ProblemHelp problem={problem} onMended={() => setProblem(null)} />
      </section>
    </div>
  );
}
