import type { MessageDetail } from '../../../core/api/schema.ts';
import type { MessageTab } from '../room-search.ts';

export const tabTitles: Readonly<Record<MessageTab, string>> = {
  journey: 'Journey',
  log: 'Log',
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
const smsTabs = ['journey', 'preview', 'headers', 'source', 'exchange'] as const;
const ownSmsTabs = ['journey', 'preview', 'source', 'exchange'] as const;
const multiTabs = ['journey', 'headers', 'exchange'] as const;
/** What it is to be shown as, and when: the fields of the request in words. */
const inAppTabs = ['journey', 'preview', 'headers', 'source', 'exchange'] as const;
const ownPushTabs = ['journey', 'preview', 'payload', 'source', 'exchange'] as const;

/** The views that make sense for a message, in their order. */
export function tabsOf(
  message: Pick<MessageDetail, 'channel' | 'door' | 'exchangeId'>,
): readonly MessageTab[] {
  const [first, ...others] = channelTabs(message);
  const tabs: readonly MessageTab[] = first === undefined ? [] : [first, 'log', ...others];
  return tabs.filter((tab) => tab !== 'exchange' || message.exchangeId !== null);
}

function channelTabs({ channel, door }: Pick<MessageDetail, 'channel' | 'door'>): readonly MessageTab[] {
  const own = door === 'api';
  switch (channel) {
    case 'push':
      return own ? ownPushTabs : pushTabs;
    case 'sms':
      // Sessions of SMPP have no fields, and what a webhook's answer made has no request of its own.
      return own || door === 'smpp' ? ownSmsTabs : smsTabs;
    case 'multi':
      return multiTabs;
    case 'inapp':
      return inAppTabs;
    default:
      return mailTabs;
  }
}
