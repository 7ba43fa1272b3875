import { ApiProblem } from '../api/request.ts';
import type { FieldFault } from './draft.ts';

/** What the core has against a rule, by field; of a set of one, as if it stood alone. */
export function faultsOf(error: unknown): readonly FieldFault[] {
  if (!(error instanceof ApiProblem)) return [{ field: '', detail: String(error) }];
  if (error.fields.length === 0) return [{ field: '', detail: error.message }];
  return error.fields.map(({ field, detail }) => ({
    field: field.replace(/^rules\[\d+\]\.?/, ''),
    detail,
  }));
}
