import { Button, Tabs } from '@mantine/core';
import { IconArrowLeft, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { MailboxMessageDetail } from '../../../core/api/mailbox-schema.ts';
import { copyQuery } from '../api/mailboxes.ts';
import { messageQuery } from '../api/messages.ts';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { HeadersTab } from '../message/headers-tab.tsx';
import { PreviewTab } from '../message/preview-tab.tsx';
import { withSearch } from '../room-search.ts';
import { pointsInWords } from './copy-row.tsx';
import classes from './copy-view.module.css';
import { FilterTable } from './filter-table.tsx';
import { placementNames } from './mailbox-groups.ts';
import { OwnerActions } from './owner-actions.tsx';

interface CopyViewProps {
  readonly address: string;
  readonly copyId: string;
  readonly providerTitle: string;
  readonly onClose: () => void;
  /** It was deleted by its owner. */
  readonly onGone: () => void;
  readonly onChanged: () => void;
}

/** A message as its recipient has it, and what the recipient can do with it. */
export function CopyView(props: CopyViewProps) {
  const { data, error, refetch } = useQuery(copyQuery(props.address, props.copyId));
  return (
    <section className={classes.copy} aria-label={data?.subject ?? 'Message'} id="message" tabIndex={-1}>
      {data !== undefined ? (
        <OpenCopy copy={data} {...props} />
      ) : error === null ? (
        <LoadingState what="the message" />
      ) : (
        <ProblemState error={error} onRetry={() => void refetch()} />
      )}
    </section>
  );
}

const views = ['message', 'filter', 'headers'] as const;

function OpenCopy({
  copy,
  providerTitle,
  onClose,
  onGone,
  onChanged,
}: CopyViewProps & { readonly copy: MailboxMessageDetail }) {
  const navigate = useNavigate();
  const asked = useSearch({ strict: false, select: (search) => search.view ?? null });
  const view = views.find((one) => one === asked) ?? 'message';
  const { score, spamAt } = copy.filter;
  return (
    <>
      <header className={classes.head}>
        <div className={classes.titleLine}>
          <h2 className={classes.title}>
            {copy.subject === null || copy.subject === '' ? '(no subject)' : copy.subject}
          </h2>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconArrowLeft size={13} aria-hidden />}
            onClick={onClose}
          >
            Back to the list
          </Button>
        </div>
        <p className={classes.about}>
          {copy.fromName ?? copy.envelopeFrom} → {copy.mailbox} ·{' '}
          <time dateTime={copy.receivedAt}>{formatDateTime(copy.receivedAt)}</time> · taken for {copy.stream}{' '}
          mail
        </p>
        <p className={classes.about}>
          <Check name="SPF" result={copy.spf} why={copy.authentication.spf.why} />
          <Check name="DKIM" result={copy.dkim} why={copy.authentication.dkim[0]?.why ?? 'Not signed.'} />
          <Check name="DMARC" result={copy.dmarc} why={copy.authentication.dmarc.why} />
          <span>
            {placementNames[copy.placement]}: {pointsInWords(score)} points, spam from {spamAt}
          </span>
          <Link to="/messages/$id" params={{ id: copy.messageId }} search={{ tab: 'auth' }}>
            Every check, explained
          </Link>
        </p>
        <OwnerActions copy={copy} providerTitle={providerTitle} onGone={onGone} onChanged={onChanged} />
      </header>
      <Tabs
        className={classes.tabs ?? ''}
        value={view}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            to: '.',
            search: (old) => withSearch(old, { view: value === 'message' ? null : value }),
            replace: true,
          })
        }
      >
        <Tabs.List className={classes.tabList ?? ''} aria-label="Views of the message">
          <Tabs.Tab value="message">Message</Tabs.Tab>
          <Tabs.Tab value="filter">Filter</Tabs.Tab>
          <Tabs.Tab value="headers">Headers as received</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="message" className={classes.panel ?? ''}>
          <Preview messageId={copy.messageId} />
        </Tabs.Panel>
        <Tabs.Panel value="filter" className={classes.panel ?? ''}>
          <FilterTable copy={copy} />
        </Tabs.Panel>
        <Tabs.Panel value="headers" className={classes.panel ?? ''}>
          <HeadersTab headers={asReceived(copy)} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** What the receiver stamped stands above what came. */
function asReceived({ stamped, headers }: MailboxMessageDetail): MailboxMessageDetail['headers'] {
  return [...stamped.map(({ name, value }) => ({ name, value, raw: `${name}: ${value}` })), ...headers];
}

function Check({
  name,
  result,
  why,
}: {
  readonly name: string;
  readonly result: string;
  readonly why: string;
}) {
  const tone = result === 'pass' ? 'good' : result === 'fail' || result === 'permerror' ? 'bad' : 'warn';
  return (
    <span className={classes.check} data-tone={tone} title={why}>
      <span aria-hidden>{tone === 'good' ? '✓' : tone === 'bad' ? '✕' : '–'}</span> {name} {result}
    </span>
  );
}

function Preview({ messageId }: { readonly messageId: string }) {
  const { data, error } = useQuery(messageQuery(messageId));
  if (data !== undefined) return <PreviewTab message={data} />;
  return error === null ? (
    <LoadingState what="the preview" />
  ) : (
    <RoomState icon={<IconX size={28} stroke={1.5} aria-hidden />} title="The message is not kept any more">
      It was deleted from the messages; what its receiver found out is still here.
    </RoomState>
  );
}
