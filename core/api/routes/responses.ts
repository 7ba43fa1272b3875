/** Pieces of route descriptions that repeat. */
import { z } from '@hono/zod-openapi';
import { problemDocumentSchema } from '../schema.ts';

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Bytes that are no text: `format: binary` is what generators of clients know (OpenAPI 3.1.0, §4.7.14.2 has none). */
export const binary = z.any().openapi({ type: 'string', format: 'binary' });

export const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemDocumentSchema } },
});

/** Beside `problems`, of what can be asked for when it cannot be done. */
export const conflict = { 409: refusal('not possible now; `detail` says why') } as const;

/** What any route may answer besides its success. */
export const problems = {
  400: refusal('the request is wrong; `code` and `detail` say how'),
  403: refusal('not allowed from there'),
  404: refusal('not found'),
  503: refusal('busy or stopping; try again'),
} as const;
