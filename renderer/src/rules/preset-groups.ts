import type { RulePreset } from '../../../core/api/rules-schema.ts';
import { providerKeys, providerWords } from './rule-words.ts';

export interface PresetGroup {
  readonly title: string;
  readonly presets: readonly RulePreset[];
}

/** Those that have all the words, by provider; what fits any provider stands last. Pure. */
export function presetGroups(presets: readonly RulePreset[], q: string): readonly PresetGroup[] {
  const wanted = q.trim().toLowerCase().split(/\s+/);
  const found = presets.filter((preset) => {
    const text = JSON.stringify([
      preset.title,
      preset.about,
      preset.kind,
      preset.provider,
      preset.rule.then,
    ]).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  return [
    ...providerKeys.flatMap((key) =>
      groupOf(
        providerWords[key],
        found.filter(({ provider }) => provider === key),
      ),
    ),
    ...groupOf('In-app', found.filter(isInApp)),
    ...groupOf(
      'Any provider',
      found.filter((preset) => preset.provider === 'any' && !isInApp(preset)),
    ),
  ];
}

/** In-app messages have no provider. */
function isInApp({ rule }: RulePreset): boolean {
  return rule.when.channel === 'inapp';
}

function groupOf(title: string, presets: readonly RulePreset[]): readonly PresetGroup[] {
  return presets.length === 0 ? [] : [{ title, presets }];
}
