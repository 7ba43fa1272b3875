import { queryOptions } from '@tanstack/react-query';
import type {
  DryRun,
  MagicWord,
  RuleEntry,
  RuleHit,
  RulePreset,
  RulesPage,
} from '../../../core/api/rules-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import { perform, request, withQuery } from './request.ts';

/** As many as there can be: the room searches and orders what it has. */
const rulesMax = 20_000;
/** How often what hits change is asked for. */
export const countsIntervalMs = 2_000;
const stateIntervalMs = 5_000;
const hitsShownMax = 200;
const othersToldMax = 100;

/** What a rule is, without what came of it. */
export type RuleBody = Pick<RuleEntry, 'name' | 'enabled' | 'stage' | 'when' | 'then'>;

export const rulesQuery = queryOptions({
  queryKey: ['rules', 'all'],
  queryFn: ({ signal }) => request<RulesPage>(withQuery('/rules', { limit: rulesMax }), { signal }),
  staleTime: 1_000,
});

/** Whether a scenario is on, in every room; somebody else may start one too. */
export const rulesStateQuery = queryOptions({
  queryKey: ['rules', 'state'],
  queryFn: ({ signal }) => request<RulesPage>(withQuery('/rules', { limit: 1 }), { signal }),
  refetchInterval: stateIntervalMs,
  staleTime: 1_000,
});

/** Some rules in a row. @param from place of the first one */
export const fetchRules = (q: string, from: number, limit: number, signal: AbortSignal): Promise<RulesPage> =>
  request(withQuery('/rules', { q, after: from === 0 ? undefined : from - 1, limit }), { signal });

export const addRule = (rule: RuleBody, before: string | null): Promise<RuleEntry> =>
  request(withQuery('/rules', { before: before ?? undefined }), { method: 'POST', json: rule });

export const changeRule = (id: string, rule: RuleBody): Promise<RuleEntry> =>
  request(path(id), { method: 'PUT', json: rule });

export const moveRule = (id: string, before: string | null): Promise<RuleEntry> =>
  request(`${path(id)}/move`, { method: 'POST', json: { before } });

export const removeRule = (id: string): Promise<void> => perform(path(id), { method: 'DELETE' });

export const undoRules = (): Promise<RulesPage> => request('/rules/undo', { method: 'POST', json: {} });

export const startOver = (): Promise<RulesPage> => request('/rules/start-over', { method: 'POST', json: {} });

export const switchMagic = (magicAddresses: boolean): Promise<RulesPage> =>
  request('/rules', { method: 'PUT', json: { magicAddresses } });

export const presetsQuery = queryOptions({
  queryKey: ['rule-presets'],
  queryFn: async ({ signal }) => (await request<List<RulePreset>>('/rules/presets', { signal })).entries,
  staleTime: Number.POSITIVE_INFINITY,
});

export const magicWordsQuery = queryOptions({
  queryKey: ['magic-words'],
  queryFn: async ({ signal }) =>
    (await request<List<MagicWord>>('/rules/magic-addresses', { signal })).entries,
  staleTime: Number.POSITIVE_INFINITY,
});

export const ruleHitsQuery = (rule: string) =>
  queryOptions({
    queryKey: ['rule-hits', rule],
    queryFn: ({ signal }) =>
      request<List<RuleHit>>(withQuery('/rules/hits', { rule, limit: hitsShownMax }), { signal }),
    refetchInterval: countsIntervalMs,
    staleTime: 1_000,
  });

/** What rules did to a message, on all of its ways. */
export const hitsOfMessageQuery = (messageId: string) =>
  queryOptions({
    queryKey: ['message', messageId, 'auth', 'hits'],
    queryFn: async ({ signal }) =>
      (await request<List<RuleHit>>(withQuery('/rules/hits', { messageId, limit: hitsShownMax }), { signal }))
        .entries,
    staleTime: 2_000,
  });

/** What rules did to a delivery, which need not be one of a message. */
export const hitsOfDeliveryQuery = (deliveryId: string) =>
  queryOptions({
    queryKey: ['delivery', deliveryId, 'hits'],
    queryFn: async ({ signal }) =>
      (
        await request<List<RuleHit>>(withQuery('/rules/hits', { deliveryId, limit: hitsShownMax }), {
          signal,
        })
      ).entries,
    staleTime: 2_000,
  });

/** A message that is made up. */
export interface Envelope {
  readonly channel: 'email' | 'push' | 'sms' | 'inapp';
  readonly door: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly tags: readonly string[];
}

export type DryRunAbout = { readonly messageId: string } | { readonly message: Envelope };

/** @param rules to be tried in place of those in force */
export const dryRun = async (
  about: DryRunAbout,
  rules: readonly RuleBody[] | null,
  signal?: AbortSignal,
): Promise<DryRun['recipients']> =>
  (
    await request<DryRun>('/rules/dry-run', {
      method: 'POST',
      json: { ...about, ...(rules === null ? {} : { rules }), others: othersToldMax },
      ...(signal === undefined ? {} : { signal }),
    })
  ).recipients;

const path = (id: string): string => `/rules/${encodeURIComponent(id)}`;
