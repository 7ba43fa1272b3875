/** All presets, provider by provider, in the order in which they are shown. */
import { anyServerPresets } from './any-server.ts';
import { apnsPresets } from './apns.ts';
import { corporatePresets } from './corporate.ts';
import { devicePresets } from './devices.ts';
import { fcmPresets } from './fcm.ts';
import { gmailPresets } from './gmail.ts';
import { icloudPresets } from './icloud.ts';
import { outlookPresets } from './outlook.ts';
import type { Preset } from './preset.ts';
import { webPushPresets } from './web-push.ts';
import { yahooPresets } from './yahoo.ts';

export { kindTitles, type Preset, type PresetKind, presetKinds } from './preset.ts';

export const presets: readonly Preset[] = [
  ...gmailPresets,
  ...outlookPresets,
  ...yahooPresets,
  ...icloudPresets,
  ...corporatePresets,
  ...anyServerPresets,
  ...apnsPresets,
  ...fcmPresets,
  ...webPushPresets,
  ...devicePresets,
];
