import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconBroadcast, IconDownload, IconMail, IconMailOpened, IconTrash, IconX } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffectEvent, useMemo, useState } from 'react';
import type { Address, MessageDetail } from '../../../core/api/schema.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { formatBytes, formatDateTime } from '../format.ts';
import { RealRelease } from '../live-relay/real-release.tsx';
import { channelsOfMessage, type Release } from '../live-relay/release-channels.ts';
import { withSearch } from '../room-search.ts';
import { shownDelivery } from '../status/shown-delivery.ts';
import { currentDeliveries } from '../status/status-faces.ts';
import { InAppFacts } from './inapp-facts.tsx';
import classes from './message-head.module.css';
import { MultiFacts } from './multi-facts.tsx';
import { PartOf } from './part-of.tsx';
import { PushFacts } from './push-facts.tsx';
import { RecipientPicker } from './recipient-picker.tsx';
import { type Recipient, recipients } from './recipients.ts';
import { SmsFacts } from './sms-facts.tsx';
import { TagEditor } from './tag-editor.tsx';
import { exportMessage, exportName, toggleRead } from './use-message-commands.ts';

const emptyTitles = {
  push: 'No title',
  sms: 'No text',
  inapp: 'No title',
  multi: 'No title',
  email: 'No subject',
} as const;

/** An SMS has no subject: what it says stands there. */
export const titleOf = ({ channel, subject, snippet, sms }: MessageDetail): string =>
  channel !== 'sms' ? subject : (sms?.text ?? '').length > snippet.length ? `${snippet}…` : snippet;

interface MessageHeadProps {
  readonly message: MessageDetail;
  readonly onDelete: (id: string) => void;
}

/** Subject, people and facts: the headers' view and the envelope's, kept apart where they differ. */
export function MessageHead({ message, onDelete }: MessageHeadProps) {
  const title = titleOf(message);
  const [release, setRelease] = useState<Release | null>(null);
  const channels = channelsOfMessage(message);
  const { id } = message;
  const asks = channels.length > 0;
  const ask = () => setRelease({ messageIds: [id], channels });
  useReleaseCommand(asks ? ask : null);
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <h1 className={classes.subject} data-empty={title === ''}>
          {title === '' ? emptyTitles[message.channel] : title}
        </h1>
        <Group gap={2} wrap="nowrap">
          <Action
            label={message.read ? 'Mark as unread (u)' : 'Mark as read (u)'}
            onClick={() => toggleRead(message)}
          >
            {message.read ? <IconMailOpened size={16} aria-hidden /> : <IconMail size={16} aria-hidden />}
          </Action>
          <Action label={`Export as ${exportName(message)} (e)`} onClick={() => exportMessage(message)}>
            <IconDownload size={16} aria-hidden />
          </Action>
          {asks && (
            <Action label="Release through a relay, for real… (R)" onClick={ask}>
              <IconBroadcast size={16} aria-hidden />
            </Action>
          )}
          <Action label="Delete (#)" onClick={() => onDelete(message.id)}>
            <IconTrash size={16} aria-hidden />
          </Action>
          <Tooltip label="Close (Esc)">
            <ActionIcon component={Link} to="/messages" search={true} aria-label="Close the message">
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </div>
      {message.channel === 'push' ? (
        <PushFacts message={message} />
      ) : message.channel === 'sms' ? (
        <SmsFacts message={message} />
      ) : message.channel === 'multi' ? (
        <MultiFacts message={message} />
      ) : message.channel === 'inapp' ? (
        <InAppFacts message={message} />
      ) : (
        <People message={message} />
      )}
      <Deliveries message={message} />
      <div className={classes.facts}>
        <time dateTime={message.receivedAt}>{formatDateTime(message.receivedAt)}</time>
        <span>{formatBytes(message.bytes)}</span>
        <span>
          door <b>{message.door}</b>
        </span>
        {message.user !== null && (
          <span>
            user <b>{message.user}</b>
          </span>
        )}
        <span>
          project{' '}
          <Link to="/messages" search={{ project: message.project }}>
            {message.project}
          </Link>
        </span>
        <PartOf message={message} />
        <TagEditor id={message.id} tags={message.tags} />
      </div>
      <RealRelease request={release} onClose={() => setRelease(null)} />
    </header>
  );
}

