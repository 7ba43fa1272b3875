/** All presets, provider by provider, in the order in which they are shown. */
import { anyServerPresets } from './any-server.ts';
import { apnsPresets } from './apns.ts';
import { corporatePresets } from './corporate.ts';
import { devicePresets } from './devices.ts';
import { fcmPresets } from './fcm.ts';
import { gmailPresets } from './gmail.ts';
import { handsetPresets } from './handsets.ts';
import { icloudPresets } from './icloud.ts';
import { inAppPresets } from './inapp.ts';
import { infobipPresets } from './infobip.ts';
import { messagebirdPresets } from './messagebird.ts';
import { outlookPresets } from './outlook.ts';
import type { Preset } from './preset.ts';
import { sinchPresets } from './sinch.ts';
import { smppPresets } from './smpp.ts';
import { telnyxPresets } from './telnyx.ts';
import { twilioPresets } from './twilio.ts';
import { vonagePresets } from './vonage.ts';
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
  ...twilioPresets,
  ...vonagePresets,
  ...messagebirdPresets,
  ...sinchPresets,
  ...infobipPresets,
  ...telnyxPresets,
  ...smppPresets,
  ...handsetPresets,
  ...inAppPresets,
];
