/** A template as a file: to be kept beside an app's code, or handed on. */
import { z } from 'zod';
import { AppError } from '../model/app-error.ts';
import type { Template, TemplateVersion } from '../model/template.ts';
import type { TemplateHead } from './room.ts';
import { type DraftContent, draftSchema, headSchema, isDraftContent } from './schema.ts';

const kind = 'sandpost-template';

export const templateFileSchema = z.strictObject({
  kind: z.literal(kind),
  format: z.literal(1),
  id: z
    .string()
    .max(100)
    .regex(/^[a-z0-9][a-z0-9._-]*$/),
  ...headSchema.shape,
  ...draftSchema.shape,
});

export function templateFile(
  { id, name, description, topic, locale }: Template,
  version: TemplateVersion,
): string {
  const { content, locales, variables } = version;
  const file = { kind, format: 1, id, name, description, topic, locale, content, locales, variables };
  return `${JSON.stringify(file, null, 2)}\n`;
}

export interface ReadFile {
  readonly id: string;
  readonly head: TemplateHead;
  readonly draft: DraftContent;
}

/** @throws AppError `invalid_template` with the fields at fault */
export function readTemplateFile(value: unknown): ReadFile {
  const read = templateFileSchema.safeParse(value);
  if (!read.success) {
    const errors = read.error.issues.map(({ path, code, message }) => ({
      field: path.join('.'),
      code: code ?? 'invalid',
      detail: message,
    }));
    throw new AppError(
      'invalid_template',
      `The file is no template of Sandpost: ${errors.map(({ field, detail }) => `${field}: ${detail}`).join('; ')}`,
      { errors },
    );
  }
  const { id, name, description, topic, locale, content, locales, variables } = read.data;
  const draft: unknown = { content, locales, variables };
  if (!isDraftContent(draft)) throw new AppError('invalid_template', 'The file is no template of Sandpost.');
  return { id, head: { name, description, topic, locale }, draft };
}
