/** Elements for what messages say. Their words become text, never markup; their links are looked at. */

/** @param className gets the prefix of all our names; empty: none */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  children: readonly (Node | string)[] = [],
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = `sp-inapp-${className}`;
  for (const name in attributes) element.setAttribute(name, attributes[name] ?? '');
  element.append(...children);
  return element;
}

export function button(label: string, className: string, clicked: () => void): HTMLButtonElement {
  const element = make('button', className, [label], { type: 'button' });
  element.onclick = clicked;
  return element;
}

/**
 * Whose link it is: the browser's own, the app's own scheme, or (empty) nobody's.
 * Read as the browser reads it, so that neither blanks nor control characters hide a scheme (WHATWG URL §4.4).
 */
export function linkKind(url: string | null): 'web' | 'app' | '' {
  if (!url) return '';
  try {
    const { protocol } = new URL(url, location.href);
    if (/^(https?|mailto):/.test(protocol)) return 'web';
    return /^(javascript|data|vbscript|blob|file|about):/.test(protocol) ? '' : 'app';
  } catch {
    return '';
  }
}
