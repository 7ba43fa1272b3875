import type { z } from '@hono/zod-openapi';
import { queryOptions } from '@tanstack/react-query';
import type { List } from '../../../core/api/schema.ts';
import type {
  previewSchema,
  starterSchema,
  templateCheckSchema,
  templateDifferenceSchema,
  templateEntrySchema,
  templateSchema,
  templateVersionEntrySchema,
  templateVersionSchema,
} from '../../../core/api/templates-schema.ts';
import type { UserChannel } from '../../../core/model/user.ts';
import { apiUrl } from '../base-path.ts';
import { perform, request, withQuery } from './request.ts';

export type TemplateEntry = z.infer<typeof templateEntrySchema>;
export type Template = z.infer<typeof templateSchema>;
export type TemplateVersion = z.infer<typeof templateVersionSchema>;
export type TemplateVersionEntry = z.infer<typeof templateVersionEntrySchema>;
export type TemplateCheck = z.infer<typeof templateCheckSchema>;
export type TemplateDifference = z.infer<typeof templateDifferenceSchema>;
export type TemplatePreview = z.infer<typeof previewSchema>;
export type TemplateStarter = z.infer<typeof starterSchema>;
/** What is written of a template: its texts, and what it is called. */
export type TemplateDraft = Pick<TemplateVersion, 'content' | 'locales' | 'variables'> &
  Pick<Template, 'name' | 'description' | 'topic' | 'locale'>;

export const templatesQuery = (q: string) =>
  queryOptions({
    queryKey: ['templates', 'list', q],
    queryFn: async ({ signal }) =>
      (await request<List<TemplateEntry>>(withQuery('/templates', { q }), { signal })).entries,
    staleTime: 5_000,
  });

export const startersQuery = queryOptions({
  queryKey: ['templates', 'starters'],
  queryFn: async ({ signal }) =>
    (await request<List<TemplateStarter>>('/templates/starters', { signal })).entries,
  staleTime: Number.POSITIVE_INFINITY,
});

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ['templates', 'one', id],
    queryFn: ({ signal }) => request<Template>(templatePath(id), { signal }),
    staleTime: 5_000,
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['templates', 'one', id, 'versions'],
    queryFn: async ({ signal }) =>
      (await request<List<TemplateVersionEntry>>(`${templatePath(id)}/versions`, { signal })).entries,
    staleTime: 5_000,
  });

export type WhichVersion = number | 'draft';

/** @param revision of the template: a draft is another one with each */
export const changesQuery = (
  id: string,
  revision: number,
  between: { readonly from: WhichVersion; readonly to: WhichVersion },
) =>
  queryOptions({
    queryKey: ['templates', 'one', id, 'changes', revision, between],
    queryFn: async ({ signal }) =>
      (await request<List<TemplateDifference>>(withQuery(`${templatePath(id)}/changes`, between), { signal }))
        .entries,
    retry: false,
    staleTime: 5_000,
    gcTime: 60_000,
  });

export const checkQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ['templates', 'one', id, 'check', revision],
    queryFn: ({ signal }) => request<TemplateCheck>(`${templatePath(id)}/check`, { method: 'POST', signal }),
    retry: false,
    staleTime: 5_000,
  });

export interface PreviewAsked {
  readonly locale: string | null;
  readonly user: string | null;
}

export const templatePreviewQuery = (id: string, revision: number, asked: PreviewAsked) =>
  queryOptions({
    queryKey: ['templates', 'one', id, 'preview', revision, asked],
    queryFn: ({ signal }) =>
      request<TemplatePreview>(`${templatePath(id)}/preview`, { method: 'POST', json: asked, signal }),
    retry: false,
    staleTime: 5_000,
    gcTime: 60_000,
  });

export const templateHtmlUrl = (
  id: string,
  revision: number,
  { locale, user }: PreviewAsked,
  dark: boolean,
): string =>
  apiUrl(
    withQuery(`${templatePath(id)}/preview.html`, {
      locale: locale ?? undefined,
      user: user ?? undefined,
      dark: dark ? 1 : undefined,
      // The frame is to be fetched again when the draft is another one.
      revision,
    }),
  );

export interface NewTemplate {
  readonly starter?: string;
  readonly id?: string;
  readonly name?: string;
  readonly content?: TemplateDraft['content'];
}

export const makeTemplate = (wanted: NewTemplate): Promise<Template> =>
  request('/templates', { method: 'POST', json: wanted });

/** @param revision that it was read at; null: whatever it is now */
/** Of what a browser still sends when the page is gone: all that is under way together has 64 KiB. */
const leavingCharsMax = 16_000;

/** @param leaving the page goes away: what is not too large for it arrives all the same */
export const changeTemplate = (
  id: string,
  revision: number | null,
  change: Partial<TemplateDraft>,
  leaving = false,
): Promise<Template> =>
  request(templatePath(id), {
    method: 'PUT',
    json: change,
    ifMatch: matchOf(revision),
    keepalive: leaving && JSON.stringify(change).length <= leavingCharsMax,
  });

export const publishTemplate = (id: string, revision: number): Promise<Template> =>
  request(`${templatePath(id)}/publish`, { method: 'POST', ifMatch: matchOf(revision) });

export const unpublishTemplate = (id: string): Promise<Template> =>
  request(`${templatePath(id)}/unpublish`, { method: 'POST' });

export const duplicateTemplate = (id: string): Promise<Template> =>
  request(`${templatePath(id)}/duplicate`, { method: 'POST', json: {} });

export const restoreVersion = (id: string, version: number): Promise<Template> =>
  request(`${templatePath(id)}/versions/${version}/restore`, { method: 'POST' });

export const deleteTemplate = (id: string): Promise<void> => perform(templatePath(id), { method: 'DELETE' });

/** Its draft, or its newest version where there is none. */
export const templateFileUrl = (id: string): string => apiUrl(`${templatePath(id)}/export`);

/** @param file as it was saved */
export const importTemplate = (file: unknown): Promise<Template> =>
  request('/templates/import', { method: 'POST', json: file });

export const sendTest = (
  id: string,
  to: { readonly user: string; readonly channels: readonly UserChannel[] },
): Promise<{ readonly id: string }> =>
  request(`${templatePath(id)}/send-test`, {
    method: 'POST',
    json: { to: { user: to.user }, channels: to.channels, version: 'draft' },
  });

export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['templates', 'one', id, 'version', version],
    queryFn: ({ signal }) => request<TemplateVersion>(`${templatePath(id)}/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

const matchOf = (revision: number | null): string => (revision === null ? '*' : `"${revision}"`);
const templatePath = (id: string): string => `/templates/${encodeURIComponent(id)}`;
