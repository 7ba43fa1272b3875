/** JSON as it is written by hand. Pure. */
import type { TemplateVariable } from '../../../core/model/template.ts';
import { isMembers } from '../users/merge-patch.ts';

/** @returns null: it is none */
export function readJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Said beside the field.
    return null;
  }
}

/** @returns null: it is no object; nothing written is no object to keep */
export function readObject(text: string): { readonly value: Record<string, unknown> | undefined } | null {
  if (text.trim() === '') return { value: undefined };
  const read = readJson(text);
  return read !== null && isMembers(read.value) ? { value: { ...read.value } } : null;
}

type VariableType = TemplateVariable['type'];

/** A text is written as it is, anything else as JSON. */
export const isPlain = (type: VariableType): boolean => type === 'string' || type === 'date';

export const sampleText = (type: VariableType, sample: unknown): string =>
  isPlain(type) && typeof sample === 'string' ? sample : JSON.stringify(sample ?? null);

export const readSample = (type: VariableType, text: string): { readonly value: unknown } | null =>
  isPlain(type) ? { value: text } : readJson(text);

/** What stood for a variable of another type, as near to it as the new type allows. */
export function sampleAs(type: VariableType, sample: unknown): unknown {
  if (isPlain(type))
    return typeof sample === 'string' ? sample : sample === null ? '' : JSON.stringify(sample);
  const value = typeof sample === 'string' ? readJson(sample)?.value : sample;
  switch (type) {
    case 'number':
      return typeof value === 'number' ? value : 0;
    case 'boolean':
      return value === true;
    case 'list':
      return Array.isArray(value) ? value : [];
    case 'object':
      return isMembers(value) ? value : {};
  }
}
