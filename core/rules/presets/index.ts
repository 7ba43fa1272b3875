/** All presets, provider by provider, in the order in which they are shown. */
import { anyServerPresets } from './any-server.ts';
import { corporatePresets } from './corporate.ts';
import { gmailPresets } from './gmail.ts';
import { icloudPresets } from './icloud.ts';
import { outlookPresets } from './outlook.ts';
import type { Preset } from './preset.ts';
import { yahooPresets } from './yahoo.ts';

export { kindTitles, type Preset, type PresetKind, presetKinds } from './preset.ts';

export const presets: readonly Preset[] = [
  ...gmailPresets,
  ...outlookPresets,
  ...yahooPresets,
  ...icloudPresets,
  ...corporatePresets,
  ...anyServerPresets,
];
