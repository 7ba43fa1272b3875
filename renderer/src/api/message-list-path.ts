import { withQuery } from './request.ts';

/** Which messages: a search, one project, or with neither all of them. */
export interface MessageScope {
  readonly q: string;
  readonly project: string | null;
}

/** How many rows the first page has: what fits on any screen, and a few more. */
export const headEntriesMax = 100;

export const scopeParameters = (scope: MessageScope) => ({ q: scope.q, project: scope.project ?? undefined });

export const messageListPath = (scope: MessageScope, after: string | null, limit: number): string =>
  withQuery('/messages', { ...scopeParameters(scope), after: after ?? undefined, limit });

export const firstPagePath = (scope: MessageScope): string => messageListPath(scope, null, headEntriesMax);
