/** Header fields as they are kept with a message: those that are nobody's business without their values. */
import { secretFields } from '../../doors/http/request-fields.ts';

export function maskedFields(
  entries: readonly (readonly [name: string, value: string])[],
): readonly (readonly [string, string])[] {
  return entries.map(([name, value]) => [name, secretFields.has(name) ? '(masked)' : value]);
}
