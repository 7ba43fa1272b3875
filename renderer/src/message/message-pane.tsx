import { Tabs } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, memo, Suspense, useEffect } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { messageQuery, setRead } from '../api/messages.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { isMessageTab, withSearch } from '../room-search.ts';
import { AttachmentStrip } from './attachment-strip.tsx';
import { ExchangeTab } from './exchange-tab.tsx';
import { HeadersTab } from './headers-tab.tsx';
import { MessageHead, titleOf } from './message-head.tsx';
import classes from './message-pane.module.css';
import { tabsOf, tabTitles } from './message-tabs.ts';
import { MimeTab } from './mime-tab.tsx';
import { PreviewTab } from './preview-tab.tsx';
import { ProblemBanner } from './problem-banner.tsx';
import { requestFieldMeaning, requestFields } from './push-headers.ts';
import { TextTab } from './text-tab.tsx';
import { useMessageCommands } from './use-message-commands.ts';

// The editor is a third of the screen's code, and most messages are read without it.
const SourceTab = lazy(async () => ({ default: (await import('./source-tab.tsx')).SourceTab }));
const JourneyTab = lazy(async () => ({ default: (await import('../journey/journey-tab.tsx')).JourneyTab }));
const PushPreviewTab = lazy(async () => ({
  default: (await import('./push-preview-tab.tsx')).PushPreviewTab,
}));
const SmsPreviewTab = lazy(async () => ({
  default: (await import('./sms-preview-tab.tsx')).SmsPreviewTab,
}));
const SmsRequestTab = lazy(async () => ({
  default: (await import('./sms-request-tab.tsx')).SmsRequestTab,
}));
const MultiRequestTab = lazy(async () => ({
  default: (await import('./multi-request-tab.tsx')).MultiRequestTab,
}));
const LogTab = lazy(async () => ({ default: (await import('./log-tab.tsx')).LogTab }));
const InAppPreviewTab = lazy(async () => ({
  default: (await import('./inapp-preview-tab.tsx')).InAppPreviewTab,
}));
const InAppRequestTab = lazy(async () => ({
  default: (await import('./inapp-request-tab.tsx')).InAppRequestTab,
}));
const PayloadTab = lazy(async () => ({ default: (await import('./payload-tab.tsx')).PayloadTab }));
const PushAuthTab = lazy(async () => ({ default: (await import('./push-auth-tab.tsx')).PushAuthTab }));
const AuthTab = lazy(async () => ({ default: (await import('../auth/auth-tab.tsx')).AuthTab }));

interface MessagePaneProps {
  readonly id: string;
  readonly onDelete: (id: string) => void;
}

/** Who runs through the list with `j` does not read what flies by. */
const readAfterMs = 400;

// Memoised: the list beside it renders often while mail streams in.
export const MessagePane = memo(function MessagePane({ id, onDelete }: MessagePaneProps) {
  const { data: message, error, refetch } = useQuery(messageQuery(id));
  if (message === undefined) {
    return error === null ? (
      <LoadingState what="the message" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  }
  return <OpenMessage message={message} onDelete={onDelete} />;
});

function OpenMessage({
  message,
  onDelete,
}: {
  readonly message: MessageDetail;
  readonly onDelete: (id: string) => void;
}) {
  const { id } = message;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const asked = useSearch({ strict: false, select: (search) => search.tab ?? 'preview' });
  const tabs = tabsOf(message);
  const tab = tabs.includes(asked) ? asked : tabs.includes('preview') ? 'preview' : (tabs[0] ?? 'preview');
  const push = message.channel === 'push';
  const sms = message.channel === 'sms';
  const multi = message.channel === 'multi';
  const inApp = message.channel === 'inapp';
  useMessageCommands(message, onDelete);

  // Once per opening: a message marked unread by hand stays unread while it is open.
  useEffect(() => {
    const opened = queries.getQueryData(messageQuery(id).queryKey);
    if (opened?.read === true) return;
    const timer = setTimeout(() => {
      setRead(id, true).catch(() => {
        // The dot stays; there is nothing the person could do about it.
      });
    }, readAfterMs);
    return () => clearTimeout(timer);
  }, [id, queries]);

  return (
    <article
      id="message"
      className={classes.pane}
      tabIndex={-1}
      aria-label={titleOf(message) || 'Message without a subject'}
    >
      <MessageHead message={message} onDelete={onDelete} />
      <ProblemBanner problems={message.problems} />
      <AttachmentStrip message={message} />
      <Tabs
        className={classes.tabs ?? ''}
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          if (isMessageTab(value)) {
            void navigate({
              to: '.',
              search: (old) => withSearch(old, { tab: value === 'preview' ? null : value }),
              replace: true,
            });
          }
        }}
      >
        <Tabs.List className={classes.tabList ?? ''} aria-label="Views of the message">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {(sms || multi || inApp) && one === 'headers' ? 'Request' : tabTitles[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="journey" className={classes.panel ?? ''}>
          <Suspense fallback={<LoadingState what="the journey" />}>
            <JourneyTab message={message} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="log" className={classes.panel ?? ''}>
          <Suspense fallback={<LoadingState what="the log" />}>
            <LogTab message={message} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="preview" className={classes.panel ?? ''}>
          {inApp ? (
            <Suspense fallback={<LoadingState what="the preview" />}>
              <InAppPreviewTab message={message} />
            </Suspense>
          ) : push || sms ? (
            <Suspense fallback={<LoadingState what="the preview" />}>
              {push ? <PushPreviewTab message={message} /> : <SmsPreviewTab message={message} />}
            </Suspense>
          ) : (
            <PreviewTab message={message} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="text" className={classes.panel ?? ''}>
          <TextTab message={message} />
        </Tabs.Panel>
        <Tabs.Panel value="payload" className={classes.panel ?? ''}>
          <Suspense fallback={<LoadingState what="the payload" />}>
            <PayloadTab message={message} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="headers" className={classes.panel ?? ''}>
          {push ? (
            <HeadersTab
              headers={requestFields(message.push?.details?.headers ?? [])}
              meaningOf={requestFieldMeaning}
            />
          ) : sms || multi || inApp ? (
            <Suspense fallback={<LoadingState what="the request" />}>
              {multi ? (
                <MultiRequestTab message={message} />
              ) : inApp ? (
                <InAppRequestTab message={message} />
              ) : (
                <SmsRequestTab message={message} />
              )}
            </Suspense>
          ) : (
            <HeadersTab headers={message.headers} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="mime" className={classes.panel ?? ''}>
          <MimeTab message={message} />
        </Tabs.Panel>
        <Tabs.Panel value="auth" className={classes.panel ?? ''}>
          <Suspense fallback={<LoadingState what="the checks" />}>
            {push ? <PushAuthTab message={message} /> : <AuthTab message={message} />}
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="source" className={classes.panel ?? ''}>
          <Suspense fallback={<LoadingState what="the source" />}>
            <SourceTab message={message} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="exchange" className={classes.panel ?? ''}>
          {message.exchangeId !== null && <ExchangeTab id={message.exchangeId} />}
        </Tabs.Panel>
      </Tabs>
    </article>
  );
}
