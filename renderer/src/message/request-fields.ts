/** What the body of a request to an SMS provider says, a field a line. Pure. */
import type { Header } from '../../../core/api/schema.ts';

const fieldsMax = 500;
const depthMax = 12;

/** @returns null where it is neither a form nor JSON */
export function bodyFields(body: string, contentType: string): readonly Header[] | null {
  if (contentType.includes('json')) return jsonFields(body);
  if (contentType.includes('x-www-form-urlencoded')) return formFields(body);
  return body.trimStart().startsWith('{') ? jsonFields(body) : null;
}

function formFields(body: string): readonly Header[] {
  return body
    .split('&')
    .filter((pair) => pair !== '')
    .slice(0, fieldsMax)
    .map((raw) => {
      const [[name, value] = ['', '']] = [...new URLSearchParams(raw)];
      return { name, value, raw };
    });
}

function jsonFields(body: string): readonly Header[] | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // A body that is no JSON after all stands under Source as it came.
    return null;
  }
  const fields: Header[] = [];
  flatten(value, '', 0, fields);
  return fields;
}

/** `messages[0].destinations[0].to`: by the path that leads to each value. */
function flatten(value: unknown, path: string, depth: number, into: Header[]): void {
  if (into.length >= fieldsMax) return;
  const whole = typeof value !== 'object' || value === null || depth >= depthMax;
  if (whole || Object.keys(value).length === 0) {
    const raw = JSON.stringify(value) ?? '';
    into.push({
      name: path === '' ? '(the body)' : path,
      value: typeof value === 'string' ? value : raw,
      raw,
    });
    return;
  }
  for (const [key, one] of Object.entries(value)) {
    const next = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    flatten(one, next, depth + 1, into);
  }
}
