/** Template variables: `{{name}}`, in HTML escaped; `{{{name}}}` as it is; `\{{` stands for two braces. Pure. */

export type Variables = Readonly<Record<string, unknown>>;

export interface Rendered {
  readonly text: string;
  /** Names that have no value, each once. */
  readonly missing: readonly string[];
}

const placeholder =
  /\\?(?:\{\{\{\s{0,20}([\w.-]{1,100})\s{0,20}\}\}\}|\{\{\s{0,20}([\w.-]{1,100})\s{0,20}\}\})/g;

export function renderTemplate(template: string, variables: Variables, kind: 'text' | 'html'): Rendered {
  if (!template.includes('{{')) return { text: template, missing: [] };
  const missing = new Set<string>();
  const text = template.replace(
    placeholder,
    (written, raw: string | undefined, escaped: string | undefined) => {
      if (written.startsWith('\\')) return written.slice(1);
      const name = raw ?? escaped ?? '';
      const value = textFor(variables, name);
      if (value === null) {
        missing.add(name);
        return written;
      }
      return kind === 'html' && raw === undefined ? escapeHtml(value) : value;
    },
  );
  return { text, missing: [...missing] };
}

/** `user.name` is looked for in objects, own members only. @returns null when there is no text for it */
function textFor(variables: Variables, name: string): string | null {
  let value: unknown = variables;
  for (const key of Object.hasOwn(variables, name) ? [name] : name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = Reflect.get(value, key);
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
