import { queryOptions } from '@tanstack/react-query';
import { bridge } from './host.ts';

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: () => (bridge === null ? Promise.reject(new Error('no desktop app')) : bridge.workspaces()),
  refetchOnWindowFocus: true,
});
