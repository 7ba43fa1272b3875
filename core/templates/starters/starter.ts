/** What a starter is made of. */
import type { TemplateVariable } from '../../model/template.ts';
import type { TemplateHead } from '../room.ts';
import type { DraftContent } from '../schema.ts';

export interface StarterTemplate {
  readonly id: string;
  readonly head: TemplateHead;
  readonly draft: DraftContent;
}

export function variable(
  name: string,
  type: TemplateVariable['type'],
  sample: unknown,
  required = true,
): TemplateVariable {
  return { name, type, required, sample };
}

export const appName = variable('app.name', 'string', 'Acme');

/** How the reader is spoken to: by the first of their names, where there is one. */
export const firstName = (otherwise: string): string =>
  `{{ user.name | split: " " | first | default: "${otherwise}" }}`;
