/** Templates as the API writes them. */
import type { z } from '@hono/zod-openapi';
import { AppError } from '../model/app-error.ts';
import type { Template, TemplateVersion } from '../model/template.ts';
import { userChannels } from '../model/user.ts';
import { draftSchema } from '../templates/schema.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type {
  templateEntrySchema,
  templateSchema,
  templateVersionEntrySchema,
  templateVersionSchema,
} from './templates-schema.ts';

export function presentEntry(template: Template): z.infer<typeof templateEntrySchema> {
  const { id, name, description, topic, locale, revision, published, versions, draft, createdAtMs } =
    template;
  const current = currentOf(template);
  return {
    id,
    name,
    description,
    topic,
    locale,
    revision,
    published,
    newest: versions.at(-1)?.version ?? null,
    hasDraft: draft !== null,
    ...speaks(current),
    createdAt: iso(createdAtMs),
    changedAt: iso(Math.max(current.changedAtMs, current.publishedAtMs ?? 0)),
  };
}

export function presentTemplate(template: Template): z.infer<typeof templateSchema> {
  return { ...presentEntry(template), current: presentVersion(currentOf(template)) };
}

export function presentVersion(version: TemplateVersion): z.infer<typeof templateVersionSchema> {
  const { content, locales, variables, publishedAtMs, changedAtMs } = version;
  return {
    version: version.version,
    // Read once more: the wire's lists are its own.
    ...draftSchema.parse({ content, locales, variables }),
    publishedAt: isoOrNull(publishedAtMs),
    changedAt: iso(changedAtMs),
  };
}

export function presentVersionEntry(
  version: TemplateVersion,
  published: number | null,
): z.infer<typeof templateVersionEntrySchema> {
  return {
    version: version.version,
    published: version.version === published,
    publishedAt: isoOrNull(version.publishedAtMs),
    ...speaks(version),
  };
}

export function speaks({ content, locales }: Pick<TemplateVersion, 'content' | 'locales'>) {
  return {
    channels: userChannels.filter((channel) => content[channel] !== undefined),
    locales: Object.keys(locales).toSorted((a, b) => (a < b ? -1 : 1)),
  };
}

function currentOf({ id, draft, versions }: Template): TemplateVersion {
  const current = draft ?? versions.at(-1);
  if (current === undefined)
    throw new AppError('not_found', `The template “${id}” has neither a draft nor a version.`);
  return current;
}
