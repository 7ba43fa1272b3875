import { queryOptions } from '@tanstack/react-query';
import type { List } from '../../../core/api/schema.ts';
import type {
  HandsetView,
  RepliedView,
  SmsPreviewView,
  SmsSenderView,
  SmsSettingsView,
  SmsThreadView,
  SmsView,
} from '../../../core/api/sms-schema.ts';
import type { ShownSmsSecret } from '../../../core/api/sms-secrets-schema.ts';
import type { SmsProvider } from '../../../core/model/sms.ts';
import { perform, request, withQuery } from './request.ts';

/** As many as one page of the API has; beyond them the search helps. */
const handsetsShownMax = 500;
const threadsShownMax = 200;
/** Of one thread, the newest. */
const messagesShownMax = 200;

export const handsetsQuery = (q: string) =>
  queryOptions({
    queryKey: ['handsets', 'list', q],
    queryFn: ({ signal }) =>
      request<List<HandsetView>>(withQuery('/handsets', { q, limit: handsetsShownMax }), { signal }),
    staleTime: 1_000,
  });

/** The newest thread of each handset, for the line that a list shows of it. */
export const allThreadsQuery = queryOptions({
  queryKey: ['handsets', 'threads'],
  queryFn: async ({ signal }) =>
    (
      await request<{ entries: readonly SmsThreadView[] }>(
        withQuery('/sms/threads', { limit: handsetsShownMax }),
        { signal },
      )
    ).entries,
  staleTime: 1_000,
});

export const handsetQuery = (number: string) =>
  queryOptions({
    queryKey: ['handsets', 'one', number],
    queryFn: ({ signal }) => request<HandsetView>(pathOf(number), { signal }),
    staleTime: 1_000,
    retry: false,
  });

export const threadsQuery = (number: string) =>
  queryOptions({
    queryKey: ['handsets', 'one', number, 'threads'],
    queryFn: async ({ signal }) =>
      (
        await request<{ entries: readonly SmsThreadView[] }>(
          withQuery(`${pathOf(number)}/threads`, { limit: threadsShownMax }),
          { signal },
        )
      ).entries,
    staleTime: 1_000,
  });

/** @returns the newest first */
export const threadQuery = (number: string, sender: string) =>
  queryOptions({
    queryKey: ['handsets', 'one', number, 'thread', sender],
    queryFn: ({ signal }) =>
      request<List<SmsView>>(withQuery(`${pathOf(number)}/messages`, { sender, limit: messagesShownMax }), {
        signal,
      }),
    staleTime: 1_000,
  });

/** What became of an SMS at its handsets, and what the app was told of it. */
export const smsOfMessageQuery = (messageId: string) =>
  queryOptions({
    queryKey: ['handsets', 'message', messageId],
    queryFn: async ({ signal }) =>
      (await request<{ entries: readonly SmsView[] }>(`/messages/${messageId}/sms`, { signal })).entries,
    staleTime: 1_000,
  });

export const carriersQuery = queryOptions({
  queryKey: ['handsets', 'carriers'],
  queryFn: async ({ signal }) =>
    (await request<{ entries: readonly HandsetView['carrier'][] }>('/sms/carriers', { signal })).entries,
  staleTime: 60_000,
});

export const sendersQuery = queryOptions({
  queryKey: ['handsets', 'senders'],
  queryFn: async ({ signal }) => (await request<List<SmsSenderView>>('/sms/senders', { signal })).entries,
  staleTime: 1_000,
});

export const smsSettingsQuery = queryOptions({
  queryKey: ['handsets', 'settings'],
  queryFn: ({ signal }) => request<SmsSettingsView>('/sms/settings', { signal }),
  staleTime: 1_000,
});

/** Never kept longer than it is looked at: with `reveal` the values stand in it. */
export const smsSecretsQuery = (reveal: 'masked' | 'shown') =>
  queryOptions({
    queryKey: ['handsets', 'secrets', reveal],
    queryFn: async ({ signal }) =>
      (
        await request<List<ShownSmsSecret>>(
          withQuery('/sms/secrets', { reveal: reveal === 'shown' ? 'true' : undefined }),
          { signal },
        )
      ).entries,
    gcTime: 0,
    staleTime: 0,
  });

export const previewQuery = (text: string, provider: SmsProvider, number: string) =>
  queryOptions({
    queryKey: ['handsets', 'preview', provider, number, text],
    queryFn: ({ signal }) =>
      request<SmsPreviewView>('/sms/preview', { method: 'POST', json: { text, provider, number }, signal }),
    staleTime: 60_000,
    gcTime: 10_000,
  });

export interface NewHandset {
  readonly number: string;
  readonly name?: string;
  readonly user?: string;
  readonly line?: HandsetView['line'];
}
export const createHandset = (handset: NewHandset): Promise<HandsetView> =>
  request('/handsets', { method: 'POST', json: handset });
export const deleteHandset = (number: string): Promise<void> => perform(pathOf(number), { method: 'DELETE' });

export interface HandsetChange {
  readonly name?: string;
  readonly user?: string | null;
  readonly line?: HandsetView['line'];
  readonly blocked?: boolean;
  readonly unreachable?: boolean;
  /** Name or network of a carrier; null: back to its first one. */
  readonly portedTo?: string | null;
  /** What STOP did is undone. */
  readonly optOuts?: readonly [];
}
export const changeHandset = (number: string, change: HandsetChange): Promise<HandsetView> =>
  request(pathOf(number), { method: 'PATCH', json: change });
export const switchOn = (number: string): Promise<HandsetView> =>
  request(`${pathOf(number)}/online`, { method: 'POST' });
/** @param forMs of virtual time; null: until somebody switches it on */
export const switchOff = (number: string, forMs: number | null): Promise<HandsetView> =>
  request(`${pathOf(number)}/offline`, { method: 'POST', json: { forMs } });

export interface Reply {
  readonly to: string;
  readonly text: string;
  readonly provider: SmsProvider;
}
/** As its owner. */
export const replyFrom = (number: string, reply: Reply): Promise<RepliedView> =>
  request(`${pathOf(number)}/replies`, { method: 'POST', json: reply });

export type SenderChange = Partial<
  Pick<SmsSenderView, 'account' | 'countries' | 'service' | 'inboundUrl' | 'inboundMethod' | 'statusUrl'>
>;
export const saveSender = (
  { provider, sender }: Pick<SmsSenderView, 'provider' | 'sender'>,
  change: SenderChange,
): Promise<SmsSenderView> =>
  request(`/sms/senders/${provider}/${encodeURIComponent(sender)}`, { method: 'PUT', json: change });
export const forgetSender = ({
  provider,
  sender,
}: Pick<SmsSenderView, 'provider' | 'sender'>): Promise<void> =>
  perform(`/sms/senders/${provider}/${encodeURIComponent(sender)}`, { method: 'DELETE' });

export type SmsSettingsChange = Partial<Omit<SmsSettingsView, 'credentials'>> & {
  /** Without a secret the one that is known stays. */
  readonly credentials?: Partial<
    Record<SmsProvider, readonly { readonly account: string; readonly secret?: string }[]>
  >;
};
export const changeSmsSettings = (change: SmsSettingsChange): Promise<SmsSettingsView> =>
  request('/sms/settings', { method: 'PUT', json: change });

export const rotateSmsSecret = (name: string): Promise<ShownSmsSecret> =>
  request(`/sms/secrets/${encodeURIComponent(name)}/rotate`, { method: 'POST' });

const pathOf = (number: string): string => `/handsets/${encodeURIComponent(number)}`;
