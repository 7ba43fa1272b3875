import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { rawUrl, setRead } from '../api/messages.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { fileNameOf, saveFile } from '../host/save-file.ts';
import { type MessageTab, withSearch } from '../room-search.ts';
import { shownDelivery } from '../status/shown-delivery.ts';
import { currentDeliveries } from '../status/status-faces.ts';
import { useDeliveryCommands } from '../status/use-delivery-commands.ts';
import { tabsOf } from './message-tabs.ts';

type Exported = Pick<MessageDetail, 'id' | 'subject' | 'snippet' | 'channel' | 'push'>;

/** A payload is JSON, but what came encrypted (RFC 8188) is no text. */
const endingOf = ({ channel, push }: Exported): string =>
  channel === 'sms'
    ? 'txt'
    : channel !== 'push'
      ? 'eml'
      : push?.details?.provider === 'webpush'
        ? 'bin'
        : 'json';

export const exportName = (message: Exported): string => `.${endingOf(message)}`;

export function exportMessage(message: Exported): void {
  saveFile(
    rawUrl(message.id),
    fileNameOf(message.channel === 'sms' ? message.snippet : message.subject, endingOf(message)),
  ).catch((error: unknown) => toastProblem(error, 'The message could not be saved'));
}

export function toggleRead(message: Pick<MessageDetail, 'id' | 'read'>): void {
  setRead(message.id, !message.read).catch((error: unknown) => toastProblem(error, 'It could not be marked'));
}

/** What can be done to the open message. */
export function useMessageCommands(message: MessageDetail, onDelete: (id: string) => void): void {
  const navigate = useNavigate();
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  const tab = useSearch({ strict: false, select: (search) => search.tab ?? null });
  // In the tabs about one delivery that one is meant, elsewhere all of the message.
  const one = tab === 'journey' || tab === 'auth' ? shownDelivery(message.deliveries, asked) : null;
  const meant = useMemo(
    () => (one === null ? currentDeliveries(message.deliveries) : [one]),
    [one, message.deliveries],
  );
  const commands = useMemo<readonly Command[]>(() => {
    const show = (tab: MessageTab) => () =>
      void navigate({
        to: '.',
        search: (old) => withSearch(old, { tab: tab === 'preview' ? null : tab }),
        replace: true,
      });
    const tabs = tabsOf(message).map(
      (tab, index): Command => ({
        id: `tab-${tab}`,
        title: `Show ${tab === 'mime' ? 'MIME' : tab}`,
        group: 'Message',
        keys: [String(index + 1)],
        run: show(tab),
      }),
    );
    return [
      {
        id: 'unread',
        title: message.read ? 'Mark as unread' : 'Mark as read',
        group: 'Message',
        keys: ['u'],
        run: () => toggleRead(message),
      },
      {
        id: 'export',
        title: `Export as ${exportName(message)}`,
        group: 'Message',
        keys: ['e'],
        keywords: 'save download',
        run: () => exportMessage(message),
      },
      {
        id: 'delete',
        title: 'Delete message',
        group: 'Message',
        keys: ['#', 'Delete'],
        run: () => onDelete(message.id),
      },
      {
        id: 'copy-id',
        title: 'Copy message id',
        group: 'Message',
        keywords: 'clipboard api',
        run: () => void navigator.clipboard.writeText(message.id).then(() => toast('Message id copied')),
      },
      ...tabs,
    ];
  }, [message, onDelete, navigate]);
  useCommands(commands);
  useDeliveryCommands(meant);
}
