/** What a template wants to know: whether it was told, and samples where nobody tells. Pure. */
import type { FieldError } from '../model/app-error.ts';
import { assertNever } from '../model/app-error.ts';
import type { TemplateVariable } from '../model/template.ts';

type Variables = Readonly<Record<string, unknown>>;

/** What is wrong with what was given; fields as in `variables.order.total`. */
export function variableErrors(
  declared: readonly TemplateVariable[],
  given: Variables,
): readonly FieldError[] {
  return declared.flatMap((variable): readonly FieldError[] => {
    const { name, type, required } = variable;
    const value = valueAt(given, name);
    if (value === undefined || value === null)
      return required
        ? [
            {
              field: `variables.${name}`,
              code: 'required',
              detail: `The template wants ${wordsFor[type]} in “${name}”.`,
            },
          ]
        : [];
    return isOf(type, value)
      ? []
      : [
          {
            field: `variables.${name}`,
            code: 'wrong_type',
            detail: `The template wants ${wordsFor[type]} in “${name}”, not ${wordsForValue(value)}.`,
          },
        ];
  });
}

const wordsFor = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  date: 'a time as in 2026-03-01T10:00:00Z',
  list: 'a list',
  object: 'an object',
} as const;

export function isOf(type: TemplateVariable['type'], value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string'
        ? /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value))
        : typeof value === 'number' && Number.isFinite(value);
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return assertNever(type);
  }
}

function wordsForValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `“${value.slice(0, shownMax)}”` : String(value);
}
const shownMax = 40;

/** Own members only, as Liquid has them. */
export function valueAt(variables: Variables, name: string): unknown {
  let value: unknown = variables;
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** What was given, over the samples of what was not. */
export function withSamples(declared: readonly TemplateVariable[], given: Variables): Variables {
  return declared
    .toSorted((a, b) => a.name.length - b.name.length)
    .reduce<Variables>(
      (variables, { name, sample }) =>
        valueAt(variables, name) !== undefined || sample === undefined || sample === null
          ? variables
          : withValue(variables, name.split('.'), sample),
      given,
    );
}

function withValue(
  variables: Variables,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Variables {
  if (rest.length === 0) return { ...variables, [first]: value };
  const below = Object.hasOwn(variables, first) ? variables[first] : undefined;
  // A text where members are wanted: it was given, and is what the preview is to show.
  if (below !== undefined && (typeof below !== 'object' || below === null || Array.isArray(below)))
    return variables;
  return { ...variables, [first]: withValue({ ...below }, rest, value) };
}

/** A variable is declared when its name, or one that it is a part of or that is a part of it, is. */
export function isDeclared(declared: readonly TemplateVariable[], path: readonly string[]): boolean {
  const used = path.join('.');
  if (path[0] !== undefined && builtIn.includes(path[0])) return true;
  return declared.some(
    ({ name }) => name === used || used.startsWith(`${name}.`) || name.startsWith(`${used}.`),
  );
}

/** What every send gives: the user as the Users room knows them. */
export const builtIn: readonly string[] = ['user'];
