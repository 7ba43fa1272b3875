import { queryOptions } from '@tanstack/react-query';
import type { RunningScenario, ScenarioEntry } from '../../../core/api/rules-schema.ts';
import type { List } from '../../../core/api/schema.ts';
import { apiUrl } from '../base-path.ts';
import { perform, request } from './request.ts';

export const scenariosQuery = queryOptions({
  queryKey: ['scenarios'],
  queryFn: async ({ signal }) => (await request<List<ScenarioEntry>>('/scenarios', { signal })).entries,
  staleTime: 5_000,
});

interface WhatIsOn {
  readonly scenario: RunningScenario | null;
}

export const startScenario = (id: string): Promise<WhatIsOn> =>
  request(`${path(id)}/start`, { method: 'POST', json: {} });

export const stopScenario = (): Promise<WhatIsOn> => request('/scenarios/stop', { method: 'POST', json: {} });

export const importScenario = (file: Blob): Promise<ScenarioEntry> =>
  request('/scenarios', { method: 'POST', body: new Blob([file], { type: 'application/yaml' }) });

export const saveCurrentScenario = (name: string, description: string): Promise<ScenarioEntry> =>
  request('/scenarios/current', { method: 'POST', json: { name, description } });

export const removeScenario = (id: string): Promise<void> => perform(path(id), { method: 'DELETE' });

export const scenarioFileUrl = (id: string): string => apiUrl(path(id));

const path = (id: string): string => `/scenarios/${encodeURIComponent(id)}`;
