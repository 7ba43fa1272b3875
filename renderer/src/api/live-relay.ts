import type { z } from '@hono/zod-openapi';
import { queryOptions } from '@tanstack/react-query';
import type {
  AuditEntryShape,
  LiveStatusShape,
  LiveSummaryShape,
  liveSetupSchema,
  RelayCheckShape,
  RelayShape,
  ReleaseSummaryShape,
} from '../../../core/api/live-relay-schema.ts';
import type { ReturnMailboxShape } from '../../../core/api/return-mailbox-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import type { AuditKind, LiveChannel } from '../../../core/model/live-relay.ts';
import { perform, request, withQuery } from './request.ts';

export type LiveStatus = LiveStatusShape;
export type LiveSummary = LiveSummaryShape;
export type Relay = RelayShape;
export type RelaySettings = RelayShape['settings'];
export type RelayCheck = RelayCheckShape;
export type ReleaseSummary = ReleaseSummaryShape;
export type AuditEntry = AuditEntryShape;
export type LiveSetup = z.input<typeof liveSetupSchema>;
/** Settings as they were written: the core reads and checks them. */
export interface NewRelay {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What was sent and held is counted by the core; nobody tells of each. */
const countsMs = 5_000;

export const liveQuery = queryOptions({
  queryKey: ['live-relay', 'status'],
  queryFn: ({ signal }) => request<LiveStatus>('/live-relay', { signal }),
  refetchInterval: ({ state }) =>
    state.data !== undefined && (state.data.live || state.data.released > 0) ? countsMs : false,
  staleTime: 2_000,
});

export const summarizeLive = (setup: LiveSetup): Promise<LiveSummary> =>
  request('/live-relay/summary', { method: 'POST', json: setup });

export const turnLiveOn = (confirmation: string): Promise<LiveStatus> =>
  request('/live-relay', { method: 'POST', json: { confirmation } });

export const turnLiveOff = (): Promise<LiveStatus> => request('/live-relay', { method: 'DELETE' });

export const relaysQuery = queryOptions({
  queryKey: ['live-relay', 'relays'],
  queryFn: async ({ signal }) => (await request<List<Relay>>('/live-relay/relays', { signal })).entries,
  staleTime: 2_000,
});

export const saveRelay = (id: string | null, relay: NewRelay): Promise<Relay> =>
  id === null
    ? request('/live-relay/relays', { method: 'POST', json: relay })
    : request(relayPath(id), { method: 'PUT', json: relay });

export const deleteRelay = (id: string): Promise<void> => perform(relayPath(id), { method: 'DELETE' });

/** Replaces all that is kept of it. */
export const setCredential = (id: string, fields: Readonly<Record<string, string>>): Promise<Relay> =>
  request(`${relayPath(id)}/credential`, { method: 'PUT', json: fields });

export const forgetCredential = (id: string): Promise<Relay> =>
  request(`${relayPath(id)}/credential`, { method: 'DELETE' });

export const verifyRelay = (id: string): Promise<RelayCheck> =>
  request(`${relayPath(id)}/verify`, { method: 'POST' });

export interface RealRelease {
  readonly messageIds: readonly string[];
  readonly relayId: string;
  readonly to: string;
}

export const summarizeRelease = (release: RealRelease): Promise<ReleaseSummary> =>
  request('/live-relay/releases/summary', { method: 'POST', json: release });

export const releaseForReal = async (
  confirmation: string,
): Promise<readonly { readonly id: string; readonly messageId: string }[]> =>
  (
    await request<{ readonly deliveries: readonly { readonly id: string; readonly messageId: string }[] }>(
      '/live-relay/releases',
      { method: 'POST', json: { confirmation } },
    )
  ).deliveries;

export type ReturnMailbox = ReturnMailboxShape;

export const returnMailboxQuery = queryOptions({
  queryKey: ['live-relay', 'return-mailbox'],
  queryFn: ({ signal }) => request<ReturnMailbox>(returnMailboxPath, { signal }),
  refetchInterval: ({ state }) => (state.data?.watching == null ? false : countsMs),
  staleTime: 2_000,
});

/** Settings as they were written: the core reads and checks them. */
export const saveReturnMailbox = (settings: Readonly<Record<string, unknown>>): Promise<ReturnMailbox> =>
  request(returnMailboxPath, { method: 'PUT', json: settings });

/** With what opens it. */
export const deleteReturnMailbox = (): Promise<ReturnMailbox> =>
  request(returnMailboxPath, { method: 'DELETE' });

export const setReturnCredential = (fields: Readonly<Record<string, string>>): Promise<ReturnMailbox> =>
  request(`${returnMailboxPath}/credential`, { method: 'PUT', json: fields });

export const checkReturnMailbox = (): Promise<NonNullable<ReturnMailbox['lastCheck']>> =>
  request(`${returnMailboxPath}/check`, { method: 'POST' });

/** @param minutes 0: not any more */
export const watchReturnMailbox = (minutes: number): Promise<ReturnMailbox> =>
  request(`${returnMailboxPath}/watch`, { method: 'POST', json: { minutes } });

export interface AuditFilter {
  readonly kind: AuditKind | null;
  readonly channel: LiveChannel | null;
}

export const fetchAudit = (
  { kind, channel }: AuditFilter,
  page: { readonly after: string | null; readonly limit: number; readonly signal: AbortSignal },
): Promise<List<AuditEntry>> =>
  request(
    withQuery('/live-relay/audit', {
      kind: kind ?? undefined,
      channel: channel ?? undefined,
      after: page.after ?? undefined,
      limit: page.limit,
    }),
    { signal: page.signal },
  );

const returnMailboxPath = '/live-relay/return-mailbox';

const relayPath = (id: string): string => `/live-relay/relays/${encodeURIComponent(id)}`;
