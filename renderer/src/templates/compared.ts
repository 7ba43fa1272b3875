/** Which two versions of a template are held against each other. Pure. */
import type { Template, TemplateVersionEntry, WhichVersion } from '../api/templates.ts';

export interface Compared {
  readonly from: WhichVersion;
  readonly to: WhichVersion;
}

/** @returns the draft first, then the versions as they come: the newest first */
export const comparable = (
  { hasDraft }: Pick<Template, 'hasDraft'>,
  versions: readonly Pick<TemplateVersionEntry, 'version' | 'published'>[],
): readonly { readonly which: WhichVersion; readonly label: string }[] => [
  ...(hasDraft ? [{ which: 'draft' as const, label: 'the draft' }] : []),
  ...versions.map(({ version, published }) => ({
    which: version,
    label: `version ${version}${published ? ', published' : ''}`,
  })),
];

/** What is asked most: what the draft would change; without one, what the newest version did. Null: there is but one. */
export function usuallyCompared(
  { hasDraft }: Pick<Template, 'hasDraft'>,
  versions: readonly Pick<TemplateVersionEntry, 'version' | 'published'>[],
): Compared | null {
  const [newest, before] = versions;
  if (newest === undefined) return null;
  const published = versions.find((one) => one.published) ?? newest;
  if (hasDraft) return { from: published.version, to: 'draft' };
  return before === undefined ? null : { from: before.version, to: newest.version };
}

/** What was chosen, while both are there. */
export function stillCompared(
  chosen: Compared | null,
  template: Pick<Template, 'hasDraft'>,
  versions: readonly Pick<TemplateVersionEntry, 'version' | 'published'>[],
): Compared | null {
  const known = comparable(template, versions).map(({ which }) => which);
  const stands = chosen !== null && known.includes(chosen.from) && known.includes(chosen.to);
  return stands ? chosen : usuallyCompared(template, versions);
}
