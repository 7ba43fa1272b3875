/** A template as its document has it: without its versions, which are documents of their own and are never written again. */
import { z } from 'zod';
import type { Template, TemplateVersion } from '../model/template.ts';
import { isDraftContent } from './schema.ts';

const storedSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  topic: z.string().nullable(),
  locale: z.string().nullable(),
  revision: z.int(),
  numbers: z.array(z.int()),
  draft: z.unknown(),
  published: z.int().nullable(),
  createdAtMs: z.number(),
});

export type StoredHead = Omit<Template, 'versions'> & { readonly numbers: readonly number[] };

export function storedHead({ versions, ...head }: Template): StoredHead {
  return { ...head, numbers: versions.map(({ version }) => version) };
}

/** @throws when it is no template */
export function readHead(value: unknown): StoredHead {
  const head = storedSchema.parse(value);
  return { ...head, draft: readDraft(head.draft) };
}

const draftHeadSchema = z.object({ version: z.int(), changedAtMs: z.number() });

function readDraft(value: unknown): TemplateVersion | null {
  if (value === null || value === undefined) return null;
  const { version, changedAtMs } = draftHeadSchema.parse(value);
  const { content, locales, variables } = z.looseObject({}).parse(value);
  const draft: unknown = { content, locales, variables };
  if (!isDraftContent(draft)) throw new Error('its draft has another shape');
  return { version, changedAtMs, publishedAtMs: null, ...draft };
}
