import { queryOptions } from '@tanstack/react-query';
import type { Project, Retention } from '../../../core/api/schema.ts';
import { perform, request, withQuery } from './request.ts';

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: async ({ signal }) =>
    (await request<{ entries: readonly Project[] }>('/projects', { signal })).entries,
  staleTime: 10_000,
});

export const createProject = (name: string): Promise<Project> =>
  request('/projects', { method: 'POST', json: { name } });

export const setProjectRetention = (name: string, retention: Retention): Promise<void> =>
  perform(`/projects/${encodeURIComponent(name)}`, { method: 'PATCH', json: { retention } });

export const deleteProject = (name: string, messages: 'delete' | 'keep'): Promise<void> =>
  perform(
    withQuery(`/projects/${encodeURIComponent(name)}`, {
      messages: messages === 'delete' ? 'true' : undefined,
    }),
    { method: 'DELETE' },
  );