function useReleaseCommand(ask: (() => void) | null): void {
  const run = useEffectEvent(() => ask?.());
  const offered = ask !== null;
  useCommands(
    useMemo<readonly Command[]>(
      () =>
        offered
          ? [
              {
                id: 'release-for-real',
                title: 'Release through a relay, for real…',
                group: 'Message',
                keys: ['R'],
                keywords: 'live send smarthost',
                run: () => run(),
              },
            ]
          : [],
      [offered],
    ),
  );
}

function People({ message }: { readonly message: MessageDetail }) {
  return (
    <dl className={classes.people}>
      <Sender message={message} />
      <Recipients of={recipients(message)} />
      {message.replyTo.length > 0 && (
        <>
          <dt>Reply to</dt>
          <dd>
            {message.replyTo.map((address) => (
              <Person key={address.address} {...address} />
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

/** One chip for each delivery; in the tabs about one delivery they choose which. */
function Deliveries({ message }: { readonly message: MessageDetail }) {
  const navigate = useNavigate();
  const tab = useSearch({ strict: false, select: (search) => search.tab ?? null });
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  if (message.deliveries.length === 0) return null;
  const aboutOne = tab === 'journey' || tab === 'auth' || tab === 'log' || message.channel === 'multi';
  return (
    <RecipientPicker
      deliveries={currentDeliveries(message.deliveries)}
      selectedId={aboutOne ? (shownDelivery(message.deliveries, asked)?.id ?? null) : null}
      onSelect={(id) =>
        void navigate({
          to: '.',
          search: (old) => withSearch(old, { tab: aboutOne && tab !== null ? tab : 'journey', delivery: id }),
          replace: true,
        })
      }
    />
  );
}

function Sender({ message }: { readonly message: MessageDetail }) {
  const differs =
    message.envelope.to.length > 0 &&
    message.from?.address.toLowerCase() !== message.envelope.from.toLowerCase();
  return (
    <>
      <dt>From</dt>
      <dd>
        {message.from === null ? (
          <span className={classes.none}>no From header</span>
        ) : (
          <Person {...message.from} />
        )}
        {differs && (
          <Tooltip label="MAIL FROM: where bounces go. It differs from the From header.">
            <span className={classes.note}>
              envelope {message.envelope.from === '' ? '<>' : message.envelope.from}
            </span>
          </Tooltip>
        )}
      </dd>
    </>
  );
}

const recipientsShownMax = 12;

function Recipients({ of }: { readonly of: readonly Recipient[] }) {
  const [all, setAll] = useState<'some' | 'all'>('some');
  const shown = all === 'all' ? of : of.slice(0, recipientsShownMax);
  const groups: readonly (readonly [string, readonly Recipient[]])[] = [
    ['To', shown.filter((entry) => entry.namedIn[0] === 'to')],
    ['Cc', shown.filter((entry) => entry.namedIn[0] === 'cc')],
    ['Bcc', shown.filter((entry) => entry.namedIn[0] === 'bcc' || entry.namedIn.length === 0)],
  ];
  return (
    <>
      {groups.map(([title, entries]) =>
        entries.length === 0 ? null : (
          <Row key={title} title={title}>
            {entries.map((entry) => (
              <RecipientName key={entry.address} entry={entry} />
            ))}
          </Row>
        ),
      )}
      {of.length > shown.length && (
        <Row title="">
          <button type="button" className={classes.more} onClick={() => setAll('all')}>
            and {of.length - shown.length} more
          </button>
        </Row>
      )}
    </>
  );
}

function Row({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

function RecipientName({ entry }: { readonly entry: Recipient }) {
  if (!entry.inEnvelope) {
    return (
      <Tooltip label="A header names it, the envelope does not: nothing was sent there.">
        <span className={classes.person} data-unsent>
          <Person {...entry} />
          <span className={classes.note} data-strong>
            header only
          </span>
        </span>
      </Tooltip>
    );
  }
  if (entry.namedIn.length > 0) return <Person {...entry} />;
  return (
    <Tooltip label="RCPT TO names it, no header does: a blind copy.">
      <span className={classes.person}>
        <Person {...entry} />
        <span className={classes.note} data-strong>
          envelope only
        </span>
      </span>
    </Tooltip>
  );
}

function Person({ name, address }: Address) {
  return (
    <span className={classes.person}>
      {name !== '' && <span className={classes.name}>{name}</span>}
      <span className={name === '' ? classes.name : classes.address}>{address}</span>
    </span>
  );
}

interface ActionProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Action({ label, onClick, children }: ActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
