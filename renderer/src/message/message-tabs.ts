import type { MessageDetail } from '../../../core/api/schema.ts';
import type { MessageTab } from '../room-search.ts';

export const tabTitles: Readonly<Record<MessageTab, string>> = {
  journey: 'Journey',
  preview: 'Preview',
  text: 'Text',
  payload: 'Payload',
  headers: 'Headers',
  mime: 'MIME',
  auth: 'Auth',
  source: 'Source',
  exchange: 'Exchange',
};

const mailTabs = ['journey', 'preview', 'text', 'headers', 'mime', 'auth', 'source', 'exchange'] as const;
const pushTabs = ['journey', 'preview', 'payload', 'headers', 'auth', 'source', 'exchange'] as const;
/** What came by our own API has no request to a provider: each attempt of the journey has one of its own. */
const ownPushTabs = ['journey', 'preview', 'payload', 'source', 'exchange'] as const;

/** The views that make sense for a message, in their order. */
export function tabsOf(
  message: Pick<MessageDetail, 'channel' | 'door' | 'exchangeId'>,
): readonly MessageTab[] {
  const tabs = message.channel !== 'push' ? mailTabs : message.door === 'api' ? ownPushTabs : pushTabs;
  return tabs.filter((tab) => tab !== 'exchange' || message.exchangeId !== null);
}
